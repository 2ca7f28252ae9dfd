/* selftest.c - does this installation find what was planted?
 * SPDX-License-Identifier: Apache-2.0
 *
 * A corpus of which everything is known is made in a scratch folder, the stages run on it, each in a process of its
 * own, and what they found is counted. The bounds are far below what is found (tests/cli/selftest.t): they catch a
 * broken installation, not a bad day. */
#include "core/file.h"
#include "frame/stage.h"
#include "report/drops.h"
#include "report/planted.h"
#include "report/replay.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct { const char *keep; } opt;
static const struct opt options[] = {
    { 0, "keep", TEXT(&opt.keep), "DIR", "leave the corpus and the results in this new folder" },
    { END }
};

enum { CLUSTERS = PLANTED_LANGS * PLANTED_TOPICS };
struct score { uint64_t planted, found, wrong; };
struct selftest { const struct run *run; char dir[4096]; struct arena mem; struct score *score; };

/* @ stands for the scratch folder. */
static const char *const commands[] = {
    "extract --html @/pages -o @/pages.jsonl",
    "classify train --minn 1 --maxn 3 --dim 16 --bucket 20000 --epochs 10 @/train.jsonl -o @/lid.bin",
    "run lang -m @/lid.bin @/docs.jsonl ! dedup ! fuzzy ! rules --like gopher-repetition --drops @/chain.drops -o @/chain.jsonl",
    "embed train --dim 64 @/chain.jsonl -o @/lsa.safetensors",
    "embed -m @/lsa.safetensors --matrix @/rows.npy @/chain.jsonl -o @/rows.jsonl",
    "kmeans -k 20 --init plus --restarts 20 --centroids @/centroids.npy @/rows.npy",
    "kmeans apply -m @/rows.npy --centroids @/centroids.npy @/rows.jsonl -o @/clusters.jsonl",
    "semdedup -m @/rows.npy --epsilon 0.01 @/clusters.jsonl --drops @/semdedup.drops -o @/semdedup.jsonl",
    "tokenizer train --vocab 2000 @/semdedup.jsonl -o @/tokenizer.json",
    "run tokenizer encode -m @/tokenizer.json @/semdedup.jsonl ! tokenizer decode -m @/tokenizer.json -o @/decoded.jsonl",
};

static const char *path_in(struct selftest *s, const char *name)
{
    return str_c(&s->mem, str_printf(&s->mem, "%s/%s", s->dir, name));
}

/* ---- running ---- */

static bool run_command(struct selftest *s, const char *command, struct err *e)
{
    const char *words[64];
    size_t n = 0;
    struct str rest = str_of(command), word;
    while (str_cut(&rest, ' ', &word))
        words[n++] = word.p[0] == '@' ? path_in(s, str_c(&s->mem, word) + 2) : str_c(&s->mem, word);
    words[n] = NULL;
    struct replay *p = replay_command(s->run, words, e);
    if (!p) return false;
    while (replay_next(p, e)) continue;
    return replay_close(p, e) || err_in(e, "%s", command);
}

/* ---- counting ---- */

static bool count_page(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct selftest *s = self;
    struct str rest = doc_text(d), line, word;
    while (rest.n && str_cut(&rest, '\n', &line)) {
        while (line.n && str_cut(&line, ' ', &word)) {
            if (str_starts(word, S("menu"))) s->score->wrong++;
            else s->score->found++;
        }
    }
    return true;
}

/* The words between <p> and </p> are those of the text. */
static bool count_pages(struct selftest *s, struct err *e)
{
    for (int i = 0; i < PLANTED_PAGES; i++) {
        struct buf b = { 0 };
        char name[40];
        snprintf(name, sizeof name, "pages/%d.html", i);
        if (!file_slurp(path_in(s, name), &b, 1 << 20, e)) return false;
        buf_putc(&b, 0);
        const char *at = strstr(b.p, "<article>"), *end = at ? strstr(at, "</article>") : NULL;
        s->score->planted += at != NULL;
        for (; at && at < end; at++) s->score->planted += *at == ' ' || *at == '\n';
        buf_free(&b);
    }
    return each_doc(s->run, path_in(s, "pages.jsonl"), count_page, s, e);
}

