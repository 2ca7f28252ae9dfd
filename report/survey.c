/* survey.c - the last file first, since it says who stayed; then all in order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/survey.h"
#include "core/file.h"
#include "core/hash.h"
#include "model/tokenizer.h"
#include "report/drops.h"
#include "report/markup.h"
#include "report/telling.h"

#include <stdlib.h>

static const struct { const char *path, *name; } wanted[] = {
    { "text",                                                  "characters of a document" },
    { "lang_score",                                            "sureness of the language" },
    { "perplexity",                                            "perplexity" },
    { "scores.good",                                           "p(good)" },
    { "distance",                                              "distance to the centroid" },
    { "signals.rps_doc_word_count[0][2]",                      "words" },
    { "signals.rps_doc_mean_word_length[0][2]",                "mean length of a word" },
    { "signals.rps_doc_frac_unique_words[0][2]",               "distinct words / words" },
    { "signals.rps_doc_unigram_entropy[0][2]",                 "entropy of the words" },
    { "signals.rps_doc_frac_no_alph_words[0][2]",              "words without a letter" },
    { "signals.rps_doc_frac_chars_top_2gram[0][2]",            "characters in the top 2-gram" },
    { "signals.rps_doc_frac_chars_dupe_5grams[0][2]",          "characters in repeated 5-grams" },
    { "signals.rps_doc_stop_word_fraction[0][2]",              "stop words" },
    { "signals.rps_doc_symbol_to_word_ratio[0][2]",            "symbols / words" },
    { "signals.rps_doc_ml_wikipedia_score[0][2]",              "likeness to Wikipedia" },
};

enum { TOKEN_SHARE = 16, TOKEN_BYTES = 1 << 22, CLUSTERS_MAX = 1 << 16 };

struct reading {
    struct survey *s;
    size_t step, clusters_step;                              /* clusters_step: that of the last kmeans apply */
    struct vocab stayed;                                     /* ids of the sample in the last file */
    struct tokenizer_worker *tokens;
    uint64_t chars, ids, bytes;                              /* of this step's token sample */
    struct telling *words;
    uint64_t below;                                          /* a hash below: in the sample */
    size_t langs_step;
    bool has_langs;
};

static bool in_sample(const struct reading *g, struct str id)
{
    return id.p && hash_mix(hash64(id, 1)) <= g->below;
}

/* ---- what is counted of one document ---- */

static void count_tokens(struct reading *g, struct str text, struct str id)
{
    struct ids ids = { 0 };
    if (!g->tokens || g->bytes > TOKEN_BYTES || hash_mix(hash64(id, 2)) % TOKEN_SHARE) return;
    tokenizer_encode(g->tokens, text, 0, &ids);
    g->chars += markup_chars(text);
    g->bytes += text.n;
    g->ids += ids.n + 1;                                     /* and the end of the text */
    free(ids.p);
}

static void count_tracks(struct reading *g, const struct doc *d, struct str text, bool stayed)
{
    for (size_t i = 0; i < g->s->n_tracks; i++) {
        struct track *t = &g->s->tracks[i];
        double x;
        if (t->found && t->step != g->step) continue;
        const struct str v = i ? doc_path(d, str_of(t->path)) : (struct str){ 0 };
        if (i == 0) x = (double)markup_chars(text);
        else if (!v.p || !json_number(v, &x)) continue;
        t->found = true;
        t->step = g->step;
        values_add(stayed ? &t->kept : &t->dropped, x);
    }
}

static void count_lang(struct reading *g, const struct doc *d)
{
    struct str lang;
    struct survey *s = g->s;
    if (!doc_string(d, "lang", &lang)) return;
    if (!g->has_langs) { g->has_langs = true; g->langs_step = g->step; }
    uint32_t k = vocab_find(&s->langs, lang);
    if (k == VOCAB_NONE) vocab_set(&s->langs, k = (uint32_t)s->langs.n, lang);
    for (int i = 0; i < 2; i++) {
        if (g->step != (i ? s->last : g->langs_step)) continue;
        const size_t was = s->lang_cap[i];
        s->lang_docs[i] = mem_grow(s->lang_docs[i], &s->lang_cap[i], k + 1, sizeof **s->lang_docs);
        memset(s->lang_docs[i] + was, 0, (s->lang_cap[i] - was) * sizeof **s->lang_docs);
        s->lang_docs[i][k]++;
    }
}

static void count_cluster(struct reading *g, const struct doc *d, struct str text, bool sampled)
{
    int64_t c;
    struct survey *s = g->s;
    if (!json_integer(doc_get(d, "cluster"), &c) || c < 0 || c >= CLUSTERS_MAX) return;
    if (g->step < g->clusters_step) return;
    if (!s->clusters) s->clusters = ZERO(&s->mem, struct cluster, CLUSTERS_MAX);
    if ((size_t)c >= s->n_clusters) s->n_clusters = (size_t)c + 1;
    if (g->step == g->clusters_step) {
        s->clusters[c].before++;
        if (sampled) telling_add(g->words, (uint32_t)c, text);
    }
    if (g->step == s->last) s->clusters[c].after++;
}

