/* deal.c - see deal.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/deal.h"
#include "core/file.h"
#include "core/rng.h"
#include "record/json.h"
#include "shard/shuffle.h"

#include <stdio.h>
#include <stdlib.h>

enum { SPLITS = 16 };
/* upto: of [0, 1) */
struct part { struct str name; double upto; struct packing *to; struct shuffle *shuffle; char prefix[4000]; };
struct deal { struct part part[SPLITS]; size_t n_parts; uint64_t seed; };

void deal_drop(struct deal *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_parts; i++) {
        packing_drop(s->part[i].to);
        shuffle_close(s->part[i].shuffle);
    }
    free(s);
}

/* ---- options to parts ---- */

static bool add_part(struct deal *s, struct str name, double share, const char *output, struct err *e)
{
    if (s->n_parts == SPLITS) return err_set(e, ERR_USAGE, "--split has more than %d parts", SPLITS);
    struct part *p = &s->part[s->n_parts++];
    *p = (struct part){ .name = name, .upto = (s->n_parts > 1 ? p[-1].upto : 0) + share };
    snprintf(p->prefix, sizeof p->prefix, "%s%s%.*s", output, name.n ? "_" : "", (int)name.n, name.p);
    return true;
}

static bool read_split(struct deal *s, const char *split, const char *output, struct err *e)
{
    struct str rest = str_of(split);
    if (!rest.p) return add_part(s, S(""), 1, output, e);
    for (struct str item, name; str_cut(&rest, ',', &item); ) {
        struct str share = item;
        double x = 0;
        if (!str_cut(&share, '=', &name) || !share.p || !name.n || !json_number(share, &x) || x <= 0 || x > 1)
            return err_set(e, ERR_USAGE, "--split: \"%.*s\" is not NAME=SHARE with a share above 0 and up to 1",
                           (int)item.n, item.p);
        if (!add_part(s, name, x, output, e)) return false;
    }
    const double sum = s->part[s->n_parts - 1].upto;
    if (sum < 0.999999 || sum > 1.000001) return err_set(e, ERR_USAGE, "--split: the shares sum to %g, not to 1", sum);
    s->part[s->n_parts - 1].upto = 1;
    return true;
}

static bool read_formats(struct packing_spec *spec, const char *format, struct err *e)
{
    struct str rest = str_of(format);
    for (struct str name; str_cut(&rest, ',', &name); ) {
        const struct shard_format *f = shard_format_named(name);
        if (!f) return err_set(e, ERR_USAGE, "--format: \"%.*s\" is not known", (int)name.n, name.p);
        if (spec->n_formats == FORMATS_MAX) return err_set(e, ERR_USAGE, "--format names more than %d", FORMATS_MAX);
        spec->format[spec->n_formats++] = f;
    }
    return true;
}

/* "shards/data": the folder is made. */
static bool make_folder(const char *prefix, struct err *e)
{
    struct arena mem = { 0 };
    const char *slash = strrchr(prefix, '/');
    const bool ok = !slash || slash == prefix
                    || file_folder(str_c(&mem, (struct str){ prefix, (size_t)(slash - prefix) }), e);
    arena_free(&mem);
    return ok;
}

struct deal *deal_open(const struct deal_options *o, const char *output, size_t width, uint32_t pad, uint64_t seed,
                       size_t memory, struct err *e)
{
    struct packing_spec spec = { .shard = { .width = width, .length = (size_t)o->length,
                                            .shard_tokens = o->shard_tokens }, .how = (enum packing_how)o->how,
                                            .pad = pad };
    struct deal *s = mem_zero(1, sizeof *s);
    s->seed = seed;
    bool ok = read_formats(&spec, o->format, e) && read_split(s, o->split, output, e) && make_folder(output, e);
    for (size_t i = 0; ok && i < s->n_parts; i++) {
        spec.shard.prefix = s->part[i].prefix;
        ok = (s->part[i].to = packing_open(&spec, e)) != NULL;
        if (o->shuffle) s->part[i].shuffle = shuffle_open(memory);
    }
    if (ok) return s;
    deal_drop(s);
    return NULL;
}

/* ---- documents ---- */

/* By the hash: a document goes to the same part in every run. */
static const struct part *part_of(const struct deal *s, uint64_t hash)
{
    const double at = rng_unit(rng_at(s->seed, hash, 0));
    size_t i = 0;
    while (i + 1 < s->n_parts && at >= s->part[i].upto) i++;
    return &s->part[i];
}

bool deal_put(struct deal *s, const struct dealt *d, struct err *e)
{
    const struct part *to = part_of(s, d->hash);
    bool ok = true;
    for (uint32_t k = 0; ok && k < d->copies; k++)
        ok = to->shuffle ? shuffle_put(to->shuffle, rng_at(s->seed, d->hash, k + 1ULL), d->id, d->tokens, d->n, e)
                         : packing_put(to->to, d->id, d->tokens, d->n, e);
    return ok;
}

static bool put_shuffled(void *packing, struct str id, const uint32_t *tokens, size_t n, struct err *e)
{
    return packing_put(packing, id, tokens, n, e);
}

bool deal_close(struct deal *s, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < s->n_parts; i++) {
        struct packing *to = s->part[i].to;
        ok = !s->part[i].shuffle || shuffle_all(s->part[i].shuffle, put_shuffled, to, e);
        if (!ok) break;
        s->part[i].to = NULL;
        ok = packing_close(to, NULL, e);
    }
    deal_drop(s);
    return ok;
}
