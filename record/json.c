/* json.c - one pass over the bytes; strings by 32 at a time where the machine can.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all of a document is one long string, so what counts is how fast a string is passed over: a mask says
 * which bytes of a block are a quote, a backslash or a control, and only those are looked at. 3.4 GB/s of
 * web-like text on one core (bench/scan.c), checking UTF-8 in a second pass included. */
#include "record/json.h"
#include "core/utf8.h"

#include <ctype.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

struct scan { const char *p, *end, *begin; };

/* ---- strings ---- */

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static const char *string_plain_portable(const char *p, const char *end)
{
    while (p < end && is_plain((unsigned char)*p)) p++;
    return p;
}

#if defined(__x86_64__)
/* Which of 32 bytes are no plain text. */
__attribute__((target("avx2"))) static inline uint32_t stops_avx2(const char *p)
{
    const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'), last_control = _mm256_set1_epi8(0x1F);
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(x, last_control), x);
    __m256i stop = _mm256_or_si256(control, _mm256_or_si256(_mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(x, slash)));
    return (uint32_t)_mm256_movemask_epi8(stop);
}

__attribute__((target("avx2"))) static const char *string_plain_avx2(const char *p, const char *end)
{
    for (; end - p >= 32; p += 32) {
        uint32_t stops = stops_avx2(p);
        if (stops) return p + __builtin_ctz(stops);
    }
    return string_plain_portable(p, end);
}
#endif

static const char *string_plain(const char *p, const char *end)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return string_plain_avx2(p, end);
#endif
    return string_plain_portable(p, end);
}

static bool is_hex4(const char *p, const char *end)
{
    return end - p >= 4 && isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1])
        && isxdigit((unsigned char)p[2]) && isxdigit((unsigned char)p[3]);
}

/* at is where plain text stops and is no quote: behind the escape that is there, or NULL. */
static const char *escape_end(const char *at, const char *end)
{
    if (*at != '\\' || end - at < 2) return NULL;
    if (at[1] == 'u') return is_hex4(at + 2, end) ? at + 6 : NULL;
    return memchr("\"\\/bfnrt", at[1], 8) ? at + 2 : NULL;
}

/* p is behind the opening quote; behind the closing one, or false where it goes wrong. */
static bool string_end_portable(const char **p, const char *end)
{
    for (const char *next; ; ) {
        const char *at = string_plain_portable(*p, end);
        if (at < end && *at == '"') { *p = at + 1; return true; }
        if (at == end || !(next = escape_end(at, end))) { *p = end - at < 2 ? end : at; return false; }
        *p = next;
    }
}

#if defined(__x86_64__)
/* The same; the stops of a block are taken from its mask one by one, so that an escape does not begin a new block. */
__attribute__((target("avx2"))) static bool string_end_avx2(const char **begin, const char *end)
{
    const char *p = *begin, *next = p;
    while (end - p >= 64) {
        const char *block = p;
        uint64_t stops = stops_avx2(p) | (uint64_t)stops_avx2(p + 32) << 32;
        for (p += 64; stops; stops &= ~(uint64_t)0 << (next - block)) {
            const char *at = block + __builtin_ctzll(stops);
            if (*at == '"') { *begin = at + 1; return true; }
            if (!(next = escape_end(at, end))) { *begin = at; return string_end_portable(begin, end); }
            if (next - block >= 64) { p = next; break; }
        }
    }
    *begin = p;
    return string_end_portable(begin, end);
}
#endif

/* s->p is behind the opening quote; moves it behind the closing one. */
static bool scan_string(struct scan *s)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return string_end_avx2(&s->p, s->end);
#endif
    return string_end_portable(&s->p, s->end);
}

/* ---- values ---- */

static void scan_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')) s->p++;
}

static bool is_digit(const struct scan *s)
{
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static bool scan_digits(struct scan *s)
{
    if (!is_digit(s)) return false;
    while (is_digit(s)) s->p++;
    return true;
}

static bool scan_number(struct scan *s)
{
    if (s->p < s->end && *s->p == '-') s->p++;
    if (s->p < s->end && *s->p == '0') s->p++;
    else if (!scan_digits(s)) return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!scan_digits(s)) return false;
    }
    if (s->p < s->end && (*s->p | 32) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-')) s->p++;
        if (!scan_digits(s)) return false;
    }
    return true;
}

static bool scan_word(struct scan *s, struct str word)
{
    if (!str_starts(str_span(s->p, s->end), word)) return false;
    s->p += word.n;
    return true;
}

