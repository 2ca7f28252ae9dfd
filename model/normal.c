/* normal.c - what a tokenizer does to text before it cuts it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/normal.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

static bool is_ascii(struct str s)
{
    unsigned char any = 0;
    for (size_t i = 0; i < s.n; i++) any |= (unsigned char)s.p[i];
    return any < 0x80;
}

/* Nothing below U+0300 composes with what stands before it, or decomposes under NFC. */
static bool below_combining(struct str s)
{
    for (size_t i = 0; i < s.n; i++) if ((unsigned char)s.p[i] >= 0xCC) return false;
    return true;
}

static void compose(struct str s, unsigned options, struct buf *to)
{
    utf8proc_uint8_t *out = NULL;
    const utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &out,
                                            (utf8proc_option_t)(UTF8PROC_STABLE | options));
    buf_put(to, n >= 0 ? (struct str){ (const char *)out, (size_t)n } : s);
    free(out);
}

/* ASCII decomposes into itself and no mark moves across it: only what stands between is looked up. */
static void decompose(struct str s, unsigned options, struct buf *to)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const char *from = p;
        while (p < end && !(*p & 0x80)) p++;
        buf_put(to, str_span(from, p));
        from = p;
        while (p < end && *p & 0x80) p++;
        if (p > from) compose(str_span(from, p), options | UTF8PROC_DECOMPOSE, to);
    }
}

static void put_char(struct buf *to, uint32_t c) { to->n += utf8_put(buf_room(to, 4), c); }

/* Full lower case of one character: only U+0130 has two. */
static void put_lower(struct buf *to, uint32_t c)
{
    if (c < 0x80) buf_putc(to, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
    else if (c == 0x130) { put_char(to, 'i'); put_char(to, 0x307); }
    else put_char(to, (uint32_t)utf8proc_tolower((utf8proc_int32_t)c));
}

static void lower(struct str s, struct buf *to)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) put_lower(to, utf8_next(&p, end));
}

static bool is_mark(uint32_t c) { return c >= 0x300 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN; }

static void strip_accents(struct str s, struct buf *to)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const uint32_t c = utf8_next(&p, end);
        if (!is_mark(c)) put_char(to, c);
    }
}

static bool is_white(uint32_t c)
{
    if ((c >= 9 && c <= 13) || c == 0x85) return true;
    const utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k == UTF8PROC_CATEGORY_ZS || k == UTF8PROC_CATEGORY_ZL || k == UTF8PROC_CATEGORY_ZP;
}

static void strip(struct str s, bool left, bool right, struct buf *to)
{
    const char *p = s.p, *end = p + s.n;
    for (const char *q = p; left && q < end && is_white(utf8_next(&q, end)); ) p = q;
    const char *last = p;
    for (const char *q = p; q < end; ) if (!is_white(utf8_next(&q, end))) last = q;
    buf_put(to, str_span(p, right ? last : end));
}

static void replace(struct str s, struct str from, struct str with, struct buf *to)
{
    while (from.n) {
        const char *hit = memmem(s.p, s.n, from.p, from.n);
        if (!hit) break;
        buf_put(to, str_span(s.p, hit));
        buf_put(to, with);
        s = str_span(hit + from.n, s.p + s.n);
    }
    buf_put(to, s);
}

static void squeeze(struct str s, struct str with, struct buf *to)
{
    for (size_t i = 0, n; i < s.n; i += n) {
        for (n = 0; i + n < s.n && s.p[i + n] == ' '; ) n++;
        if (n > 1) { buf_put(to, with); continue; }
        buf_putc(to, s.p[i]);
        n = 1;
    }
}

/* ---- BERT ---- */

static bool is_cjk(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF)
            || (c >= 0x2F800 && c <= 0x2FA1F);
}

/* As Hugging Face has it: unassigned characters stay (Google's drops them). */
static bool is_control(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r') return false;
    const utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k == UTF8PROC_CATEGORY_CC || k == UTF8PROC_CATEGORY_CF || k == UTF8PROC_CATEGORY_CO;
}

