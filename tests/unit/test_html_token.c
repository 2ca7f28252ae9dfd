/* test_html_token.c - html5lib's tokenizer tests, and the scan against its plain twin.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "extract/html_token.h"
#include "tests/unit/suite.h"

#include <jansson.h>

/* "\u0041" inside a string that is escaped twice. False when a surrogate comes out: that is no UTF-8. */
static bool unescape(struct str s, struct buf *to)
{
    for (size_t i = 0; i < s.n; i++) {
        if (i + 6 <= s.n && s.p[i] == '\\' && s.p[i + 1] == 'u') {
            char hex[5] = { s.p[i + 2], s.p[i + 3], s.p[i + 4], s.p[i + 5], 0 };
            uint32_t c = (uint32_t)strtoul(hex, NULL, 16);
            if (c >= 0xD800 && c < 0xE000) return false;
            to->n += utf8_put(buf_room(to, 4), c);
            i += 5;
        } else buf_putc(to, s.p[i]);
    }
    return true;
}

static struct str text_of(const json_t *j)
{
    return json_is_string(j) ? (struct str){ json_string_value(j), json_string_length(j) } : (struct str){ 0 };
}

static void put(struct buf *b, struct str s)
{
    if (s.p) buf_printf(b, "%zu:", s.n); else buf_put(b, S("-:"));
    buf_put(b, s);
    buf_putc(b, '|');
}

static void put_chars(struct buf *out, struct buf *chars)
{
    if (!chars->n) return;
    buf_put(out, S("Character"));
    put(out, buf_str(chars));
    buf_reset(chars);
}

static struct str lower(struct arena *mem, struct str s)
{
    struct str d = html_decoded(s, RAW_NUL, mem);
    char *p = arena_alloc(mem, d.n + 1);
    for (size_t i = 0; i < d.n; i++) p[i] = d.p[i] >= 'A' && d.p[i] <= 'Z' ? (char)(d.p[i] | 32) : d.p[i];
    return (struct str){ p, d.n };
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct str *)a)[0], ((const struct str *)b)[0]);
}

static void put_attrs(struct buf *out, struct str (*pair)[2], size_t n)
{
    qsort(pair, n, sizeof *pair, by_name);
    for (size_t i = 0; i < n; i++) { put(out, pair[i][0]); put(out, pair[i][1]); }
}

static void put_token(struct buf *out, const struct html_token *k, struct arena *mem)
{
    struct str pair[64][2];
    size_t n = 0;
    switch (k->kind) {
    case HTML_START:
        buf_put(out, S("StartTag"));
        put(out, k->name);
        for (size_t i = 0; i < k->n_attrs && n < 64; i++) {
            struct str name = lower(mem, (struct str){ k->attrs[i].name, k->attrs[i].n_name });
            bool seen = false;
            for (size_t j = 0; j < n; j++) seen |= str_eq(pair[j][0], name);
            if (seen) continue;
            pair[n][0] = name;
            pair[n++][1] = html_decoded((struct str){ k->attrs[i].value, k->attrs[i].n_value },
                                        RAW_REFS | RAW_CR | RAW_NUL | RAW_ATTR, mem);
        }
        put_attrs(out, pair, n);
        buf_put(out, k->self_closing ? S("/") : S(""));
        return;
    case HTML_END: buf_put(out, S("EndTag")); put(out, k->name); return;
    case HTML_COMMENT: buf_put(out, S("Comment")); put(out, html_decoded(k->text, k->raw, mem)); return;
    case HTML_DOCTYPE:
        buf_put(out, S("DOCTYPE"));
        put(out, k->name.p && k->name.n ? k->name : (struct str){ 0 });
        put(out, k->public_id);
        put(out, k->system_id);
        buf_put(out, k->quirks ? S("quirks") : S(""));
        return;
    default: return;
    }
}

static struct str tokenize(struct str in, enum html_state state, struct str last, struct buf *out, struct arena *mem)
{
    struct html_tokens t;
    struct html_token k;
    struct buf chars = { 0 };
    html_tokens_init(&t, in, mem);
    t.state = state;
    t.last = last.p ? last : S("");
    for (html_token_next(&t, &k); k.kind != HTML_EOF; html_token_next(&t, &k)) {
        if (k.kind == HTML_CHARS) {
            unsigned raw = k.raw | (state == HTML_DATA || state == HTML_CDATA ? RAW_KEEP_NUL : 0);
            buf_put(&chars, html_decoded(k.text, raw, mem));
        } else { put_chars(out, &chars); put_token(out, &k, mem); }
    }
    put_chars(out, &chars);
    buf_free(&chars);
    return buf_str(out);
}

