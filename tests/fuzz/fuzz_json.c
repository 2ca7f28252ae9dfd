/* fuzz_json.c - the scanner against a validator written from RFC 8259 line by line, and what it hands out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "record/doc.h"

#include <math.h>
#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

/* ---- the definition: every function returns the end of what it read, or NULL ---- */

static const char *space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    return p;
}

static const char *word(const char *p, const char *end, const char *w)
{
    for (; *w; w++, p++) if (p == end || *p != *w) return NULL;
    return p;
}

static const char *digits(const char *p, const char *end)
{
    const char *begin = p;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p > begin ? p : NULL;
}

static const char *number(const char *p, const char *end)
{
    if (p < end && *p == '-') p++;
    if (p < end && *p == '0') p++;
    else if (!(p = digits(p, end))) return NULL;
    if (p < end && *p == '.' && !(p = digits(p + 1, end))) return NULL;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        p = digits(p, end);
    }
    return p;
}

static const char *string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20) return NULL;
        if (*p != '\\') continue;
        if (++p == end) return NULL;
        if (*p == 'u') {
            for (int i = 0; i < 4; i++) if (++p == end || !*p || !strchr("0123456789abcdefABCDEF", *p)) return NULL;
        } else if (!*p || !strchr("\"\\/bfnrt", *p)) return NULL;
    }
    return p < end ? p + 1 : NULL;
}

static const char *value(const char *p, const char *end, int depth);

static const char *container(const char *p, const char *end, int depth)
{
    bool object = *p == '{';
    if (depth >= JSON_DEPTH) return NULL;
    p = space(p + 1, end);
    if (p < end && *p == (object ? '}' : ']')) return p + 1;
    for (;; p++) {
        p = space(p, end);
        if (object) {
            if (p == end || *p != '"' || !(p = string(p, end))) return NULL;
            p = space(p, end);
            if (p == end || *p++ != ':') return NULL;
        }
        if (!(p = value(p, end, depth + 1))) return NULL;
        p = space(p, end);
        if (p == end) return NULL;
        if (*p == (object ? '}' : ']')) return p + 1;
        if (*p != ',') return NULL;
    }
}

static const char *value(const char *p, const char *end, int depth)
{
    p = space(p, end);
    if (p == end) return NULL;
    switch (*p) {
    case '{': case '[': return container(p, end, depth);
    case '"': return string(p, end);
    case 't': return word(p, end, "true");
    case 'f': return word(p, end, "false");
    case 'n': return word(p, end, "null");
    default:  return number(p, end);
    }
}

static bool naive_valid(struct str s)
{
    const char *end = s.p + s.n, *p = value(s.p, end, 0);
    return p && space(p, end) == end && utf8_valid_portable(s);
}

/* ---- what the scanner hands out ---- */

static void check_value(struct str v, struct arena *mem)
{
    struct err e = { 0 };
    struct str s, back;
    double x, y;
    int64_t i;
    MUST(json_valid(v, &e));
    if (json_integer(v, &i)) MUST(json_number(v, &x) && x == (double)i);
    struct buf b = { 0 };
    if (json_string(v, mem, &s)) {
        MUST(json_is_string(v) && utf8_valid(s));
        json_put_string(&b, s);
        MUST(json_valid(buf_str(&b), &e) && json_string(buf_str(&b), mem, &back) && str_eq(s, back));
    } else if (json_number(v, &x) && isfinite(x)) {
        json_put_float(&b, x);
        MUST(json_valid(buf_str(&b), &e) && json_number(buf_str(&b), &y) && x == y);
    }
    buf_free(&b);
}

static void check_walk(struct str v, struct arena *mem)
{
    struct str rest = v, item;
    struct json_field f;
    while (json_next(&rest, &item)) check_value(item, mem);
    for (rest = v; json_next_field(&rest, &f); ) check_value(f.value, mem);
    json_get(v, S("a.b[1].c[0][2]"));
}

static void check_doc(struct str line, struct arena *mem)
{
    struct err e = { 0 };
    struct doc d;
    struct buf b = { 0 };
    if (!doc_parse(&d, line, mem, "text", &e)) { MUST(e.kind == ERR_DATA); return; }
    MUST(naive_valid(line));
    for (size_t i = 0; i < d.n; i++) {
        check_value(d.fields[i].value, mem);
        check_walk(d.fields[i].value, mem);
    }
    doc_write(&d, &b);
    MUST(str_eq(buf_str(&b), line) || b.n == line.n + 1);
    doc_put_real(&d, "x", 0.5);
    doc_put_text(&d, S("new \"text\"\n"));
    doc_put_int(&d, "a", -1);
    buf_reset(&b);
    doc_write(&d, &b);
    MUST(doc_parse(&d, buf_str(&b), mem, "text", &e));
    MUST(str_eq(doc_get(&d, "a"), S("-1")) && str_eq(doc_get(&d, "x"), S("0.5"))
         && str_eq(doc_text(&d), S("new \"text\"\n")));
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena mem;
    struct err e = { 0 };
    struct str s = { (const char *)data, size };
    MUST(json_valid(s, &e) == naive_valid(s));
    if (!e.kind) check_walk(s, &mem);
    check_doc(s, &mem);
    arena_reset(&mem);
    return 0;
}
