/* packing.c - documents' tokens to sequences, sequences to files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/packing.h"

#include "core/hash.h"
#include "core/utf8.h"
#include "record/json.h"
#include "shard/file.h"
#include "shard/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

enum { WINDOW = 1 << 24, DOCS_FRAME = 1 << 20, JSON_LIMIT = 1 << 20 };

struct written { void *self; XXH3_state_t *hash; uint64_t tokens, sequences; };      /* one a format */
struct piece { size_t at; size_t doc; };                                              /* in the window */
struct packing {
    struct packing_spec s;
    struct packing_totals totals;
    struct written to[FORMATS_MAX];
    struct output *docs;
    struct shard_files files;
    struct packer *packer;
    struct buf lines, packed;
    uint64_t at;                                             /* tokens of sequences so far */

    uint32_t *tokens;                                        /* concat: the row begun; best-fit: the window */
    size_t n, cap;
    struct rows_piece *sizes;                                /* best-fit: (n_pieces) */
    struct piece *pieces;
    size_t n_pieces, cap_sizes, cap_pieces;
    struct str *ids;                                         /* best-fit: (n_docs), in mem */
    size_t n_docs, cap_ids;
    struct arena mem;
};

static char *path_of(const char *prefix, const char *suffix, char path[4096])
{
    snprintf(path, 4096, "%s.%s", prefix, suffix);
    return path;
}

void packing_drop(struct packing *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->s.n_formats; i++) {
        if (p->to[i].self) p->s.format[i]->drop(p->to[i].self);
        XXH3_freeState(p->to[i].hash);
    }
    if (p->docs) output_drop(p->docs);
    packer_close(p->packer);
    buf_free(&p->lines);
    buf_free(&p->packed);
    free(p->tokens);
    free(p->sizes);
    free(p->pieces);
    free(p->ids);
    shard_files_free(&p->files);
    arena_free(&p->mem);
    free(p);
}

struct packing *packing_open(const struct packing_spec *s, struct err *e)
{
    char path[4096];
    struct packing *p = mem_zero(1, sizeof *p);
    p->s = *s;
    p->s.shard.files = &p->files;
    if (s->how == PACKING_NONE) p->s.shard.length = 0;
    p->packer = packer_open(ZSTD, ZSTD_LEVEL);
    bool ok = (p->docs = output_open(path_of(s->shard.prefix, "docs.jsonl.zst", path), e)) != NULL;
    for (size_t i = 0; ok && i < s->n_formats; i++) {
        p->to[i].hash = XXH3_createState();
        XXH3_64bits_reset(p->to[i].hash);
        ok = (p->to[i].self = s->format[i]->open(&p->s.shard, e)) != NULL;
    }
    if (ok) return p;
    packing_drop(p);
    return NULL;
}

/* ---- out ---- */

static bool put_to(struct packing *p, size_t i, const uint32_t *tokens, size_t n, struct err *e)
{
    XXH3_64bits_update(p->to[i].hash, tokens, n * sizeof *tokens);
    p->to[i].tokens += n;
    p->to[i].sequences++;
    return p->s.format[i]->put(p->to[i].self, tokens, n, e);
}

static bool put_sequence(struct packing *p, const uint32_t *tokens, size_t n, bool stream, bool rows, struct err *e)
{
    for (size_t i = 0; i < p->s.n_formats; i++)
        if ((p->s.format[i]->stream ? stream : rows) && !put_to(p, i, tokens, n, e)) return false;
    return true;
}

static bool flush_docs(struct packing *p, struct err *e)
{
    buf_reset(&p->packed);
    if (p->lines.n && (!packer_pack(p->packer, buf_str(&p->lines), &p->packed, e)
                       || !output_frame(p->docs, buf_str(&p->packed), p->lines.n, e)))
        return false;
    buf_reset(&p->lines);
    return true;
}

static bool put_doc(struct packing *p, struct str id, uint64_t at, size_t n, struct err *e)
{
    buf_put(&p->lines, S("{\"id\":"));
    buf_put(&p->lines, id.n ? id : S("null"));
    buf_printf(&p->lines, ",\"at\":%llu,\"tokens\":%zu}\n", (unsigned long long)at, n);
    return p->lines.n < DOCS_FRAME || flush_docs(p, e);
}

