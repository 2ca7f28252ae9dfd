/* sizes.c - see sizes.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/sizes.h"
#include "core/sort.h"

#include <stdlib.h>

enum { RECORD = 28, NAME_MAX_BYTES = 1 << 24 };

/* ---- part ---- */

/* rows: row, big-endian | record */
struct sizes_out { struct runs_out *out; struct sort *rows; struct blend domains; uint32_t n; };

struct sizes_out *sizes_create(const char *path, size_t memory, int threads, struct err *e)
{
    struct runs_out *out = runs_create(path, (struct runs_head){ .kind = "sizes", .record = RECORD, .cells = 1 }, e);
    if (!out) return NULL;
    struct sizes_out *o = mem_zero(1, sizeof *o);
    *o = (struct sizes_out){ .out = out, .rows = sort_open(4 + RECORD, 4, memory, threads) };
    return o;
}

bool sizes_put(struct sizes_out *o, const struct measured *m, struct err *e)
{
    char record[4 + RECORD];
    uint32_t domain;
    if (o->n == UINT32_MAX) return err_set(e, ERR_DATA, "more than 2^32 documents in one slice");
    if (!blend_domain(&o->domains, m->domain, &domain, e)) return false;
    be32_put(record, o->n++);
    memcpy(record + 4, &domain, 4);
    memcpy(record + 8, &m->tokens, 8);
    memcpy(record + 16, &m->score, 8);
    memcpy(record + 24, &m->key, 8);
    return sort_put(o->rows, record, e);
}

bool sizes_done(struct sizes_out *o, struct err *e)
{
    const uint64_t n = o->domains.names.n;
    bool ok = runs_heap(o->out, (struct str){ (const char *)&n, 8 }, NULL, e);
    for (size_t i = 0; ok && i < n; i++) ok = runs_text(o->out, o->domains.names.token[i], NULL, e);
    for (const char *r; ok && (r = sort_next(o->rows, e)); ) ok = runs_put(o->out, 0, r + 4, e);
    struct runs_out *out = o->out;
    const uint64_t docs = o->n;
    ok = ok && !e->kind;
    if (ok) o->out = NULL;
    sizes_drop(o);
    return ok && runs_done(out, docs, e);
}

void sizes_drop(struct sizes_out *o)
{
    if (!o) return;
    runs_drop(o->out);
    sort_close(o->rows);
    blend_free(&o->domains);
    free(o);
}

/* ---- merge ---- */

/* by_rank: domain | score, the highest first | key, big-endian, then slice | row | tokens. Equal ones come in the order
 * of slices and rows. */
enum { RANK_KEY = 20, RANK_RECORD = RANK_KEY + 16 };
struct merge { struct blend *b; struct sort *by_rank; uint64_t *docs; size_t n_slices, cap; };

/* A number's bits so that the highest compares first. */
static uint64_t highest_first(double x)
{
    uint64_t bits;
    x += 0.0;                                        /* -0 is 0 */
    memcpy(&bits, &x, 8);
    return bits >> 63 ? bits : ~(bits | 1ULL << 63);
}

/* The slice's numbers of domains to ours. */
static bool read_domains(struct blend *b, const struct runs *r, uint32_t **to, uint64_t *n, struct err *e)
{
    struct buf name = { 0 };
    uint64_t at = 8;
    bool ok = runs_heap_read(r, 0, 8, &name, e);
    if (ok) memcpy(n, name.p, 8);
    if (ok && *n > r->head.heap / 4) ok = err_set(e, ERR_DATA, "its domains are cut short");
    *to = mem_alloc(ok ? *n + 1 : 1, sizeof **to);
    for (uint64_t i = 0; ok && i < *n; i++) {
        ok = runs_text_read(r, at, &name, e) && blend_domain(b, buf_str(&name), &(*to)[i], e);
        at += 4 + name.n;
    }
    buf_free(&name);
    return ok;
}

