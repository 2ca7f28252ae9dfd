/* group.c - two sorts around the star.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/group.h"
#include "core/file.h"
#include "core/sort.h"

#include <stdlib.h>

/* ---- buckets ---- */

typedef bool member_fn(void *ctx, uint32_t bucket, uint32_t doc, struct err *e);

static bool count_docs(const struct group_job *j, uint64_t *n, struct err *e)
{
    *n = 0;
    for (size_t i = 0; i < j->n_slices; i++) {
        if (memcmp(&j->slices[i].sketch, &j->slices[0].sketch, sizeof(struct sketch)))
            return err_set(e, ERR_DATA, "slice %zu was signed with other options than slice 0", i);
        *n += j->slices[i].n;
    }
    return *n < UINT32_MAX
        || err_set(e, ERR_DATA, "%llu documents: at most 2^32 can be compared at once", (unsigned long long)*n);
}

/* A record: key big-endian, document. */
static bool put_keys(const struct group_job *j, size_t from, size_t to, struct sort *s, struct err *e)
{
    uint32_t doc = 0;
    for (size_t i = 0; i < j->n_slices; i++) {
        struct slice_scan c = { .s = &j->slices[i] };
        bool ok = true;
        for (const struct slice_row *r; ok && (r = slice_next(&c, e)); doc++)
            for (size_t b = from; ok && r->proof_at != NO_SKETCH && b < to; b++) {
                char record[12];
                be64_put(record, r->keys[b]);
                memcpy(record + 8, &doc, 4);
                ok = sort_put(s, record, e);
            }
        slice_scan_free(&c);
        if (e->kind) return false;
    }
    return true;
}

/* Tells every document that shares a key, bucket by bucket. */
static bool tell_buckets(struct sort *s, member_fn *tell, void *ctx, struct err *e)
{
    char last[12];
    uint64_t n = 0, bucket = 0;                           /* n: records so far with the key in last */
    for (const char *r; (r = sort_next(s, e)); ) {
        uint32_t doc, before;
        memcpy(&doc, r + 8, 4);
        memcpy(&before, last + 8, 4);
        bool same = n && !memcmp(r, last, 8);
        if (bucket == UINT32_MAX)
            return err_set(e, ERR_DATA, "more than 2^32 buckets\nhint: group a range of bands at a time");
        if (!same) { bucket += n > 1; n = 0; }
        else if (n == 1 && !tell(ctx, (uint32_t)bucket, before, e)) return false;
        if (same && doc != before && !tell(ctx, (uint32_t)bucket, doc, e)) return false;
        memcpy(last, r, 12);
        n++;
    }
    return !e->kind;
}

static bool find_buckets(const struct group_job *j, size_t from, size_t to, member_fn *tell, void *ctx, struct err *e)
{
    struct sort *s = sort_open(12, 8, j->memory / 2, j->threads);
    bool ok = put_keys(j, from, to, s, e) && tell_buckets(s, tell, ctx, e);
    sort_close(s);
    return ok;
}

/* ---- a file of buckets ---- */

struct part_head { char magic[8]; uint64_t docs, stamp, zero[5]; };      /* "TAMBKT1\n" */
_Static_assert(sizeof(struct part_head) == 64, "the header of a file of buckets is 64 bytes");

static uint64_t stamp_of(const struct group_job *j)
{
    uint64_t stamp = 0;
    for (size_t i = 0; i < j->n_slices; i++) stamp = stamp * 31 + j->slices[i].stamp;
    return stamp;
}

struct part_out { struct output *out; struct buf buf; uint32_t last; };

static bool part_put(void *ctx, uint32_t bucket, uint32_t doc, struct err *e)
{
    struct part_out *p = ctx;
    uint32_t pair[2] = { bucket, doc };
    buf_put(&p->buf, (struct str){ (const char *)pair, sizeof pair });
    p->last = bucket;
    if (p->buf.n < 1 << 20) return true;
    bool ok = output_write(p->out, buf_str(&p->buf), e);
    buf_reset(&p->buf);
    return ok;
}

