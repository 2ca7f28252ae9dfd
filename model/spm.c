/* spm.c - SentencePiece's normaliser.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/spm.h"

#include "core/utf8.h"

#define SPACE_MARK "\xE2\x96\x81"
enum { MARK_SIZE = 3, MATCHES_MAX = 32 };

bool spm_charsmap(struct spm_rules *r, struct str charsmap, struct err *e)
{
    uint32_t size;
    if (!charsmap.n) return true;
    if (charsmap.n < 4) return err_set(e, ERR_DATA, "the character map is %zu bytes", charsmap.n);
    memcpy(&size, charsmap.p, 4);
    if (size % 4 || size > charsmap.n - 4)
        return err_set(e, ERR_DATA, "the character map's array of %u bytes does not fit in %zu", size, charsmap.n);
    if (size < charsmap.n - 4 && charsmap.p[charsmap.n - 1] != 0)
        return err_set(e, ERR_DATA, "the character map's last string does not end");
    r->array = (struct str){ charsmap.p + 4, size };
    r->strings = (struct str){ charsmap.p + 4 + size, charsmap.n - 4 - size };
    return true;
}

void spm_charsmap_write(const struct spm_rules *r, struct buf *to)
{
    const uint32_t size = (uint32_t)r->array.n;
    if (!size) return;
    memcpy(buf_room(to, 4), &size, 4);
    to->n += 4;
    buf_put(to, r->array);
    buf_put(to, r->strings);
}

/* ---- a unit of the double array ---- */

static uint32_t unit_at(const struct spm_rules *r, size_t i)
{
    uint32_t x = 0;
    if (i < r->array.n / 4) memcpy(&x, r->array.p + 4 * i, 4);
    return x;
}
static uint32_t label(uint32_t unit) { return unit & (1u << 31 | 0xFF); }
static bool has_leaf(uint32_t unit) { return unit >> 8 & 1; }
static uint32_t value(uint32_t unit) { return unit & ((1u << 31) - 1); }
static size_t offset(uint32_t unit) { return (size_t)(unit >> 10) << ((unit & 1u << 9) >> 6); }

/* The longest key at p: its bytes, 0 when there is none, and its value. */
static size_t longest(const struct spm_rules *r, const char *p, const char *end, uint32_t *v)
{
    size_t node = offset(unit_at(r, 0)), best = 0;
    for (size_t i = 0, found = 0; p + i < end && found < MATCHES_MAX; i++) {
        node ^= (uint8_t)p[i];
        const uint32_t unit = unit_at(r, node);
        if (label(unit) != (uint8_t)p[i] || node >= r->array.n / 4) break;
        node ^= offset(unit);
        if (!has_leaf(unit)) continue;
        *v = value(unit_at(r, node));
        best = i + 1;
        found++;
    }
    return best;
}

/* Bytes of the longest string at p that no rule changes. */
static size_t kept_at(const struct spm_rules *r, const char *p, const char *end)
{
    size_t best = 0;
    uint32_t node = 0;
    if (!r->kept || !r->kept->n) return 0;
    for (size_t i = 0; p + i < end && (node = trie_step(r->kept, node, p[i])) != TRIE_NONE; i++)
        if (r->kept->value[node] != TRIE_NONE) best = i + 1;
    return best;
}

/* What stands for the text at *p; moves on. */
static struct str prefix(const struct spm_rules *r, const char **p, const char *end)
{
    const size_t kept = kept_at(r, *p, end);
    if (kept) {
        *p += kept;
        return (struct str){ *p - kept, kept };
    }
    uint32_t v = 0;
    const size_t n = r->array.n ? longest(r, *p, end, &v) : 0;
    if (n && v < r->strings.n) {
        *p += n;
        return str_of(r->strings.p + v);
    }
    const char *from = *p;
    if (utf8_next(p, end) != UTF8_BAD || (*p - from == 3 && !memcmp(from, "\xEF\xBF\xBD", 3)))
        return str_span(from, *p);
    *p = from + 1;
    return S("\xEF\xBF\xBD");
}

static void put_space(const struct spm_rules *r, struct buf *to) { buf_put(to, r->escape ? S(SPACE_MARK) : S(" ")); }

static void put_escaped(const struct spm_rules *r, struct str s, struct buf *to)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ' ') put_space(r, to);
        else buf_putc(to, s.p[i]);
    }
}

static void trim_end(const struct spm_rules *r, size_t from, struct buf *to)
{
    const struct str space = r->escape ? S(SPACE_MARK) : S(" ");
    while (to->n - from >= space.n && !memcmp(to->p + to->n - space.n, space.p, space.n)) to->n -= space.n;
}

void spm_normalise(const struct spm_rules *r, struct str text, struct buf *to)
{
    const char *p = text.p, *end = p + text.n;
    const size_t from = to->n;
    for (const char *q = p; r->trim && q < end && str_eq(prefix(r, &q, end), S(" ")); ) p = q;
    if (p == end) return;
    if (!r->suffix && r->dummy_prefix) put_space(r, to);
    bool after_space = r->trim;
    while (p < end) {
        struct str s = prefix(r, &p, end);
        while (after_space && s.n && s.p[0] == ' ') s = (struct str){ s.p + 1, s.n - 1 };
        put_escaped(r, s, to);
        if (s.n) after_space = r->trim && s.p[s.n - 1] == ' ';
    }
    if (r->trim) trim_end(r, from, to);
    if (r->suffix && r->dummy_prefix) put_space(r, to);
}
