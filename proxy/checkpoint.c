/* checkpoint.c - state, model and log of a run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/checkpoint.h"

#include "core/file.h"
#include "core/hash.h"
#include "model/gpt_file.h"
#include "model/tokenizer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, TOKENIZER_MAX = 256 << 20 };

static const char *path_in(const char *folder, const char *name, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    return path;
}

/* ---- state ---- */

/* What must be equal for a run to go on with the same bits; the corpus by its domains and how many tokens each has. */
static uint64_t fingerprint(const struct train *t)
{
    const struct train_spec *s = &t->spec;
    struct buf b = { 0 };
    buf_printf(&b, "%zu %zu %zu %d %g %g %ld %ld %ld %g %g %g %g %g %llu", s->length, s->batch, s->micro,
               (int)s->rate.how, s->rate.peak, s->rate.floor, s->rate.steps, s->rate.warmup, s->rate.decay,
               (double)s->beta1, (double)s->beta2, (double)s->eps, (double)s->decay, s->clip,
               (unsigned long long)s->seed);
    for (size_t i = 0; i < t->corpus->n_domains; i++) {
        const struct corpus_domain *d = &t->corpus->domains[i];
        buf_printf(&b, " %.*s %llu %.17g", (int)d->name.n, d->name.p,
                   (unsigned long long)d->part[CORPUS_TRAIN].n_tokens, t->weights[i]);
    }
    const uint64_t hash = hash64(buf_str(&b), 0);
    buf_free(&b);
    return hash;
}

bool checkpoint_save(const struct train *t, const char *folder, struct err *e)
{
    char path[PATH_SIZE], notes[100];
    snprintf(notes, sizeof notes, "\"step\":\"%ld\",\"run\":\"%016llx\"", t->step, (unsigned long long)fingerprint(t));
    return gpt_write(t->model, path_in(folder, "state.safetensors", path), true, notes, e);
}

static bool resume_from(struct train *t, const char *path, struct tensors *x, struct err *e)
{
    char run[20];
    int64_t step;
    snprintf(run, sizeof run, "%016llx", (unsigned long long)fingerprint(t));
    if (!str_eq(tensors_note(x, "run"), str_of(run)))
        return err_set(e, ERR_USAGE,
                       "%s is of a run with other options or documents\nhint: give those, or another folder", path);
    if (!json_integer(tensors_note(x, "step"), &step) || step < 0) return err_set(e, ERR_DATA, "%s has no step", path);
    t->step = (long)step;
    return gpt_read_state(t->model, x, e);
}

bool checkpoint_resume(struct train *t, const char *folder, bool *found, struct err *e)
{
    char path[PATH_SIZE];
    struct tensors x;
    *found = file_exists(path_in(folder, "state.safetensors", path));
    if (!*found) return true;
    if (!tensors_open(&x, path, e)) return false;
    const bool ok = resume_from(t, path, &x, e);
    tensors_close(&x);
    return ok;
}

/* ---- the model ---- */

static void put_config(struct buf *b, const struct train *t, const char *tokenizer)
{
    const struct gpt_spec *s = gpt_spec_of(t->model);
    const struct gpt_shape *h = &s->shape;
    buf_printf(b, "{\n  \"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"], \"torch_dtype\": \"float32\", \"hidden_act\": \"silu\",\n"
                  "  \"vocab_size\": %zu, \"hidden_size\": %zu, \"intermediate_size\": %zu, \"num_hidden_layers\": %zu,\n"
                  "  \"num_attention_heads\": %zu, \"num_key_value_heads\": %zu, \"max_position_embeddings\": %zu,\n"
                  "  \"rope_theta\": %g, \"rms_norm_eps\": %g, \"tie_word_embeddings\": true, \"attention_bias\": false, \"mlp_bias\": false,\n",
               s->vocab, h->dim, h->inner, h->layers, h->heads, h->heads, s->length, (double)s->base, (double)s->eps);
    buf_printf(b, "  \"bos_token_id\": %d, \"eos_token_id\": %d,\n  \"tamis\": {\"size\": \"%s\", \"parameters\": %zu, \"steps\": %ld, \"tokens\": %zu, \"seed\": %llu, \"tokenizer\": ",
               (int)t->corpus->end, (int)t->corpus->end, h->name, gpt_n_parameters(s), t->step,
               (size_t)t->step * t->spec.batch * t->spec.length,
               (unsigned long long)t->spec.seed);
    if (tokenizer) json_put_string(b, str_of(tokenizer));
    else buf_put(b, S("null"));
    buf_put(b, S("}\n}\n"));
}

