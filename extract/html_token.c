/* html_token.c - the WHATWG tokenizer over a page in memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Text is most of a page and script most of the rest, so both are passed over 16 bytes at a time:
 * the scan for the next '<' notes on its way whether there is anything to decode (html_scan_text). */
#include "extract/html_token.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

const unsigned char html_tag_flags[TAGS] = {
#define X(name, flags) [TAG_##name] = flags,
    HTML_TAGS(X)
#undef X
};

enum { LONGEST_NAME = 14 };       /* annotation-xml */
static const char tag_name[TAGS][16] = {                         /* filled up with zeros, as words are */
#define X(name, flags) [TAG_##name] = #name,
    HTML_TAGS(X)
#undef X
};

/* ---- bytes ---- */

enum { C_SPACE = 1, C_TAG_END = 2, C_ATTR_END = 4, C_UPPER = 8, C_ALPHA = 16, C_VALUE_END = 32, C_NUL = 64,
       W = C_SPACE | C_TAG_END | C_ATTR_END | C_VALUE_END, U = C_UPPER | C_ALPHA, A = C_ALPHA };
static const unsigned char class_of[256] = {
    C_NUL, 0, 0, 0, 0, 0, 0, 0, 0, W, W, 0, W, W, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    W, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, C_TAG_END | C_ATTR_END,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, C_ATTR_END, C_TAG_END | C_ATTR_END | C_VALUE_END, 0,
    0, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, 0, 0, 0, 0, 0,
    0, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, 0, 0, 0, 0, 0,
};

static bool is(char c, unsigned classes)
{
    return class_of[(unsigned char)c] & classes;
}

/* The first byte of these classes, which are all of white space, '/', '=' and '>'. */
static inline const char *until(const char *p, const char *end, unsigned classes)
{
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(' '), slash = _mm_set1_epi8('/'), equals = _mm_set1_epi8('='),
                  close = _mm_set1_epi8('>');
    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i may = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(x, blank), x), _mm_cmpeq_epi8(x, slash)),
                                   _mm_or_si128(_mm_cmpeq_epi8(x, equals), _mm_cmpeq_epi8(x, close)));
        for (unsigned bits = (unsigned)_mm_movemask_epi8(may); bits; bits &= bits - 1)
            if (is(p[__builtin_ctz(bits)], classes)) return p + __builtin_ctz(bits);
    }
#endif
    while (p < end && !is(*p, classes)) p++;
    return p;
}

static unsigned flag_of(char c)
{
    return c == '&' ? RAW_REFS : c == '\r' ? RAW_CR : c == 0 ? RAW_NUL : 0;
}

const char *html_scan_text_plain(const char *p, const char *end, unsigned *seen)
{
    for (; p < end && *p != '<'; p++) *seen |= flag_of(*p);
    return p;
}

const char *html_scan_text(const char *p, const char *end, unsigned *seen)
{
#ifdef __SSE2__
    const __m128i lt = _mm_set1_epi8('<'), amp = _mm_set1_epi8('&'), cr = _mm_set1_epi8('\r'),
                  nul = _mm_setzero_si128();
    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned stop = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, lt));
        unsigned before = stop ? (stop & -stop) - 1 : 0xFFFF;
        __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(x, amp), _mm_or_si128(_mm_cmpeq_epi8(x, cr), _mm_cmpeq_epi8(x, nul)));
        if ((unsigned)_mm_movemask_epi8(odd) & before) {
            if ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, amp)) & before) *seen |= RAW_REFS;
            if ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, cr)) & before) *seen |= RAW_CR;
            if ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, nul)) & before) *seen |= RAW_NUL;
        }
        if (stop) return p + __builtin_ctz(stop);
    }
#endif
    return html_scan_text_plain(p, end, seen);
}

static unsigned flags_of(struct str s)                           /* of a short span, '<' included */
{
    unsigned f = 0;
    for (size_t i = 0; i < s.n; i++) f |= flag_of(s.p[i]);
    return f;
}

static const char *find(const char *p, const char *end, char c)
{
    const char *q = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
    return q ? q : end;
}

static bool begins_nocase(const char *p, const char *end, struct str lower)
{
    if ((size_t)(end - p) < lower.n) return false;
    for (size_t i = 0; i < lower.n; i++)
        if ((is(p[i], C_UPPER) ? p[i] | 32 : p[i]) != lower.p[i]) return false;
    return true;
}

/* ---- names ---- */

