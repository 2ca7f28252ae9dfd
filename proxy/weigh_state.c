/* weigh_state.c - where a run is, on disk, and back.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   DIR/state.json     {"key": "...", "generation": 0|1, "place": [seed, round, phase, step], "done": N, "results": [...],
 *                      "numbers": [...]}; numbers in as many digits as read back the same
 *   DIR/state-G.jsonl  the trajectory so far
 *   DIR/state-G.npy    float32 rows of n_parameters: weights and AdamW's two moments of the model in training, if one is;
 *                      then the reference model's weights, if there is one
 *
 * state.json is renamed into place last, and names the generation that is whole; the next save writes the other one.
 * The key is a hash of the method, its options, and each domain's name and tokens: another run's state is refused. */
#include "proxy/weigh.h"

#include "core/hash.h"
#include "record/json.h"

#include <stdlib.h>

enum { STATE_LIMIT = 1 << 26, TRAJECTORY_LIMIT = 1 << 30 };
struct weigh_kept { struct buf json; struct matrix vectors; bool has_vectors; int generation; };

static char *path_of(const struct weigh *w, int generation, const char *suffix, char path[4096])
{
    if (generation < 0) snprintf(path, 4096, "%s/state.json", w->opt->checkpoint);
    else snprintf(path, 4096, "%s/state-%d.%s", w->opt->checkpoint, generation, suffix);
    return path;
}

static uint64_t key_of(const struct weigh *w)
{
    const struct train_spec *s = &w->spec;
    struct buf b = { 0 };
    buf_printf(&b, "%s %s %s %s %zu %zu %ld %g %g %ld %llu %ld %zu", w->method->name,
               w->method->options ? w->method->options : "", w->opt->by, s->shape->name, s->length, s->batch, s->steps,
               s->rate.peak, w->opt->held, w->opt->seeds, (unsigned long long)w->run->seed, w->total, w->corpus->vocab);
    for (size_t d = 0; d < w->k; d++) {
        const struct corpus_domain *c = &w->corpus->domains[d];
        buf_printf(&b, " %.*s %llu", (int)c->name.n, c->name.p, (unsigned long long)c->part[CORPUS_TRAIN].n_tokens);
    }
    const uint64_t key = hash64(buf_str(&b), 0);
    buf_free(&b);
    return key;
}

/* ---- saving ---- */

bool weigh_due(const struct weigh *w, long step) { return w->opt->checkpoint && step % w->opt->every == 0; }

static bool save_vectors(const char *path, const struct weigh_state *s, struct err *e)
{
    const struct gpt *any = s->train ? s->train->model : s->reference;
    if (!any) return true;
    const size_t n = gpt_n_parameters(gpt_spec_of(any));
    struct matrix_out *m = matrix_create(path, MATRIX_F32, n, e);
    if (!m) return false;
    float *host = mem_alloc(n, sizeof *host);
    const enum gpt_vector of_train[] = { GPT_WEIGHTS, GPT_MOMENT1, GPT_MOMENT2 };
    bool ok = true;
    for (size_t i = 0; ok && s->train && i < 3; i++) {
        gpt_get(s->train->model, of_train[i], host);
        ok = matrix_append(m, host, 1, e);
    }
    if (ok && s->reference) {
        gpt_get(s->reference, GPT_WEIGHTS, host);
        ok = matrix_append(m, host, 1, e);
    }
    free(host);
    if (ok) return matrix_done(m, e);
    matrix_drop(m);
    return false;
}

bool weigh_save(struct weigh *w, struct weigh_place at, const struct weigh_state *s, struct err *e)
{
    char path[4096];
    const int generation = w->kept ? !w->kept->generation : 0;
    struct buf b = { 0 };
    buf_printf(&b, "{\"key\":\"%016llx\",\"generation\":%d,\"place\":[%llu,%llu,%llu,%llu],\"done\":%ld",
               (unsigned long long)key_of(w), generation, (unsigned long long)at.seed, (unsigned long long)at.round,
               (unsigned long long)at.phase, (unsigned long long)at.step, w->done);
    weigh_put_numbers(&b, "results", w->results, (size_t)at.seed * w->k);
    weigh_put_numbers(&b, "numbers", s->numbers, s->n_numbers);
    buf_put(&b, S("}\n"));
    const bool ok = file_folder(w->opt->checkpoint, e) && save_vectors(path_of(w, generation, "npy", path), s, e)
                 && file_write(path_of(w, generation, "jsonl", path), buf_str(&w->trajectory), e)
                     && file_write(path_of(w, -1, "", path), buf_str(&b), e);
    buf_free(&b);
    weigh_forget(w);
    w->kept = mem_zero(1, sizeof *w->kept);
    w->kept->generation = generation;
    return ok;
}

