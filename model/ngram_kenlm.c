/* ngram_kenlm.c - map KenLM's binaries, probing and trie, as its build_binary writes them.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     magic "mmap lm http://kheafield.com/code format version 5\n" in 56 bytes, then 32 of test values
 *     u8 order, 3 free   f32 multiplier   u32 type: 0 probing, 2 trie, 3 quantised, 4 with compressed pointers, 5 both   u8 words follow, 3 free   u32 version
 *     u64 counts[order]  free to a multiple of 8
 *
 *     probing     u32 0   u32 words   { u64 hash  u32 word } x slots(counts[0])          12 bytes each
 *                 { f32 p  f32 back-off } x (counts[0] + 1)
 *                 { u64 key  f32 p  f32 back-off } x slots(counts[n - 1])  n = 2 .. order - 1
 *                 { u64 key  f32 p } x slots(counts[order - 1])                          12 bytes each
 *     trie        u64 words - 1   u64 hashes of words 1 .., rising
 *                 { f32 p  f32 back-off  u64 first child } x (counts[0] + 2)
 *                 order n: (counts[n - 1] + 1) x { word, 31 bits of p, 32 of back-off, first child } in bits, rounded
 *                 up to bytes, and 8 bytes more the longest: { word, 31 bits of p } likewise
 *     quantised   before the unigrams u8 2   u8 q   u8 b   5 free   { f32 p[2^q]   f32 back-off[2^b] } for n = 2 .. order - 1   f32 p[2^q]; in entries
 *                 the number of a back-off and then of p stand for both
 *     compressed  before the entries of an order but the longest  u8 0   u8 a   free to a multiple of 8 and 8 more   u64 offsets[(children >> low) + 1]
 *                 free: 7 bytes and the header in all. A child has only its `low` bits, `cut` fewer than it needs, cut
 *                 <= a being what takes the fewest bits in all; offsets[i] is the first entry whose child begins with i
 *
 * slots(n) = max(n + 1, multiplier * n in single precision); slots are found by key % slots. A word has the bits that
 * counts[0] needs, a child those of the next order's count. The sign bit of p is not part of its value.
 */
#include "model/ngram_model.h"

#define KENLM_MAGIC "mmap lm http://kheafield.com/code format version 5\n"
enum { SANITY = 88, FIXED = 20, PROBING = 0, TRIE = 2, QUANTISED = 1, COMPRESSED = 2,
       TRIE_LAST = TRIE + QUANTISED + COMPRESSED,
       PROBING_VERSION = 0, TRIE_VERSION = 1, MOST_LOG = 48 };

bool ngram_is_kenlm(struct str file) { return str_starts(file, S("mmap lm http://kheafield.com/code")); }

uint64_t ngram_murmur(struct str s)
{
    const uint64_t k = 0xc6a4a7935bd1e995u;
    uint64_t h = s.n * k;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t x;
        memcpy(&x, s.p + i, 8);
        x *= k;
        h = (h ^ (x ^ x >> 47) * k) * k;
    }
    if (i < s.n) {
        uint64_t x = 0;
        memcpy(&x, s.p + i, s.n - i);
        h = (h ^ x) * k;
    }
    h = (h ^ h >> 47) * k;
    return h ^ h >> 47;
}

struct cursor { const char *p, *end; };

static bool part(struct cursor *c, uint64_t n, uint64_t size, const char **at, struct err *e)
{
    if (n > (uint64_t)(c->end - c->p) / size) return err_set(e, ERR_DATA, "KenLM binary is truncated");
    *at = c->p;
    c->p += n * size;
    return true;
}

static bool table(struct cursor *c, uint64_t n, float multiplier, uint32_t size, struct ngram_table *t, struct err *e)
{
    if (n >> MOST_LOG) return err_set(e, ERR_DATA, "KenLM binary: too many n-grams");
    float wanted = multiplier * (float)n;
    *t = (struct ngram_table){ NULL, wanted < 1e18f && (uint64_t)wanted > n + 1 ? (uint64_t)wanted : n + 1, size };
    return part(c, t->slots, size, &t->at, e);
}

