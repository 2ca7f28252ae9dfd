/* ngram_file.c - our binary: laid out, filled, mapped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "model/ngram_model.h"

#include <stdlib.h>

struct head { char magic[8]; uint32_t version, order; };

enum { LINE = 64 };

static const char *part(const char *image, uint64_t at) { return image ? image + at : NULL; }

/* Where the parts lie in an image, if there is one yet; 0 when the sizes do not fit in 2^62 bytes. */
static uint64_t lay_out(struct ngram *m, const char *image, const uint64_t *lines)
{
    const uint64_t most = (uint64_t)1 << 53, head = sizeof(struct head) + 16 * (uint64_t)m->order;
    if (m->counts[0] > UINT32_MAX) return 0;
    m->kind = NGRAM_OWN;
    uint64_t at = (head + LINE - 1) / LINE * LINE;
    m->unigrams = part(image, at);
    m->unigram_size = sizeof(struct ngram_weights);
    at += (m->counts[0] * sizeof(struct ngram_weights) + LINE - 1) / LINE * LINE;
    for (int n = 1; n <= m->order; n++) {
        if (lines[n - 1] > most) return 0;
        *(n == 1 ? &m->words : &m->tables[n - 1]) = (struct ngram_table){ part(image, at), lines[n - 1], LINE };
        at += lines[n - 1] * LINE;
    }
    return at;
}

struct ngram *ngram_new(int order, const uint64_t *counts, struct err *e)
{
    struct ngram *m = mem_zero(1, sizeof *m);
    uint64_t lines[NGRAM_MAX_ORDER];
    m->order = order;
    for (int n = 0; n < order; n++) {
        m->counts[n] = counts[n];
        const uint64_t wide = n && n == order - 1 ? NGRAM_WIDEST : NGRAM_WIDE;
        lines[n] = counts[n] * 3 / (2 * wide) + 2;                           /* two thirds full */
    }
    uint64_t size = lay_out(m, NULL, lines);
    if (!size) { err_set(e, ERR_DATA, "too many n-grams"); free(m); return NULL; }
    m->own = mem_zero(m->own_size = size, 1);
    lay_out(m, m->own, lines);
    struct head h = { NGRAM_MAGIC, NGRAM_VERSION, (uint32_t)order };
    memcpy(m->own, &h, sizeof h);
    memcpy((char *)m->own + sizeof h, counts, 8 * (size_t)order);
    memcpy((char *)m->own + sizeof h + 8 * (size_t)order, lines, 8 * (size_t)order);
    return m;
}

/* ---- filling: entries are put once each, and lines outnumber what they must hold ---- */

static char *line_for(const struct ngram *m, const struct ngram_table *t, uint64_t line)
{
    return (char *)m->own + (t->at - (const char *)m->own) + line % t->slots * LINE;
}

bool ngram_put_word(struct ngram *m, struct str word, uint32_t id, struct ngram_weights w)
{
    const uint64_t hash = ngram_word_hash(word), first = ngram_high(hash, m->words.slots);
    for (uint64_t line = first;; line++) {
        struct ngram_words *at = (struct ngram_words *)line_for(m, &m->words, line);
        for (int k = 0; k < NGRAM_WIDE; k++) {
            if (at->hash[k] == hash) return false;
            if (at->hash[k]) continue;
            at->hash[k] = hash;
            at->word[k] = id;
            memcpy((char *)m->own + (m->unigrams - (const char *)m->own) + (size_t)id * sizeof w, &w, sizeof w);
            return true;
        }
        at->more = 1;
    }
}

static bool put_in(ngram_u32 *tags, ngram_f32 *p, ngram_f32 *backoff, int wide, uint32_t tag, struct ngram_weights w)
{
    for (int k = 0; k < wide; k++) {
        if (tags[k]) continue;
        tags[k] = tag;
        p[k] = w.p;
        if (backoff) backoff[k] = w.backoff;
        return true;
    }
    return false;
}

void ngram_put(struct ngram *m, const uint32_t *words, int n, struct ngram_weights w)
{
    uint64_t key = words[n - 1];
    for (int i = n - 2; i >= 0; i--) key = ngram_key(key, words[i]);
    const uint64_t spread = ngram_spread(key);
    const struct ngram_table *t = &m->tables[n - 1];
    for (uint64_t line = ngram_high(spread, t->slots);; line++) {
        char *at = line_for(m, t, line);
        struct ngram_last *last = (struct ngram_last *)at;
        struct ngram_line *some = (struct ngram_line *)at;
        if (n == m->order ? put_in(last->tag, last->p, NULL, NGRAM_WIDEST, ngram_tag(spread), w)
                          : put_in(some->tag, some->p, some->backoff, NGRAM_WIDE, ngram_tag(spread), w)) return;
        *(n == m->order ? &last->more : &some->more) = 1;
    }
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
        ok = output_write(o, (struct str){ (const char *)m->own + at,
                                           m->own_size - at < PIECE ? m->own_size - at : PIECE }, e);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool parse_own(struct ngram *m, struct str file, struct err *e)
{
    struct head h;
    uint64_t lines[NGRAM_MAX_ORDER];
    if (file.n < sizeof h) return err_set(e, ERR_DATA, "language model is truncated");
    memcpy(&h, file.p, sizeof h);
    if (h.version != NGRAM_VERSION)
        return err_set(e, ERR_DATA, "language model of version %u: version %d is read", h.version, NGRAM_VERSION);
    if (h.order < 1 || h.order > NGRAM_MAX_ORDER) return err_set(e, ERR_DATA, "language model of order %u", h.order);
    m->order = (int)h.order;
    const size_t counts = 8 * (size_t)h.order;
    if (file.n < sizeof h + 2 * counts) return err_set(e, ERR_DATA, "language model is truncated");
    memcpy(m->counts, file.p + sizeof h, counts);
    memcpy(lines, file.p + sizeof h + counts, counts);
    for (int n = 0; n < m->order; n++)
        if (!lines[n] || !m->counts[0]) return err_set(e, ERR_DATA, "language model: a part is empty");
    if (lay_out(m, file.p, lines) != file.n)
        return err_set(e, ERR_DATA, "language model: %zu bytes are not what its counts ask for", file.n);
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
