/* ngram_file.c - our binary: laid out, filled, mapped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/hash.h"
#include "model/ngram_model.h"

#include <stdlib.h>

struct head { char magic[8]; uint32_t version, order; };

/* Where the parts lie in an image; 0 when the sizes do not fit in 2^62 bytes. */
static uint64_t lay_out(struct ngram *m, const char *image, const uint64_t *slots)
{
    const uint64_t most = (uint64_t)1 << 56;
    uint64_t at = sizeof(struct head) + 16 * (uint64_t)m->order;
    if (m->counts[0] > UINT32_MAX || slots[0] > most) return 0;
    m->kind = NGRAM_OWN;
    m->words = (struct ngram_table){ image + at, slots[0], sizeof(struct ngram_word) };
    at += slots[0] * sizeof(struct ngram_word);
    m->unigrams = image + at;
    m->unigram_size = sizeof(struct ngram_weights);
    at += m->counts[0] * sizeof(struct ngram_weights);
    for (int n = 2; n <= m->order; n++) {
        if (slots[n - 1] > most) return 0;
        m->tables[n - 1] = (struct ngram_table){ image + at, slots[n - 1], sizeof(struct ngram_slot) };
        at += slots[n - 1] * sizeof(struct ngram_slot);
    }
    return at;
}

struct ngram *ngram_new(int order, const uint64_t *counts, struct err *e)
{
    struct ngram *m = mem_zero(1, sizeof *m);
    uint64_t slots[NGRAM_MAX_ORDER];
    m->order = order;
    for (int n = 0; n < order; n++) {
        m->counts[n] = counts[n];
        slots[n] = counts[n] + counts[n] / 2 + 1;                            /* two thirds full */
    }
    uint64_t size = lay_out(m, NULL, slots);
    if (!size) { err_set(e, ERR_DATA, "too many n-grams"); free(m); return NULL; }
    m->own = mem_zero(m->own_size = size, 1);
    lay_out(m, m->own, slots);
    struct head h = { NGRAM_MAGIC, NGRAM_VERSION, (uint32_t)order };
    memcpy(m->own, &h, sizeof h);
    memcpy((char *)m->own + sizeof h, counts, 8 * (size_t)order);
    memcpy((char *)m->own + sizeof h + 8 * (size_t)order, slots, 8 * (size_t)order);
    return m;
}

/* A free slot for key, or the one that has it. There is always a free one: slots outnumber what is put. */
static char *slot_for(const struct ngram *m, const struct ngram_table *t, uint64_t key)
{
    char *base = (char *)m->own + (t->at - (const char *)m->own);
    uint64_t at = ngram_high(ngram_spread(key), t->slots), got;
    for (;; at = at + 1 == t->slots ? 0 : at + 1) {
        char *slot = base + at * t->size;
        memcpy(&got, slot, sizeof got);
        if (!got || got == key) return slot;
    }
}

bool ngram_put_word(struct ngram *m, struct str word, uint32_t id, struct ngram_weights w)
{
    struct ngram_word it = { ngram_nonzero(hash64(word, 0)), id, 0 };
    char *slot = slot_for(m, &m->words, it.hash);
    uint64_t got;
    memcpy(&got, slot, sizeof got);
    if (got) return false;
    memcpy(slot, &it, sizeof it);
    memcpy((char *)m->own + (m->unigrams - (const char *)m->own) + (size_t)id * sizeof w, &w, sizeof w);
    return true;
}

void ngram_put(struct ngram *m, const uint32_t *words, int n, struct ngram_weights w)
{
    uint64_t key = words[n - 1];
    for (int i = n - 2; i >= 0; i--) key = ngram_key(key, words[i]);
    struct ngram_slot it = { ngram_nonzero(key), w };
    memcpy(slot_for(m, &m->tables[n - 1], it.key), &it, sizeof it);
}

void ngram_find_marks(struct ngram *m)
{
    m->begin = ngram_word(m, S("<s>"));
    m->end = ngram_word(m, S("</s>"));
}

bool ngram_write(const struct ngram *m, const char *path, struct err *e)
{
    if (!m->own) return err_set(e, ERR_USAGE, "only a model read from ARPA is written as a binary");
    struct output *o = output_open(path, e);
    if (!o) return false;
    enum { PIECE = 1 << 26 };
    bool ok = true;
    for (size_t at = 0; ok && at < m->own_size; at += PIECE)
        ok = output_write(o, (struct str){ (const char *)m->own + at, m->own_size - at < PIECE ? m->own_size - at : PIECE }, e);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool parse_own(struct ngram *m, struct str file, struct err *e)
{
    struct head h;
    uint64_t slots[NGRAM_MAX_ORDER];
    if (file.n < sizeof h) return err_set(e, ERR_DATA, "language model is truncated");
    memcpy(&h, file.p, sizeof h);
    if (h.version != NGRAM_VERSION) return err_set(e, ERR_DATA, "language model of version %u: version %d is read", h.version, NGRAM_VERSION);
    if (h.order < 1 || h.order > NGRAM_MAX_ORDER) return err_set(e, ERR_DATA, "language model of order %u", h.order);
    m->order = (int)h.order;
    const size_t counts = 8 * (size_t)h.order;
    if (file.n < sizeof h + 2 * counts) return err_set(e, ERR_DATA, "language model is truncated");
    memcpy(m->counts, file.p + sizeof h, counts);
    memcpy(slots, file.p + sizeof h + counts, counts);
    for (int n = 0; n < m->order; n++) if (!slots[n] || !m->counts[0]) return err_set(e, ERR_DATA, "language model: a part is empty");
    if (lay_out(m, file.p, slots) != file.n) return err_set(e, ERR_DATA, "language model: %zu bytes are not what its counts ask for", file.n);
    ngram_find_marks(m);
    return true;
}

struct ngram *ngram_parse(struct str file, struct err *e)
{
    struct ngram *m = mem_zero(1, sizeof *m);
    bool own = str_starts(file, S(NGRAM_MAGIC)), kenlm = ngram_is_kenlm(file);
    bool ok = own ? parse_own(m, file, e) : kenlm ? ngram_parse_kenlm(m, file, e)
            : err_set(e, ERR_DATA, "neither our binary nor KenLM's");
    if (ok) return m;
    ngram_close(m);
    return NULL;
}

struct ngram *ngram_open(const char *path, struct err *e)
{
    struct map map;
    if (!map_open(&map, path, e)) return NULL;
    struct str file = { map.p, map.n };
    struct ngram *m = NULL;
    if (str_starts(file, S(NGRAM_MAGIC)) || ngram_is_kenlm(file)) {
        m = ngram_parse(file, e);
        if (m) { m->map = map; return m; }
        map_close(&map);
    } else {
        map_close(&map);
        if (ngram_read_arpa(&m, path, e)) return m;
    }
    err_in(e, "%s", path);
    return NULL;
}
