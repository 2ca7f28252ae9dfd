/* coder.c - see coded.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/coded.h"
#include "core/hash.h"
#include "frame/stage.h"

#include <stdlib.h>

enum { COPIES_MAX = 1000 };

bool coder_init(struct coder *s, const struct coder_options *o, int threads, struct err *e)
{
    const size_t n = (size_t)threads;
    *s = (struct coder){ .t = tokenizer_open(o->model, e) };
    if (!s->t) return false;
    *s = (struct coder){ .t = s->t, .workers = mem_zero(n, sizeof *s->workers), .ids = mem_zero(n, sizeof *s->ids),
                         .threads = threads,
                          .flags = o->specials ? TOKENIZER_SPECIALS : 0,
                          .width = tokenizer_size(s->t) <= 1 << 16 ? 2 : 4 };
    for (size_t i = 0; i < n; i++) s->workers[i] = tokenizer_worker_new(s->t);
    s->end = o->end ? tokenizer_id(s->t, str_of(o->end)) : tokenizer_end(s->t);
    if (s->end != VOCAB_NONE) return true;
    err_set(e, ERR_USAGE, "%s has no token %s", o->model,
            o->end ? o->end : "that ends a text\nhint: name one with --end");
    coder_free(s);
    return false;
}

void coder_free(struct coder *s)
{
    for (int i = 0; i < s->threads; i++) {
        tokenizer_worker_free(s->workers[i]);
        free(s->ids[i].p);
    }
    free(s->workers);
    free(s->ids);
    tokenizer_close(s->t);
    *s = (struct coder){ 0 };
}

bool coder_each(struct coder *s, struct doc *d)
{
    const struct str text = doc_text(d), id = doc_id(d);
    int64_t copies;
    if (!text.p) return run_no_text(d);
    struct ids *ids = &s->ids[d->worker];
    ids->n = 0;
    tokenizer_encode(s->workers[d->worker], text, s->flags, ids);
    ids_put(ids, s->end);
    uint32_t *tokens = NEW(d->mem, uint32_t, ids->n);
    memcpy(tokens, ids->p, ids->n * sizeof *tokens);
    if (!json_integer(doc_get(d, "copies"), &copies) || copies < 0 || copies > COPIES_MAX) copies = 1;
    struct dealt *note = NEW(d->mem, struct dealt, 1);
    *note = (struct dealt){ hash64(id.n ? id : text, 0), (uint32_t)copies, doc_get(d, "id"), tokens, ids->n };
    d->note = note;
    return true;
}