static bool count_lang(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct selftest *s = self;
    struct str lang = { 0 }, label = { 0 };
    s->score->planted++;
    if (doc_string(d, "lang", &lang) && doc_string(d, "label", &label) && str_eq(lang, label)) s->score->found++;
    else s->score->wrong++;
    return true;
}

static bool count_langs(struct selftest *s, struct err *e)
{
    return each_doc(s->run, path_in(s, "chain.jsonl"), count_lang, s, e);
}

/* Of a planted pair either may go: the document counts once. */


static bool count_drops(struct selftest *s, const char *file, const char *stage, enum planted kind, struct err *e)
{
    struct drops d;
    bool gone[PLANTED_PLAIN] = { false };
    const uint64_t first = (uint64_t)(kind - COPY) * PLANTED_OTHER;
    s->score->planted = PLANTED_OTHER;
    if (!drops_read(&d, s->run, path_in(s, file), str_of(stage), (struct str){ 0 }, e)) return false;
    for (size_t i = 0; i < d.ids.n; i++) {
        enum planted what;
        uint64_t number;
        const bool ours = planted_what(d.ids.token[i], &what, &number) && number >= first
                          && number < first + PLANTED_OTHER
                       && (what == kind || (what == ORIGINAL && kind != JUNK)) && !gone[number];
        if (ours) { gone[number] = true; s->score->found++; }
        else s->score->wrong++;
    }
    drops_free(&d);
    return true;
}

static bool count_copies(struct selftest *s, struct err *e) { return count_drops(s, "chain.drops", "dedup", COPY, e); }
static bool count_near(struct selftest *s, struct err *e) { return count_drops(s, "chain.drops", "fuzzy", NEAR, e); }
static bool count_junk(struct selftest *s, struct err *e) { return count_drops(s, "chain.drops", "rules", JUNK, e); }
static bool count_shuffled(struct selftest *s, struct err *e)
{
    return count_drops(s, "semdedup.drops", "semdedup", SHUFFLED, e);
}

struct purity { uint64_t n[CLUSTERS][CLUSTERS]; };

static bool count_member(void *purity, struct doc *d, struct err *e)
{
    (void)e;
    struct purity *p = purity;
    enum planted what;
    uint64_t number;
    int64_t cluster;
    if (planted_what(doc_id(d), &what, &number) && json_integer(doc_get(d, "cluster"), &cluster) && cluster >= 0
        && cluster < CLUSTERS)
        p->n[cluster][planted_lang(number) * PLANTED_TOPICS + planted_topic(number)]++;
    return true;
}

/* Purity: the documents that are of the domain which most of their cluster are of. */
static bool count_clusters(struct selftest *s, struct err *e)
{
    struct purity p = { 0 };
    if (!each_doc(s->run, path_in(s, "clusters.jsonl"), count_member, &p, e)) return false;
    for (size_t c = 0; c < CLUSTERS; c++) {
        uint64_t most = 0, all = 0;
        for (size_t k = 0; k < CLUSTERS; k++) {
            all += p.n[c][k];
            if (p.n[c][k] > most) most = p.n[c][k];
        }
        s->score->planted += all;
        s->score->found += most;
        s->score->wrong += all - most;
    }
    return true;
}

/* Ids hashed with texts: the same document came back the same. */
struct texts { struct vocab all; struct selftest *s; };

static bool note_text(void *texts, struct doc *d, struct err *e)
{
    (void)e;
    struct texts *t = texts;
    vocab_set(&t->all, (uint32_t)t->all.n, doc_text(d));
    t->s->score->planted++;
    return true;
}

