/* url.c - libcurl parses; the host's case is ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/url.h"
#include "text/curl.h"

static void lower(char *s)
{
    for (; *s; s++) if (*s >= 'A' && *s <= 'Z') *s |= 32;
}

/* What is no URL is false; without memory there is no going on. */
static bool fine(CURLUcode rc)
{
    if (rc == CURLUE_OUT_OF_MEMORY) mem_out(0);
    return rc == CURLUE_OK;
}

static bool normalise(CURLU *u, const char *text, char **out)
{
    char *host = NULL;
    if (!fine(curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME))) return false;
    if (fine(curl_url_get(u, CURLUPART_HOST, &host, 0))) {
        lower(host);
        bool set = fine(curl_url_set(u, CURLUPART_HOST, host, 0));
        curl_free(host);
        if (!set) return false;
    }
    return fine(curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0))
        && fine(curl_url_get(u, CURLUPART_URL, out, CURLU_NO_DEFAULT_PORT));
}

struct str url_normal(struct str url, struct arena *mem)
{
    struct str trimmed = str_trim(url);
    CURLU *u = curl_url();
    char *normal = NULL;
    if (!u) mem_out(0);
    if (normalise(u, str_c(mem, trimmed), &normal)) trimmed = str_copy(mem, str_of(normal));
    curl_free(normal);
    curl_url_cleanup(u);
    return trimmed;
}
