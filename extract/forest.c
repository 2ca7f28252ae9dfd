/* forest.c - trees pruned to tests, tests asked of sixteen lanes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/forest.h"

#include <assert.h>
#include <string.h>

/* ---- from a model to the tests that are left of it ---- */

struct growing { struct forest *f; const struct forest_node *root; forest_column *x; size_t fixed; float *leaves; int n_leaves; uint32_t n_tests; };

static const struct forest_node *branch(const struct forest_node *root, const struct forest_node *n, float x)
{
    return x <= n->at ? n + 1 : root + n->right;
}

/* What lies under n: its leaves and its tests, each in order from the left. */
static void grow(struct growing *g, const struct forest_node *n)
{
    while (n->feature != FOREST_LEAF && n->feature >= g->fixed) n = branch(g->root, n, g->x[n->feature][0]);
    if (n->feature == FOREST_LEAF) {
        assert(g->n_leaves < FOREST_LEAVES);
        g->leaves[g->n_leaves++] = n->at;
        return;
    }
    struct forest_test *t = &g->f->tests[g->n_tests++];
    uint64_t before = (1ull << g->n_leaves) - 1;
    grow(g, n + 1);
    *t = (struct forest_test){ n->feature, (uint32_t)(before | ~((1ull << g->n_leaves) - 1)), n->at };
    grow(g, g->root + n->right);
}

void forest_make(struct forest *f, const struct forest_model *m, size_t fixed, forest_column *x, struct arena *mem)
{
    f->trees = m->trees;
    f->begin = NEW(mem, uint32_t, m->trees + 1);
    f->tests = NEW(mem, struct forest_test, m->trees * (FOREST_LEAVES - 1));
    f->leaves = arena_alloc(mem, mem_size(m->trees, sizeof *f->leaves));
    struct growing g = { .f = f, .x = x, .fixed = fixed };
    for (size_t t = 0; t < m->trees; t++) {
        f->begin[t] = g.n_tests;
        g.root = m->nodes + m->roots[t];
        g.leaves = memset(f->leaves[t], 0, sizeof f->leaves[t]);
        g.n_leaves = 0;
        grow(&g, g.root);
    }
    f->begin[m->trees] = g.n_tests;
}

/* ---- asking ---- */

static void sum_plain(const struct forest *f, size_t from, size_t to, forest_column *x, float *sum)
{
    memset(sum, 0, sizeof(forest_column));
    for (size_t t = from; t < to; t++) {
        uint32_t stands[FOREST_LANES];
        memset(stands, 0xFF, sizeof stands);
        for (uint32_t i = f->begin[t]; i < f->begin[t + 1]; i++) {
            const struct forest_test *q = &f->tests[i];
            for (int k = 0; k < FOREST_LANES; k++) stands[k] &= x[q->feature][k] <= q->at ? 0xFFFFFFFF : q->stay;
        }
        for (int k = 0; k < FOREST_LANES; k++) sum[k] += f->leaves[t][__builtin_ctz(stands[k])];
    }
}

#ifdef __x86_64__
#include <immintrin.h>

static __attribute__((target("avx2"))) void sum_avx2(const struct forest *f, size_t from, size_t to, forest_column *x, float *sum)
{
    __m256 low = _mm256_setzero_ps(), high = low;
    for (size_t t = from; t < to; t++) {
        __m256i a = _mm256_set1_epi32(-1), b = a;
        for (const struct forest_test *q = f->tests + f->begin[t], *end = f->tests + f->begin[t + 1]; q < end; q++) {
            __m256 at = _mm256_set1_ps(q->at);
            __m256i stay = _mm256_set1_epi32((int)q->stay);
            __m256i left_a = _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(x[q->feature]), at, _CMP_LE_OQ));
            __m256i left_b = _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(x[q->feature] + 8), at, _CMP_LE_OQ));
            a = _mm256_and_si256(a, _mm256_or_si256(left_a, stay));
            b = _mm256_and_si256(b, _mm256_or_si256(left_b, stay));
        }
        /* the lowest bit alone, as a float: its exponent is its number */
        const __m256i zero = _mm256_setzero_si256(), bias = _mm256_set1_epi32(127), mask = _mm256_set1_epi32(255);
        a = _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_and_si256(a, _mm256_sub_epi32(zero, a))));
        b = _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_and_si256(b, _mm256_sub_epi32(zero, b))));
        a = _mm256_sub_epi32(_mm256_and_si256(_mm256_srli_epi32(a, 23), mask), bias);
        b = _mm256_sub_epi32(_mm256_and_si256(_mm256_srli_epi32(b, 23), mask), bias);
        low = _mm256_add_ps(low, _mm256_i32gather_ps(f->leaves[t], a, 4));
        high = _mm256_add_ps(high, _mm256_i32gather_ps(f->leaves[t], b, 4));
    }
    _mm256_storeu_ps(sum, low);
    _mm256_storeu_ps(sum + 8, high);
}

static __attribute__((target("avx512f,avx512cd"))) void sum_avx512(const struct forest *f, size_t from, size_t to, forest_column *x, float *sum)
{
    __m512 all = _mm512_setzero_ps();
    for (size_t t = from; t < to; t++) {
        __m512i stands = _mm512_set1_epi32(-1);
        for (const struct forest_test *q = f->tests + f->begin[t], *end = f->tests + f->begin[t + 1]; q < end; q++) {
            __mmask16 right = _mm512_cmp_ps_mask(_mm512_loadu_ps(x[q->feature]), _mm512_set1_ps(q->at), _CMP_NLE_UQ);
            stands = _mm512_mask_and_epi32(stands, right, stands, _mm512_set1_epi32((int)q->stay));
        }
        __m512i lowest = _mm512_and_si512(stands, _mm512_sub_epi32(_mm512_setzero_si512(), stands));
        __m512i leaf = _mm512_sub_epi32(_mm512_set1_epi32(31), _mm512_lzcnt_epi32(lowest));
        all = _mm512_add_ps(all, _mm512_permutex2var_ps(_mm512_loadu_ps(f->leaves[t]), leaf, _mm512_loadu_ps(f->leaves[t] + 16)));
    }
    _mm512_storeu_ps(sum, all);
}

static bool can(enum forest_way way)
{
    return way == FOREST_PLAIN || (way == FOREST_AVX2 && __builtin_cpu_supports("avx2")) ||
           (way == FOREST_AVX512 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd"));
}
#else
#define sum_avx2 sum_plain
#define sum_avx512 sum_plain
static bool can(enum forest_way way) { return way == FOREST_PLAIN; }
#endif

bool forest_sum_by(enum forest_way way, const struct forest *f, size_t from, size_t to, forest_column *x, float *sum)
{
    static void (*const sums[FOREST_WAYS])(const struct forest *, size_t, size_t, forest_column *, float *) = { sum_plain, sum_avx2, sum_avx512 };
    if (!can(way)) return false;
    sums[way](f, from, to, x, sum);
    return true;
}

void forest_sum(const struct forest *f, size_t from, size_t to, forest_column *x, float *sum)
{
    for (int way = FOREST_WAYS; --way >= 0; ) if (forest_sum_by((enum forest_way)way, f, from, to, x, sum)) return;
}