/* The expected tokens in the same form; false when they hold what UTF-8 cannot. */
static bool expected(const json_t *output, bool twice, struct buf *out, struct arena *mem)
{
    struct buf chars = { 0 };
    bool fine = true;
    for (size_t i = 0; i < json_array_size(output); i++) {
        const json_t *o = json_array_get(output, i);
        const char *kind = json_string_value(json_array_get(o, 0));
        struct str v[3];
        for (size_t j = 0; j < 3; j++) {
            struct buf b = { 0 };
            v[j] = text_of(json_array_get(o, j + 1));
            if (v[j].p && twice) { fine &= unescape(v[j], &b); v[j] = str_copy(mem, buf_str(&b)); }
            buf_free(&b);
        }
        if (!strcmp(kind, "Character")) { buf_put(&chars, v[0]); continue; }
        put_chars(out, &chars);
        buf_put(out, str_of(kind));
        put(out, v[0]);
        if (!strcmp(kind, "StartTag")) {
            struct str pair[64][2];
            size_t n = 0;
            const char *name;
            json_t *value;
            json_object_foreach(json_array_get(o, 2), name, value) {
                struct buf b = { 0 };
                pair[n][0] = str_of(name);
                pair[n][1] = text_of(value);
                if (twice) { fine &= unescape(pair[n][1], &b); pair[n][1] = str_copy(mem, buf_str(&b)); }
                buf_free(&b);
                n++;
            }
            put_attrs(out, pair, n);
            buf_put(out, json_is_true(json_array_get(o, 3)) ? S("/") : S(""));
        }
        if (!strcmp(kind, "DOCTYPE")) {
            put(out, v[1]);
            put(out, v[2]);
            buf_put(out, json_is_true(json_array_get(o, 4)) ? S("") : S("quirks"));
        }
    }
    put_chars(out, &chars);
    buf_free(&chars);
    return fine;
}

static enum html_state state_of(const char *name)
{
    static const char *const names[] = { "Data state", "RCDATA state", "RAWTEXT state", "Script data state",
                                         "PLAINTEXT state", "CDATA section state" };
    for (int i = 0; i < 6; i++) if (!strcmp(name, names[i])) return (enum html_state)i;
    return HTML_DATA;
}

static bool run_one(const json_t *t, const char *state, struct arena *mem, int *skipped)
{
    struct buf want = { 0 }, in = { 0 }, got = { 0 };
    bool twice = json_is_true(json_object_get(t, "doubleEscaped")),
         fine = expected(json_object_get(t, "output"), twice, &want, mem);
    struct str raw = text_of(json_object_get(t, "input"));
    if (twice) fine &= unescape(raw, &in); else buf_put(&in, raw);
    bool same = true;
    if (!fine) ++*skipped;
    else same = str_eq(tokenize(buf_str(&in), state_of(state), text_of(json_object_get(t, "lastStartTag")), &got, mem),
                       buf_str(&want));
    if (!same)
        printf("# %s [%s]\n#   in   %.*s\n#   got  %.*s\n#   want %.*s\n",
               json_string_value(json_object_get(t, "description")), state, (int)in.n, in.p, (int)got.n, got.p,
               (int)want.n, want.p);
    buf_free(&want); buf_free(&in); buf_free(&got);
    arena_reset(mem);
    return same;
}

TEST(html5libs_tokenizer_tests_pass)
{
    struct buf archive = { 0 };
    struct str tar = suite_open(&archive), file;
    struct arena mem = { 0 };
    char name[101];
    int n = 0, bad = 0, skipped = 0;
    while (suite_next(&tar, "/tokenizer/", ".test", name, &file)) {
        json_error_t je;
        json_t *j = json_loadb(file.p, file.n, JSON_ALLOW_NUL, &je);
        if (!j) { TEST_FAIL("%s: %s", name, je.text); continue; }
        json_t *tests = json_object_get(j, "tests");
        for (size_t i = 0; i < json_array_size(tests); i++) {
            const json_t *t = json_array_get(tests, i), *states = json_object_get(t, "initialStates");
            size_t s = 0;
            do {
                const char *state = states ? json_string_value(json_array_get(states, s)) : "Data state";
                n++;
                bad += !run_one(t, state, &mem, &skipped);
            } while (++s < json_array_size(states));
        }
        json_decref(j);
    }
    printf("# %d tests: %d pass, %d hold lone surrogates, %d fail\n", n, n - bad - skipped, skipped, bad);
    EQ(bad, 0);
    OK(n > 6000);
    arena_free(&mem);
    buf_free(&archive);
}

TEST(the_fast_scan_for_markup_stops_and_sees_what_the_plain_one_does)
{
    char text[80];
    uint32_t x = 1;
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)(round % 70);
        for (size_t i = 0; i < n; i++) {
            x = x * 1664525 + 1013904223;
            text[i] = "abcdefghijklmnopqrstuvwxyz <&\r\0z"[x >> 27];
        }
        unsigned a = 0, b = 0;
        const char *p = html_scan_text(text, text + n, &a), *q = html_scan_text_plain(text, text + n, &b);
        OK(p == q && a == b);
    }
}
MAIN
