/* blocklist.c - a hash table of entries, each with a number of its own (UT1: a set of categories).
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/blocklist.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "text/lines.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIST_LIMIT = 1 << 30, GRAM_MAX = 64 };

struct entry { struct str s; unsigned value; };
struct table { struct entry *entries; size_t n, cap; uint32_t *slot; size_t slots; };

static struct entry *table_find(const struct table *t, struct str s)
{
    if (!t->slots) return NULL;
    for (size_t i = hash64(s, 0) & (t->slots - 1); t->slot[i]; i = (i + 1) & (t->slots - 1))
        if (str_eq(t->entries[t->slot[i] - 1].s, s)) return &t->entries[t->slot[i] - 1];
    return NULL;
}

static void table_place(struct table *t, size_t number)
{
    size_t i = hash64(t->entries[number].s, 0) & (t->slots - 1);
    while (t->slot[i]) i = (i + 1) & (t->slots - 1);
    t->slot[i] = (uint32_t)number + 1;
}

static struct entry *table_add(struct table *t, struct str s)
{
    struct entry *old = table_find(t, s);
    if (old) return old;
    if (t->n == t->cap) t->entries = mem_grow(t->entries, &t->cap, t->n + 1, sizeof *t->entries);
    t->entries[t->n++] = (struct entry){ s, 0 };
    if (t->n * 2 <= t->slots) table_place(t, t->n - 1);
    else {
        free(t->slot);
        t->slots = t->slots ? t->slots * 2 : 64;
        t->slot = mem_zero(t->slots, sizeof *t->slot);
        for (size_t i = 0; i < t->n; i++) table_place(t, i);
    }
    return &t->entries[t->n - 1];
}

static void table_free(struct table *t)
{
    free(t->entries);
    free(t->slot);
}

/* ---- word lists ---- */

enum { SIZES = 256, ALLOWED = 1 };
struct blocklist {
    struct table table, starts;                          /* starts: first words of phrases */
    struct buf file;
    bool lengths[GRAM_MAX + 1], sizes[SIZES], initials[256];     /* in words; in bytes, longer ones at 0; first bytes */
    size_t longest, shortest, most_bytes;                /* in words, bytes, bytes */
};

static size_t spaces(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == ' ';
    return n;
}

struct blocklist *blocklist_open(const char *path, struct err *e)
{
    struct blocklist *b = mem_zero(1, sizeof *b);
    if (!file_slurp(path, &b->file, LIST_LIMIT, e)) { blocklist_close(b); return NULL; }
    struct str rest = buf_str(&b->file);
    for (struct str line; str_cut(&rest, '\n', &line); ) {
        struct str s = text_strip(line);
        if (!s.n) continue;
        size_t g = spaces(s) + 1;
        table_add(&b->table, s);
        if (g <= GRAM_MAX) b->lengths[g] = true;
        if (g > b->longest) b->longest = g;
        b->sizes[s.n < SIZES ? s.n : 0] = b->initials[(unsigned char)*s.p] = true;
        if (!b->shortest || s.n < b->shortest) b->shortest = s.n;
        if (s.n > b->most_bytes) b->most_bytes = s.n;
        if (g > 1) table_add(&b->starts, str_span(s.p, memchr(s.p, ' ', s.n)));
    }
    return b;
}

void blocklist_close(struct blocklist *b)
{
    if (!b) return;
    table_free(&b->table);
    table_free(&b->starts);
    buf_free(&b->file);
    free(b);
}

bool blocklist_has(const struct blocklist *b, struct str s)
{
    /* most words, without a hash */
    if (!s.n || !b->initials[(unsigned char)*s.p] || !b->sizes[s.n < SIZES ? s.n : 0]) return false;
    const struct entry *e = table_find(&b->table, s);
    return e && e->value != ALLOWED;
}

static bool run_listed(const struct blocklist *b, const struct words *w, size_t begin, size_t g, struct buf *joined)
{
    buf_reset(joined);
    for (size_t i = begin; i < begin + g; i++) {
        if (i > begin) buf_putc(joined, ' ');
        buf_put(joined, words_at(w, i));
    }
    return blocklist_has(b, buf_str(joined));
}

static bool may_start(const struct blocklist *b, struct str word)
{
    return b->initials[(unsigned char)*word.p] && table_find(&b->starts, word);
}

