/* tally.c - see tally.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/tally.h"

#include "core/file.h"

#include <stdlib.h>

enum { FLUSH = 1 << 20, NAME_MAX_BYTES = 1 << 24 };
struct head { char magic[8]; uint64_t stamp, groups, words, size, zero; };
_Static_assert(sizeof(struct head) == 48, "the header is 48 bytes");

/* ---- writing ---- */

/* of the word at hand, so often in a group; group: as the file numbers it */
struct share { uint32_t group; uint64_t n; };
struct writer {
    struct output *out;
    struct buf buf;
    struct head head;
    const struct balance *b;                                                     /* NULL: words have no groups */
    /* (groups): by name, which number the counters gave each; and the other way round */
    uint32_t *sorted, *place;
    struct buf word;
    struct share *share;                                                         /* of the word at hand */
    size_t n_shares, cap_shares;
};

static bool put(struct writer *w, const void *p, size_t n, struct err *e)
{
    buf_put(&w->buf, (struct str){ p, n });
    w->head.size += n;
    if (w->buf.n < FLUSH) return true;
    const bool ok = output_write(w->out, buf_str(&w->buf), e);
    buf_reset(&w->buf);
    return ok;
}

static bool put_count(struct writer *w, struct str word, uint64_t n, struct err *e)
{
    const uint32_t size = (uint32_t)word.n;
    w->head.words++;
    return put(w, &size, 4, e) && put(w, &n, 8, e) && put(w, word.p, word.n, e);
}

static int by_group(const void *a, const void *b)
{
    const struct share *x = a, *y = b;
    return (x->group > y->group) - (x->group < y->group);
}

/* The word at hand, once for each of its groups. */
static bool put_shares(struct writer *w, struct err *e)
{
    const size_t text = w->word.n;
    bool ok = true;
    if (w->n_shares) qsort(w->share, w->n_shares, sizeof *w->share, by_group);
    for (size_t i = 0; ok && i < w->n_shares; i++) {
        const uint32_t group = w->share[i].group;
        w->word.n = text;
        buf_put(&w->word, (struct str){ (const char[BALANCE_MARK]){ (char)(group & 255), (char)(group >> 8) },
                                        BALANCE_MARK });
        ok = put_count(w, buf_str(&w->word), w->share[i].n, e);
    }
    w->n_shares = 0;
    return ok;
}

/* Groups had their numbers in the order in which threads met them: the file has them by name. */
static bool put_word(void *with, struct str word, uint64_t n, struct err *e)
{
    struct writer *w = with;
    if (!w->b) return put_count(w, word, n, e);
    const struct str text = { word.p, word.n - BALANCE_MARK };
    const char *mark = word.p + text.n;
    if (w->n_shares && !str_eq(text, buf_str(&w->word)) && !put_shares(w, e)) return false;
    if (!w->n_shares) { buf_reset(&w->word); buf_put(&w->word, text); }
    if (w->n_shares == w->cap_shares) w->share = mem_grow(w->share, &w->cap_shares, w->n_shares + 1, sizeof *w->share);
    w->share[w->n_shares++] = (struct share){ w->place[balance_number(mark)], n };
    return true;
}

static bool put_groups(struct writer *w, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < w->head.groups; i++) {
        uint64_t bytes;
        const struct str name = balance_group(w->b, w->sorted[i], &bytes);
        const uint32_t size = (uint32_t)name.n;
        ok = put(w, &bytes, 8, e) && put(w, &size, 4, e) && put(w, name.p, name.n, e);
    }
    return ok;
}

static bool put_all(struct writer *w, struct count **all, size_t n, struct err *e)
{
    return put(w, &w->head, sizeof w->head, e) && put_groups(w, e) && count_all(all, n, put_word, w, e)
        && put_shares(w, e) && output_write(w->out, buf_str(&w->buf), e)
        && output_patch(w->out, 0, (struct str){ (const char *)&w->head, sizeof w->head }, e);
}

bool tally_save(const char *path, uint64_t stamp, const struct balance *b, struct count **all, size_t n, struct err *e)
{
    struct writer w = { .out = output_open(path, e), .b = b,
                        .head = { .magic = "TAMWRD1", .stamp = stamp, .groups = b ? balance_groups(b) : 0 } };
    if (!w.out) return false;
    w.head.magic[7] = '\n';
    w.sorted = mem_alloc(w.head.groups + 1, sizeof *w.sorted);
    w.place = mem_alloc(w.head.groups + 1, sizeof *w.place);
    if (b) balance_sorted(b, w.sorted);
    for (size_t i = 0; i < w.head.groups; i++) w.place[w.sorted[i]] = (uint32_t)i;
    const bool ok = put_all(&w, all, n, e);
    buf_free(&w.buf);
    buf_free(&w.word);
    free(w.share);
    free(w.sorted);
    free(w.place);
    if (ok) return output_done(w.out, e);
    output_drop(w.out);
    return false;
}

