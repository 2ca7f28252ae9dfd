/* pii.c - see pii.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/pii.h"
#include "core/mem.h"
#include "core/utf8.h"
#include "text/unicode.h"

#include <stdlib.h>

static void add(struct pii *p, const char *begin, const char *end, enum pii_kind kind)
{
    if (p->n == p->cap) p->all = mem_grow(p->all, &p->cap, p->n + 1, sizeof *p->all);
    p->all[p->n++] = (struct pii_span){ begin, end, kind };
}

/* ---- characters ---- */

static bool is_space(const char *p, const char *end) { return p < end && unicode_class(utf8_next(&p, end)) & UC_SPACE; }
static bool is_mark(char c) { return c && strchr(".@,?!;:)(", c); }
static const char *after(const char *p, const char *end) { utf8_next(&p, end); return p; }

static const char *before(const char *begin, const char *p)
{
    do p--; while (p > begin && (*p & 0xC0) == 0x80);
    return p;
}

static const char *digits(const char *p, const char *end, int n)       /* past n digits of any script, or NULL */
{
    for (; n; n--) if (p == end || !(unicode_class(utf8_next(&p, end)) & UC_DIGIT)) return NULL;
    return p;
}

/* ---- e-mail ---- */

/* Past what has to follow the domain that begins at p, or NULL. *domain is where it ends: before a last full stop. */
static const char *email_end(const char *p, const char *end, const char **domain)
{
    const char *q = p;
    while (q < end && (*q == '.' || !is_mark(*q)) && !is_space(q, end)) q = after(q, end);
    *domain = q;
    if (q == p || q == end) return NULL;
    if (is_space(q, end) && q - p > 1 && q[-1] == '.') { --*domain; return after(q, end); }
    const char *next = after(q, end);
    if ((is_mark(*q) || is_space(q, end)) && is_space(next, end)) return after(next, end);
    return is_space(q, end) ? next : NULL;
}

static bool all_marks(const char *p, const char *end)
{
    while (p < end && is_mark(*p)) p++;
    return p == end;
}

static void find_emails(struct pii *p, struct str line)
{
    const char *from = line.p, *end = line.p + line.n, *domain;
    for (const char *at = from; (at = memchr(at, '@', (size_t)(end - at))); at++) {
        const char *name = at, *past;
        for (const char *q; name > from && (q = before(from, name), *q != '@') && !is_space(q, end); ) name = q;
        if (name == at || !(past = email_end(at + 1, end, &domain))) continue;
        const char *begin = name;
        for (const char *q; begin > from && (q = before(from, begin), is_mark(*q) || is_space(q, end)); ) begin = q;
        const bool bracket = at[-1] == '(' && all_marks(name, at);
        if (!bracket && memchr(at + 1, '.', (size_t)(domain - at - 1))) add(p, begin, past, PII_EMAIL);
        from = past;
        at = past - 1;
    }
}

/* ---- telephone ---- */

static const char *phone_end(const char *p, const char *end)
{
    if (p < end && *p == '(') p++;
    if (!(p = digits(p, end, 3))) return NULL;
    if (p < end && *p == ')') p++;
    while (p < end && (*p == '-' || *p == '.' || *p == ' ')) p++;
    if (!(p = digits(p, end, 3))) return NULL;
    if (p < end && (*p == '-' || *p == '.' || *p == ' ')) p++;
    return digits(p, end, 4);
}

static void find_phones(struct pii *p, struct str line)
{
    for (const char *at = line.p, *end = at + line.n, *past; at < end; ) {
        const char *begin = at;
        while (is_space(at, end)) at = after(at, end);
        if (at == begin) { at = after(at, end); continue; }
        if (!(past = phone_end(at, end))) continue;
        add(p, begin, past, PII_PHONE);
        at = past;
    }
}

/* ---- IPv4 ---- */

static bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

/* How many of the n digits at p, 3 at most, make a number of an address. */
static size_t number(const char *p, size_t n)
{
    const bool three = n >= 3 && (p[0] < '2' || (p[0] == '2' && (p[1] < '5' || (p[1] == '5' && p[2] <= '5'))));
    return three ? 3 : n > 2 ? 2 : n;
}

static size_t n_digits(const char *p, const char *end)                 /* up to 4 */
{
    size_t n = 0;
    while (n < 4 && is_digit(p + n, end)) n++;
    return n;
}

/* Past the address whose second number begins at p, or NULL. */
static const char *ip_end(const char *p, const char *end)
{
    for (int i = 0; i < 2; i++) {
        const size_t n = n_digits(p, end);
        if (!n || n > 3 || number(p, n) < n || p + n == end || p[n] != '.') return NULL;
        p += n + 1;
    }
    const size_t n = number(p, n_digits(p, end));
    return n ? p + n : NULL;
}

static void find_ips(struct pii *p, struct str line)
{
    const char *from = line.p, *end = line.p + line.n, *past;
    for (const char *dot = from; (dot = memchr(dot, '.', (size_t)(end - dot))); dot++) {
        size_t n = 0;
        while (n < 3 && dot - n > from && is_digit(dot - n - 1, end)) n++;
        if (n == 3 && number(dot - 3, 3) < 3) n = 2;
        if (!n || !(past = ip_end(dot + 1, end))) continue;
        add(p, dot - n, past, PII_IP);
        from = past;
        dot = past - 1;
    }
}

/* ---- all ---- */

static int by_begin(const void *a, const void *b)
{
    const struct pii_span *x = a, *y = b;
    return x->begin != y->begin ? (x->begin > y->begin) - (x->begin < y->begin)
        : (x->kind > y->kind) - (x->kind < y->kind);
}

void pii_find(struct pii *p, struct str text)
{
    p->n = 0;
    for (const char *at = text.p, *end = at + text.n; at < end; ) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const struct str line = str_span(at, newline ? newline + 1 : end);
        find_emails(p, line);
        find_phones(p, line);
        find_ips(p, line);
        at += line.n;
    }
    if (p->n) qsort(p->all, p->n, sizeof *p->all, by_begin);
}

void pii_mask(const struct pii *p, struct str text, struct buf *out)
{
    static const char *const masks[PII_KINDS] = { " |||EMAIL_ADDRESS||| ", " |||PHONE_NUMBER||| ",
                                                  " |||IP_ADDRESS||| " };
    const char *done = text.p;
    for (size_t i = 0; i < p->n; i++) {
        if (p->all[i].begin < done) continue;                          /* inside the one before */
        buf_put(out, str_span(done, p->all[i].begin));
        buf_put(out, str_of(masks[p->all[i].kind]));
        done = p->all[i].end;
    }
    buf_put(out, str_span(done, text.p + text.n));
}

void pii_free(struct pii *p)
{
    free(p->all);
}