static size_t count_phrases(const struct blocklist *b, const struct words *w, const struct distinct *v)
{
    bool *begins = mem_zero(v->n + 1, sizeof *begins), any = false;
    for (size_t i = 0; i < v->n; i++) any |= begins[i] = may_start(b, words_at(w, v->first[i]));
    struct buf joined = { 0 };
    size_t count = 0;
    for (size_t i = 0; any && i < w->n; i++) {
        if (!begins[v->id[i]]) continue;
        for (size_t g = 2; g <= GRAM_MAX && i + g <= w->n; g++)
            if (b->lengths[g]) count += run_listed(b, w, i, g, &joined);
    }
    buf_free(&joined);
    free(begins);
    return count;
}

/* Single words by their distinct forms; phrases only where some distinct word begins one. */
size_t blocklist_count(const struct blocklist *b, const struct words *w, const struct distinct *v)
{
    size_t count = 0;
    for (size_t i = 0; b->lengths[1] && i < v->n; i++)
        if (blocklist_has(b, words_at(w, v->first[i]))) count += v->count[i];
    return count + (b->longest > 1 ? count_phrases(b, w, v) : 0);
}

/* ---- entries in a text ---- */

static bool is_word(const char *p, const char *end)
{
    return p < end && unicode_class(utf8_next(&p, end)) & UC_WORD;
}

/* The entry that begins at p, ending at the edge of a word unless anywhere. */
static bool entry_at(const struct blocklist *b, const char *p, const char *end, bool anywhere, struct str *found)
{
    for (size_t n = b->shortest; n <= b->most_bytes && n <= (size_t)(end - p); n++) {
        *found = (struct str){ p, n };
        if (b->sizes[n < SIZES ? n : 0] && (anywhere || !is_word(p + n, end)) && blocklist_has(b, *found)) return true;
    }
    return false;
}

bool blocklist_search(const struct blocklist *b, struct str lower, bool anywhere, struct str *found)
{
    bool edge = true;                                                              /* no word character before p */
    for (const char *p = lower.p, *end = p + lower.n; p < end; ) {
        if ((edge || anywhere) && b->initials[(unsigned char)*p] && entry_at(b, p, end, anywhere, found)) return true;
        edge = !(unicode_class(utf8_next(&p, end)) & UC_WORD);
    }
    return false;
}

void blocklist_allow(struct blocklist *b, struct str entry)
{
    struct entry *e = table_find(&b->table, entry);
    if (e) e->value = ALLOWED;
}

/* ---- UT1 ---- */

/* "agressive" is RedPajama's spelling: it matches no folder but has its place */
static const char *const categories[] = {
    "adult", "agressif", "agressive", "arjel", "chat", "dating", "ddos", "filehosting", "gambling", "mixed_adult",
    "phishing", "porn", "violence",
};
enum { N_CATEGORIES = sizeof categories / sizeof *categories };

struct ut1 { struct table table; struct buf files[N_CATEGORIES]; };

struct ut1 *ut1_open(const char *folder, struct err *e)
{
    struct ut1 *u = mem_zero(1, sizeof *u);
    for (unsigned c = 0; c < N_CATEGORIES; c++) {
        char path[1000];
        snprintf(path, sizeof path, "%s/%s/domains", folder, categories[c]);
        if (!file_exists(path)) continue;
        if (!file_slurp(path, &u->files[c], LIST_LIMIT, e)) { ut1_close(u); return NULL; }
        struct str rest = buf_str(&u->files[c]);
        for (struct str line; str_cut(&rest, '\n', &line); ) {
            struct str s = text_strip(line);
            if (s.n) table_add(&u->table, s)->value |= 1u << c;
        }
    }
    return u;
}

void ut1_close(struct ut1 *u)
{
    for (size_t c = 0; c < N_CATEGORIES; c++) buf_free(&u->files[c]);
    table_free(&u->table);
    free(u);
}

static unsigned choose(unsigned n, unsigned k)
{
    unsigned c = 1;
    for (unsigned i = 0; i < k; i++) c = c * (n - i) / (i + 1);
    return k > n ? 0 : c;
}

/* Sets of fewer categories come first; among equals, those whose first difference lies earlier. */
static int rank_of(unsigned set)
{
    unsigned size = (unsigned)__builtin_popcount(set), rank = 0, left = size;
    for (unsigned k = 1; k < size; k++) rank += choose(N_CATEGORIES, k);
    for (unsigned c = 0; c < N_CATEGORIES && left; c++) {
        if (set >> c & 1) left--;
        else rank += choose(N_CATEGORIES - c - 1, left - 1);
    }
    return (int)rank;
}

int ut1_find(const struct ut1 *u, struct str domain)
{
    struct entry *found = table_find(&u->table, domain);
    return found ? rank_of(found->value) : -1;
}