static bool parse_probing(struct ngram *m, struct cursor *c, float multiplier, struct err *e)
{
    enum { VOCAB_HEAD = 8, PACKED = 12, FULL = 16 };
    const char *head;
    m->kind = NGRAM_PROBING;
    if (!part(c, 1, VOCAB_HEAD, &head, e) || !table(c, m->counts[0], multiplier, PACKED, &m->words, e)) return false;
    m->unigram_size = sizeof(struct ngram_weights);
    if (!part(c, m->counts[0] + 1, m->unigram_size, &m->unigrams, e)) return false;
    for (int n = 2; n <= m->order; n++)
        if (!table(c, m->counts[n - 1], multiplier, n == m->order ? PACKED : FULL, &m->tables[n - 1], e)) return false;
    return true;
}

static int bits_for(uint64_t most)
{
    return most ? 64 - __builtin_clzll(most) : 0;
}

static bool parse_sorted_words(struct ngram *m, struct cursor *c, struct err *e)
{
    const char *head = NULL;
    uint64_t words;
    if (!part(c, 1, sizeof words, &head, e) || !part(c, m->counts[0], sizeof words, &m->sorted, e)) return false;
    memcpy(&words, head, sizeof words);
    if (words > m->counts[0]) return err_set(e, ERR_DATA, "KenLM binary: more words than it counts");
    m->n_sorted = words;
    return true;
}

/* The tables of a quantised trie, and how many bits choose from them. */
static bool parse_tables(struct ngram *m, struct cursor *c, struct err *e)
{
    enum { HEAD = 8, VERSION = 2, BITS_MOST = 25 };
    const char *head = NULL;
    if (!part(c, 1, HEAD, &head, e)) return false;
    const int version = (unsigned char)head[0], p_bits = (unsigned char)head[1], backoff_bits = (unsigned char)head[2];
    if (version != VERSION || !p_bits || p_bits > BITS_MOST || !backoff_bits || backoff_bits > BITS_MOST)
        return err_set(e, ERR_DATA, "KenLM binary: tables of version %d for %d and %d bits", version, p_bits,
                       backoff_bits);
    for (int n = 2; n <= m->order; n++) {
        struct ngram_trie *t = &m->tries[n - 1];
        t->p_bits = p_bits;
        if (!part(c, (uint64_t)1 << p_bits, sizeof(float), &t->p_table, e)) return false;
        t->backoff_bits = n < m->order ? backoff_bits : 0;
        if (n < m->order && !part(c, (uint64_t)1 << backoff_bits, sizeof(float), &t->backoff_table, e)) return false;
    }
    return true;
}

/* How many of the `bits` high bits of children below `next` KenLM takes out of the entries: what costs the fewest bits
 * in all. */
static int bits_cut(uint64_t entries, uint64_t next, int bits, int most)
{
    int best = 0;
    int64_t least = INT64_MAX;
    for (int cut = 0; cut <= bits && cut <= most; cut++) {
        const int64_t cost = (int64_t)((bits - cut < 64 ? next >> (bits - cut) : 0) * 64) - (int64_t)entries * cut;
        if (cost >= least) continue;
        least = cost;
        best = cut;
    }
    return best;
}

/* The offsets before the entries of a trie with compressed pointers. file: where the binary begins, which is
 * aligned. */
static bool parse_offsets(struct ngram_trie *t, uint64_t next, struct cursor *c, const char *file, struct err *e)
{
    enum { HEAD = 8, ALIGN = 8 };
    const char *head = c->p, *all = NULL;
    if (c->end - c->p < HEAD) return err_set(e, ERR_DATA, "KenLM binary is truncated");
    if (head[0]) return err_set(e, ERR_DATA, "KenLM binary: pointers of version %d", (unsigned char)head[0]);
    const int cut = bits_cut(t->entries + 1, next, t->next_bits, (unsigned char)head[1]);
    t->next_bits -= cut;
    t->n_offsets = (next >> t->next_bits) + 1;
    if (!part(c, HEAD + ALIGN - 1, 1, &all, e)) return false;
    c->p -= ALIGN - 1;
    const size_t off = (size_t)(c->p - file) % ALIGN;
    t->offsets = c->p + (off ? ALIGN - off : 0);
    return part(c, t->n_offsets, sizeof(uint64_t), &all, e) && part(c, ALIGN - 1, 1, &all, e);
}

