/* pairs.c - see pairs.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/pairs.h"
#include "core/file.h"

#include <stdlib.h>

enum { FLUSH = 1 << 20, CACHE = 1 << 20 };
struct pairs { struct output *out; struct likeness *names; struct buf line; };

struct pairs *pairs_open(const char *path, const struct slice *slices, size_t n, struct err *e)
{
    struct output *out = output_open(path, e);
    if (!out) return NULL;
    struct pairs *p = mem_zero(1, sizeof *p);
    p->out = out;
    p->names = likeness_open(slices, n, CACHE);
    return p;
}

static bool flush(struct pairs *p, struct err *e)
{
    bool ok = output_write(p->out, buf_str(&p->line), e);
    buf_reset(&p->line);
    return ok;
}

bool pairs_put(void *pairs, uint32_t a, uint32_t b, double similarity, struct err *e)
{
    struct pairs *p = pairs;
    buf_put(&p->line, S("{\"a\":"));
    if (!likeness_name(p->names, a, &p->line, e)) return false;
    buf_put(&p->line, S(",\"b\":"));
    if (!likeness_name(p->names, b, &p->line, e)) return false;
    buf_printf(&p->line, ",\"similarity\":%.4f}\n", similarity);
    return p->line.n < FLUSH || flush(p, e);
}

bool pairs_done(struct pairs *p, struct err *e)
{
    if (!p) return true;
    struct output *out = p->out;
    bool ok = flush(p, e);
    if (ok) p->out = NULL;
    pairs_drop(p);
    return ok && output_done(out, e);
}

void pairs_drop(struct pairs *p)
{
    if (!p) return;
    if (p->out) output_drop(p->out);
    likeness_close(p->names);
    buf_free(&p->line);
    free(p);
}