static uint64_t load(const char *p, size_t n)                    /* n of 1 to 8 bytes, zeros behind */
{
    uint64_t x = 0;
    uint32_t low, high;
    if (n == 8) memcpy(&x, p, 8);
    else if (n >= 4) {
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        x = low | (uint64_t)high << 8 * (n - 4);
    } else x = (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2)
               | (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
    return x;
}

enum html_tag html_tag_of(struct str s)
{
    if (!s.n || s.n > LONGEST_NAME) return TAG_NONE;
    uint64_t w[2] = { load(s.p, s.n < 8 ? s.n : 8), s.n > 8 ? load(s.p + 8, s.n - 8) : 0 };
    uint64_t key = w[0] + (w[1] << 7 | w[1] >> 57);
    enum html_tag t = html_tag_slot[key * html_tag_multiplier >> 54];
    if (t == TAG_annotation_xml) return str_eq(s, S("annotation-xml")) ? t : TAG_NONE;
    return t && !memcmp(tag_name[t], w, sizeof w) ? t : TAG_NONE;
}

/* Lower case, NUL as U+FFFD; s itself when it is so already. */
static struct str name_of(struct html_tokens *t, struct str s)
{
    const uint64_t LOWER = 0x2020202020202020u;                  /* set in letters that are, in digits and '-' */
    if (s.n - 1 < 8 && !(~load(s.p, s.n) & LOWER >> 8 * (8 - s.n))) return s;
    unsigned seen = 0;
    for (size_t i = 0; i < s.n; i++) seen |= class_of[(unsigned char)s.p[i]];
    if (!(seen & (C_UPPER | C_NUL))) return s;
    char *to = arena_alloc(t->mem, html_decode_room(s.n, RAW_NUL)), *q = to;
    q += html_decode(s, RAW_NUL, to);
    for (char *c = to; c < q; c++) if (is(*c, C_UPPER)) *c |= 32;
    return str_span(to, q);
}

/* ---- tags ---- */

static struct html_attr *attr_new(struct html_tokens *t, size_t n)
{
    if (n == t->cap_attrs) {
        struct html_attr *more = NEW(t->mem, struct html_attr, 2 * n);
        memcpy(more, t->attrs, n * sizeof *more);
        t->attrs = more;
        t->cap_attrs = 2 * n;
    }
    return &t->attrs[n];
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && is(*p, C_SPACE)) p++;
    return p;
}

/* p stands behind '='. Returns where the value ends, or NULL at the end of the page. */
static const char *attr_value(const char *p, const char *end, struct html_attr *a)
{
    p = skip_space(p, end);
    if (p == end) return NULL;
    const char *q;
    if (*p == '"' || *p == '\'') {
        q = find(p + 1, end, *p);
        if (q == end) return NULL;
        a->value = p + 1;
        a->n_value = (uint32_t)(q - p - 1);
        return q + 1;
    }
    q = until(p, end, C_VALUE_END);
    a->value = p;
    a->n_value = (uint32_t)(q - p);
    return q;
}

/* p stands behind the tag's name. Returns what follows '>', or NULL at the end of the page. */
static const char *attributes(struct html_tokens *t, const char *p, struct html_token *k)
{
    size_t n = 0;
    for (;;) {
        p = skip_space(p, t->end);
        if (p == t->end) return NULL;
        if (*p == '>') break;
        if (*p == '/') {
            if (++p < t->end && *p == '>') { k->self_closing = true; break; }
            continue;
        }
        struct html_attr *a = attr_new(t, n++);
        const char *q = until(p + 1, t->end, C_ATTR_END);        /* a first '=' belongs to the name */
        *a = (struct html_attr){ .name = p, .n_name = (uint32_t)(q - p), .value = q };
        p = skip_space(q, t->end);
        if (p < t->end && *p == '=') p = attr_value(p + 1, t->end, a);
        if (!p) return NULL;
    }
    k->attrs = t->attrs;
    k->n_attrs = (uint32_t)n;
    return p + 1;
}

/* p stands on the first letter of the name. False at the end of the page: the tag is lost. */
static bool tag(struct html_tokens *t, const char *p, enum html_token_kind kind, struct html_token *k)
{
    const char *q = until(p, t->end, C_TAG_END);
    *k = (struct html_token){ .kind = kind, .name = name_of(t, str_span(p, q)) };
    k->tag = html_tag_of(k->name);
    p = q < t->end && *q == '>' ? q + 1 : attributes(t, q, k);
    t->p = p ? p : t->end;
    if (kind == HTML_START) t->last = k->name;
    return p;
}

/* ---- comments and doctypes ---- */

static void comment_token(struct html_tokens *t, const char *p, const char *end, const char *next, struct html_token *k)
{
    struct str s = str_span(p, end);
    *k = (struct html_token){ .kind = HTML_COMMENT, .text = s, .raw = RAW_CR | RAW_NUL };
    t->p = next;
}

