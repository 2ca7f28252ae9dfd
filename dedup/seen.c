/* seen.c - a hash table, and sorted runs behind Bloom filters.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   row:    key.lo | (key.hi) | value          `words` of 64 bits
 *   run:    rows sorted by key, in blocks of BLOCK rows; first[b] is block b's first key.lo
 *   filter: blocks of 512 bits, one a key, 7 bits each: about 1.3 % false positives at 10 bits a key */
#include "dedup/seen.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_CAP = 1 << 14, BLOCK = 256, BITS_PER_KEY = 10, PROBES = 7, HEADER = 32 };

struct run { int fd; bool from_index; uint64_t at, rows; uint64_t *first, *filter; size_t n_blocks, n_filter; };

struct seen {
    size_t words, cap, n, cap_max;                   /* rows of the table */
    uint64_t *table, count;
    size_t side, side_max;                           /* bytes of filters and first keys */
    struct run *runs;
    size_t n_runs, cap_runs;
    int scratch;
    uint64_t scratch_size;
    uint64_t block[BLOCK * 3];
};

struct seen *seen_open(bool wide, size_t memory)
{
    struct seen *s = mem_zero(1, sizeof *s);
    s->words = wide ? 3 : 2;
    s->scratch = -1;
    s->cap = s->cap_max = FIRST_CAP;
    /* growing holds the old table and the new one, half as large and whole, at once */
    while (s->cap_max * 2 * s->words * 8 * 3 / 2 <= memory / 4 * 3) s->cap_max *= 2;
    s->side_max = memory / 4;
    s->table = mem_zero(s->cap * s->words, 8);
    return s;
}

static struct hash128 key_of(struct seen *s, struct hash128 k)
{
    if (!k.lo) k.lo = 1;                             /* 0 marks an empty row */
    if (s->words == 2) k.hi = 0;
    return k;
}

/* The row of k, or the empty one where it would go. */
static uint64_t *slot(const struct seen *s, const uint64_t *table, size_t cap, struct hash128 k)
{
    for (size_t i = (size_t)hash_mix(k.lo) & (cap - 1); ; i = (i + 1) & (cap - 1)) {
        uint64_t *row = (uint64_t *)(uintptr_t)table + i * s->words;
        if (!row[0] || (row[0] == k.lo && (s->words == 2 || row[1] == k.hi))) return row;
    }
}

static void grow(struct seen *s)
{
    size_t cap = s->cap * 2;
    uint64_t *table = mem_zero(cap * s->words, 8);
    for (size_t i = 0; i < s->cap; i++) {
        const uint64_t *row = s->table + i * s->words;
        if (row[0])
            memcpy(slot(s, table, cap, (struct hash128){ row[0], s->words == 3 ? row[1] : 0 }), row, s->words * 8);
    }
    free(s->table);
    s->table = table;
    s->cap = cap;
}

/* ---- runs ---- */

static int by_key(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (x[0] > y[0]) - (x[0] < y[0]);
}

static int by_wide_key(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    int c = by_key(a, b);
    return c ? c : (x[1] > y[1]) - (x[1] < y[1]);
}

/* Rows to the front, sorted; returns how many. The table is no table after this. */
static size_t sort_table(struct seen *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->cap; i++)
        if (s->table[i * s->words]) memmove(s->table + n++ * s->words, s->table + i * s->words, s->words * 8);
    qsort(s->table, n, s->words * 8, s->words == 2 ? by_key : by_wide_key);
    return n;
}

static uint64_t *filter_block(const struct run *r, uint64_t lo)
{
    return r->filter + (hash_mix(lo + 1) % r->n_filter) * 8;
}

static void filter_add(struct run *r, uint64_t lo)
{
    uint64_t *b = filter_block(r, lo), h = hash_mix(lo ^ 0x5bd1e995);
    for (int i = 0; i < PROBES; i++, h >>= 9) b[h >> 6 & 7] |= (uint64_t)1 << (h & 63);
}

static bool filter_has(const struct run *r, uint64_t lo)
{
    const uint64_t *b = filter_block(r, lo);
    uint64_t h = hash_mix(lo ^ 0x5bd1e995);
    for (int i = 0; i < PROBES; i++, h >>= 9)
        if (!(b[h >> 6 & 7] >> (h & 63) & 1)) return false;
    return true;
}

