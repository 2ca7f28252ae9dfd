/* curl.h - libcurl, loaded when a URL is first looked at or fetched: curl()->curl_url_set(...). From any thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_CURL_H
#define TEXT_CURL_H
#include "core/late.h"

#include <curl/curl.h>

#define CURL_FUNCTIONS(X) \
    X(curl_free) X(curl_url) X(curl_url_set) X(curl_url_get) X(curl_url_cleanup) \
    X(curl_global_init) X(curl_slist_append) X(curl_slist_free_all) \
    X(curl_easy_init) X(curl_easy_reset) X(curl_easy_setopt) X(curl_easy_getinfo) X(curl_easy_strerror) X(curl_easy_cleanup) \
    X(curl_multi_init) X(curl_multi_add_handle) X(curl_multi_remove_handle) X(curl_multi_perform) X(curl_multi_poll) \
    X(curl_multi_info_read) X(curl_multi_cleanup)

struct curl { CURL_FUNCTIONS(LATE_MEMBER) };
const struct curl *curl(void);

/* Their checks of types at compile time call the functions by name. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#endif
