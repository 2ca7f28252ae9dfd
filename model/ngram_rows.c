/* ngram_rows.c - rows in a scratch file; and rows that are a whole model as ARPA or as our binary.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/ngram_rows.h"
#include "core/file.h"
#include "core/sort.h"
#include "model/ngram_model.h"

#include <math.h>
#include <unistd.h>

bool ngram_rows_open(struct ngram_rows *r, int words, size_t extra, struct err *e)
{
    const int fd = file_scratch(e);
    *r = (struct ngram_rows){ .f = fd < 0 ? NULL : fdopen(fd, "w+b"), .key = (size_t)words * NGRAM_WORD,
                              .extra = extra };
    if (r->f) setvbuf(r->f, NULL, _IOFBF, 1 << 18);
    else if (fd >= 0) { close(fd); err_sys(e, "could not open a scratch file"); }
    return r->f;
}

bool ngram_rows_put(struct ngram_rows *r, const void *key, const void *extra, struct err *e)
{
    r->n++;
    return ((fwrite_unlocked)(key, 1, r->key, r->f) == r->key
            && (fwrite_unlocked)(extra, 1, r->extra, r->f) == r->extra)
        || err_sys(e, "could not write a scratch file");
}

void ngram_rows_rewind(struct ngram_rows *r)
{
    rewind(r->f);
    r->any = false;
}

bool ngram_rows_next(struct ngram_rows *r, struct err *e)
{
    const size_t size = r->key + r->extra, got = (fread_unlocked)(r->row, 1, size, r->f);
    r->any = got == size;
    return r->any || (!got && !ferror(r->f)) || err_sys(e, "could not read a scratch file");
}

void ngram_rows_close(struct ngram_rows *r)
{
    if (r->f) fclose(r->f);
    r->f = NULL;
}

/* ---- a model ---- */

/* The words in their order, and the weights, of the row that next read. */
static struct ngram_log decode(const struct ngram_rows *r, int n, uint32_t *words)
{
    struct ngram_log log;
    for (int i = 0; i < n; i++) words[n - 1 - i] = be32_get(r->row + NGRAM_WORD * i);
    memcpy(&log, r->row + r->key, sizeof log);
    return log;
}

/* Seven decimals, which is more than a float of this size has. */
static char *put_log(char *to, float x)
{
    enum { SCALE = 10000000, PLACES = 7 };
    const long long v = llrint((double)x * SCALE);
    const uint64_t size = (uint64_t)(v < 0 ? -v : v);
    uint64_t part = size % SCALE, whole = size / SCALE;
    char digits[20], *p = digits + sizeof digits;
    if (v < 0) *to++ = '-';
    do *--p = (char)('0' + whole % 10); while (whole /= 10);
    for (; p < digits + sizeof digits; p++) *to++ = *p;
    *to = '.';
    for (int i = PLACES; i; part /= 10) to[i--] = (char)('0' + part % 10);
    return to + 1 + PLACES;
}

static void put_line(struct buf *b, const struct ft_lexicon *lexicon, const uint32_t *words, int n,
                     struct ngram_log log, bool longest)
{
    enum { NUMBER = 32 };
    size_t size = 2 * NUMBER + 3;
    for (int k = 0; k < n; k++) size += lexicon->entries[words[k]].n + 1;
    char *begin = buf_room(b, size), *to = put_log(begin, log.p);
    for (int k = 0; k < n; k++) {
        const struct ft_entry *word = &lexicon->entries[words[k]];
        *to++ = k ? ' ' : '\t';
        memcpy(to, word->p, word->n);
        to += word->n;
    }
    if (!longest) { *to++ = '\t'; to = put_log(to, log.backoff); }
    *to++ = '\n';
    b->n += (size_t)(to - begin);
}

static bool write_section(struct ngram_rows *r, int n, bool longest, const struct ft_lexicon *lexicon, struct output *o,
                          struct buf *b, struct err *e)
{
    enum { FULL = 1 << 20 };
    uint32_t words[NGRAM_MAX_ORDER];
    buf_printf(b, "\n\\%d-grams:\n", n);
    ngram_rows_rewind(r);
    while (ngram_rows_next(r, e) && r->any) {
        const struct ngram_log log = decode(r, n, words);
        put_line(b, lexicon, words, n, log, longest);
        if (b->n < FULL) continue;
        if (!output_write(o, buf_str(b), e)) return false;
        buf_reset(b);
    }
    return !e->kind;
}

static bool write_arpa(struct ngram_rows *done, int order, const struct ft_lexicon *words, const char *path,
                       struct err *e)
{
    struct output *o = output_open(path, e);
    if (!o) return false;
    struct buf b = { 0 };
    buf_put(&b, S("\\data\\\n"));
    for (int n = 1; n <= order; n++) buf_printf(&b, "ngram %d=%llu\n", n, (unsigned long long)done[n - 1].n);
    bool ok = true;
    for (int n = 1; ok && n <= order; n++) ok = write_section(&done[n - 1], n, n == order, words, o, &b, e);
    buf_put(&b, S("\n\\end\\\n"));
    ok = ok && output_write(o, buf_str(&b), e);
    buf_free(&b);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool put_row(struct ngram *m, const struct ft_lexicon *lexicon, const uint32_t *words, int n,
                    struct ngram_log log, struct err *e)
{
    const struct ngram_weights w = { log.p, log.backoff };
    if (n > 1) { ngram_put(m, words, n, w); return true; }
    const struct ft_entry *word = &lexicon->entries[*words];
    return ngram_put_word(m, (struct str){ word->p, word->n }, *words, w)
        || err_set(e, ERR_DATA, "two words share a 64-bit hash");
}

static bool write_binary(struct ngram_rows *done, int order, const struct ft_lexicon *lexicon, const char *path,
                         struct err *e)
{
    uint64_t counts[NGRAM_MAX_ORDER] = { 0 };
    uint32_t words[NGRAM_MAX_ORDER];
    for (int n = 0; n < order; n++) counts[n] = done[n].n;
    struct ngram *m = ngram_new(order, counts, e);
    if (!m) return false;
    bool ok = true;
    for (int n = 1; ok && n <= order; n++) {
        struct ngram_rows *r = &done[n - 1];
        for (ngram_rows_rewind(r); ok && ngram_rows_next(r, e) && r->any; ) {
            const struct ngram_log log = decode(r, n, words);
            ok = put_row(m, lexicon, words, n, log, e);
        }
    }
    ok = ok && !e->kind && ngram_write(m, path, e);
    ngram_close(m);
    return ok;
}

bool ngram_rows_write(struct ngram_rows *done, int order, const struct ft_lexicon *words, const char *path,
                      struct err *e)
{
    return str_ends(str_of(path), S(".arpa")) ? write_arpa(done, order, words, path, e)
        : write_binary(done, order, words, path, e);
}
