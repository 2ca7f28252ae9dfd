/* pattern.c - one compiled code, and for each worker the memory that a match needs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "record/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum { HEAP_KIB = 64 << 10, STACK_MIN = 32 << 10, STACK_MAX = 1 << 20 };

struct hand { pcre2_match_data *found; pcre2_match_context *limits; pcre2_jit_stack *stack; };
struct pattern { pcre2_general_context *memory; pcre2_code *code; struct hand *hands; int n_hands; };

static void *take(size_t size, void *unused)
{
    (void)unused;
    return mem_alloc(size, 1);                       /* ends the program when there is none, as everywhere */
}

static void give(void *p, void *unused)
{
    (void)unused;
    free(p);
}

static void hand_init(struct hand *h, struct pattern *p)
{
    h->found = pcre2_match_data_create(1, p->memory);
    h->limits = pcre2_match_context_create(p->memory);
    pcre2_set_match_limit(h->limits, PATTERN_STEPS);
    pcre2_set_heap_limit(h->limits, HEAP_KIB);
    h->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, p->memory);
    if (h->stack) pcre2_jit_stack_assign(h->limits, NULL, h->stack);
}

struct pattern *pattern_compile(struct str regex, int workers, size_t *at, struct err *e)
{
    int why;
    struct pattern *p = mem_zero(1, sizeof *p);
    p->memory = pcre2_general_context_create(take, give, NULL);
    pcre2_compile_context *with = pcre2_compile_context_create(p->memory);
    p->code = pcre2_compile((PCRE2_SPTR)regex.p, regex.n, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &why, at, with);
    pcre2_compile_context_free(with);
    if (!p->code) {
        PCRE2_UCHAR words[200];
        pcre2_get_error_message(why, words, sizeof words);
        err_set(e, ERR_USAGE, "%s", (const char *)words);
        pattern_free(p);
        return NULL;
    }
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);  /* where there is no JIT the interpreter does it */
    p->hands = mem_zero((size_t)workers, sizeof *p->hands);
    p->n_hands = workers;
    for (int i = 0; i < workers; i++) hand_init(&p->hands[i], p);
    return p;
}

enum pattern_found pattern_find(const struct pattern *p, struct str text, int worker)
{
    const struct hand *h = &p->hands[worker];
    int n = pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_NO_UTF_CHECK, h->found, h->limits);
    return n >= 0 ? PATTERN_YES : n == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_LIMIT;
}

void pattern_free(struct pattern *p)
{
    if (!p) return;
    for (int i = 0; i < p->n_hands; i++) {
        pcre2_match_data_free(p->hands[i].found);
        pcre2_match_context_free(p->hands[i].limits);
        pcre2_jit_stack_free(p->hands[i].stack);
    }
    pcre2_code_free(p->code);
    pcre2_general_context_free(p->memory);
    free(p->hands);
    free(p);
}
