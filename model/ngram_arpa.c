/* ngram_arpa.c - read ARPA text, plain or compressed, into an image of our binary.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     \data\
 *     ngram 1=1200
 *     ...
 *     \1-grams:
 *     -2.1 <tab> word <tab> -0.3           log10 p, words, log10 back-off (absent: 0)
 *     ...
 *     \end\
 */
#include "core/file.h"
#include "model/ngram_model.h"

#include <stdio.h>
#include <stdlib.h>

struct lines { struct input *in; struct buf buf; size_t at; uint64_t n; };

/* The next line without its end; false at the end of the file or with e set. */
static bool next_line(struct lines *l, struct str *line, struct err *e)
{
    enum { PIECE = 1 << 16, LONGEST = 1 << 20 };
    for (size_t from = l->at;;) {
        const char *end = from < l->buf.n ? memchr(l->buf.p + from, '\n', l->buf.n - from) : NULL;
        if (end) {
            *line = str_span(l->buf.p + l->at, end);
            l->at = (size_t)(end - l->buf.p) + 1;
            l->n++;
            if (line->n && line->p[line->n - 1] == '\r') line->n--;
            return true;
        }
        if (l->buf.n - l->at > LONGEST)
            return err_set(e, ERR_DATA, "line %llu is longer than 1 MB", (unsigned long long)l->n + 1);
        if (l->at) memmove(l->buf.p, l->buf.p + l->at, l->buf.n - l->at);
        from = l->buf.n -= l->at;
        l->at = 0;
        size_t got = input_read(l->in, buf_room(&l->buf, PIECE), PIECE, e);
        if (!got) {
            if (e->kind || !l->buf.n) return false;
            *line = buf_str(&l->buf);
            l->at = l->buf.n;
            l->n++;
            return true;
        }
        l->buf.n += got;
    }
}

static bool want_line(struct lines *l, struct str *line, struct err *e)
{
    if (next_line(l, line, e)) return true;
    return e->kind ? false : err_set(e, ERR_DATA, "ARPA file ends at line %llu", (unsigned long long)l->n);
}

static bool bad_line(const struct lines *l, const char *what, struct err *e)
{
    return err_set(e, ERR_DATA, "line %llu of ARPA: %s", (unsigned long long)l->n, what);
}

static bool read_number(struct str s, float *to)
{
    char digits[48], *end;
    if (!s.n || s.n >= sizeof digits) return false;
    memcpy(digits, s.p, s.n);
    digits[s.n] = '\0';
    *to = strtof(digits, &end);
    return *end == '\0' && !isnan(*to);
}

/* "\data\", then "ngram N=COUNT" of each order. */
static bool read_counts(struct lines *l, uint64_t *counts, int *order, struct err *e)
{
    struct str line;
    do if (!want_line(l, &line, e)) return false; while (!str_trim(line).n);
    if (!str_eq(str_trim(line), S("\\data\\"))) return err_set(e, ERR_DATA, "not an ARPA file, our binary, or KenLM's");
    for (*order = 0; want_line(l, &line, e); ) {
        char text[64];
        int n;
        unsigned long long count;
        line = str_trim(line);
        if (!line.n && *order) return true;
        if (!line.n) continue;
        snprintf(text, sizeof text, "%.*s", (int)line.n, line.p);
        if (sscanf(text, "ngram %d=%llu", &n, &count) != 2 || n != *order + 1 || n > NGRAM_MAX_ORDER
            || count > (1ull << 40))
            return bad_line(l, "not \"ngram N=COUNT\" of the next order", e);
        counts[(*order)++] = count;
    }
    return false;
}

/* log10 p, n words, back-off; returns false when the line is none of that. */
static bool split_entry(struct str line, int n, float *p, struct str *words, float *backoff)
{
    struct str part, rest = line;
    *backoff = 0;
    if (!str_cut(&rest, '\t', &part) || !read_number(part, p) || !str_cut(&rest, '\t', &part)) return false;
    for (int i = 0; i < n; i++) if (!str_cut(&part, ' ', &words[i]) || !words[i].n) return false;
    return !part.p && (!rest.p || read_number(str_trim(rest), backoff));
}