static bool parse_trie(struct ngram *m, struct cursor *c, unsigned how, const char *file, struct err *e)
{
    enum { UNIGRAM = 16, P_BITS = 31, BACKOFF_BITS = 32, SPARE = 8 };
    m->kind = NGRAM_TRIE;
    m->unigram_size = UNIGRAM;
    for (int n = 2; n <= m->order; n++) {
        const bool longest = n == m->order;
        m->tries[n - 1] = (struct ngram_trie){ .entries = m->counts[n - 1], .word_bits = bits_for(m->counts[0]),
                                               .p_bits = P_BITS,
                                               .backoff_bits = longest ? 0 : BACKOFF_BITS,
                                               .next_bits = longest ? 0 : bits_for(m->counts[n]), .longest = longest };
        if (m->counts[n - 1] >> MOST_LOG) return err_set(e, ERR_DATA, "KenLM binary: too many n-grams");
    }
    if (!parse_sorted_words(m, c, e) || (how & QUANTISED && !parse_tables(m, c, e))
        || !part(c, m->counts[0] + 2, UNIGRAM, &m->unigrams, e))
        return false;
    for (int n = 2; n <= m->order; n++) {
        struct ngram_trie *t = &m->tries[n - 1];
        if (how & COMPRESSED && !t->longest && !parse_offsets(t, m->counts[n], c, file, e)) return false;
        const uint64_t size = (uint64_t)(t->word_bits + t->p_bits + t->backoff_bits + t->next_bits);
        if (!part(c, ((t->entries + 1) * size + 7) / 8 + SPARE, 1, &t->at, e)) return false;
    }
    return true;
}

bool ngram_parse_kenlm(struct ngram *m, struct str file, struct err *e)
{
    struct { uint8_t order, free[3]; float multiplier; uint32_t type; uint8_t words, free2[3]; uint32_t version; } h;
    _Static_assert(sizeof h == FIXED, "the header has no holes");
    if (!str_starts(file, S(KENLM_MAGIC))) return err_set(e, ERR_DATA, "KenLM binary of another format version than 5");
    if (file.n < SANITY + FIXED) return err_set(e, ERR_DATA, "KenLM binary is truncated");
    memcpy(&h, file.p + SANITY, sizeof h);
    if (h.type != PROBING && (h.type < TRIE || h.type > TRIE_LAST))
        return err_set(e, ERR_DATA, "KenLM binary of type %u: probing (0) and tries (2 to 5) are read", h.type);
    if (h.version != (h.type == PROBING ? PROBING_VERSION : TRIE_VERSION))
        return err_set(e, ERR_DATA, "KenLM binary: search version %u", h.version);
    if (h.order < 2 || h.order > NGRAM_MAX_ORDER || !(h.multiplier >= 1))
        return err_set(e, ERR_DATA, "KenLM binary: order %u", h.order);
    m->order = h.order;
    const size_t head = (SANITY + FIXED + 8 * (size_t)m->order + 7) / 8 * 8;
    if (file.n < head) return err_set(e, ERR_DATA, "KenLM binary is truncated");
    memcpy(m->counts, file.p + SANITY + FIXED, 8 * (size_t)m->order);
    if (m->counts[0] < 1 || m->counts[0] >= UINT32_MAX - 1)
        return err_set(e, ERR_DATA, "KenLM binary: %llu words", (unsigned long long)m->counts[0]);
    struct cursor c = { file.p + head, file.p + file.n };
    if (h.type == PROBING ? !parse_probing(m, &c, h.multiplier, e) : !parse_trie(m, &c, h.type - TRIE, file.p, e))
        return false;
    m->begin = ngram_word(m, S("<s>"));
    m->end = ngram_word(m, S("</s>"));
    return true;
}
