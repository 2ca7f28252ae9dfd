/* url.h - a URL in its normal form, so that two spellings of one address are equal.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3986, 6.2.2 and 6.2.3, through libcurl's URL API: scheme and host in lower case, default port
 * gone, dot segments gone, an empty path is "/"; the fragment goes. Queries keep their order.
 */
#ifndef TEXT_URL_H
#define TEXT_URL_H
#include "core/str.h"

struct str url_normal(struct str url, struct arena *mem);        /* url itself, trimmed, when it is no URL */

#endif