static void bogus_comment(struct html_tokens *t, const char *p, struct html_token *k)
{
    const char *q = find(p, t->end, '>');
    comment_token(t, p, q, q < t->end ? q + 1 : q, k);
}

/* p stands behind "<!--". */
static void comment(struct html_tokens *t, const char *p, struct html_token *k)
{
    const char *end = t->end, *start = p;
    if (p < end && *p == '>') { comment_token(t, p, p, p + 1, k); return; }
    if (end - p >= 2 && p[0] == '-' && p[1] == '>') { comment_token(t, p, p, p + 2, k); return; }
    for (; (p = find(p, end, '-')) < end; p++) {
        if (end - p >= 3 && p[1] == '-' && p[2] == '>') { comment_token(t, start, p, p + 3, k); return; }
        if (end - p >= 4 && p[1] == '-' && p[2] == '!' && p[3] == '>') { comment_token(t, start, p, p + 4, k); return; }
    }
    struct str s = str_span(start, end);
    size_t cut = str_ends(s, S("--!")) ? 3 : str_ends(s, S("--")) ? 2 : str_ends(s, S("-"));
    comment_token(t, start, end - cut, end, k);
}

/* A quoted identifier at *p. False when there is none or it does not end; *p moves as far as it was read. */
static bool quoted(const char **p, const char *end, struct html_tokens *t, struct str *id)
{
    if (*p == end || (**p != '"' && **p != '\'')) return false;
    const char *start = *p + 1, *q = start;
    while (q < end && *q != **p && *q != '>') q++;
    struct str s = str_span(start, q);
    *id = html_decoded(s, flags_of(s) & (RAW_CR | RAW_NUL), t->mem);
    bool whole = q < end && *q != '>';
    *p = q + whole;
    return whole;
}

/* p stands behind the name, at PUBLIC or SYSTEM if anywhere. */
static const char *doctype_ids(struct html_tokens *t, const char *p, struct html_token *k)
{
    const char *end = t->end;
    bool public = begins_nocase(p, end, S("public")), system = begins_nocase(p, end, S("system"));
    k->quirks = true;
    if (!public && !system) return p;
    p = skip_space(p + 6, end);
    if (public) {
        if (!quoted(&p, end, t, &k->public_id)) return p;
        p = skip_space(p, end);
        if (p < end && *p == '>') { k->quirks = false; return p; }
    }
    if (!quoted(&p, end, t, &k->system_id)) return p;
    k->quirks = skip_space(p, end) == end;
    return p;
}

/* p stands behind "<!doctype". */
static void doctype(struct html_tokens *t, const char *p, struct html_token *k)
{
    *k = (struct html_token){ .kind = HTML_DOCTYPE };
    const char *end = t->end;
    p = skip_space(p, end);
    if (p == end || *p == '>') k->quirks = true;
    else {
        const char *q = p;
        while (q < end && !is(*q, C_SPACE) && *q != '>') q++;
        k->name = name_of(t, str_span(p, q));
        p = skip_space(q, end);
        if (p == end) k->quirks = true;
        else if (*p != '>') p = doctype_ids(t, p, k);
    }
    p = find(p, end, '>');
    t->p = p < end ? p + 1 : p;
}

/* ---- text ---- */

static void chars(struct html_tokens *t, const char *end, unsigned raw, struct html_token *k)
{
    *k = (struct html_token){ .kind = HTML_CHARS, .text = str_span(t->p, end), .raw = raw };
    t->p = end;
}

/* Whether the '<' at p begins anything but text. */
static bool opens(const char *p, const char *end)
{
    if (end - p < 2) return false;
    char c = p[1];
    return is(c, C_ALPHA) || c == '!' || c == '?' || (c == '/' && end - p > 2);
}

static void cdata(struct html_tokens *t, struct html_token *k)
{
    const char *p = t->p;
    while ((p = find(p, t->end, ']')) < t->end && !begins_nocase(p, t->end, S("]]>"))) p++;
    unsigned raw = flags_of(str_span(t->p, p)) & ~(unsigned)RAW_REFS;
    chars(t, p, raw, k);
    t->p = p < t->end ? p + 3 : p;
    t->state = HTML_DATA;
}

/* At a '<' that opens something. False when nothing came of it: go on behind it. */
static bool markup(struct html_tokens *t, struct html_token *k)
{
    const char *p = t->p + 1, *end = t->end;
    if (is(*p, C_ALPHA)) return tag(t, p, HTML_START, k);
    if (*p == '?') return bogus_comment(t, p, k), true;
    if (*p == '/') {
        if (is(p[1], C_ALPHA)) return tag(t, p + 1, HTML_END, k);
        if (p[1] == '>') { t->p = p + 2; return false; }
        return bogus_comment(t, p + 1, k), true;
    }
    if (str_starts(str_span(p, end), S("!--"))) return comment(t, p + 3, k), true;
    if (begins_nocase(p, end, S("!doctype"))) return doctype(t, p + 8, k), true;
    if (t->cdata && str_starts(str_span(p, end), S("![CDATA["))) {
        t->p = p + 8;
        cdata(t, k);
        return k->text.n > 0;
    }
    return bogus_comment(t, p + 1, k), true;
}