static bool run_init(struct seen *s, struct run *r, int fd, uint64_t at, uint64_t rows, struct err *e)
{
    *r = (struct run){ .fd = fd, .at = at, .rows = rows, .n_blocks = (size_t)(rows / BLOCK + (rows % BLOCK != 0)),
                       .n_filter = (size_t)(rows * BITS_PER_KEY / 512 + 1) };
    size_t size = r->n_blocks * 8 + r->n_filter * 64;
    if (s->side + size > s->side_max)
        return err_set(e, ERR_SYSTEM,
                       "%llu keys need more memory than --memory gives\nhint: a larger --memory, --bloom, or slices",
                       (unsigned long long)s->count);
    s->side += size;
    r->first = mem_alloc(r->n_blocks, 8);
    r->filter = mem_zero(r->n_filter, 64);
    s->runs = mem_grow(s->runs, &s->cap_runs, s->n_runs + 1, sizeof *s->runs);
    return true;
}

static bool spill(struct seen *s, struct err *e)
{
    if (s->scratch < 0 && (s->scratch = file_scratch(e)) < 0) return false;
    size_t n = sort_table(s);
    struct run r;
    if (!run_init(s, &r, s->scratch, s->scratch_size, n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        if (i % BLOCK == 0) r.first[i / BLOCK] = s->table[i * s->words];
        filter_add(&r, s->table[i * s->words]);
    }
    s->runs[s->n_runs++] = r;
    const struct str rows = { (const char *)s->table, n * s->words * 8 };
    if (!file_write_at(s->scratch, rows, s->scratch_size, "seen keys", e)) return false;
    s->scratch_size += rows.n;
    memset(s->table, 0, s->cap * s->words * 8);
    s->n = 0;
    return true;
}

/* The block of r that begins with row first. */
static bool read_block(const struct seen *s, const struct run *r, uint64_t first, uint64_t *to, size_t *rows,
                       struct err *e)
{
    const size_t row = s->words * sizeof *to;
    *rows = r->rows - first < BLOCK ? (size_t)(r->rows - first) : BLOCK;
    return file_read_at(r->fd, to, *rows * row, r->at + first * row, "seen keys", e);
}

/* The last block whose first key is not above lo; equal keys may begin one block earlier. */
static size_t block_of(const struct run *r, uint64_t lo)
{
    size_t a = 0, b = r->n_blocks;
    while (b - a > 1) {
        size_t m = a + (b - a) / 2;
        if (r->first[m] < lo) a = m; else b = m;
    }
    return a;
}

static bool find_in_run(struct seen *s, const struct run *r, struct hash128 k, uint64_t *value, bool *there,
                        struct err *e)
{
    if (!r->rows || !filter_has(r, k.lo)) return true;
    for (size_t b = block_of(r, k.lo); b < r->n_blocks && r->first[b] <= k.lo; b++) {
        size_t rows;
        if (!read_block(s, r, b * BLOCK, s->block, &rows, e)) return false;
        for (size_t i = 0; i < rows; i++) {
            const uint64_t *row = s->block + i * s->words;
            if (row[0] != k.lo || (s->words == 3 && row[1] != k.hi)) continue;
            *there = true;
            *value = r->from_index ? SEEN_BEFORE : row[s->words - 1];
            return true;
        }
    }
    return true;
}

/* ---- the set ---- */

bool seen_find(struct seen *s, struct hash128 key, uint64_t *value, bool *there, struct err *e)
{
    struct hash128 k = key_of(s, key);
    const uint64_t *row = slot(s, s->table, s->cap, k);
    *there = row[0] != 0;
    if (*there) { *value = row[s->words - 1]; return true; }
    for (size_t i = s->n_runs; i > 0 && !*there; i--)            /* the latest first: what was set anew counts */
        if (!find_in_run(s, &s->runs[i - 1], k, value, there, e)) return false;
    return true;
}

bool seen_set(struct seen *s, struct hash128 key, uint64_t value, struct err *e)
{
    struct hash128 k = key_of(s, key);
    uint64_t *row = slot(s, s->table, s->cap, k);
    if (!row[0]) {
        if ((s->n + 1) * 4 > s->cap * 3) {
            if (s->cap < s->cap_max) grow(s);
            else if (!spill(s, e)) return false;
            row = slot(s, s->table, s->cap, k);
        }
        s->n++;
        s->count++;
    }
    row[0] = k.lo;
    if (s->words == 3) row[1] = k.hi;
    row[s->words - 1] = value;
    return true;
}

bool seen_add(struct seen *s, struct hash128 key, uint64_t *value, bool *there, struct err *e)
{
    uint64_t old;
    if (!seen_find(s, key, &old, there, e)) return false;
    if (*there) { *value = old; return true; }
    return seen_set(s, key, *value, e);
}

uint64_t seen_count(const struct seen *s)
{
    return s->count;
}

void seen_close(struct seen *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_runs; i++) {
        if (s->runs[i].from_index) close(s->runs[i].fd);
        free(s->runs[i].first);
        free(s->runs[i].filter);
    }
    if (s->scratch >= 0) close(s->scratch);
    free(s->runs);
    free(s->table);
    free(s);
}