static bool copy_file(const char *from, const char *to, struct err *e)
{
    struct buf b = { 0 };
    const bool ok = file_slurp(from, &b, TOKENIZER_MAX, e) && file_write(to, buf_str(&b), e);
    buf_free(&b);
    return ok;
}

bool checkpoint_finish(const struct train *t, const char *folder, const char *tokenizer, struct err *e)
{
    char path[PATH_SIZE];
    struct buf b = { 0 };
    const char *slash = tokenizer ? strrchr(tokenizer, '/') : NULL, *name = slash ? slash + 1 : tokenizer;
    put_config(&b, t, name);
    const bool ok = (!name || copy_file(tokenizer, path_in(folder, name, path), e))
                 && file_write(path_in(folder, "config.json", path), buf_str(&b), e)
                 && gpt_write(t->model, path_in(folder, "model.safetensors", path), false, NULL, e);
    buf_free(&b);
    if (ok) unlink(path_in(folder, "state.safetensors", path));
    return ok;
}

/* ---- the log ---- */

struct train_log { FILE *to; struct buf line; char path[PATH_SIZE]; };

/* Bytes of the lines whose step is not behind `step`. */
static size_t kept(struct str all, long step)
{
    struct str rest = all, line;
    struct err ignored = { 0 };
    size_t keep = 0;
    int64_t at;
    while (rest.p && str_cut(&rest, '\n', &line)) {
        if (!rest.p || !json_valid(line, &ignored) || !json_integer(json_get(line, S("step")), &at) || at > step) break;
        keep = (size_t)(line.p + line.n + 1 - all.p);
    }
    return keep;
}

struct train_log *train_log_open(const char *folder, long step, struct err *e)
{
    struct train_log *l = mem_zero(1, sizeof *l);
    struct buf old = { 0 };
    path_in(folder, "log.jsonl", l->path);
    const bool there = file_exists(l->path), ok = !there || file_slurp(l->path, &old, SIZE_MAX / 2, e);
    if (ok && there && truncate(l->path, step ? (off_t)kept(buf_str(&old), step) : 0))
        err_sys(e, "%s could not be cut", l->path);
    l->to = ok && !e->kind ? fopen(l->path, "a") : NULL;
    if (ok && !e->kind && !l->to) err_sys(e, "%s could not be written", l->path);
    buf_free(&old);
    if (l->to) return l;
    free(l);
    return NULL;
}

static void put_line(struct train_log *l)
{
    buf_put(&l->line, S("}}\n"));
    fwrite(l->line.p, 1, l->line.n, l->to);
    fflush(l->to);
}

static void put_domain(struct buf *b, bool first, struct str name, double loss)
{
    if (!first) buf_putc(b, ',');
    json_put_string(b, name);
    buf_putc(b, ':');
    json_put_number(b, isnan(loss) ? loss : round(loss * 1e6) / 1e6);
}

void train_log_step(struct train_log *l, const struct train *t, const struct train_said *said)
{
    struct buf *b = &l->line;
    bool first = true;
    buf_reset(b);
    buf_printf(b, "{\"step\":%ld,\"tokens\":%zu,\"loss\":%.6f,\"rate\":%.6g,\"norm\":%.6g,\"domains\":{", t->step,
               (size_t)t->step * t->spec.batch * t->spec.length, said->loss, said->rate, said->norm);
    for (size_t i = 0; i < t->corpus->n_domains; i++) {
        if (!t->domain_tokens[i]) continue;
        put_domain(b, first, t->corpus->domains[i].name, t->domain_loss[i] / (double)t->domain_tokens[i]);
        first = false;
    }
    put_line(l);
}

void train_log_held(struct train_log *l, const struct train *t, const double *loss)
{
    buf_reset(&l->line);
    buf_printf(&l->line, "{\"step\":%ld,\"held\":{", t->step);
    for (size_t i = 0; i < t->corpus->n_domains; i++) put_domain(&l->line, !i, t->corpus->domains[i].name, loss[i]);
    put_line(l);
}

bool train_log_close(struct train_log *l, struct err *e)
{
    if (!l) return true;
    const bool wrote = !ferror(l->to), ok = !fclose(l->to) && wrote;
    if (!ok) err_sys(e, "%s could not be written", l->path);
    buf_free(&l->line);
    free(l);
    return ok;
}