static bool compare_text(void *texts, struct doc *d, struct err *e)
{
    (void)e;
    struct texts *t = texts;
    if (vocab_find(&t->all, doc_text(d)) != VOCAB_NONE) t->s->score->found++;
    else t->s->score->wrong++;
    return true;
}

static bool count_decoded(struct selftest *s, struct err *e)
{
    struct texts t = { .s = s };
    const bool ok = each_doc(s->run, path_in(s, "semdedup.jsonl"), note_text, &t, e)
                    && each_doc(s->run, path_in(s, "decoded.jsonl"), compare_text, &t, e);
    vocab_free(&t.all);
    return ok;
}

static const struct { const char *stage, *what; bool (*count)(struct selftest *s, struct err *e); double recall,
                      precision; } tests[] = {
    { "extract",   "words of main text between menus",      count_pages,    0.98, 0.98 },
    { "lang",      "languages, learned from 400 documents", count_langs,    0.98, 0.98 },
    { "dedup",     "copies",                                count_copies,   1,    1 },
    { "fuzzy",     "copies with 1 % of the words changed",  count_near,     0.9,  0.95 },
    { "rules",     "documents that repeat a phrase",        count_junk,     0.9,  0.9 },
    { "kmeans",    "documents of 20 domains",               count_clusters, 0.9,  0.9 },
    { "semdedup",  "copies with the words in another order", count_shuffled, 0.9, 0.9 },
    { "tokenizer", "texts, to tokens and back",             count_decoded,  1,    1 },
};

/* ---- the whole ---- */

static bool judge(struct selftest *s, bool *good, struct err *e)
{
    printf("%-10s %-40s %8s %8s %6s %7s %9s\n", "stage", "what is planted", "planted", "found", "wrong", "recall",
           "precision");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct score x = { 0 };
        s->score = &x;
        if (!tests[i].count(s, e)) return err_in(e, "%s", tests[i].stage);
        const double recall = x.planted ? (double)x.found / (double)x.planted : 0, all = (double)(x.found + x.wrong),
                     precision = all > 0 ? (double)x.found / all : 0;
        const bool fine = recall >= tests[i].recall && precision >= tests[i].precision;
        printf("%-10s %-40s %8llu %8llu %6llu %7.4f %9.4f%s\n", tests[i].stage, tests[i].what,
               (unsigned long long)x.planted, (unsigned long long)x.found, (unsigned long long)x.wrong, recall,
               precision, fine ? "" : "  TOO LOW");
        *good &= fine;
    }
    return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static bool make_folder(struct selftest *s, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(s->dir, sizeof s->dir, "%s/tamis-selftest-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!opt.keep) return mkdtemp(s->dir) || err_sys(e, "could not make a folder %s", s->dir);
    snprintf(s->dir, sizeof s->dir, "%s", opt.keep);
    return !mkdir(s->dir, 0777) || err_sys(e, "could not make the folder %s", s->dir);
}

static bool selftest_command(const struct run *r, struct err *e)
{
    struct selftest s = { .run = r };
    bool good = true;
    if (!make_folder(&s, e)) return false;
    bool ok = planted_write(s.dir, r->seed, e);
    for (size_t i = 0; ok && i < sizeof commands / sizeof *commands; i++) ok = run_command(&s, commands[i], e);
    ok = ok && judge(&s, &good, e);
    if (!opt.keep) nftw(s.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(&s.mem);
    return ok && (good || err_set(e, ERR_DATA, "not all that was planted was found"));
}

const struct stage stage_selftest = {
    .place = 990, .name = "selftest", .brief = "plant duplicates, languages, junk and domains, and find them",
    .usage = "[OPTION]...",
    .text = "Makes a corpus of which everything is known, runs the stages on it and prints how much of what was planted\n"
            "each of them found. Exits with 1 when one found too little or too much. --seed plants another corpus.",
    .memory = "70 MiB",
    .example = "  tamis selftest",
    .options = options, .command = selftest_command,
};
