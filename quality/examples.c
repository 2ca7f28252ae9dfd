/* examples.c - a set of examples that stays within its memory; its file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/examples.h"
#include "core/file.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>

void example_free(struct example *x)
{
    free(x->text);
    free(x->columns);
}

/* ---- within memory ---- */

static bool sampled(const struct examples *s, uint64_t place)
{
    enum { STREAM = 1 };
    return s->halvings == 0 || rng_at(s->seed, place, STREAM) >> (64 - s->halvings) == 0;
}

/* Of an example and of its row in liblinear. */
static size_t size_of(const struct examples *s, const struct example *x)
{
    enum { NODE = 16 };
    return sizeof *x + sizeof *s->place + x->n_text * (sizeof *x->text + NODE) + s->n_columns * (sizeof(float) + NODE)
        + N_SIGNALS * 2 * NODE;
}

static void halve(struct examples *s)
{
    size_t n = 0;
    s->halvings++;
    for (size_t i = 0; i < s->n; i++) {
        if (sampled(s, s->place[i])) {
            s->place[n] = s->place[i];
            s->all[n++] = s->all[i];
            continue;
        }
        s->bytes -= size_of(s, &s->all[i]);
        s->n_good -= s->all[i].good;
        example_free(&s->all[i]);
    }
    s->n = n;
}

bool examples_pass(struct examples *s)
{
    if (sampled(s, s->read)) return false;
    s->read++;
    return true;
}

void examples_add(struct examples *s, const struct example *x)
{
    const uint64_t place = s->read++;
    if (s->n == s->cap) {
        size_t same = s->cap;
        s->place = mem_grow(s->place, &same, s->n + 1, sizeof *s->place);
        s->all = mem_grow(s->all, &s->cap, s->n + 1, sizeof *s->all);
    }
    s->place[s->n] = place;
    s->all[s->n++] = *x;
    s->n_good += x->good;
    s->bytes += size_of(s, x);
    while (s->bytes > s->memory && s->n > 1) halve(s);
}

void examples_free(struct examples *s)
{
    for (size_t i = 0; i < s->n; i++) example_free(&s->all[i]);
    free(s->all);
    free(s->place);
}

/* ---- the file ---- */

struct head { char magic[8]; uint64_t signals, columns, examples, passed_over; };
static const char magic[8] = "TAMEXA1\n";
enum { FLUSH = 1 << 20, NUMBERS = 2 };

struct examples_out { struct output *out; struct buf buf; struct head head; };

struct examples_out *examples_create(const char *path, size_t n_columns, struct err *e)
{
    struct output *out = output_open(path, e);
    if (!out) return NULL;
    struct examples_out *o = mem_zero(1, sizeof *o);
    *o = (struct examples_out){ .out = out, .head = { .signals = N_SIGNALS, .columns = n_columns } };
    memcpy(o->head.magic, magic, sizeof magic);
    buf_put(&o->buf, (struct str){ (const char *)&o->head, sizeof o->head });
    return o;
}

bool examples_put(struct examples_out *o, const struct example *x, struct err *e)
{
    const uint32_t numbers[NUMBERS] = { x->good, (uint32_t)x->n_text };
    o->head.examples++;
    buf_put(&o->buf, (struct str){ (const char *)x->signal, sizeof x->signal });
    buf_put(&o->buf, (struct str){ (const char *)numbers, sizeof numbers });
    buf_put(&o->buf, (struct str){ (const char *)x->text, x->n_text * sizeof *x->text });
    buf_put(&o->buf, (struct str){ (const char *)x->columns, o->head.columns * sizeof *x->columns });
    if (o->buf.n < FLUSH) return true;
    const bool ok = output_write(o->out, buf_str(&o->buf), e);
    buf_reset(&o->buf);
    return ok;
}

bool examples_done(struct examples_out *o, uint64_t passed_over, struct err *e)
{
    struct output *out = o->out;
    o->head.passed_over = passed_over;
    if (!output_write(out, buf_str(&o->buf), e)
        || !output_patch(out, 0, (struct str){ (const char *)&o->head, sizeof o->head }, e)) {
        examples_drop(o);
        return false;
    }
    o->out = NULL;
    examples_drop(o);
    return output_done(out, e);
}