/* ---- concat ---- */

static uint32_t *room(struct packing *p, size_t n)
{
    if (p->cap - p->n < n) p->tokens = mem_grow(p->tokens, &p->cap, p->n + n, sizeof *p->tokens);
    return p->tokens + p->n;
}

static bool end_row(struct packing *p, struct err *e)
{
    p->totals.rows++;
    const bool ok = put_sequence(p, p->tokens, p->n, false, true, e);
    p->n = 0;
    return ok;
}

static bool concat(struct packing *p, const uint32_t *tokens, size_t n, struct err *e)
{
    if (!put_sequence(p, tokens, n, true, false, e)) return false;
    p->totals.cut += p->n + n > p->s.shard.length;
    while (n) {
        const size_t free_now = p->s.shard.length - p->n, some = n < free_now ? n : free_now;
        memcpy(room(p, some), tokens, some * sizeof *tokens);
        p->n += some;
        tokens += some;
        n -= some;
        if (p->n == p->s.shard.length && !end_row(p, e)) return false;
    }
    return true;
}

/* The last row: short where rows may be, else padded. */
static bool concat_end(struct packing *p, struct err *e)
{
    if (!p->n) return true;
    const size_t n = p->n, length = p->s.shard.length;
    uint32_t *rest = room(p, length - n);
    for (size_t i = 0; i < length - n; i++) rest[i] = p->s.pad;
    p->totals.rows++;
    for (size_t i = 0; i < p->s.n_formats; i++) {
        const struct shard_format *f = p->s.format[i];
        if (!f->stream && !put_to(p, i, p->tokens, f->fixed ? length : n, e)) return false;
    }
    return true;
}

/* ---- best fit ---- */

static bool write_rows(struct packing *p, size_t n_rows, struct err *e)
{
    const size_t length = p->s.shard.length;
    uint32_t *row_of = mem_zero(n_rows + 1, sizeof *row_of), *order = mem_alloc(p->n_pieces + 1, sizeof *order),
             *row = mem_alloc(length, sizeof *row);
    for (size_t i = 0; i < p->n_pieces; i++) row_of[p->sizes[i].row + 1]++;
    for (size_t r = 0; r < n_rows; r++) row_of[r + 1] += row_of[r];
    uint32_t *at = mem_alloc(n_rows + 1, sizeof *at);
    memcpy(at, row_of, (n_rows + 1) * sizeof *at);
    for (size_t i = 0; i < p->n_pieces; i++) order[at[p->sizes[i].row]++] = (uint32_t)i;
    bool ok = true;
    for (size_t r = 0; ok && r < n_rows; r++, p->at += length) {
        size_t n = 0;
        for (size_t k = row_of[r]; ok && k < row_of[r + 1]; k++) {
            const struct piece *piece = &p->pieces[order[k]];
            const size_t size = p->sizes[order[k]].size;
            memcpy(row + n, p->tokens + piece->at, size * sizeof *row);
            ok = put_doc(p, p->ids[piece->doc], p->at + n, size, e);
            n += size;
        }
        p->totals.padded += length - n;
        for (; n < length; n++) row[n] = p->s.pad;
        ok = ok && put_sequence(p, row, length, true, true, e);
    }
    p->totals.rows += n_rows;
    free(row_of);
    free(order);
    free(row);
    free(at);
    return ok;
}

static bool fit_window(struct packing *p, struct err *e)
{
    const bool ok = write_rows(p, rows_fit(p->sizes, p->n_pieces, p->s.shard.length), e);
    p->n = p->n_pieces = p->n_docs = 0;
    arena_reset(&p->mem);
    return ok;
}

