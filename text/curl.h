/* curl.h - libcurl, loaded when a URL is first looked at or fetched. From any thread.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Its functions are called by their own names, as if they were linked in. */
#ifndef TEXT_CURL_H
#define TEXT_CURL_H
#include "core/late.h"

#include <curl/curl.h>

/* Their checks of types at compile time call the functions by name. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define CURL_FUNCTIONS(X) \
    X(curl_free) X(curl_url) X(curl_url_set) X(curl_url_get) X(curl_url_cleanup) \
    X(curl_global_init) X(curl_slist_append) X(curl_slist_free_all) \
    X(curl_easy_init) X(curl_easy_reset) X(curl_easy_setopt) X(curl_easy_getinfo) \
    X(curl_easy_strerror) X(curl_easy_cleanup) \
    X(curl_multi_init) X(curl_multi_add_handle) X(curl_multi_remove_handle) X(curl_multi_perform) \
    X(curl_multi_poll) X(curl_multi_info_read) X(curl_multi_cleanup)

struct curl { CURL_FUNCTIONS(LATE_MEMBER) };
const struct curl *late_curl(void);

#ifndef CURL_BY_NAME                                 /* curl.c looks the names up */
#define curl_free                 late_curl()->curl_free
#define curl_url                  late_curl()->curl_url
#define curl_url_set              late_curl()->curl_url_set
#define curl_url_get              late_curl()->curl_url_get
#define curl_url_cleanup          late_curl()->curl_url_cleanup
#define curl_global_init          late_curl()->curl_global_init
#define curl_slist_append         late_curl()->curl_slist_append
#define curl_slist_free_all       late_curl()->curl_slist_free_all
#define curl_easy_init            late_curl()->curl_easy_init
#define curl_easy_reset           late_curl()->curl_easy_reset
#define curl_easy_setopt          late_curl()->curl_easy_setopt
#define curl_easy_getinfo         late_curl()->curl_easy_getinfo
#define curl_easy_strerror        late_curl()->curl_easy_strerror
#define curl_easy_cleanup         late_curl()->curl_easy_cleanup
#define curl_multi_init           late_curl()->curl_multi_init
#define curl_multi_add_handle     late_curl()->curl_multi_add_handle
#define curl_multi_remove_handle  late_curl()->curl_multi_remove_handle
#define curl_multi_perform        late_curl()->curl_multi_perform
#define curl_multi_poll           late_curl()->curl_multi_poll
#define curl_multi_info_read      late_curl()->curl_multi_info_read
#define curl_multi_cleanup        late_curl()->curl_multi_cleanup
#endif

#endif
