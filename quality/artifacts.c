/* artifacts.c - look which languages there are, load what each has.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/artifacts.h"
#include "core/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const classifiers[CLASSIFIERS] = { "palm", "wikipedia", "wikiref" };
static const char *const domains[DOMAINS] = { "books", "openwebtext", "wikipedia" };

static struct artifacts_lang *find(struct artifacts_lang *langs, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) if (str_eq(str_of(langs[i].name), name)) return &langs[i];
    return NULL;
}

struct artifacts_lang *artifacts_lang(const struct artifacts *a, struct str lang)
{
    struct artifacts_lang *l = find(a->langs, a->n, lang);
    return l ? l : &a->langs[0];
}

static void add_lang(struct artifacts *a, struct str name)
{
    if (a->n == a->cap) a->langs = mem_grow(a->langs, &a->cap, a->n + 1, sizeof *a->langs);
    struct artifacts_lang *l = &a->langs[a->n++];
    *l = (struct artifacts_lang){ .name = "" };
    memcpy(l->name, name.p, name.n);
}

/* The language that a file ("en.txt") or folder ("en") of FOLDER/SUB is of. */
static void note_lang(struct artifacts *a, const char *entry)
{
    struct str name = { entry, strcspn(entry, ".") };
    if (name.n && name.n < sizeof a->langs->name && !find(a->langs, a->n, name)) add_lang(a, name);
}

static bool note_langs(struct artifacts *a, const char *folder, const char *sub)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, sub);
    DIR *d = opendir(path);
    if (!d) return false;
    for (const struct dirent *entry; (entry = readdir(d)); ) note_lang(a, entry->d_name);
    closedir(d);
    return true;
}

static bool load_list(struct blocklist **to, const char *folder, const char *sub, const char *lang, struct err *e)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s/%s.txt", folder, sub, lang);
    return !file_exists(path) || (*to = blocklist_open(path, e));
}

static bool load_classifier(struct artifacts_lang *l, size_t k, const char *folder, int threads, struct err *e)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/classifiers/%s/%s.model.bin", folder, l->name, classifiers[k]);
    if (!file_exists(path)) return true;
    if (!(l->classifier[k] = fasttext_open(path, e))) return false;
    l->scratch[k] = mem_zero((size_t)threads, sizeof *l->scratch[k]);
    for (int t = 0; t < threads; t++) l->scratch[k][t] = fasttext_scratch_new(l->classifier[k]);
    return true;
}

static bool load_domain(struct artifacts_lang *l, size_t k, const char *folder, struct err *e)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/dsir/%s", folder, l->name);
    if (!dsir_exists(path, domains[k], l->name) || !dsir_exists(path, "ccnet", l->name)) return true;
    return (l->domain[k] = dsir_open(path, domains[k], "ccnet", l->name, e));
}

static bool load_lang(struct artifacts_lang *l, const char *folder, int threads, struct err *e)
{
    if (!load_list(&l->stop_words, folder, "stop_words", l->name, e)
        || !load_list(&l->bad_words, folder, "bad_words", l->name, e))
        return false;
    for (size_t k = 0; k < CLASSIFIERS; k++) if (!load_classifier(l, k, folder, threads, e)) return false;
    for (size_t k = 0; k < DOMAINS; k++) if (!load_domain(l, k, folder, e)) return false;
    return true;
}

static bool load_ut1(struct artifacts *a, const char *folder, struct err *e)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/bad_urls/blacklists", folder);
    return !file_exists(path) || (a->ut1 = ut1_open(path, e));
}

struct artifacts *artifacts_open(const char *folder, int threads, struct err *e)
{
    static const char *const subs[] = { "stop_words", "bad_words", "classifiers", "dsir" };
    struct artifacts *a = mem_zero(1, sizeof *a);
    a->threads = threads;
    bool any = false, ok = true;
    add_lang(a, S(""));                              /* any other language: nothing listed, no models */
    for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) any |= note_langs(a, folder, subs[i]);
    if (!any) err_set(e, ERR_USAGE, "%s has none of stop_words, bad_words, classifiers, dsir", folder);
    ok = any && load_ut1(a, folder, e);
    for (size_t i = 0; ok && i < a->n; i++) ok = load_lang(&a->langs[i], folder, threads, e);
    if (ok) return a;
    artifacts_close(a);
    return NULL;
}

void artifacts_close(struct artifacts *a)
{
    if (!a) return;
    for (struct artifacts_lang *l = a->langs; l < a->langs + a->n; l++) {
        blocklist_close(l->stop_words);
        blocklist_close(l->bad_words);
        for (size_t k = 0; k < DOMAINS; k++) dsir_close(l->domain[k]);
        for (size_t k = 0; k < CLASSIFIERS; k++) {
            for (int t = 0; l->scratch[k] && t < a->threads; t++) fasttext_scratch_free(l->scratch[k][t]);
            free(l->scratch[k]);
            if (l->classifier[k]) fasttext_close(l->classifier[k]);
        }
    }
    if (a->ut1) ut1_close(a->ut1);
    free(a->langs);
    free(a);
}