static bool best_fit(struct packing *p, struct str id, const uint32_t *tokens, size_t n, struct err *e)
{
    const size_t length = p->s.shard.length;
    if (p->n_docs == p->cap_ids) p->ids = mem_grow(p->ids, &p->cap_ids, p->n_docs + 1, sizeof *p->ids);
    p->ids[p->n_docs++] = id.n ? str_copy(&p->mem, id) : (struct str){ NULL, 0 };
    memcpy(room(p, n), tokens, n * sizeof *tokens);
    p->totals.cut += n > length;
    for (size_t at = 0; at < n; at += length) {
        if (p->n_pieces == p->cap_sizes)
            p->sizes = mem_grow(p->sizes, &p->cap_sizes, p->n_pieces + 1, sizeof *p->sizes);
        if (p->n_pieces == p->cap_pieces)
            p->pieces = mem_grow(p->pieces, &p->cap_pieces, p->n_pieces + 1, sizeof *p->pieces);
        p->sizes[p->n_pieces] = (struct rows_piece){ (uint32_t)(n - at < length ? n - at : length), 0 };
        p->pieces[p->n_pieces++] = (struct piece){ p->n + at, p->n_docs - 1 };
    }
    p->n += n;
    return p->n < WINDOW || fit_window(p, e);
}

/* ---- all ---- */

bool packing_put(struct packing *p, struct str id, const uint32_t *tokens, size_t n, struct err *e)
{
    if (!n) return true;
    p->totals.documents++;
    p->totals.tokens += n;
    if (p->s.how == PACKING_BEST_FIT) return best_fit(p, id, tokens, n, e);
    const uint64_t at = p->at;
    p->at += n;
    if (!put_doc(p, id, at, n, e)) return false;
    if (p->s.how == PACKING_CONCAT) return concat(p, tokens, n, e);
    p->totals.rows++;
    return put_sequence(p, tokens, n, true, true, e);
}

static const char *const how_name[] = { "concat", "none", "best-fit" };

/* How much of a prefix names its folder: files are listed without. */
static size_t folder_size(const char *prefix)
{
    const char *slash = strrchr(prefix, '/');
    return slash ? (size_t)(slash + 1 - prefix) : 0;
}

static bool put_manifest(struct packing *p, struct err *e)
{
    char path[4096];
    struct buf b = { 0 };
    const struct packing_totals *t = &p->totals;
    buf_printf(&b,
               "{\n  \"pack\": \"%s\", \"length\": %zu, \"token_bytes\": %zu, \"pad\": %u, \"shard_tokens\": %llu,\n",
               how_name[p->s.how], p->s.shard.length, p->s.shard.width, p->s.pad,
               (unsigned long long)p->s.shard.shard_tokens);
    buf_printf(&b, "  \"documents\": %llu, \"tokens\": %llu, \"rows\": %llu, \"documents_cut\": %llu, \"tokens_padded\": %llu,\n  \"formats\": {",
               (unsigned long long)t->documents, (unsigned long long)t->tokens, (unsigned long long)t->rows,
               (unsigned long long)t->cut, (unsigned long long)t->padded);
    for (size_t i = 0; i < p->s.n_formats; i++)
        buf_printf(&b, "%s\n    \"%s\": {\"sequences\": %llu, \"tokens\": %llu, \"xxh3\": \"%016llx\"}", i ? "," : "",
                   p->s.format[i]->name, (unsigned long long)p->to[i].sequences, (unsigned long long)p->to[i].tokens,
                   (unsigned long long)XXH3_64bits_digest(p->to[i].hash));
    buf_put(&b, S("\n  },\n  \"files\": {"));
    for (size_t i = 0; i < p->files.n; i++) {
        const struct shard_written *w = &p->files.all[i];
        buf_put(&b, i ? S(",\n    ") : S("\n    "));
        json_put_string(&b, str_of(w->path + folder_size(p->s.shard.prefix)));
        buf_printf(&b, ": {\"bytes\": %llu, \"xxh3\": \"%016llx\"}", (unsigned long long)w->size,
                   (unsigned long long)w->hash);
    }
    buf_put(&b, S("\n  }\n}\n"));
    const bool ok = file_write(path_of(p->s.shard.prefix, "json", path), buf_str(&b), e);
    buf_free(&b);
    return ok;
}

bool packing_close(struct packing *p, struct packing_totals *totals, struct err *e)
{
    char path[4096];
    bool ok = p->s.how == PACKING_BEST_FIT ? fit_window(p, e) : p->s.how == PACKING_CONCAT ? concat_end(p, e) : true;
    for (size_t i = 0; ok && i < p->s.n_formats; i++) {
        ok = p->s.format[i]->close(p->to[i].self, e);
        p->to[i].self = NULL;
    }
    ok = ok && flush_docs(p, e);
    if (ok) { ok = output_done(p->docs, e); p->docs = NULL; }
    ok = ok && shard_files_add(&p->files, path_of(p->s.shard.prefix, "docs.jsonl.zst", path), e);
    ok = ok && put_manifest(p, e);
    if (totals) *totals = p->totals;
    packing_drop(p);
    return ok;
}