void examples_drop(struct examples_out *o)
{
    if (o->out) output_drop(o->out);
    buf_free(&o->buf);
    free(o);
}

static bool take(struct input *in, void *to, size_t n, struct err *e)
{
    for (size_t got, at = 0; at < n; at += got) {
        got = input_read(in, (char *)to + at, n - at, e);
        if (!got) return e->kind ? false : err_set(e, ERR_DATA, "examples are cut short");
    }
    return true;
}

static bool load_one(struct examples *s, struct input *in, struct err *e)
{
    struct example x = { .n_text = 0 };
    uint32_t numbers[NUMBERS];
    if (!take(in, x.signal, sizeof x.signal, e) || !take(in, numbers, sizeof numbers, e)) return false;
    bool ok = (numbers[0] <= 1 && numbers[1] <= TEXT_FEATURES) || err_set(e, ERR_DATA, "an example is damaged");
    if (!ok) return false;
    x.good = numbers[0];
    x.n_text = numbers[1];
    x.text = mem_alloc(x.n_text + 1, sizeof *x.text);
    x.columns = s->n_columns ? mem_alloc(s->n_columns, sizeof *x.columns) : NULL;
    ok = take(in, x.text, x.n_text * sizeof *x.text, e) && take(in, x.columns, s->n_columns * sizeof *x.columns, e);
    for (size_t i = 0; ok && i < x.n_text; i++)
        ok = x.text[i].index < TEXT_FEATURES || err_set(e, ERR_DATA, "an example is damaged");
    if (ok && !examples_pass(s)) examples_add(s, &x);
    else example_free(&x);
    return ok;
}

bool examples_load(struct examples *s, const char *path, struct err *e)
{
    struct head h;
    struct input *in = input_open(path, e);
    if (!in) return false;
    bool ok = take(in, &h, sizeof h, e)
              && (!memcmp(h.magic, magic, sizeof magic) || err_set(e, ERR_DATA, "no examples of score part"));
    if (ok && !s->read) s->n_columns = (size_t)h.columns;
    ok = ok && ((h.signals == N_SIGNALS && h.columns == s->n_columns && h.columns < 1 << 20)
                || err_set(e, ERR_DATA, "made with other options"));
    for (uint64_t i = 0; ok && i < h.examples; i++) ok = load_one(s, in, e);
    if (ok) s->passed_over += h.passed_over;
    input_close(in);
    return ok || err_in(e, "%s", path);
}

/* ---- cross-validation ---- */

struct held_out held_out(const struct examples *s, long folds, enum goodness_features f, double c)
{
    struct held_out h = { .z = mem_alloc(s->n, sizeof *h.z), .good = mem_alloc(s->n, sizeof *h.good), .n = s->n };
    bool *use = mem_alloc(s->n, sizeof *use), *fold_good = mem_alloc(s->n, sizeof *fold_good);
    double *fold_z = mem_alloc(s->n, sizeof *fold_z), sum = 0, counted = 0;
    for (long k = 0; k < folds; k++) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) use[i] = rng_at(s->seed, i, 0) % (uint64_t)folds != (uint64_t)k;
        struct goodness *g = goodness_train(s->all, s->n, use, f, s->n_columns, c);
        for (size_t i = 0; i < s->n; i++) {
            if (use[i]) continue;
            fold_z[n] = h.z[i] = goodness_score(g, &s->all[i]);
            fold_good[n++] = h.good[i] = s->all[i].good;
        }
        goodness_close(g);
        const double a = auc(fold_z, fold_good, n);
        if (!isnan(a)) { sum += a; counted++; }
    }
    h.mean_auc = sum / counted;
    h.pooled_auc = auc(h.z, h.good, h.n);
    free(use);
    free(fold_good);
    free(fold_z);
    return h;
}

void held_out_free(struct held_out *h)
{
    free(h->z);
    free(h->good);
}