static bool take(struct merge *m, const char *p, const uint32_t *domain_of, uint64_t n_domains, uint32_t slice,
                 uint32_t row, struct err *e)
{
    char to[RANK_RECORD];
    uint32_t domain;
    uint64_t tokens, key;
    double score;
    memcpy(&domain, p, 4);
    memcpy(&tokens, p + 4, 8);
    memcpy(&score, p + 12, 8);
    memcpy(&key, p + 20, 8);
    if (domain >= n_domains) return err_set(e, ERR_DATA, "a document is of no domain");
    domain = domain_of[domain];
    m->b->domains[domain].tokens += tokens;
    m->b->domains[domain].documents++;
    be32_put(to, domain);
    be64_put(to + 4, highest_first(score));
    be64_put(to + 12, key);
    memcpy(to + RANK_KEY, &slice, 4);
    memcpy(to + RANK_KEY + 4, &row, 4);
    memcpy(to + RANK_KEY + 8, &tokens, 8);
    return sort_put(m->by_rank, to, e);
}

static bool read_part(struct merge *m, const struct runs *r, uint32_t slice, struct err *e)
{
    struct runs_scan s = { 0 };
    uint32_t *domain_of = NULL, row = 0;
    uint64_t n_domains = 0;
    bool ok = read_domains(m->b, r, &domain_of, &n_domains, e) && runs_scan(&s, r, 0, 1, e);
    for (const char *p; ok && (p = runs_next(&s, e)); row++) ok = take(m, p, domain_of, n_domains, slice, row, e);
    runs_scan_free(&s);
    free(domain_of);
    m->docs = mem_grow(m->docs, &m->cap, m->n_slices + 1, sizeof *m->docs);
    m->docs[m->n_slices++] = row;
    return ok && !e->kind;
}

static bool read_parts(struct merge *m, char *const *files, struct err *e)
{
    for (uint32_t i = 0; files[i]; i++) {
        struct runs r;
        if (!runs_open(&r, files[i], "sizes", RECORD, e)) return false;
        bool ok = read_part(m, &r, i, e);
        runs_close(&r);
        if (!ok) return err_in(e, "%s", files[i]);
    }
    return true;
}

static bool choose(struct merge *m, struct cuts_out *out, struct err *e)
{
    struct mixing_domain *domains = m->b->domains;
    double *left = mixing_begin(domains, m->b->names.n);
    bool ok = true;
    for (const char *r; ok && (r = sort_next(m->by_rank, e)); ) {
        uint32_t slice, row, domain = be32_get(r);
        uint64_t tokens;
        char payload[MIX_PAYLOAD];
        memcpy(&slice, r + RANK_KEY, 4);
        memcpy(&row, r + RANK_KEY + 4, 4);
        memcpy(&tokens, r + RANK_KEY + 8, 8);
        const uint32_t copies = mixing_take(&domains[domain], &left[domain], tokens);
        memcpy(payload, &copies, 4);
        memcpy(payload + 4, &tokens, 8);
        ok = copies == 1 || cuts_put(out, slice, row, payload, e);
    }
    free(left);
    return ok && !e->kind;
}

bool sizes_merge(char *const *files, struct blend *b, size_t memory, int threads, const char *path, struct err *e)
{
    struct merge m = { .b = b, .by_rank = sort_open(RANK_RECORD, RANK_KEY, memory / 2, threads) };
    struct cuts_out *out = NULL;
    uint64_t n;
    bool ok = read_parts(&m, files, e) && blend_share(b, e);
    if (ok) out = cuts_create(path, &(struct cuts_plan){ .is = sizes_cuts(), .range = { 0, 1 }, .docs = m.docs,
                                                         .n_slices = m.n_slices, .memory = memory / 2,
                                                         .threads = threads }, e);
    ok = out && choose(&m, out, e) && blend_receipt(b, e);
    sort_close(m.by_rank);
    free(m.docs);
    if (ok) return cuts_done(out, NULL, NULL, &n, e);
    cuts_drop(out);
    return false;
}