/* ---- reading ---- */

struct scan { struct input *in; struct buf buf; size_t at; uint64_t left; };     /* left: bytes not yet in buf */

/* Makes n bytes lie at buf.p + at. */
static bool want(struct scan *s, size_t n, struct err *e)
{
    if (s->buf.n - s->at >= n) return true;
    if (n - (s->buf.n - s->at) > s->left) return err_set(e, ERR_DATA, "a word is longer than the file");
    if (s->at < s->buf.n) memmove(s->buf.p, s->buf.p + s->at, s->buf.n - s->at);
    s->buf.n -= s->at;
    s->at = 0;
    while (s->buf.n < n) {
        const size_t ask = s->left < FLUSH ? (size_t)s->left : FLUSH,
                     got = input_read(s->in, buf_room(&s->buf, ask), ask, e);
        if (!got) return e->kind ? false : err_set(e, ERR_DATA, "counts are cut short");
        s->buf.n += got;
        s->left -= got;
    }
    return true;
}

static bool take(struct scan *s, void *to, size_t n, struct err *e)
{
    if (!want(s, n, e)) return false;
    memcpy(to, s->buf.p + s->at, n);
    s->at += n;
    return true;
}

static bool take_str(struct scan *s, size_t n, struct str *to, struct err *e)
{
    if (n > NAME_MAX_BYTES && n > s->left + s->buf.n) return err_set(e, ERR_DATA, "a word is longer than the file");
    if (!want(s, n, e)) return false;
    *to = (struct str){ s->buf.p + s->at, n };
    s->at += n;
    return true;
}

static bool read_groups(struct scan *s, uint64_t n, struct balance *b, char (*marks)[BALANCE_MARK], struct err *e)
{
    bool ok = true;
    for (uint64_t i = 0; ok && i < n; i++) {
        uint64_t bytes;
        uint32_t size;
        struct str name;
        ok = take(s, &bytes, 8, e) && take(s, &size, 4, e) && take_str(s, size, &name, e)
             && balance_add(b, name, bytes, marks[i], e);
    }
    return ok;
}

static bool read_words(struct scan *s, const struct head *h, char (*marks)[BALANCE_MARK], struct count *to,
                       struct err *e)
{
    bool ok = true;
    for (uint64_t i = 0; ok && i < h->words; i++) {
        uint32_t size;
        uint64_t n;
        struct str word;
        ok = take(s, &size, 4, e) && take(s, &n, 8, e) && take_str(s, size, &word, e);
        if (ok && h->groups) {
            char *mark = s->buf.p + s->at - BALANCE_MARK;
            const size_t group = size < BALANCE_MARK ? BALANCE_MAX : balance_number(mark);
            if (group >= h->groups) return err_set(e, ERR_DATA, "a word is of no group");
            memcpy(mark, marks[group], BALANCE_MARK);
        }
        ok = ok && count_add(to, word, n, e);
    }
    return ok;
}

static bool read_all(struct scan *s, const char *path, uint64_t stamp, struct balance *b, struct count *to,
                     struct err *e)
{
    struct head h;
    s->left = sizeof h;
    uint64_t size;
    if (!take(s, &h, sizeof h, e) || memcmp(h.magic, "TAMWRD1\n", 8) != 0)
        return err_set(e, ERR_DATA, "no counts of tamis tokenizer count");
    if (!file_size(path, &size, e)) return false;
    if (h.size != size || h.groups > BALANCE_MAX)
        return err_set(e, ERR_DATA, "%llu bytes, its head says %llu", (unsigned long long)size,
                       (unsigned long long)h.size);
    if (h.stamp != stamp || (h.groups && !b)) return err_set(e, ERR_DATA, "text was cut with other options");
    s->left = size - sizeof h;
    char (*marks)[BALANCE_MARK] = mem_zero(h.groups + 1, sizeof *marks);
    const bool ok = read_groups(s, h.groups, b, marks, e) && read_words(s, &h, marks, to, e);
    free(marks);
    return ok;
}

bool tally_load(const char *path, uint64_t stamp, struct balance *b, struct count *to, struct err *e)
{
    struct scan s = { .in = input_open(path, e) };
    if (!s.in) return false;
    const bool ok = read_all(&s, path, stamp, b, to, e);
    input_close(s.in);
    buf_free(&s.buf);
    return ok || err_in(e, "%s", path);
}
