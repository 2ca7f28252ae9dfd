/* curl.c - the table of libcurl's functions.
 * SPDX-License-Identifier: Apache-2.0 */
#define CURL_BY_NAME
#include "text/curl.h"

#include <pthread.h>

static struct curl table;

static void load(void)
{
    void *so = late_open(LATE_CURL);
#define FIND(f) LATE_FIND(table, so, f)
    CURL_FUNCTIONS(FIND)
#undef FIND
}

const struct curl *late_curl(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return &table;
}