/* ---- verifying ---- */

struct reading { XXH3_state_t *hash; uint64_t tokens; };

static bool read_tokens(void *with, const uint32_t *tokens, size_t n)
{
    struct reading *r = with;
    XXH3_64bits_update(r->hash, tokens, n * sizeof *tokens);
    r->tokens += n;
    return true;
}

static bool verify_format(const struct shard_format *f, const struct shard_spec *s, struct str said, uint64_t *tokens,
                          struct err *e)
{
    struct reading r = { XXH3_createState(), 0 };
    XXH3_64bits_reset(r.hash);
    const bool ok = f->read(s, read_tokens, &r, e);
    char hash[24];
    snprintf(hash, sizeof hash, "\"%016llx\"", (unsigned long long)XXH3_64bits_digest(r.hash));
    XXH3_freeState(r.hash);
    if (!ok) return err_in(e, "%s", f->name);
    int64_t n = -1;
    json_integer(json_get(said, S("tokens")), &n);
    if (n < 0 || (uint64_t)n != r.tokens)
        return err_set(e, ERR_DATA, "%s: %s.json says %lld tokens, there are %llu", f->name, s->prefix, (long long)n,
                       (unsigned long long)r.tokens);
    if (!str_eq(json_get(said, S("xxh3")), str_of(hash)))
        return err_set(e, ERR_DATA, "%s: the tokens are not those that were written: their hash is %s", f->name, hash);
    *tokens += r.tokens;
    return true;
}

static bool verify_file(const char *prefix, const struct json_field *f, struct arena *mem, struct err *e)
{
    char path[4096], said[24];
    uint64_t hash;
    struct str name = { f->key.p - 1, f->key.n + 2 };                    /* with its quotes */
    if (!json_string(name, mem, &name)) return err_set(e, ERR_DATA, "%s.json: a file has no name", prefix);
    snprintf(path, sizeof path, "%.*s%.*s", (int)folder_size(prefix), prefix, (int)name.n, name.p);
    if (!hash_file(path, &hash, e)) return false;
    snprintf(said, sizeof said, "\"%016llx\"", (unsigned long long)hash);
    return str_eq(json_get(f->value, S("xxh3")), str_of(said))
        || err_set(e, ERR_DATA, "%s is not as it was written: its hash is %s", path, said);
}

bool packing_verify(const char *prefix, uint64_t *tokens, struct err *e)
{
    char path[4096];
    struct arena mem = { 0 };
    struct buf b = { 0 };
    int64_t length = 0, width = 0;
    bool ok = file_slurp(path_of(prefix, "json", path), &b, JSON_LIMIT, e)
              && (json_valid(buf_str(&b), e) || err_in(e, "%s", path));
    const struct str all = str_trim(buf_str(&b));
    if (ok && (!json_integer(json_get(all, S("length")), &length)
               || !json_integer(json_get(all, S("token_bytes")), &width) || length < 0 || (width != 2 && width != 4)))
        ok = err_set(e, ERR_DATA, "%s: it says no \"length\" and \"token_bytes\"", path);
    const struct shard_spec spec = { prefix, (size_t)width, (size_t)length, 0, NULL };
    struct str rest = ok ? json_get(all, S("formats")) : (struct str){ NULL, 0 };
    *tokens = 0;
    for (struct json_field f; ok && json_next_field(&rest, &f); ) {
        const struct shard_format *format = shard_format_named(f.key);
        ok = format ? verify_format(format, &spec, f.value, tokens, e)
             : err_set(e, ERR_DATA, "%s: format %.*s is not known", path, (int)f.key.n, f.key.p);
    }
    rest = ok ? json_get(all, S("files")) : (struct str){ NULL, 0 };
    for (struct json_field f; ok && json_next_field(&rest, &f); ) ok = verify_file(prefix, &f, &mem, e);
    arena_free(&mem);
    buf_free(&b);
    return ok;
}
