/* forest.c - trees made tests, tests pruned, and asked of sixteen lanes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/forest.h"

#include <assert.h>
#include <string.h>

/* ---- from a model to tests ---- */

struct growing {
    struct forest *f;
    const struct forest_node *root;
    size_t fixed;
    float *leaves;
    int n_leaves;
    uint32_t n, n_fixed;
};

static uint32_t bits(int from, int to)
{
    return (uint32_t)((1ull << to) - (1ull << from));
}

/* What lies under n: its leaves and its tests, each in order from the left. */
static void grow(struct growing *g, const struct forest_node *n)
{
    if (n->feature == FOREST_LEAF) {
        assert(g->n_leaves < FOREST_LEAVES);
        g->leaves[g->n_leaves++] = n->at;
        return;
    }
    struct forest_test *t = n->feature < g->fixed ? &g->f->tests[g->n++] : &g->f->fixed_tests[g->n_fixed++];
    int from = g->n_leaves;
    grow(g, n + 1);
    int border = g->n_leaves;
    grow(g, g->root + n->right);
    *t = (struct forest_test){ n->feature, bits(from, border), bits(border, g->n_leaves), n->at };
}

void forest_make(struct forest *f, const struct forest_model *m, size_t fixed, struct arena *mem)
{
    enum { MOST = FOREST_LEAVES - 1 };
    *f = (struct forest){ m->trees, NEW(mem, uint32_t, m->trees + 1), NEW(mem, struct forest_test, m->trees * MOST),
                          NEW(mem, uint32_t, m->trees + 1),
                          NEW(mem, struct forest_test, m->trees * MOST), NEW(mem, uint32_t, m->trees),
                          arena_zero(mem, mem_size(m->trees, sizeof *f->leaves)) };
    struct growing g = { .f = f, .fixed = fixed };
    for (size_t t = 0; t < m->trees; t++) {
        f->begin[t] = g.n;
        f->fixed_begin[t] = g.n_fixed;
        g.root = m->nodes + m->roots[t];
        g.leaves = f->leaves[t];
        g.n_leaves = 0;
        grow(&g, g.root);
        f->stand[t] = bits(0, g.n_leaves);
    }
    f->begin[m->trees] = g.n;
    f->fixed_begin[m->trees] = g.n_fixed;
}

void forest_prune(struct forest *to, const struct forest *f, forest_column *x, struct arena *mem)
{
    *to = (struct forest){ f->trees, NEW(mem, uint32_t, f->trees + 1), NEW(mem, struct forest_test, f->begin[f->trees]),
                           ZERO(mem, uint32_t, f->trees + 1), NULL,
                           NEW(mem, uint32_t, f->trees), f->leaves };
    uint32_t n = 0;
    for (size_t t = 0; t < f->trees; t++) {
        uint32_t stand = f->stand[t];
        for (uint32_t i = f->fixed_begin[t]; i < f->fixed_begin[t + 1]; i++) {
            const struct forest_test *q = &f->fixed_tests[i];
            stand &= ~(x[q->feature][0] <= q->at ? q->right : q->left);
        }
        to->stand[t] = stand;
        to->begin[t] = n;
        for (uint32_t i = f->begin[t]; i < f->begin[t + 1]; i++) {
            to->tests[n] = f->tests[i];
            n += (f->tests[i].left & stand) != 0;                /* all that lies under it is out of reach, or none */
        }
    }
    to->begin[f->trees] = n;
}

/* ---- asking ---- */

static void sum_plain(const struct forest *f, forest_column *x, float *sum)
{
    memset(sum, 0, sizeof(forest_column));
    for (size_t t = 0; t < f->trees; t++) {
        uint32_t stands[FOREST_LANES];
        for (int k = 0; k < FOREST_LANES; k++) stands[k] = f->stand[t];
        for (uint32_t i = f->begin[t]; i < f->begin[t + 1]; i++) {
            const struct forest_test *q = &f->tests[i];
            for (int k = 0; k < FOREST_LANES; k++) stands[k] &= x[q->feature][k] <= q->at ? ~0u : ~q->left;
        }
        for (int k = 0; k < FOREST_LANES; k++) sum[k] += f->leaves[t][__builtin_ctz(stands[k])];
    }
}

#ifdef __x86_64__
#include <immintrin.h>

static __attribute__((target("avx2"))) void sum_avx2(const struct forest *f, forest_column *x, float *sum)
{
    __m256 low = _mm256_setzero_ps(), high = low;
    for (size_t t = 0; t < f->trees; t++) {
        __m256i a = _mm256_set1_epi32((int)f->stand[t]), b = a;
        for (const struct forest_test *q = f->tests + f->begin[t], *end = f->tests + f->begin[t + 1]; q < end; q++) {
            __m256 at = _mm256_set1_ps(q->at);
            __m256i left = _mm256_set1_epi32((int)q->left);
            __m256i right_a = _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(x[q->feature]), at, _CMP_NLE_UQ));
            __m256i right_b = _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(x[q->feature] + 8), at, _CMP_NLE_UQ));
            a = _mm256_andnot_si256(_mm256_and_si256(right_a, left), a);
            b = _mm256_andnot_si256(_mm256_and_si256(right_b, left), b);
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

static __attribute__((target("avx512f,avx512cd"))) void sum_avx512(const struct forest *f, forest_column *x, float *sum)
{
    __m512 all = _mm512_setzero_ps();
    for (size_t t = 0; t < f->trees; t++) {
        __m512i stands = _mm512_set1_epi32((int)f->stand[t]);
        for (const struct forest_test *q = f->tests + f->begin[t], *end = f->tests + f->begin[t + 1]; q < end; q++) {
            __mmask16 right = _mm512_cmp_ps_mask(_mm512_loadu_ps(x[q->feature]), _mm512_set1_ps(q->at), _CMP_NLE_UQ);
            stands = _mm512_mask_andnot_epi32(stands, right, _mm512_set1_epi32((int)q->left), stands);
        }
        __m512i lowest = _mm512_and_si512(stands, _mm512_sub_epi32(_mm512_setzero_si512(), stands));
        __m512i leaf = _mm512_sub_epi32(_mm512_set1_epi32(31), _mm512_lzcnt_epi32(lowest));
        all = _mm512_add_ps(all, _mm512_permutex2var_ps(_mm512_loadu_ps(f->leaves[t]), leaf,
                                                        _mm512_loadu_ps(f->leaves[t] + 16)));
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

bool forest_sum_by(enum forest_way way, const struct forest *f, forest_column *x, float *sum)
{
    static void (*const sums[FOREST_WAYS])(const struct forest *, forest_column *, float *) = {
        sum_plain, sum_avx2, sum_avx512,
    };
    if (!can(way)) return false;
    sums[way](f, x, sum);
    return true;
}

void forest_sum(const struct forest *f, forest_column *x, float *sum)
{
    for (int way = FOREST_WAYS; --way >= 0; ) if (forest_sum_by((enum forest_way)way, f, x, sum)) return;
}
