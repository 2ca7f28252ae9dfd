/* pii.h - e-mail addresses, US telephone numbers, IPv4 addresses: dolma's tagger pii_regex_with_counts_fast_v2.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Soldaini et al. 2024. Lines are looked at one by one, each with its newline. What dolma's regular expressions match
 * is found by scanning once,
 * so that a word of 50 MB costs no more than other text:
 *
 *   e-mail   characters that are no white space, "@", a domain with a full stop in it, then white space, or one mark and white space. The span
 *            begins with the white space and marks before it
 *   phone    white space, 3 + 3 + 4 digits, brackets around the first three, "-", "." or spaces between
 *   IPv4     four numbers up to 255 with full stops between; the digits around them do not matter: 56.1.1.1 is one inside 256.1.1.1
 *
 *     struct pii p = { 0 };
 *     pii_find(&p, text);
 *     if (p.n <= PII_MANY) pii_mask(&p, text, &out);
 *     pii_free(&p);
 */
#ifndef QUALITY_PII_H
#define QUALITY_PII_H
#include "core/str.h"

enum pii_kind { PII_EMAIL, PII_PHONE, PII_IP, PII_KINDS };
enum { PII_MANY = 5 };                           /* dolma drops documents with more, and masks what others have */

struct pii_span { const char *begin, *end; enum pii_kind kind; };
struct pii { struct pii_span *all; size_t n, cap; };

/* spans of valid UTF-8, by where they begin */
void pii_find(struct pii *p, struct str text);
/* each span by " |||EMAIL_ADDRESS||| " and the like; appends */
void pii_mask(const struct pii *p, struct str text, struct buf *out);
void pii_free(struct pii *p);

#endif
