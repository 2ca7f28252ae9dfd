/* lines.c - cut, normalise, hash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/lines.h"
#include "text/ccnet.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* runs of ASCII white space become one space, none at the ends */
static void squeeze(struct str s, struct buf *out)
{
    s = str_trim(s);
    char *to = buf_room(out, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if (!is_space(s.p[i])) *to++ = s.p[i];
        else if (to[-1] != ' ') *to++ = ' ';
    }
    out->n = (size_t)(to - out->p);
}

struct hash128 piece_key(struct str text, enum normal how, struct buf *scratch)
{
    if (how == NORMAL_NONE) return hash128(text, 0);
    buf_reset(scratch);
    if (how == NORMAL_SPACE) squeeze(text, scratch);
    else ccnet_line(text, scratch);
    return hash128(buf_str(scratch), 0);
}

/* The end of the piece at p, and where the next one begins; NULL after the last. */
static const char *piece_end(const char *p, const char *end, bool paragraphs, const char **next)
{
    for (const char *nl = p; (nl = memchr(nl, '\n', (size_t)(end - nl))); nl++) {
        const char *at = nl + 1;
        if (!paragraphs) { *next = at; return nl; }
        while (at < end && is_space(*at)) at++;
        if (!memchr(nl + 1, '\n', (size_t)(at - nl - 1))) continue;
        *next = at;
        return nl;
    }
    *next = NULL;
    return end;
}

struct piece *pieces_cut(struct str text, bool paragraphs, enum normal how, struct arena *mem, size_t *n)
{
    size_t cap = 1;
    for (const char *p = text.p, *end = p + text.n; (p = memchr(p, '\n', (size_t)(end - p))); p++) cap++;
    struct piece *all = NEW(mem, struct piece, cap);
    struct buf scratch = { 0 };
    *n = 0;
    for (const char *p = text.p, *end = p + text.n, *next; p; p = next) {
        struct str s = str_span(p, piece_end(p, end, paragraphs, &next));
        bool blank = how != NORMAL_CCNET && !str_trim(s).n;
        all[(*n)++] = (struct piece){ s, blank ? (struct hash128){ 0 } : piece_key(s, how, &scratch), !blank };
    }
    buf_free(&scratch);
    return all;
}