bool group_buckets(const struct group_job *j, size_t from, size_t to, const char *path, struct err *e)
{
    struct part_head h = { .magic = "TAMBKT1", .stamp = stamp_of(j) };
    h.magic[7] = '\n';
    struct part_out p = { 0 };
    if (!count_docs(j, &h.docs, e) || !(p.out = output_open(path, e))) return false;
    buf_put(&p.buf, (struct str){ (const char *)&h, sizeof h });
    bool ok = find_buckets(j, from, to, part_put, &p, e) && output_write(p.out, buf_str(&p.buf), e);
    buf_free(&p.buf);
    if (ok) return output_done(p.out, e);
    output_drop(p.out);
    return false;
}

static bool read_part(struct input *in, const struct group_job *j, uint64_t docs, uint64_t *first, member_fn *tell,
                      void *ctx, struct err *e)
{
    struct part_head h;
    if (input_read(in, &h, sizeof h, e) != sizeof h || memcmp(h.magic, "TAMBKT1\n", 8))
        return err_set(e, ERR_DATA, "not made by tamis fuzzy group --bands or --range");
    if (h.docs != docs || h.stamp != stamp_of(j)) return err_set(e, ERR_DATA, "its buckets are of other signatures");
    uint64_t last, next = *first;
    uint32_t pair[8192];
    for (size_t n; (n = input_read(in, pair, sizeof pair, e)) > 0; ) {
        if (n % 8) return err_set(e, ERR_DATA, "it is cut short");
        for (size_t i = 0; i < n / 4; i += 2) {
            last = *first + pair[i];
            if (last >= UINT32_MAX || pair[i + 1] >= docs)
                return err_set(e, ERR_DATA, "a bucket or document is out of range");
            if (!tell(ctx, (uint32_t)last, pair[i + 1], e)) return false;
            next = last + 1;
        }
    }
    *first = next;
    return !e->kind;
}

static bool read_parts(const struct group_job *j, uint64_t docs, member_fn *tell, void *ctx, struct err *e)
{
    uint64_t first = 0;
    for (char **p = j->parts; *p; p++) {
        struct input *in = input_open(*p, e);
        if (!in) return false;
        bool ok = read_part(in, j, docs, &first, tell, ctx, e);
        input_close(in);
        if (!ok) return err_in(e, "%s", *p);
    }
    return true;
}

/* ---- by rank ---- */

struct ranking { const struct group_job *j; struct sort *sort; struct group_tally *t; struct shelf weights; };

/* A record: weight, document, bucket, the first two big-endian. */
static bool rank_put(void *ctx, uint32_t bucket, uint32_t doc, struct err *e)
{
    struct ranking *r = ctx;
    char record[16];
    be64_put(record, *(const uint64_t *)shelf_at(&r->weights, doc));
    be32_put(record + 8, doc);
    memcpy(record + 12, &bucket, 4);
    r->t->buckets = bucket + 1;
    return sort_put(r->sort, record, e);
}

static bool load_weights(struct ranking *r, uint64_t docs, struct err *e)
{
    if (!shelf_grow(&r->weights, docs, e)) return false;
    uint64_t doc = 0;
    for (size_t i = 0; i < r->j->n_slices; i++) {
        struct slice_scan c = { .s = &r->j->slices[i] };
        for (const struct slice_row *row; (row = slice_next(&c, e)); doc++)
            *(uint64_t *)shelf_at(&r->weights, doc) = doc < r->j->n_old ? 0 : row->weight;
        slice_scan_free(&c);
        if (e->kind) return false;
    }
    return true;
}

/* ---- verdicts ---- */

struct court {                                            /* where verdicts are given */
    const struct group_job *j;
    struct shelf *verdicts;
    struct likeness *like;
    struct group_tally *t;
    uint64_t most;                                        /* members a group may have */
};

