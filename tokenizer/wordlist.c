/* wordlist.c - the different words of a corpus, sorted, each with its count.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/wordlist.h"

#include "tokenizer/run.h"

#include <stdlib.h>

enum { COOL = 1 << 20 };

bool wordlist_add(void *with, struct str word, uint64_t count, struct err *e)
{
    struct wordlist *w = with;
    if (w->n % WORDS_PART == 0) {
        if (w->n_marks == w->cap_marks) w->mark = mem_grow(w->mark, &w->cap_marks, w->n_marks + 1, sizeof *w->mark);
        w->mark[w->n_marks++] = w->run.n;
    }
    char *p = roomy_add(&w->run, RECORD_HEAD + word.n, e);
    if (!p) return false;
    record_put(p, word, count);
    w->n++;
    return true;
}

struct word_at wordlist_all(const struct wordlist *w)
{
    return (struct word_at){ .run = &w->run, .p = w->run.p, .cooled = w->run.p, .left = w->n };
}

struct word_at wordlist_part(const struct wordlist *w, size_t part)
{
    const size_t before = part * WORDS_PART;
    const char *p = w->run.p + w->mark[part];
    return (struct word_at){ .run = &w->run, .p = p, .cooled = p,
                             .left = w->n - before < WORDS_PART ? w->n - before : WORDS_PART };
}

static void cool(struct word_at *at)
{
    roomy_cool(at->run, (size_t)(at->cooled - at->run->p), (size_t)(at->p - at->cooled));
    at->cooled = at->p;
}

bool word_next(struct word_at *at)
{
    if (at->p - at->cooled >= COOL || (!at->left && at->run->mapped)) cool(at);
    if (!at->left) return false;
    at->text = record_word(at->p);
    at->count = record_count(at->p);
    at->p += RECORD_HEAD + at->text.n;
    at->left--;
    return true;
}

void wordlist_free(struct wordlist *w)
{
    roomy_free(&w->run);
    free(w->mark);
    *w = (struct wordlist){ 0 };
}