static bool data(struct html_tokens *t, struct html_token *k)
{
    if (*t->p == '<' && opens(t->p, t->end)) return markup(t, k);
    unsigned raw = 0;
    const char *p = t->p;
    for (;;) {
        p = html_scan_text(p, t->end, &raw);
        if (p == t->end || opens(p, t->end)) break;
        p++;
    }
    chars(t, p, raw, k);
    return true;
}

/* Whether p is "</" and the name, and the name ends there. */
static bool is_end_tag(const char *p, const char *end, struct str name)
{
    const char *q = p + 2 + name.n;
    return name.n && end - p > 2 && p[1] == '/' && q < end && begins_nocase(p + 2, end, name) && is(*q, C_TAG_END);
}

/* The end of RCDATA and RAWTEXT. */
static const char *raw_end(const struct html_tokens *t)
{
    const char *p = t->p;
    while ((p = find(p, t->end, '<')) < t->end && !is_end_tag(p, t->end, t->last)) p++;
    return p;
}

static bool word_follows(const char *p, const char *end, struct str word)
{
    return begins_nocase(p, end, word) && p + word.n < end && is(p[word.n], C_TAG_END);
}

/* The end of a script. "<!--" escapes it; "<script" inside that, twice: then "</script" ends only the inner one. */
static const char *script_end(const struct html_tokens *t)
{
    enum { NORMAL, ESCAPED, TWICE } state = NORMAL;
    const char *end = t->end;
    for (const char *p = t->p; p < end; p++) {
        if (state == NORMAL && (p = find(p, end, '<')) == end) return end;
        if (*p == '-') {
            if (str_starts(str_span(p, end), S("-->"))) { state = NORMAL; p += 2; }
        } else if (*p == '<') {
            if (state != TWICE && is_end_tag(p, end, t->last)) return p;
            if (state == TWICE && is_end_tag(p, end, S("script"))) state = ESCAPED;
            else if (state == ESCAPED && word_follows(p + 1, end, S("script"))) state = TWICE;
            else if (state == NORMAL && str_starts(str_span(p, end), S("<!--"))) { state = ESCAPED; p++; }
        }
    }
    return end;
}

static bool raw_text(struct html_tokens *t, struct html_token *k)
{
    bool plain = t->state == HTML_PLAINTEXT, refs = t->state == HTML_RCDATA;
    const char *end = plain ? t->end : t->state == HTML_SCRIPT ? script_end(t) : raw_end(t);
    if (end > t->p) {
        chars(t, end, RAW_CR | RAW_NUL | (refs ? RAW_REFS : 0), k);      /* seldom asked for: not looked through here */
        return true;
    }
    t->state = HTML_DATA;
    return tag(t, t->p + 2, HTML_END, k);
}

void html_tokens_init(struct html_tokens *t, struct str html, struct arena *mem)
{
    enum { FIRST = 32 };
    *t = (struct html_tokens){ .p = html.p, .end = html.p + html.n, .mem = mem, .last = { "", 0 },
                               .attrs = NEW(mem, struct html_attr, FIRST), .cap_attrs = FIRST };
}

void html_token_next(struct html_tokens *t, struct html_token *k)
{
    while (t->p < t->end) {
        if (t->state == HTML_DATA ? data(t, k) : t->state == HTML_CDATA ? (cdata(t, k), k->text.n > 0) : raw_text(t, k))
            return;
    }
    *k = (struct html_token){ .kind = HTML_EOF };
}

/* ---- attributes ---- */

static bool name_is(const struct html_attr *a, struct str lower)
{
    return a->n_name == lower.n && begins_nocase(a->name, a->name + a->n_name, lower);
}

const struct html_attr *html_attr_find(const struct html_attr *attrs, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) if (name_is(&attrs[i], name)) return &attrs[i];
    return NULL;
}

struct str html_attr_get(const struct html_attr *attrs, size_t n, struct str name, struct arena *mem)
{
    const struct html_attr *a = html_attr_find(attrs, n, name);
    if (!a) return (struct str){ 0 };
    struct str raw = { a->value, a->n_value };
    unsigned flags = flags_of(raw);
    return html_decoded(raw, flags ? flags | RAW_ATTR : 0, mem);
}