static bool too_large(struct court *c, uint32_t stays, struct err *e)
{
    struct buf names = { 0 };
    size_t shown = 0;
    bool ok = likeness_name(c->like, stays, &names, e);
    for (size_t i = 0; ok && shown < 4 && i < c->t->docs; i++) {
        if (((const struct verdict *)shelf_at(c->verdicts, i))->twin != stays + 1) continue;
        buf_put(&names, S(", "));
        ok = likeness_name(c->like, (uint32_t)i, &names, e);
        shown++;
    }
    if (ok) err_set(e, ERR_DATA, "more than %llu of %llu documents are one group: %.*s ...\n"
                    "hint: look at these; raise --max-group if they are duplicates, else --similarity or --ngram",
                    (unsigned long long)c->most, (unsigned long long)c->t->docs, (int)names.n, names.p);
    buf_free(&names);
    return false;
}

static bool give(struct court *c, uint32_t doc, struct verdict v, struct err *e)
{
    if (!v.twin) return true;
    struct verdict *mine = shelf_at(c->verdicts, doc), *stays = shelf_at(c->verdicts, v.twin - 1);
    *mine = v;
    c->t->twins++;
    return ++stays->members < c->most || too_large(c, v.twin - 1, e);
}

static bool give_component(void *ctx, uint32_t doc, uint32_t stays, struct err *e)
{
    struct court *c = ctx;
    struct verdict *mine = shelf_at(c->verdicts, doc);
    float similarity = doc == stays ? 0 : mine->similarity;
    return doc == stays || give(c, doc, (struct verdict){ stays + 1, { similarity } }, e);
}

/* Documents come by rank, each with its buckets. */
static bool place_all(struct sort *by_rank, struct star *star, struct court *c, struct err *e)
{
    uint32_t buckets[4096], doc = 0;
    size_t n = 0;
    for (const char *r = NULL; ; ) {
        r = sort_next(by_rank, e);
        if (e->kind) return false;
        if (n && (!r || be32_get(r + 8) != doc)) {
            struct verdict v;
            if (!star_place(star, doc, buckets, n, &v, e)) return false;
            c->t->candidates++;
            if (!c->j->rules.components) { if (!give(c, doc, v, e)) return false; }
            else ((struct verdict *)shelf_at(c->verdicts, doc))->similarity = v.similarity;
            n = 0;
        }
        if (!r) return true;
        if (n == sizeof buckets / sizeof *buckets)
            return err_set(e, ERR_DATA, "document %lu is in more buckets than there are bands", (unsigned long)doc);
        doc = be32_get(r + 8);
        memcpy(&buckets[n++], r + 12, 4);
    }
}

static bool judge(const struct group_job *j, struct sort *by_rank, struct shelf *verdicts, struct group_tally *t,
                  struct err *e)
{
    struct likeness *like = likeness_open(j->slices, j->n_slices, j->memory / 8);
    struct star *star = star_open(j->rules, like, j->memory / 8);
    double share = j->max_group > 0 && t->docs > GROUP_SMALL ? j->max_group : 1;
    struct court c = { j, verdicts, like, t, share < 1 ? (uint64_t)(share * (double)t->docs) : UINT64_MAX };
    bool ok = shelf_grow(verdicts, t->docs, e) && place_all(by_rank, star, &c, e)
           && (!j->rules.components || star_components(star, give_component, &c, e));
    t->tried = star_tried(star);
    t->cut = star_cut(star);
    star_close(star);
    likeness_close(like);
    return ok;
}

bool group_run(const struct group_job *j, struct shelf *verdicts, struct group_tally *t, struct err *e)
{
    *t = (struct group_tally){ 0 };
    shelf_init(verdicts, sizeof(struct verdict), j->memory / 16);
    struct ranking r = { .j = j, .t = t };
    if (!count_docs(j, &t->docs, e)) return false;
    r.sort = sort_open(16, 12, j->memory / 4, j->threads);
    shelf_init(&r.weights, sizeof(uint64_t), j->memory / 16);
    bool ok = load_weights(&r, t->docs, e)
           && (j->parts ? read_parts(j, t->docs, rank_put, &r, e)
               : find_buckets(j, 0, j->slices[0].sketch.bands, rank_put, &r, e));
    shelf_free(&r.weights);
    ok = ok && judge(j, r.sort, verdicts, t, e);
    sort_close(r.sort);
    return ok;
}