static void clean(struct str s, struct buf *to)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const uint32_t c = utf8_next(&p, end);
        if (c >= ' ' && c < 0x7F) buf_putc(to, (char)c);                 /* nearly all: nothing to look up */
        else if (c != 0 && c != UTF8_BAD && !is_control(c)) put_char(to, is_white(c) ? ' ' : c);
    }
}

static void space_cjk(struct str s, struct buf *to)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const uint32_t c = utf8_next(&p, end);
        const bool alone = is_cjk(c);
        if (alone) buf_putc(to, ' ');
        put_char(to, c);
        if (alone) buf_putc(to, ' ');
    }
}

static struct str step_run(const struct normal_step *step, struct str s, struct buf *to);

static struct str bert(const struct normal_step *step, struct str s, struct buf *to)
{
    struct buf other = { 0 }, *from = to, *into = &other;
    buf_put(to, s);
    const struct normal_step rest[] = { { NORMAL_NFD }, { NORMAL_STRIP_ACCENTS }, { NORMAL_LOWER } };
    const bool on[] = { step->clean, step->cjk, step->accents, step->accents, step->lower };
    for (size_t i = 0; i < 5; i++) {
        if (!on[i]) continue;
        buf_reset(into);
        if (i == 0) clean(buf_str(from), into);
        else if (i == 1) space_cjk(buf_str(from), into);
        else {
            const struct str out = step_run(&rest[i - 2], buf_str(from), into);
            if (out.p == from->p) continue;
        }
        struct buf *t = from;
        from = into;
        into = t;
    }
    if (from == &other) { buf_reset(to); buf_put(to, buf_str(&other)); }
    buf_free(&other);
    return buf_str(to);
}

/* ---- the row ---- */

static struct str step_run(const struct normal_step *step, struct str s, struct buf *to)
{
    switch (step->kind) {
    case NORMAL_NFC: if (below_combining(s)) return s; compose(s, UTF8PROC_COMPOSE, to); break;
    case NORMAL_NFD: if (is_ascii(s)) return s; decompose(s, 0, to); break;
    case NORMAL_NFKC: if (is_ascii(s)) return s; compose(s, UTF8PROC_COMPOSE | UTF8PROC_COMPAT, to); break;
    case NORMAL_NFKD: if (is_ascii(s)) return s; decompose(s, UTF8PROC_COMPAT, to); break;
    case NORMAL_LOWER: lower(s, to); break;
    case NORMAL_STRIP_ACCENTS: strip_accents(s, to); break;
    case NORMAL_PREPEND: if (!s.n) return s; buf_put(to, step->to); buf_put(to, s); break;
    case NORMAL_REPLACE: replace(s, step->from, step->to, to); break;
    case NORMAL_STRIP: strip(s, step->left, step->right, to); break;
    case NORMAL_BERT: return bert(step, s, to);
    case NORMAL_SQUEEZE: squeeze(s, step->to, to); break;
    case NORMAL_PREFIX: if (!s.n || str_starts(s, step->to)) return s; buf_put(to, step->to); buf_put(to, s); break;
    case NORMAL_SPM: spm_normalise(&step->spm, s, to); break;
    }
    return buf_str(to);
}

struct str normal_run(const struct normal *n, struct str text, struct buf work[2])
{
    for (size_t i = 0; i < n->n; i++) {
        struct buf *to = &work[text.p == work[0].p];
        buf_reset(to);
        text = step_run(&n->step[i], text, to);
    }
    return text;
}

void normal_marks(struct normal *n)
{
    n->step[n->n++] = (struct normal_step){ NORMAL_PREPEND, .to = S("\xE2\x96\x81") };
    n->step[n->n++] = (struct normal_step){ NORMAL_REPLACE, .from = S(" "), .to = S("\xE2\x96\x81") };
}

bool normal_marked(const struct normal *n)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct normal_step *s = &n->step[i];
        if (s->kind == NORMAL_SPM && s->spm.dummy_prefix) return true;
        if ((s->kind == NORMAL_PREPEND || s->kind == NORMAL_PREFIX) && str_eq(s->to, S("\xE2\x96\x81"))) return true;
    }
    return false;
}
