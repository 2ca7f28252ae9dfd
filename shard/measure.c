/* measure.c - see measure.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/measure.h"
#include "core/hash.h"
#include "core/rng.h"
#include "frame/stage.h"

#include <math.h>
#include <stdlib.h>

bool measure_init(struct measure *m, const struct measure_options *o, int threads, uint64_t seed, struct err *e)
{
    const size_t n = (size_t)threads;
    *m = (struct measure){ .by = o->by, .score = str_of(o->score), .lowest = o->lowest, .seed = seed };
    if (o->lowest && !o->score) return err_set(e, ERR_USAGE, "--lowest of what? give --score PATH");
    if (!o->model) return true;
    if (!(m->t = tokenizer_open(o->model, e))) return false;
    m->threads = threads;
    m->workers = mem_zero(n, sizeof *m->workers);
    m->ids = mem_zero(n, sizeof *m->ids);
    for (size_t i = 0; i < n; i++) m->workers[i] = tokenizer_worker_new(m->t);
    return true;
}

void measure_free(struct measure *m)
{
    for (int i = 0; i < m->threads; i++) {
        tokenizer_worker_free(m->workers[i]);
        free(m->ids[i].p);
    }
    free(m->workers);
    free(m->ids);
    tokenizer_close(m->t);
    *m = (struct measure){ 0 };
}

/* The field's text; a number as it is written; "none" when it is absent. */
static struct str domain_of(const struct measure *m, const struct doc *d)
{
    struct str name;
    if (doc_string(d, m->by, &name)) return name;
    name = doc_path(d, str_of(m->by));
    if (name.n && json_is_string(name)) json_string(name, d->mem, &name);
    return name.n ? name : S("none");
}

static double score_of(const struct measure *m, const struct doc *d)
{
    double x;
    if (!json_number(doc_path(d, m->score), &x)) return -INFINITY;
    return m->lowest ? -x : x;
}

bool measure_each(const struct measure *m, struct doc *d)
{
    const struct str text = doc_text(d), id = doc_id(d);
    if (!text.p) return run_no_text(d);
    struct measured *x = NEW(d->mem, struct measured, 1);
    *x = (struct measured){ .domain = domain_of(m, d), .tokens = text.n,
                            .key = rng_at(m->seed, hash64(id.n ? id : text, 0), 0) };
    if (m->score.p) x->score = score_of(m, d);
    if (m->t) {
        struct ids *ids = &m->ids[d->worker];
        ids->n = 0;
        tokenizer_encode(m->workers[d->worker], text, 0, ids);
        x->tokens = ids->n + 1;                                  /* and the end of the text */
    }
    d->note = x;
    return true;
}