static bool survey_doc(void *ctx, struct doc *d, struct err *e)
{
    (void)e;
    struct reading *g = ctx;
    const struct str text = doc_text(d), id = doc_id(d);
    const bool sampled = in_sample(g, id);
    g->s->steps[g->step].docs++;
    if (!text.p) return true;
    g->s->steps[g->step].chars += markup_chars(text);
    count_cluster(g, d, text, sampled);
    if (!sampled) return true;
    count_tokens(g, text, id);
    count_tracks(g, d, text, vocab_find(&g->stayed, id) != VOCAB_NONE);
    count_lang(g, d);
    return true;
}

static bool note_stayed(void *ctx, struct doc *d, struct err *e)
{
    (void)e;
    struct reading *g = ctx;
    const struct str id = doc_id(d);
    if (in_sample(g, id) && vocab_find(&g->stayed, id) == VOCAB_NONE && g->stayed.n < VOCAB_MAX)
        vocab_set(&g->stayed, (uint32_t)g->stayed.n, id);
    return true;
}

/* ---- the files ---- */

static uint64_t docs_of(const struct trail *t)
{
    uint64_t most = 0;
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->steps[i].n; k++)
            if (t->steps[i].stages[k].out > most) most = t->steps[i].stages[k].out;
    return most;
}

static bool read_all(struct reading *g, const struct run *r, const struct trail *t, struct err *e)
{
    struct survey *s = g->s;
    const struct trail_step *clusters;
    size_t k;
    if (trail_find(t, S("kmeans apply"), &clusters, &k)) g->clusters_step = (size_t)(clusters - t->steps);
    if (s->last < t->n && !each_made(r, &t->steps[s->last], note_stayed, g, e)) return false;
    for (g->step = 0; g->step < t->n; g->step++) {
        if (!step_makes_docs(&t->steps[g->step])) continue;
        g->chars = g->ids = g->bytes = 0;
        if (!each_made(r, &t->steps[g->step], survey_doc, g, e)) return false;
        if (g->chars) s->steps[g->step].tokens = (double)g->ids / (double)g->chars * (double)s->steps[g->step].chars;
    }
    for (size_t c = 0; c < s->n_clusters; c++)
        s->clusters[c].n_words = telling_words(g->words, &s->mem, (uint32_t)c, s->clusters[c].words, WORDS_SHOWN);
    return true;
}

/* The tokenizer that packed the shards. */
static bool open_tokenizer(const struct trail *t, struct tokenizer **tokenizer, struct err *e)
{
    const struct trail_step *step;
    size_t k;
    *tokenizer = NULL;
    if (!trail_find(t, S("pack part"), &step, &k) && !trail_find(t, S("pack"), &step, &k)) return true;
    const char *model = stage_option(&step->stages[k], "--model", "-m");
    return !model || !file_exists(model) || (*tokenizer = tokenizer_open(model, e)) != NULL;
}

bool survey_run(struct survey *s, const struct run *r, const struct trail *t, size_t documents, struct err *e)
{
    *s = (struct survey){ .last = t->n };
    const uint64_t all = docs_of(t);
    s->sample = all > documents ? (double)documents / (double)all : 1;
    s->steps = ZERO(&s->mem, __typeof__(*s->steps), t->n + 1);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        s->tracks[s->n_tracks++] = (struct track){ .path = wanted[i].path, .name = wanted[i].name };
    for (size_t i = 0; i < t->n; i++) if (step_makes_docs(&t->steps[i])) s->last = i;
    struct reading g = { .s = s, .words = telling_new(),
                         .below = s->sample < 1 ? (uint64_t)(s->sample * 18446744073709551615.0) : UINT64_MAX };
    struct tokenizer *tokenizer;
    bool ok = open_tokenizer(t, &tokenizer, e);
    if (ok && tokenizer) g.tokens = tokenizer_worker_new(tokenizer);
    ok = ok && read_all(&g, r, t, e);
    tokenizer_worker_free(g.tokens);
    if (tokenizer) tokenizer_close(tokenizer);
    vocab_free(&g.stayed);
    telling_free(g.words);
    return ok;
}

void survey_free(struct survey *s)
{
    for (size_t i = 0; i < s->n_tracks; i++) {
        values_free(&s->tracks[i].kept);
        values_free(&s->tracks[i].dropped);
    }
    vocab_free(&s->langs);
    free(s->lang_docs[0]);
    free(s->lang_docs[1]);
    arena_free(&s->mem);
}
