/* sketch.c - presets, ranks, and one document from text to keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/sketch.h"
#include "core/hash.h"

#include <stdlib.h>

enum { KEEP_FIRST, KEEP_LONGEST, KEEP_BEST };

/* ---- options ---- */

static bool like_rpv2(struct sketcher *s, const char *threshold, struct err *e)
{
    static const char *const known[] = { "0.7", "0.8", "0.9", "1.0" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(threshold, known[i])) continue;
        s->sketch.similarity = atof(threshold);
        s->shingling = (struct shingling){ FOLD_RPV2, SHINGLE_RPV2, false, 13 };
        s->lsh = lsh_balance(128, s->sketch.similarity);
        minhash_init(&s->minhash, MINHASH_RPV2, 128, 0);
        return true;
    }
    return err_set(e, ERR_USAGE, "--like rpv2:%s: RedPajama-v2 has 0.7, 0.8, 0.9 and 1.0", threshold);
}

static bool like_datatrove(struct sketcher *s)
{
    s->sketch.similarity = 0.72;                          /* (1/14)^(1/8): where its curve is steepest */
    s->shingling = (struct shingling){ FOLD_DATATROVE, SHINGLE_DATATROVE, false, 5 };
    s->lsh = (struct lsh){ 14, 8 };
    minhash_init(&s->minhash, MINHASH_DATATROVE, 112, 0);
    return true;
}

static bool own(struct sketcher *s, const struct sketch_options *o, uint64_t seed, struct err *e)
{
    size_t k = (size_t)o->permutations;
    s->sketch.similarity = o->similarity;
    s->shingling = (struct shingling){ o->fold ? FOLD_SPACES : FOLD_WORDS, SHINGLE_OWN, o->by == 1, (size_t)o->ngram };
    s->lsh = o->rows && !o->bands ? (struct lsh){ k / (size_t)o->rows, (size_t)o->rows }
           : o->bands ? (struct lsh){ (size_t)o->bands, o->rows ? (size_t)o->rows : k / (size_t)o->bands }
           : lsh_choose(k, o->similarity, o->recall);
    if (!s->lsh.bands || !s->lsh.rows || s->lsh.bands * s->lsh.rows > k)
        return err_set(e, ERR_USAGE, "%ld bands of %ld rows need more than the %zu --permutations", o->bands, o->rows,
                       k);
    minhash_init(&s->minhash, MINHASH_OWN, k, seed);
    s->sketch.seed = seed;
    return true;
}

static bool keep_rule(struct sketcher *s, const char *keep, struct err *e)
{
    if (!strcmp(keep, "first")) s->sketch.keep = KEEP_FIRST;
    else if (!strcmp(keep, "longest")) s->sketch.keep = KEEP_LONGEST;
    else if (!strncmp(keep, "best:", 5) && keep[5]) {
        s->sketch.keep = KEEP_BEST;
        s->field = keep + 5;
        s->sketch.field = hash64(str_of(s->field), 0);
    } else return err_set(e, ERR_USAGE, "--keep %s: it is first, longest, or best:FIELD", keep);
    return true;
}

bool sketcher_init(struct sketcher *s, const struct sketch_options *o, uint64_t seed, struct err *e)
{
    *s = (struct sketcher){ 0 };
    bool ok = !o->like ? own(s, o, seed, e) : !strncmp(o->like, "rpv2:", 5) ? like_rpv2(s, o->like + 5, e)
            : !strcmp(o->like, "datatrove") ? like_datatrove(s)
            : err_set(e, ERR_USAGE, "--like %s: it is rpv2:THRESHOLD or datatrove", o->like);
    if (!ok || !keep_rule(s, o->keep, e)) return false;
    struct sketch *k = &s->sketch;
    memcpy(k->magic, "TAMSIG1\n", 8);
    k->bands = (uint32_t)s->lsh.bands;
    k->rows = (uint32_t)s->lsh.rows;
    k->permutations = (uint32_t)s->minhash.k;
    k->ngram = (uint32_t)s->shingling.n;
    k->fold = (uint8_t)s->shingling.fold;
    k->hash = (uint8_t)s->shingling.hash;
    k->family = (uint8_t)s->minhash.family;
    k->chars = s->shingling.chars;
    k->proof = (uint8_t)o->verify;
    return true;
}

void sketcher_free(struct sketcher *s)
{
    minhash_free(&s->minhash);
}

/* ---- one document ---- */

/* Doubles in descending order as ascending integers; 0 is left for indexes, absent fields come last. */
static uint64_t descending(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return (bits >> 63 ? bits : ~bits & INT64_MAX) + 1;   /* larger numbers have smaller ones; never a NaN in JSON */
}