static bool scan_scalar(struct scan *s)
{
    switch (*s->p) {
    case '"': s->p++; return scan_string(s);
    case 't': return scan_word(s, S("true"));
    case 'f': return scan_word(s, S("false"));
    case 'n': return scan_word(s, S("null"));
    default:  return scan_number(s);
    }
}

static bool scan_key(struct scan *s)
{
    scan_space(s);
    if (s->p == s->end || *s->p++ != '"' || !scan_string(s)) return false;
    scan_space(s);
    return s->p < s->end && *s->p++ == ':';
}

/* Any value, without recursion: open[] holds the kinds of the containers that it is in. */
static bool scan_value(struct scan *s)
{
    char open[JSON_DEPTH];
    int depth = 0;
    for (;;) {
        scan_space(s);
        if (s->p == s->end) return false;
        char c = *s->p;
        if (c == '{' || c == '[') {
            if (depth == JSON_DEPTH) return false;
            open[depth++] = c;
            s->p++;
            scan_space(s);
            if (s->p == s->end) return false;
            if (*s->p != c + 2) {                    /* not empty */
                if (c == '{' && !scan_key(s)) return false;
                continue;
            }
        } else if (!scan_scalar(s)) return false;
        else if (!depth) return true;
        while (depth) {                              /* behind a value: close, or go on with the next */
            if (c != '{' && c != '[') scan_space(s);
            if (s->p == s->end) return false;
            if (*s->p == open[depth - 1] + 2) { s->p++; depth--; c = 0; continue; }
            if (c == '{' || c == '[' || *s->p++ != ',') return false;
            if (open[depth - 1] == '{' && !scan_key(s)) return false;
            break;
        }
        if (!depth) return true;
    }
}

/* ---- whole texts ---- */

static bool bad(const struct scan *s, struct err *e)
{
    size_t at = (size_t)(s->p - s->begin);
    if (s->p >= s->end) return err_set(e, ERR_DATA, "not JSON: it ends at byte %zu, inside a value", at);
    return err_set(e, ERR_DATA, "not JSON: byte %zu", at);
}

static bool whole(struct scan *s, struct err *e)
{
    scan_space(s);
    if (s->p != s->end)
        return err_set(e, ERR_DATA, "not JSON: something follows the value at byte %zu", (size_t)(s->p - s->begin));
    return utf8_valid(str_span(s->begin, s->end)) || err_set(e, ERR_DATA, "not UTF-8");
}

bool json_valid(struct str text, struct err *e)
{
    struct scan s = { text.p, text.p + text.n, text.p };
    return scan_value(&s) ? whole(&s, e) : bad(&s, e);
}

/* One member: s->p is at its key or in the white space before. */
static bool scan_field(struct scan *s, struct json_field *f)
{
    scan_space(s);
    const char *key = s->p + 1;
    if (s->p == s->end || *s->p++ != '"' || !scan_string(s)) return false;
    f->key = str_span(key, s->p - 1);
    scan_space(s);
    if (s->p == s->end || *s->p++ != ':') return false;
    scan_space(s);
    const char *value = s->p;
    if (!scan_value(s)) return false;
    f->value = str_span(value, s->p);
    return true;
}

bool json_object(struct str text, struct arena *mem, struct json_field **fields, size_t *n, struct err *e)
{
    struct scan s = { text.p, text.p + text.n, text.p };
    size_t cap = 32;
    *fields = NEW(mem, struct json_field, cap);
    *n = 0;
    scan_space(&s);
    if (s.p == s.end || *s.p++ != '{') { s.p = s.begin; return err_set(e, ERR_DATA, "not a JSON object"); }
    scan_space(&s);
    if (s.p < s.end && *s.p == '}') { s.p++; return whole(&s, e); }
    for (;;) {
        if (*n == cap) {
            struct json_field *more = NEW(mem, struct json_field, cap * 2);
            memcpy(more, *fields, cap * sizeof *more);
            *fields = more;
            cap *= 2;
        }
        if (!scan_field(&s, &(*fields)[*n])) return bad(&s, e);
        ++*n;
        scan_space(&s);
        if (s.p == s.end) return bad(&s, e);
        if (*s.p == '}') { s.p++; return whole(&s, e); }
        if (*s.p != ',') return bad(&s, e);
        s.p++;
    }
}

/* ---- walking validated values ---- */

/* Starts rest inside the container, or moves over the comma; false at its end. */
static bool step_in(struct str *rest, char open, struct scan *s)
{
    *s = (struct scan){ rest->p, rest->p + rest->n, rest->p };
    scan_space(s);
    if (s->p == s->end || (*s->p != open && *s->p != ',')) return false;
    s->p++;
    scan_space(s);
    return s->p < s->end && *s->p != open + 2;
}