/* ---- index files ---- */

static const char magic[16] = "tamis seen 1\n";

static bool load_rows(struct seen *s, struct run *r, const char *path, struct err *e)
{
    uint64_t last = 0;
    for (size_t b = 0; b < r->n_blocks; b++) {
        size_t rows;
        if (!read_block(s, r, b * BLOCK, s->block, &rows, e)) return false;
        r->first[b] = s->block[0];
        for (size_t i = 0; i < rows; last = s->block[i++ * s->words]) {
            if (s->block[i * s->words] < last) return err_set(e, ERR_DATA, "%s: its keys are not sorted", path);
            filter_add(r, s->block[i * s->words]);
        }
    }
    return true;
}

bool seen_load(struct seen *s, const char *path, struct err *e)
{
    char head[HEADER];
    uint64_t words, rows, size;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_sys(e, "could not open file %s", path);
    if (!file_size(path, &size, e)) { close(fd); return false; }
    bool ok = size >= HEADER ? file_read_at(fd, head, HEADER, 0, "seen keys", e)
              : err_set(e, ERR_DATA, "%s is no index of seen keys", path);
    memcpy(&words, head + 16, ok ? 8 : 0);
    memcpy(&rows, head + 24, ok ? 8 : 0);
    if (ok && memcmp(head, magic, 16) != 0) ok = err_set(e, ERR_DATA, "%s is no index of seen keys", path);
    if (ok && words != s->words) ok = err_set(e, ERR_USAGE, "%s was made with another --hash", path);
    if (ok && rows != (size - HEADER) / 8 / words)
        ok = err_set(e, ERR_DATA, "%s: %llu rows are not what its size says", path, (unsigned long long)rows);
    struct run r = { 0 };
    ok = ok && run_init(s, &r, fd, HEADER, rows, e) && load_rows(s, &r, path, e);
    r.from_index = true;
    if (ok) s->runs[s->n_runs++] = r;
    else { close(fd); free(r.first); free(r.filter); }
    return ok;
}

/* A cursor over one sorted source: a run, or the sorted table (run NULL). */
struct cursor { const struct run *run; const uint64_t *row, *end; uint64_t next; uint64_t block[BLOCK * 3]; };

static bool advance(struct seen *s, struct cursor *c, struct err *e)
{
    if (c->row) c->row += s->words;
    if (c->row != c->end || !c->run || c->next == c->run->rows) return true;
    size_t rows;
    if (!read_block(s, c->run, c->next, c->block, &rows, e)) return false;
    c->next += rows;
    c->row = c->block;
    c->end = c->block + rows * s->words;
    return true;
}

static bool write_rows(struct seen *s, struct output *o, struct cursor *c, size_t n, uint64_t *rows, struct err *e)
{
    int (*order)(const void *, const void *) = s->words == 2 ? by_key : by_wide_key;
    struct buf b = { 0 };
    uint64_t last[2] = { 0 };
    for (;;) {
        struct cursor *least = NULL;
        for (size_t i = 0; i < n; i++)
            if (c[i].row != c[i].end && (!least || order(c[i].row, least->row) <= 0)) least = &c[i];
        if (!least) break;
        if (!*rows || order(least->row, last) != 0) {            /* a key that two sources hold is written once */
            buf_put(&b, (struct str){ (const char *)least->row, s->words * 8 });
            last[0] = least->row[0];
            last[1] = least->row[1];
            ++*rows;
        }
        if (!advance(s, least, e) || (b.n > 1 << 20 && !output_write(o, buf_str(&b), e))) break;
        if (b.n > 1 << 20) buf_reset(&b);
    }
    bool ok = !e->kind && output_write(o, buf_str(&b), e);
    buf_free(&b);
    return ok;
}

bool seen_save(struct seen *s, const char *path, struct err *e)
{
    size_t n = s->n_runs + 1, in_table = sort_table(s);
    struct cursor *c = mem_zero(n, sizeof *c);
    c[n - 1] = (struct cursor){ .row = s->table, .end = s->table + in_table * s->words };
    bool ok = true;
    for (size_t i = 0; ok && i + 1 < n; i++) {
        c[i].run = &s->runs[i];
        ok = advance(s, &c[i], e);
    }
    char head[HEADER] = { 0 };
    memcpy(head, magic, 16);
    uint64_t words = s->words, rows = 0;
    memcpy(head + 16, &words, 8);
    struct output *o = ok ? output_open(path, e) : NULL;
    ok = o && output_write(o, (struct str){ head, HEADER }, e) && write_rows(s, o, c, n, &rows, e);
    if (ok) ok = output_patch(o, 24, (struct str){ (const char *)&rows, 8 }, e) && output_done(o, e);
    else output_drop(o);
    free(c);
    return ok;
}
