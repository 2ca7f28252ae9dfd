/* trail.c - find the manifests, read them, put them in order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/trail.h"
#include "core/file.h"
#include "report/words.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { STEPS_MAX = 10000, MANIFEST_MAX = 1 << 26, DEPTH = 3 };
static const char SUFFIX[] = ".manifest.json";

struct finder { struct trail *t; char **found; size_t n, cap; };

/* ---- the files ---- */

static bool is_folder(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static bool find(struct finder *f, const char *folder, int depth, struct err *e)
{
    DIR *d = opendir(folder);
    if (!d) return err_sys(e, "could not open the folder %s", folder);
    for (struct dirent *entry; !e->kind && (entry = readdir(d)); ) {
        const struct str name = str_of(entry->d_name);
        char *path = str_c(&f->t->mem, str_printf(&f->t->mem, "%s/%s", folder, entry->d_name));
        if (name.p[0] == '.') continue;
        if (depth < DEPTH && is_folder(path)) { find(f, path, depth + 1, e); continue; }
        if (!str_ends(name, str_of(SUFFIX))) continue;
        if (f->n == STEPS_MAX) { err_set(e, ERR_DATA, "%s holds more than %d manifests", folder, STEPS_MAX); continue; }
        f->found = mem_grow(f->found, &f->cap, f->n + 1, sizeof *f->found);
        f->found[f->n++] = path;
    }
    closedir(d);
    return !e->kind;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- one manifest ---- */

static double number_of(struct str json, struct str name)
{
    double x = 0;
    const struct str v = json_get(json, name);
    return v.p && json_number(v, &x) && x >= 0 ? x : 0;
}

static struct str string_of(struct arena *mem, struct str json, struct str name)
{
    struct str s = { 0 };
    const struct str v = json_get(json, name);
    return v.p && json_string(v, mem, &s) ? str_of(str_c(mem, s)) : S("");
}

static struct reason *reasons_of(struct arena *mem, struct str object, size_t *n)
{
    struct reason *r = NEW(mem, struct reason, object.n / 4 + 1);            /* "a":1 */
    *n = 0;
    for (struct json_field f; object.p && json_next_field(&object, &f); ) {
        double x;
        if (json_number(f.value, &x) && x > 0) r[(*n)++] = (struct reason){ str_copy(mem, f.key), (uint64_t)x };
    }
    return r;
}

static struct trail_stage stage_of(struct arena *mem, struct str json)
{
    struct trail_stage s = { .name = string_of(mem, json, S("stage")), .counted = json_get(json, S("in")).p != NULL,
                             .in = (uint64_t)number_of(json, S("in")), .out = (uint64_t)number_of(json, S("out")) };
    s.dropped = reasons_of(mem, json_get(json, S("dropped")), &s.n_dropped);
    s.rejected = reasons_of(mem, json_get(json, S("rejected")), &s.n_rejected);
    return s;
}

/* was: the folder as the run called it. A path below it ("PATH", "--option=PATH") lies below the folder as we call
 * it. */
static char *path_now(struct trail *t, struct str was, const char *word)
{
    const char *equals = word[0] == '-' ? strchr(word, '=') : NULL, *path = equals ? equals + 1 : word;
    const struct str p = str_of(path);
    if (!was.n || !str_starts(p, was) || p.n <= was.n || p.p[was.n] != '/') return str_c(&t->mem, str_of(word));
    return str_c(&t->mem, str_printf(&t->mem, "%.*s%s%s", (int)(path - word), word, t->folder, path + was.n));
}

static size_t words_in(struct str name)
{
    size_t n = 1;
    for (size_t i = 0; i < name.n; i++) n += name.p[i] == ' ';
    return n;
}

/* Gives each stage its part of the command. */
static bool cut_command(struct trail *t, struct trail_step *s, struct str was, struct str command)
{
    size_t n, at = 1, k = 0;
    char **words = words_of_command(&t->mem, command, &n);
    for (size_t i = 0; i < n; i++) words[i] = path_now(t, was, words[i]);
    const struct str self = str_of(words[0] ? words[0] : "");
    bool direct = strstr(self.p, "tamis-") != NULL;                                 /* tamis-lang ... */
    if (!direct && n > 1 && !strcmp(words[1], "run")) at = 2;
    for (; at <= n && k < s->n; k++) {
        struct trail_stage *g = &s->stages[k];
        if (!direct) at += words_in(g->name);
        if (at > n) return false;
        g->args = words + at;
        while (at < n && strcmp(words[at], "!") != 0) at++;
        g->n_args = (size_t)(words + at - g->args);
        at++;
    }
    return k == s->n;
}

const char *stage_option(const struct trail_stage *s, const char *name, const char *short_name)
{
    const size_t n = strlen(name);
    for (size_t i = 0; i < s->n_args; i++) {
        if (!strncmp(s->args[i], name, n) && s->args[i][n] == '=') return s->args[i] + n + 1;
        if (i + 1 < s->n_args && (!strcmp(s->args[i], name) || (short_name && !strcmp(s->args[i], short_name))))
            return s->args[i + 1];
    }
    return NULL;
}

static bool read_step(struct trail *t, const char *path, struct trail_step *s, struct err *e)
{
    struct buf b = { 0 };
    struct arena *mem = &t->mem;
    if (!file_slurp(path, &b, MANIFEST_MAX, e)) { buf_free(&b); return err_in(e, "%s", path); }
    const struct str json = str_trim(str_copy(mem, buf_str(&b)));
    buf_free(&b);
    if (!json_valid(json, e)) return err_in(e, "%s", path);
    const char *whole = str_c(mem, (struct str){ path, strlen(path) - strlen(SUFFIX) });
    *s = (struct trail_step){ .file = whole + strlen(t->folder) + 1, .path = whole, .slices = 1,
                              .seconds = number_of(json, S("seconds")), .cpu = number_of(json, S("cpu_seconds")),
        .memory = (uint64_t)number_of(json, S("peak_memory")), .bytes_in = (uint64_t)number_of(json, S("bytes_in")),
        .bytes_out = (uint64_t)number_of(json, S("bytes_out")), .size = (uint64_t)number_of(json, S("output.size")),
        .threads = (long)number_of(json, S("threads")), .version = string_of(mem, json, S("tamis")),
        .command = string_of(mem, json, S("command")) };
    struct str was = string_of(mem, json, S("manifest")), rest = json_get(json, S("stages")), item;
    const struct str mine = str_printf(mem, "/%s%s", s->file, SUFFIX);
    was = str_ends(was, mine) ? (struct str){ was.p, was.n - mine.n } : str_of(t->folder);
    s->stages = NEW(mem, struct trail_stage, rest.n / 10 + 1);
    while (rest.p && json_next(&rest, &item)) s->stages[s->n++] = stage_of(mem, item);
    if (!s->n || !cut_command(t, s, was, s->command))
        return err_set(e, ERR_DATA, "%s: its command and its stages differ", path);
    rest = json_get(json, S("inputs"));
    s->inputs = NEW(mem, char *, rest.n / 10 + 2);
    while (rest.p && json_next(&rest, &item))
        s->inputs[s->n_inputs++] = path_now(t, was, string_of(mem, item, S("file")).p);
    s->inputs[s->n_inputs] = NULL;
    for (size_t k = 0; k < s->n && !s->drops; k++) s->drops = stage_option(&s->stages[k], "--drops", NULL);
    return true;
}

/* ---- slices ---- */

/* "1-text/00005.jsonl.zst" is a slice of "1-text.jsonl.zst"; the file itself when it is no slice. */
static const char *whole_of(struct arena *mem, const char *file)
{
    const char *slash = strrchr(file, '/');
    const size_t digits = slash ? strspn(slash + 1, "0123456789") : 0;
    if (digits < 5 || slash[1 + digits] != '.') return file;
    return str_c(mem, str_printf(mem, "%.*s%s", (int)(slash - file), file, slash + 1 + digits));
}

static bool same_stages(const struct trail_step *s, const struct trail_step *t)
{
    bool same = s->n == t->n;
    for (size_t k = 0; same && k < s->n; k++) same = str_eq(s->stages[k].name, t->stages[k].name);
    return same;
}

static void add_reasons(struct arena *mem, struct reason **sum, size_t *n, const struct reason *more, size_t n_more)
{
    struct reason *all = NEW(mem, struct reason, *n + n_more + 1);
    for (size_t i = 0; i < *n; i++) all[i] = (*sum)[i];
    for (size_t i = 0; i < n_more; i++) {
        size_t k = 0;
        while (k < *n && !str_eq(all[k].name, more[i].name)) k++;
        if (k == *n) all[(*n)++] = more[i];
        else all[k].n += more[i].n;
    }
    *sum = all;
}

static void add_slice(struct arena *mem, struct trail_step *sum, const struct trail_step *s)
{
    for (size_t k = 0; k < sum->n; k++) {
        struct trail_stage *to = &sum->stages[k];
        const struct trail_stage *from = &s->stages[k];
        to->in += from->in;
        to->out += from->out;
        add_reasons(mem, &to->dropped, &to->n_dropped, from->dropped, from->n_dropped);
        add_reasons(mem, &to->rejected, &to->n_rejected, from->rejected, from->n_rejected);
    }
    sum->slices++;
    sum->seconds += s->seconds;
    sum->cpu += s->cpu;
    if (s->memory > sum->memory) sum->memory = s->memory;
    sum->bytes_in += s->bytes_in;
    sum->bytes_out += s->bytes_out;
    sum->size += s->size;
}

/* Steps are in the order of their paths, so the slices of one are in theirs; others may lie between. */
static void join_slices(struct trail *t)
{
    size_t n = 0;
    struct trail_step **last = NEW(&t->mem, struct trail_step *, t->n + 1), *all = t->steps;
    t->steps = NEW(&t->mem, struct trail_step, t->n + 1);
    for (size_t i = 0; i < t->n; i++) {
        const char *whole = whole_of(&t->mem, all[i].file);
        size_t k = whole == all[i].file ? n : 0;
        while (k < n && (strcmp(t->steps[k].file, whole) != 0 || !same_stages(&t->steps[k], &all[i]))) k++;
        all[i].file = whole;
        if (k == n) {
            t->steps[n] = all[i];
            last[n] = &t->steps[n];
            n++;
        } else {
            add_slice(&t->mem, &t->steps[k], &all[i]);
            last[k]->next = &all[i];
            last[k] = &all[i];
        }
    }
    t->n = n;
}

/* ---- the order ---- */

/* Does s, or its first slice, read what t made, or something beside it ("3-rows.jsonl.zst.npy")? */
static bool needs(const struct trail_step *s, const struct trail_step *t)
{
    if (s == t) return false;
    for (size_t k = 0; k < s->n; k++) {
        for (size_t i = 0; i < s->stages[k].n_args; i++) {
            const size_t n = strlen(t->path);
            const char *a = s->stages[k].args[i];
            if (!strncmp(a, t->path, n) && (!a[n] || a[n] == '.' || a[n] == ',')) return true;
        }
    }
    return t->next && needs(s, t->next);
}

/* By name, but after all that it needs. Steps that need each other stay in the order of their names. */
static void sort_steps(struct trail *t)
{
    struct trail_step *sorted = NEW(&t->mem, struct trail_step, t->n + 1);
    bool *placed = ZERO(&t->mem, bool, t->n + 1);
    for (size_t n = 0; n < t->n; n++) {
        size_t first = t->n, pick = t->n;
        for (size_t i = 0; i < t->n && pick == t->n; i++) {
            if (placed[i]) continue;
            if (first == t->n) first = i;
            bool ready = true;
            for (size_t k = 0; k < t->n && ready; k++) ready = placed[k] || !needs(&t->steps[i], &t->steps[k]);
            if (ready) pick = i;
        }
        if (pick == t->n) pick = first;
        placed[pick] = true;
        sorted[n] = t->steps[pick];
    }
    t->steps = sorted;
}

bool trail_open(struct trail *t, const char *folder, struct err *e)
{
    *t = (struct trail){ 0 };
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/') n--;
    t->folder = str_c(&t->mem, (struct str){ folder, n });
    struct finder f = { .t = t };
    bool ok = find(&f, t->folder, 0, e);
    if (ok && !f.n)
        ok = err_set(e, ERR_DATA, "%s holds no manifest (*%s)\nhint: it is the folder that a pipeline wrote", folder,
                     SUFFIX);
    if (ok) qsort(f.found, f.n, sizeof *f.found, by_name);
    t->steps = NEW(&t->mem, struct trail_step, f.n + 1);
    for (size_t i = 0; ok && i < f.n; i++) {
        ok = read_step(t, f.found[i], &t->steps[t->n], e);
        /* a page of before is no part of the run */
        if (ok && !str_eq(t->steps[t->n].stages[0].name, S("report"))) t->n++;
    }
    free(f.found);
    if (!ok) { trail_close(t); return false; }
    join_slices(t);
    sort_steps(t);
    return true;
}

void trail_close(struct trail *t)
{
    arena_free(&t->mem);
}

struct str stage_work(const struct trail_stage *s)
{
    static const char *const on_slices[] = { " apply", " drop", " merge" };
    for (size_t i = 0; i < sizeof on_slices / sizeof *on_slices; i++) {
        const struct str end = str_of(on_slices[i]);
        if (str_ends(s->name, end)) return (struct str){ s->name.p, s->name.n - end.n };
    }
    return s->name;
}

bool stage_is(const struct trail_stage *s, struct str name)
{
    return str_eq(s->name, name) || str_eq(stage_work(s), name);
}

bool trail_find(const struct trail *t, struct str name, const struct trail_step **step, size_t *stage)
{
    for (size_t i = t->n; i-- > 0; ) {
        for (size_t k = t->steps[i].n; k-- > 0; ) {
            if (!stage_is(&t->steps[i].stages[k], name)) continue;
            *step = &t->steps[i];
            *stage = k;
            return true;
        }
    }
    return false;
}

bool step_makes_docs(const struct trail_step *s)
{
    const struct str file = str_of(s->file);
    return str_ends(file, S(".jsonl")) || str_ends(file, S(".jsonl.zst")) || str_ends(file, S(".jsonl.gz"));
}