bool json_next(struct str *rest, struct str *item)
{
    struct scan s;
    if (!rest->p || !step_in(rest, '[', &s)) return false;
    const char *begin = s.p;
    if (!scan_value(&s)) return false;
    *item = str_span(begin, s.p);
    *rest = str_span(s.p, s.end);
    return true;
}

bool json_next_field(struct str *rest, struct json_field *f)
{
    struct scan s;
    if (!rest->p || !step_in(rest, '{', &s) || !scan_field(&s, f)) return false;
    *rest = str_span(s.p, s.end);
    return true;
}

static struct str member(struct str object, struct str name)
{
    struct json_field f;
    struct str found = { 0 };
    if (!object.n || *object.p != '{') return found;
    while (json_next_field(&object, &f)) if (str_eq(f.key, name)) found = f.value;
    return found;
}

static struct str element(struct str array, size_t i)
{
    struct str item;
    if (!array.n || *array.p != '[') return (struct str){ 0 };
    while (json_next(&array, &item)) if (i-- == 0) return item;
    return (struct str){ 0 };
}

struct str json_get(struct str value, struct str path)
{
    while (path.n && value.p) {
        if (*path.p == '[') {
            size_t i = 0, at = 1;
            for (; at < path.n && path.p[at] >= '0' && path.p[at] <= '9' && i < 1u << 30; at++)
                i = i * 10 + (size_t)(path.p[at] - '0');
            if (at == 1 || at == path.n || path.p[at] != ']') return (struct str){ 0 };
            value = element(value, i);
            path = str_span(path.p + at + 1, path.p + path.n);
        } else {
            size_t n = 0;
            while (n < path.n && path.p[n] != '.' && path.p[n] != '[') n++;
            value = member(value, (struct str){ path.p, n });
            path = str_span(path.p + n, path.p + path.n);
        }
        if (path.n && *path.p == '.') path = str_span(path.p + 1, path.p + path.n);
    }
    return value;
}

/* ---- strings as text ---- */

bool json_is_string(struct str value)
{
    return value.n >= 2 && *value.p == '"';
}

static uint32_t hex4(const char *p)
{
    uint32_t x = 0;
    for (int i = 0; i < 4; i++) x = x << 4 | (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return x;
}

/* p is behind \u; returns the code point and moves *p; a surrogate without its half is U+FFFD. */
static uint32_t unescape_u(const char **p, const char *end)
{
    uint32_t c = hex4(*p);
    *p += 4;
    if (c < 0xD800 || c > 0xDFFF) return c;
    if (c < 0xDC00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        uint32_t low = hex4(*p + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *p += 6;
            return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return UTF8_BAD;
}

bool json_string(struct str value, struct arena *mem, struct str *out)
{
    if (!json_is_string(value)) return false;
    const char *p = value.p + 1, *end = value.p + value.n - 1, *slash = memchr(p, '\\', (size_t)(end - p));
    if (!slash) { *out = str_span(p, end); return true; }
    char *to = arena_alloc(mem, (size_t)(end - p)), *at = to;
    while (slash) {
        memcpy(at, p, (size_t)(slash - p));
        at += slash - p;
        p = slash + 2;
        switch (slash[1]) {
        case 'b': *at++ = '\b'; break;
        case 'f': *at++ = '\f'; break;
        case 'n': *at++ = '\n'; break;
        case 'r': *at++ = '\r'; break;
        case 't': *at++ = '\t'; break;
        case 'u': at += utf8_put(at, unescape_u(&p, end)); break;
        default:  *at++ = slash[1]; break;
        }
        slash = *p == '\\' && p < end ? p : memchr(p, '\\', (size_t)(end - p));
    }
    memcpy(at, p, (size_t)(end - p));
    *out = str_span(to, at + (end - p));
    return true;
}

void json_put_string(struct buf *to, struct str s)
{
    static const char hex[] = "0123456789abcdef", letters[] = "btn\0fr";
    const char *p = s.p, *end = p + s.n;
    buf_putc(to, '"');
    for (;;) {
        const char *stop = string_plain(p, end);
        buf_put(to, str_span(p, stop));
        if (stop == end) break;
        unsigned char c = (unsigned char)*stop;
        buf_putc(to, '\\');
        if (c == '"' || c == '\\') buf_putc(to, (char)c);
        else if (c >= 8 && c <= 13 && c != 11) buf_putc(to, letters[c - 8]);
        else {
            char u[5] = { 'u', '0', '0', hex[c >> 4], hex[c & 15] };
            buf_put(to, (struct str){ u, 5 });
        }
        p = stop + 1;
    }
    buf_putc(to, '"');
}
