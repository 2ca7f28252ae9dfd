/* coded.c - the tokens of one slice, written once and read once through.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "shard/file.h"
#include "shard/coded.h"

#include <stdlib.h>

struct head { char magic[8]; uint64_t docs, tokens, size, stamp; uint32_t width, end; char zero[16]; };
struct record { uint64_t hash; uint32_t copies, id, n, zero; };
_Static_assert(sizeof(struct head) == 64 && sizeof(struct record) == 24, "the layout in coded.h");
enum { RECORD = 20, NO_ID = 0 };             /* record's bytes on disk: without its padding; raw JSON is never empty */

/* ---- writing ---- */

struct coded_out { struct shard_file file; struct head head; };

struct coded_out *coded_create(const char *path, const struct coder *s, const struct coder_options *o, struct err *e)
{
    struct coded_out *out = mem_zero(1, sizeof *out);
    uint64_t stamp;
    out->head = (struct head){ .magic = "TAMTOK1", .width = (uint32_t)s->width, .end = s->end };
    out->head.magic[7] = '\n';
    if (hash_file(o->model, &stamp, e) && shard_file_open(&out->file, path, e)) {
        out->head.stamp = stamp + o->specials;
        if (shard_file_put(&out->file, (struct str){ (const char *)&out->head, sizeof out->head }, e)) return out;
        shard_file_drop(&out->file);
    }
    free(out);
    return NULL;
}

bool coded_put(struct coded_out *o, const struct dealt *d, struct err *e)
{
    if (d->n > UINT32_MAX) return err_set(e, ERR_DATA, "a document of %zu tokens", d->n);
    const struct record r = { d->hash, d->copies, (uint32_t)d->id.n, (uint32_t)d->n, 0 };
    o->head.docs++;
    o->head.tokens += d->n;
    return shard_file_put(&o->file, (struct str){ (const char *)&r, RECORD }, e) && shard_file_put(&o->file, d->id, e)
        && shard_file_tokens(&o->file, d->tokens, d->n, o->head.width, e);
}

bool coded_done(struct coded_out *o, struct err *e)
{
    o->head.size = o->file.size;
    const bool ok = shard_file_flush(&o->file, e)
                    && output_patch(o->file.out, 0, (struct str){ (const char *)&o->head, sizeof o->head }, e);
    if (!ok) { coded_drop(o); return false; }
    struct shard_file file = o->file;
    free(o);
    return shard_file_done(&file, e);
}

void coded_drop(struct coded_out *o)
{
    if (!o) return;
    shard_file_drop(&o->file);
    free(o);
}

/* ---- reading ---- */

/* left: bytes */
struct coded_in {
    struct input *in;
    struct head head;
    uint64_t left, docs;
    struct buf bytes;
    uint32_t *wide;
    size_t cap;
};

static bool take(struct coded_in *in, void *to, size_t n, struct err *e)
{
    if (n > in->left) return err_set(e, ERR_DATA, "a document is longer than the file");
    for (size_t got = 0; got < n; ) {
        const size_t k = input_read(in->in, (char *)to + got, n - got, e);
        if (!k) return e->kind ? false : err_set(e, ERR_DATA, "tokens are cut short");
        got += k;
    }
    in->left -= n;
    return true;
}

static bool check(struct coded_in *in, const char *path, struct err *e)
{
    uint64_t size;
    in->left = sizeof in->head;
    if (!file_size(path, &size, e) || !take(in, &in->head, sizeof in->head, e)) return false;
    const struct head *h = &in->head;
    if (memcmp(h->magic, "TAMTOK1\n", 8) != 0 || (h->width != 2 && h->width != 4))
        return err_set(e, ERR_DATA, "no tokens of tamis pack part");
    if (h->size != size)
        return err_set(e, ERR_DATA, "%llu bytes, its head says %llu", (unsigned long long)size,
                       (unsigned long long)h->size);
    in->left = size - sizeof *h;
    return true;
}

struct coded_in *coded_open(const char *path, struct err *e)
{
    struct input *input = input_open(path, e);
    if (!input) return NULL;
    struct coded_in *in = mem_zero(1, sizeof *in);
    in->in = input;
    if (check(in, path, e)) return in;
    err_in(e, "%s", path);
    coded_close(in);
    return NULL;
}

bool coded_like(const struct coded_in *a, const struct coded_in *b)
{
    return a->head.width == b->head.width && a->head.end == b->head.end && a->head.stamp == b->head.stamp;
}

size_t coded_width(const struct coded_in *in) { return in->head.width; }
uint32_t coded_end(const struct coded_in *in) { return in->head.end; }

bool coded_next(struct coded_in *in, struct dealt *to, struct err *e)
{
    struct record r = { 0 };
    if (in->docs == in->head.docs) return in->left ? err_set(e, ERR_DATA, "there is more than its head says") : false;
    if (!take(in, &r, RECORD, e)) return false;
    const size_t size = (size_t)r.n * in->head.width;
    if (r.id > in->left || size > in->left - r.id)
        return err_set(e, ERR_DATA, "document %llu is longer than the file", (unsigned long long)in->docs);
    buf_reset(&in->bytes);
    if (!take(in, buf_room(&in->bytes, r.id + size), r.id + size, e)) return false;
    if (r.n > in->cap) in->wide = mem_grow(in->wide, &in->cap, r.n, sizeof *in->wide);
    const char *p = in->bytes.p + r.id;
    if (in->head.width == 4) memcpy(in->wide, p, size);
    else for (size_t i = 0; i < r.n; i++) { uint16_t x; memcpy(&x, p + 2 * i, 2); in->wide[i] = x; }
    in->docs++;
    *to = (struct dealt){ r.hash, r.copies, r.id == NO_ID ? (struct str){ 0 } : (struct str){ in->bytes.p, r.id },
                          in->wide, r.n };
    return true;
}

void coded_close(struct coded_in *in)
{
    if (!in) return;
    input_close(in->in);
    buf_free(&in->bytes);
    free(in->wide);
    free(in);
}