/* ---- reading ---- */

void weigh_forget(struct weigh *w)
{
    if (!w->kept) return;
    if (w->kept->has_vectors) matrix_close(&w->kept->vectors);
    buf_free(&w->kept->json);
    free(w->kept);
    w->kept = NULL;
}

static bool get_numbers(struct str array, double *to, size_t n)
{
    size_t i = 0;
    for (struct str item; json_next(&array, &item); i++) if (i == n || !json_number(item, &to[i])) return false;
    return i == n;
}

static bool get_place(const struct weigh *w, struct str all, struct weigh_place *p)
{
    double x[4];
    if (!get_numbers(json_get(all, S("place")), x, 4)) return false;
    for (int i = 0; i < 4; i++) if (!(x[i] >= 0 && x[i] < 1e15)) return false;
    *p = (struct weigh_place){ (uint64_t)x[0], (uint64_t)x[1], (uint64_t)x[2], (uint64_t)x[3] };
    return p->seed <= (uint64_t)w->opt->seeds;
}

static bool read_state(struct weigh *w, struct err *e)
{
    char path[4096], key[24];
    int64_t generation, done;
    const struct str all = str_trim(buf_str(&w->kept->json));
    if (!json_valid(all, e)) return false;
    snprintf(key, sizeof key, "\"%016llx\"", (unsigned long long)key_of(w));
    if (!str_eq(json_get(all, S("key")), str_of(key)))
        return err_set(e, ERR_USAGE, "it is the state of a run with other options or documents");
    if (!json_integer(json_get(all, S("generation")), &generation) || generation < 0 || generation > 1
        || !get_place(w, all, &w->place) || !json_integer(json_get(all, S("done")), &done) || done < 0
        || done > w->total || !get_numbers(json_get(all, S("results")), w->results, (size_t)w->place.seed * w->k))
        return err_set(e, ERR_DATA, "it is no state that was written here");
    w->kept->generation = (int)generation;
    w->done = (long)done;
    if (!file_slurp(path_of(w, w->kept->generation, "jsonl", path), &w->trajectory, TRAJECTORY_LIMIT, e)) return false;
    /* between two seeds there is nothing to restore */
    if (!w->place.round && !w->place.phase && !w->place.step) buf_reset(&w->kept->json);
    else if (file_exists(path_of(w, w->kept->generation, "npy", path)))
        w->kept->has_vectors = matrix_open(&w->kept->vectors, path, e);
    return !e->kind;
}

bool weigh_load(struct weigh *w, struct err *e)
{
    char path[4096];
    if (!w->opt->checkpoint || !file_exists(path_of(w, -1, "", path))) return true;
    w->kept = mem_zero(1, sizeof *w->kept);
    return (file_slurp(path, &w->kept->json, STATE_LIMIT, e) && read_state(w, e)) || err_in(e, "%s", path);
}

static bool put_vectors(const struct matrix *m, const struct weigh_state *s)
{
    const struct gpt *any = s->train ? s->train->model : s->reference;
    const size_t rows = (s->train ? 3u : 0u) + (s->reference ? 1u : 0u),
                 n = any ? gpt_n_parameters(gpt_spec_of(any)) : 0;
    if (m->type != MATRIX_F32 || m->rows != rows || m->cols != n) return false;
    const float *at = m->data;
    const enum gpt_vector of_train[] = { GPT_WEIGHTS, GPT_MOMENT1, GPT_MOMENT2 };
    for (size_t i = 0; s->train && i < 3; i++, at += n) gpt_put(s->train->model, of_train[i], at);
    if (s->reference) gpt_put(s->reference, GPT_WEIGHTS, at);
    return true;
}

bool weigh_restore(struct weigh *w, const struct weigh_state *s, struct err *e)
{
    if (!w->kept || !w->kept->json.n) return true;
    const struct str all = str_trim(buf_str(&w->kept->json));
    const bool models = s->train || s->reference;
    if (!get_numbers(json_get(all, S("numbers")), s->numbers, s->n_numbers)
        || (models && (!w->kept->has_vectors || !put_vectors(&w->kept->vectors, s))))
        return err_set(e, ERR_DATA, "%s: the state's numbers are not of this run's sizes", w->opt->checkpoint);
    if (s->train) s->train->step = (long)w->place.step;
    buf_reset(&w->kept->json);
    return true;
}