static bool read_words(struct lines *l, struct ngram *m, struct err *e)
{
    struct str line, word;
    struct ngram_weights w;
    bool unk = false;
    uint32_t next = 1;
    for (uint64_t i = 0; i + 1 < m->counts[0]; i++) {
        if (!want_line(l, &line, e)) return false;
        if (!split_entry(line, 1, &w.p, &word, &w.backoff))
            return bad_line(l, "not a probability, a word and a back-off", e);
        bool is_unk = str_eq(word, S("<unk>")) || str_eq(word, S("<UNK>"));
        if (!ngram_put_word(m, word, is_unk ? 0 : next++, w)) return bad_line(l, "this word was there before", e);
        unk |= is_unk;
    }
    if (!unk) ngram_put_word(m, S("<unk>"), 0, (struct ngram_weights){ -100, 0 });        /* KenLM's value */
    ngram_find_marks(m);
    return true;
}

static bool read_ngrams(struct lines *l, struct ngram *m, int n, struct err *e)
{
    struct str line, words[NGRAM_MAX_ORDER];
    struct ngram_weights w;
    uint32_t ids[NGRAM_MAX_ORDER];
    for (uint64_t i = 0; i < m->counts[n - 1]; i++) {
        if (!want_line(l, &line, e)) return false;
        if (!split_entry(line, n, &w.p, words, &w.backoff))
            return bad_line(l, "not a probability, the words of an n-gram and a back-off", e);
        for (int k = 0; k < n; k++) ids[k] = ngram_word(m, words[k]);
        ngram_put(m, ids, n, w);
    }
    return true;
}

static bool read_section(struct lines *l, struct ngram *m, int n, struct err *e)
{
    char want[32];
    struct str line;
    snprintf(want, sizeof want, "\\%d-grams:", n);
    do if (!want_line(l, &line, e)) return false; while (!str_trim(line).n);
    if (!str_eq(str_trim(line), str_of(want))) return bad_line(l, "not the heading of the next order", e);
    return n == 1 ? read_words(l, m, e) : read_ngrams(l, m, n, e);
}

/* Counts are believed only as far as the file can hold them: 4 bytes an n-gram at least, 1000 times fewer when
 * compressed. */
static bool check_counts(const char *path, const uint64_t *counts, int order, struct err *e)
{
    enum { SHORTEST = 4, DENSEST = 1000 };
    uint64_t size = 0, sum = 0;
    if (!file_size(path, &size, e)) return false;
    for (int n = 0; n < order; n++) sum += counts[n];
    if (sum / DENSEST > size / SHORTEST)
        return err_set(e, ERR_DATA, "%llu n-grams do not fit in the file", (unsigned long long)sum);
    return counts[0] > 0 || err_set(e, ERR_DATA, "ARPA file without words");
}

static bool read_all(struct lines *l, const char *path, struct ngram **to, struct err *e)
{
    uint64_t counts[NGRAM_MAX_ORDER];
    int order = 0;
    if (!read_counts(l, counts, &order, e) || !check_counts(path, counts, order, e)) return false;
    counts[0]++;                                                              /* <unk> may not be among them */
    struct ngram *m = *to = ngram_new(order, counts, e);
    if (!m) return false;
    for (int n = 1; n <= order; n++) if (!read_section(l, m, n, e)) return false;
    return true;
}

bool ngram_read_arpa(struct ngram **m, const char *path, struct err *e)
{
    struct lines l = { .in = input_open(path, e) };
    if (!l.in) return false;
    bool ok = read_all(&l, path, m, e);
    if (!ok) ngram_close(*m);
    input_close(l.in);
    buf_free(&l.buf);
    return ok;
}