static uint64_t weigh(const struct sketcher *s, struct doc *d)
{
    double x;
    switch (s->sketch.keep) {
    case KEEP_LONGEST: return UINT64_MAX - doc_text(d).n;
    case KEEP_BEST:    return json_number(doc_path(d, str_of(s->field)), &x) ? descending(x) : UINT64_MAX;
    default:           return 1;
    }
}

/* Two minima a word, low half first. */
static void pack_minima(struct sketched *to, size_t k, struct arena *mem)
{
    to->n = (k + 1) / 2;
    to->items = ZERO(mem, uint64_t, to->n);
    for (size_t i = 0; i < k; i++) to->items[i / 2] |= (to->minima[i] & 0xFFFFFFFFu) << (i % 2 * 32);
}

void sketcher_doc(const struct sketcher *s, struct doc *d, struct sketched *to)
{
    struct str text = doc_text(d);
    struct buf folded = { 0 };
    *to = (struct sketched){ .weight = weigh(s, d) };
    if (text.p) to->n = shingle_text(&s->shingling, text, &folded, d->mem, &to->items);
    buf_free(&folded);
    if (!to->n) return;
    to->minima = NEW(d->mem, uint64_t, s->minhash.k);
    to->keys = NEW(d->mem, uint64_t, s->lsh.bands);
    minhash_sign(&s->minhash, to->items, to->n, to->minima);
    lsh_keys(s->lsh, to->minima, to->keys);
    if (s->sketch.proof == PROOF_SIGNATURE) pack_minima(to, s->minhash.k, d->mem);
    else if (s->sketch.proof == PROOF_NONE) to->n = 0;
}

struct slice_doc sketched_doc(const struct sketched *s, const struct doc *d)
{
    return (struct slice_doc){ doc_id(d), s->weight, s->keys, s->items, s->n };
}

/* ---- signatures for other tools ---- */

/* RedPajama-v2's columns: the rows of each band, big-endian, in hexadecimal. */
static struct str rpv2_bands(struct lsh l, const uint64_t *minima, struct arena *mem)
{
    struct buf b = { 0 };
    buf_putc(&b, '[');
    for (size_t i = 0; i < l.bands; i++) {
        buf_put(&b, i ? S(",\"") : S("\""));
        for (size_t j = 0; j < l.rows; j++) buf_printf(&b, "%08lx", (unsigned long)minima[i * l.rows + j]);
        buf_putc(&b, '"');
    }
    buf_putc(&b, ']');
    struct str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str numbers(const uint64_t *x, size_t n, struct arena *mem)
{
    struct buf b = { 0 };
    for (size_t i = 0; i < n; i++) buf_printf(&b, "%c%llu", i ? ',' : '[', (unsigned long long)x[i]);
    buf_putc(&b, ']');
    struct str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

void sketched_show(const struct sketcher *s, const struct sketched *k, struct doc *d)
{
    static const struct { const char *name; struct lsh lsh; } columns[] = {     /* lsh_balance of 128 at each */
        { "signature_sim1.0", { 1, 128 } }, { "signature_sim0.9", { 5,
                                                                    25 } }, { "signature_sim0.8", { 9, 13 } },
                                                                        { "signature_sim0.7", { 14, 9 } } };
    struct str id = doc_get(d, "id");
    d->line = (struct str){ 0 };
    d->fields = NULL;
    d->n = d->cap = 0;
    if (id.p) doc_put_raw(d, "id", id);
    if (s->minhash.family != MINHASH_RPV2) {
        doc_put_raw(d, "signature", k->keys ? numbers(k->minima, s->minhash.k, d->mem) : S("null"));
        return;
    }
    for (size_t i = 0; i < 4; i++)
        doc_put_raw(d, columns[i].name, k->keys ? rpv2_bands(columns[i].lsh, k->minima, d->mem) : S("null"));
}

/* ---- the plan ---- */

void sketcher_plan(const struct sketcher *s, size_t memory, FILE *to)
{
    const struct sketch *k = &s->sketch;
    fprintf(to, "%u bands of %u rows, of %u minima; shingles of %u %s\n", k->bands, k->rows, k->permutations, k->ngram,
            k->chars ? "characters" : "words");
    fprintf(to, "a document goes at similarity %g; pairs that are found:\n", k->similarity);
    for (int i = 3; i <= 10; i++) fprintf(to, "  at %.1f  %8.4f %%\n", i / 10.0, 100 * lsh_curve(s->lsh, i / 10.0));
    fprintf(to, "memory  at most %zu MiB (--memory); sorts spill to $TMPDIR past it\n", memory >> 20);
    fprintf(to, "disk    %u bytes a document for keys, %s\n", 16 + 8 * k->bands + 12 * k->bands,
            k->proof == PROOF_SHINGLES ? "and 8 a word (about 1.3 times the text) for shingles"
            : k->proof == PROOF_SIGNATURE ? "and 4 a minimum" : "no more");
}
