/* shingle.c - fold, cut at spaces, hash. Sets are sorted by their top bits first: hashes are uniform.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/shingle.h"
#include "core/hash.h"
#include "dedup/sha1.h"

#define XXH_INLINE_ALL                                   /* a call a word would cost as much as the hash */
#include <xxhash.h>

static const uint64_t BASE = 0x9E3779B97F4A7C15u;        /* odd: multiplication loses nothing */

/* ---- cutting ---- */

/* Ends of words in a folded text (words and single spaces), n of them; the next one begins an end + 1. */
static size_t word_ends(struct str t, uint32_t *end)
{
    size_t n = 0;
    for (size_t at = 0; at < t.n; ) {
        const char *space = memchr(t.p + at, ' ', t.n - at);
        size_t to = space ? (size_t)(space - t.p) : t.n;
        end[n++] = (uint32_t)to;
        at = to + 1;
    }
    return n;
}

static size_t count_words(struct str t)
{
    size_t n = t.n > 0;
    for (size_t i = 0; i < t.n; i++) n += t.p[i] == ' ';
    return n;
}

/* ---- own ---- */

static size_t own_words(struct str t, size_t n, uint64_t *to)
{
    uint64_t ring[64], sum = 0, drop = 1;                /* sum = w1*B^(n-1) + ... + wn */
    size_t k = 0, made = 0;
    for (size_t i = 0; i < n; i++) drop *= BASE;
    for (size_t at = 0; at < t.n; k++) {
        size_t end = at;
        while (end < t.n && t.p[end] != ' ') end++;
        uint64_t w = XXH3_64bits(t.p + at, end - at);
        sum = sum * BASE + w - (k >= n ? ring[k % n] * drop : 0);
        ring[k % n] = w;
        if (k + 1 >= n) to[made++] = hash_mix(sum);
        at = end + 1;
    }
    if (!made && k) to[made++] = hash_mix(sum + k);
    return made;
}

static size_t own_chars(struct str t, size_t n, uint64_t *to)
{
    size_t made = 0, ahead = 0, points = 0;
    for (size_t at = 0; at < t.n; ) {
        for (; ahead < t.n && points < n; points++)
            do ahead++; while (ahead < t.n && ((unsigned char)t.p[ahead] & 0xC0) == 0x80);
        if (points < n && made) break;
        to[made++] = XXH3_64bits(t.p + at, ahead - at);
        do at++; while (at < t.n && ((unsigned char)t.p[at] & 0xC0) == 0x80);
        points--;
    }
    return made;
}

/* ---- the peers' ---- */

static uint64_t rpv2_hash(struct str s)
{
    uint8_t d[20];
    sha1(s, d);
    return (uint64_t)d[0] | (uint64_t)d[1] << 8 | (uint64_t)d[2] << 16 | (uint64_t)d[3] << 24;
}

static uint64_t datatrove_hash(struct str s) { return XXH64(s.p, s.n, 0); }

static size_t peer_words(struct str t, size_t n, uint64_t (*hash)(struct str), uint32_t *end, uint64_t *to)
{
    size_t words = word_ends(t, end), made = 0;
    for (size_t i = 0; i + n <= words; i++) {
        size_t at = i ? end[i - 1] + 1 : 0;
        to[made++] = hash((struct str){ t.p + at, end[i + n - 1] - at });
    }
    return made;
}

size_t shingle_text(const struct shingling *s, struct str text, struct buf *folded, struct arena *a, uint64_t **to)
{
    buf_reset(folded);
    fold_text(s->fold, text, folded);
    struct str t = buf_str(folded);
    if (s->chars) return own_chars(t, s->n, *to = NEW(a, uint64_t, t.n));
    size_t words = count_words(t);
    *to = NEW(a, uint64_t, words);
    if (s->hash == SHINGLE_OWN) return own_words(t, s->n, *to);
    return peer_words(t, s->n, s->hash == SHINGLE_RPV2 ? rpv2_hash : datatrove_hash, NEW(a, uint32_t, words), *to);
}

/* ---- sets ---- */

/* By the top 24 bits in three passes, then insertion: with uniform hashes hardly anything moves any more. */
static void sort_hashes(uint64_t *h, size_t n, uint64_t *other)
{
    for (int shift = 40; n > 48 && shift <= 56; shift += 8) {
        size_t at[256] = { 0 }, sum = 0;
        for (size_t i = 0; i < n; i++) at[h[i] >> shift & 255]++;
        for (int v = 0; v < 256; v++) { size_t c = at[v]; at[v] = sum; sum += c; }
        for (size_t i = 0; i < n; i++) other[at[h[i] >> shift & 255]++] = h[i];
        memcpy(h, other, n * sizeof *h);
    }
    for (size_t i = 1; i < n; i++) {
        uint64_t x = h[i];
        size_t j = i;
        for (; j > 0 && h[j - 1] > x; j--) h[j] = h[j - 1];
        h[j] = x;
    }
}

size_t shingle_set(uint64_t *h, size_t n, uint64_t *other)
{
    size_t kept = 0;
    sort_hashes(h, n, other);
    for (size_t i = 0; i < n; i++) if (!kept || h[kept - 1] != h[i]) h[kept++] = h[i];
    return kept;
}

double shingle_jaccard(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
    size_t i = 0, j = 0, both = 0;
    while (i < n_a && j < n_b) {
        uint64_t x = a[i], y = b[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    size_t all = n_a + n_b - both;
    return all ? (double)both / (double)all : 0;
}
