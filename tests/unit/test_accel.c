/* test_accel.c - the CUDA source, emulated, against the CPU; gradients against finite differences.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/accel.h"
#include "core/rng.h"
#include "tests/test.h"

enum { BUFFERS = 12 };
static struct accel *device[2];      /* the CPU, then the emulated one (or a real one: TAMIS_TEST_DEVICE=cuda) */

static void open_devices(void)
{
    struct err e = { 0 };
    const char *other = getenv("TAMIS_TEST_DEVICE");
    device[0] = accel_cpu(3);
    device[1] = accel_open(other ? other : "emulated", 1, &e);
    if (!device[1]) TEST_FAIL("%s", e.msg), exit(1);
}

static float *numbers(size_t n, uint64_t id)
{
    float *x = mem_alloc(n, sizeof *x);
    struct rng r = rng_init(11, id);
    for (size_t i = 0; i < n; i++) x[i] = (float)rng_normal(&r);
    return x;
}

static void *up(int which, const void *x, size_t size)
{
    void *p = device[which]->alloc(device[which], size);
    device[which]->put(device[which], p, x, size);
    return p;
}

/* Runs `call` on both devices with the same buffers and compares every buffer after it. */
struct buffer { const float *x; size_t n; };
typedef void call_fn(struct accel *a, float **b, int32_t *ids);
static const struct attention *shape;                /* for calls with attention: starts are the device's */
static struct attention on_device;

static void compare(call_fn *call, const struct buffer *b, int n, const int32_t *ids, size_t n_ids, double tolerance)
{
    float *after[2][BUFFERS];
    for (int w = 0; w < 2; w++) {
        float *p[BUFFERS];
        int32_t *i = up(w, ids, n_ids * sizeof *ids);
        if (shape) { on_device = *shape; on_device.start = i; }
        for (int k = 0; k < n; k++) p[k] = up(w, b[k].x, b[k].n * sizeof(float));
        call(device[w], p, i);
        for (int k = 0; k < n; k++) {
            after[w][k] = mem_alloc(b[k].n, sizeof(float));
            device[w]->get(device[w], after[w][k], p[k], b[k].n * sizeof(float));
            device[w]->free(device[w], p[k]);
        }
        device[w]->free(device[w], i);
        FINE(device[w]->sync(device[w], e));
    }
    for (int k = 0; k < n; k++) {
        for (size_t i = 0; i < b[k].n; i++) {
            double x = (double)after[0][k][i], y = (double)after[1][k][i];
            if (!(fabs(x - y) <= tolerance * (1 + fabs(x))) && !(isnan(x) && isnan(y)) && x != y) {
                TEST_FAIL("buffer %d[%zu]: %.9g, not %.9g", k, i, y, x);
                break;
            }
        }
        free(after[0][k]), free(after[1][k]);
    }
}
#define BUF(n, id) { numbers(n, id), n }
#define COMPARE(call, tolerance, ...) do { \
        struct buffer b_[] = { __VA_ARGS__ }; \
        int n_ = (int)(sizeof b_ / sizeof *b_); \
        compare(call, b_, n_, ids, n_ids, tolerance); \
        for (int i_ = 0; i_ < n_; i_++) free((void *)(uintptr_t)b_[i_].x); \
    } while (0)

static size_t n, d, k;
static const int32_t no_ids[] = { 0 };
static const int32_t *ids = no_ids;
static size_t n_ids = 1;

static void gemm_call(struct accel *a, float **b, int32_t *i)
{
    (void)i;
    a->gemm(a, &(struct gemm){ true, false, true, n, d, k, n, d, d }, b[0], b[1], b[2]);
}
static void gemm_call_2(struct accel *a, float **b, int32_t *i)
{
    (void)i;
    a->gemm(a, &(struct gemm){ false, true, false, n, d, k, k, k, d }, b[0], b[1], b[2]);
}
TEST(products)
{
    open_devices();
    n = 37, d = 33, k = 19;
    COMPARE(gemm_call, 1e-5, BUF(n * k, 1), BUF(k * d, 2), BUF(n * d, 3));
    COMPARE(gemm_call_2, 1e-5, BUF(n * k, 1), BUF(k * d, 2), BUF(n * d, 3));
}

TEST(products_of_bfloat16_where_the_device_is_asked_for_them)
{
    open_devices();
    n = 37, d = 33, k = 19;
    device[0]->bf16 = device[1]->bf16 = true;        /* the CPU stays at float32 */
    COMPARE(gemm_call_2, 4e-2, BUF(n * k, 1), BUF(k * d, 2), BUF(n * d, 3));
    float x = 1 + 0x1p-9f, y[2];                     /* bfloat16 has 8 bits: this is 1 */
    for (int w = 0; w < 2; w++) {
        float *a = up(w, &x, sizeof x), *c = up(w, &x, sizeof x);
        device[w]->gemm(device[w], &(struct gemm){ false, false, false, 1, 1, 1, 1, 1, 1 }, a, a, c);
        device[w]->get(device[w], &y[w], c, sizeof y[w]);
        device[w]->free(device[w], a), device[w]->free(device[w], c);
    }
    NEAR(y[0], x * x, 0);
    /* cuBLAS may choose otherwise for so small a product */
    if (!strcmp(device[1]->name, "emulated")) NEAR(y[1], 1, 0);
}

static void nearest_call(struct accel *a, float **b, int32_t *i)
{
    float *score = a->alloc(a, n * 4);
    int32_t best[100];
    float as_float[100];
    a->nearest(a, b[0], n, b[1], b[2], k, d, i, score);
    a->get(a, best, i, n * 4);
    for (size_t j = 0; j < n; j++) as_float[j] = (float)best[j];
    a->put(a, b[3], as_float, n * 4);
    a->put(a, b[4], score, 0);
    a->free(a, score);
}
TEST(nearest_with_ties_and_not_a_number)
{
    open_devices();
    n = 61, d = 17, k = 213;
    int32_t room[61] = { 0 };
    float *x = numbers(n * d, 1), *c = numbers(k * d, 2), *half = mem_zero(k, sizeof *half);
    memcpy(c + 100 * d, c + 3 * d, d * sizeof *c);                       /* equal centroids: the first wins */
    memcpy(x, c + 3 * d, d * sizeof *x);
    for (size_t t = 0; t < d; t++) x[t] *= 100;
    x[5 * d] = NAN;
    struct buffer b[] = { { x, n * d }, { c, k * d }, { half, k }, BUF(n, 4), BUF(n, 5) };
    compare(nearest_call, b, 5, room, n, 0);
    float first[61];
    int32_t best[61];
    device[0]->nearest(device[0], x, n, c, half, k, d, best, first);
    EQ(best[0], 3);
    EQ(best[5], -1);
    for (int i = 0; i < 5; i++) free((void *)(uintptr_t)b[i].x);
}

static void rows_call(struct accel *a, float **b, int32_t *i)
{
    double *sum = a->alloc(a, sizeof *sum), host;
    a->add(a, b[0], b[1], n * d);
    a->scale(a, b[0], n * d, 0.5f);
    a->dot(a, b[0], b[1], n * d, sum);
    a->get(a, &host, sum, sizeof host);
    float as_float = (float)host;
    a->put(a, b[7], &as_float, sizeof as_float);
    a->zero(a, b[7] + 1, sizeof(float));
    a->free(a, sum);
    a->bias(a, b[0], b[2], n, d);
    a->bias_back(a, b[0], n, d, b[3]);
    a->gather(a, b[4], i, n, d, b[5]);
    a->scatter(a, b[0], i, n, d, b[6]);
}
TEST(rows_added_gathered_and_scattered)
{
    open_devices();
    int32_t some[45];
    n = 45, d = 131;
    for (int i = 0; i < 45; i++) some[i] = i * i % 7;
    ids = some, n_ids = 45;
    COMPARE(rows_call, 1e-5, BUF(n * d, 1), BUF(n * d, 2), BUF(d, 3), BUF(d, 4), BUF(7 * d, 5), BUF(n * d, 6),
            BUF(7 * d, 7), BUF(2, 8));
}

static void norm_call(struct accel *a, float **b, int32_t *i)
{
    (void)i;
    a->layernorm(a, b[0], b[1], b[2], 1e-12f, n, d, b[3]);
    a->rmsnorm(a, b[0], b[1], 1e-6f, n, d, b[4], b[5]);
    a->rmsnorm_back(a, b[6], b[0], b[1], b[5], n, d, b[7], b[8]);
}
TEST(norms)
{
    open_devices();
    n = 9;
    for (d = 1; d < 400; d = d * 5 + 2)
        COMPARE(norm_call, 2e-5, BUF(n * d, 1), BUF(d, 2), BUF(d, 3), BUF(n * d, 4), BUF(n * d, 5), BUF(n, 6),
                BUF(n * d, 7), BUF(n * d, 8), BUF(d, 9));
}

static void gate_call(struct accel *a, float **b, int32_t *i)
{
    (void)i;
    a->gelu(a, b[0], n, b[2]);
    a->gelu_back(a, b[1], b[0], n, b[3]);
    a->swiglu(a, b[4], n / d, d, b[5]);
    a->swiglu_back(a, b[2], b[4], n / d, d, b[6]);
    a->adamw(a, &(struct adamw){ 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3 }, b[0], b[1], b[7], b[8], n);
}
TEST(gates_and_steps)
{
    open_devices();
    n = 301, d = 43;
    float *v = numbers(n, 9);
    for (size_t i = 0; i < n; i++) v[i] *= v[i];
    COMPARE(gate_call, 1e-5, BUF(n, 1), BUF(n, 2), BUF(n, 3), BUF(n, 4), BUF(2 * n, 5), BUF(n, 6), BUF(2 * n, 7),
            BUF(n, 8), { v, n });
}

static void xent_call(struct accel *a, float **b, int32_t *i)
{
    a->xent(a, b[0], i, b[1], n, d, b[3], NULL);
    a->xent(a, b[0], i, b[1], n, d, b[2], b[0]);
}
TEST(cross_entropy_in_place_with_rows_that_do_not_count)
{
    open_devices();
    int32_t want[] = { 3, 0, -1, 200, 77 };
    n = 5, d = 201, ids = want, n_ids = 5;
    COMPARE(xent_call, 1e-5, BUF(n * d, 1), BUF(n, 2), BUF(n, 3), BUF(n, 4));
}

static void attention_call(struct accel *a, float **b, int32_t *i)
{
    (void)i;
    a->rope(a, &on_device, b[0], b[9], 1);
    a->rope(a, &on_device, b[1], b[9], -1);
    a->attention(a, &on_device, b[0], b[1], b[2], b[3], b[4]);
    a->attention_back(a, &on_device, b[5], b[0], b[1], b[2], b[3], b[4], b[6], b[7], b[8]);
}
static void attention_of(size_t heads, size_t dim, bool causal)
{
    open_devices();
    int32_t start[] = { 0, 1, 38, 71, 76 };
    size_t T = 76, ld = heads * dim + 3;
    struct attention t = { 4, T, heads, dim, ld, causal, 0.3f, NULL, 37, causal ? ld - 1 : 0 };
    shape = &t, ids = start, n_ids = 5;
    float *turn = mem_alloc(t.longest * dim, sizeof *turn);
    accel_turns(t.longest, dim, 10000, turn);
    COMPARE(attention_call, 3e-5, BUF(T * ld, 1), BUF(T * ld, 2), BUF(T * ld, 3), BUF(T * ld, 4), BUF(T * heads, 5),
            BUF(T * ld, 6), BUF(T * ld, 7), BUF(T * ld, 8), BUF(T * ld, 9), { turn, t.longest * dim });
}
TEST(attention_of_sequences_side_by_side) { attention_of(3, 20, false); }
TEST(causal_attention) { attention_of(2, 34, true); }

/* ---- not a number: what it touches is none on both devices, what it does not touch stays ---- */

static float *numbers_but(size_t at, size_t size, uint64_t id)
{
    float *x = numbers(size, id);
    x[at] = NAN;
    return x;
}
#define BUT(at, n, id) { numbers_but(at, n, id), n }

static void rows_apart_call(struct accel *a, float **b, int32_t *i)
{
    a->layernorm(a, b[0], b[1], b[2], 1e-12f, n, d, b[3]);
    a->rmsnorm(a, b[0], b[1], 1e-6f, n, d, b[4], b[5]);
    a->xent(a, b[0], i, b[6], n, d, b[7], b[8]);
}
static void attention_forward_call(struct accel *a, float **b, int32_t *i)
{
    (void)i;
    a->attention(a, &on_device, b[0], b[1], b[2], b[3], b[4]);
}
TEST(not_a_number_stays_where_it_belongs)
{
    open_devices();
    int32_t some[9] = { 3, 0, -1, 6, 6, 1, 0, 2, 5 }, rows[9] = { 3, 0, 1, 6, 6, 1, 0, 2, 5 };
    n = 9, d = 133, ids = some, n_ids = 9;
    for (size_t at = 2 * d; at < 6 * d; at += d + 67)                    /* at the beginning of a row, and inside */
        COMPARE(rows_apart_call, 2e-5, BUT(at, n * d, 1), BUF(d, 2), BUF(d, 3), BUF(n * d, 4), BUF(n * d, 5), BUF(n, 6),
                BUF(n, 7), BUF(n, 8), BUF(n * d, 9));
    ids = rows;
    COMPARE(rows_call, 1e-5, BUT(7, n * d, 1), BUF(n * d, 2), BUF(d, 3), BUF(d, 4), BUF(7 * d, 5), BUF(n * d, 6),
            BUF(7 * d, 7), BUF(2, 8));
    n = 301, d = 43;
    COMPARE(gate_call, 1e-5, BUT(5, n, 1), BUT(300, n, 2), BUF(n, 3), BUF(n, 4), BUT(350, 2 * n, 5), BUF(n, 6),
            BUF(2 * n, 7), BUF(n, 8), BUF(n, 9));
    int32_t start[] = { 0, 20, 41 };
    struct attention t = { 2, 41, 2, 10, 20, true, 0.3f, NULL, 21, 0 };
    shape = &t, ids = start, n_ids = 3;
    COMPARE(attention_forward_call, 3e-5, BUT(25 * 20, 820, 1), BUF(820, 2), BUF(820, 3), BUF(820, 4), BUF(82, 5));
}

/* ---- gradients: d/dx sum(out * w) on the CPU ---- */

static double loss_of(const struct attention *t, const float *q, const float *kk, const float *v, const float *w,
                      float *out, float *lse)
{
    double sum = 0;
    device[0]->attention(device[0], t, q, kk, v, out, lse);
    for (size_t i = 0; i < t->T * t->ld; i++) sum += (double)out[i] * (double)w[i];
    return sum;
}
TEST(the_gradient_of_attention_is_that_of_finite_differences)
{
    open_devices();
    int32_t start[] = { 0, 5, 12 };
    struct attention t = { 2, 12, 2, 4, 8, true, 0.5f, start, 7 };
    size_t all = t.T * t.ld;
    float *x[3], *g[3], *out = mem_zero(all, 4), *lse = mem_zero(t.T * t.heads, 4), *w = numbers(all, 9);
    for (int i = 0; i < 3; i++) x[i] = numbers(all, (uint64_t)i), g[i] = mem_zero(all, 4);
    loss_of(&t, x[0], x[1], x[2], w, out, lse);
    device[0]->attention_back(device[0], &t, w, x[0], x[1], x[2], out, lse, g[0], g[1], g[2]);
    for (int i = 0; i < 3; i++)
        for (size_t j = 0; j < all; j += 5) {
            float was = x[i][j], step = 1e-2f;
            x[i][j] = was + step;
            double more = loss_of(&t, x[0], x[1], x[2], w, out, lse);
            x[i][j] = was - step;
            double less = loss_of(&t, x[0], x[1], x[2], w, out, lse);
            x[i][j] = was;
            NEAR(g[i][j], (more - less) / (2 * (double)step), 2e-3);
        }
    for (int i = 0; i < 3; i++) free(x[i]), free(g[i]);
    free(out), free(lse), free(w);
}

static float gate(float g) { return g / (1 + expf(-g)); }      /* the gate, which is what u's gradient sees */

TEST(the_gradients_of_norm_and_gates_are_those_of_finite_differences)
{
    open_devices();
    enum { D = 6 };
    struct accel *a = device[0];
    float *x = numbers(D, 1), *w = numbers(D, 2), *u = numbers(D, 3), y[D], r, dx[D] = { 0 }, dw[D] = { 0 }, gu[2 * D],
          dgu[2 * D], de[D];
    a->rmsnorm(a, x, w, 1e-6f, 1, D, y, &r);
    a->rmsnorm_back(a, u, x, w, &r, 1, D, dx, dw);
    memcpy(gu, x, D * sizeof *gu), memcpy(gu + D, w, D * sizeof *gu);
    a->swiglu_back(a, u, gu, 1, D, dgu);
    a->gelu_back(a, u, x, D, de);
    for (int i = 0; i < D; i++) {
        double sum[3][2] = { { 0 } };
        float was = x[i];
        for (int s = 0; s < 2; s++) {
            x[i] = was + (s ? 1e-3f : -1e-3f);
            a->rmsnorm(a, x, w, 1e-6f, 1, D, y, &r);
            for (int j = 0; j < D; j++) sum[0][s] += (double)y[j] * (double)u[j];
            gu[i] = x[i];
            a->swiglu(a, gu, 1, D, y);
            for (int j = 0; j < D; j++) sum[1][s] += (double)y[j] * (double)u[j];
            a->gelu(a, x, D, y);
            for (int j = 0; j < D; j++) sum[2][s] += (double)y[j] * (double)u[j];
        }
        x[i] = gu[i] = was;
        NEAR(dx[i], (sum[0][1] - sum[0][0]) / 2e-3, 3e-3);
        NEAR(dgu[i], (sum[1][1] - sum[1][0]) / 2e-3, 3e-3);
        NEAR(de[i], (sum[2][1] - sum[2][0]) / 2e-3, 3e-3);
        NEAR(dgu[D + i], u[i] * gate(x[i]), 1e-5);
    }
    free(x), free(w), free(u);
}

TEST(cuda_where_there_is_none_says_why)
{
    struct err e = { 0 };
    setenv("TAMIS_ACCEL", "/nowhere/accel-cuda.so", 1);
    OK(!accel_open("cuda", 1, &e));
    EQ(e.kind, ERR_SYSTEM);
    OK(strstr(e.msg, "no CUDA device"));
    struct err none = { 0 };
    struct accel *a = accel_open("auto", 1, &none);
    OK(a && !strcmp(a->name, "cpu") && !none.kind);
    a->close(a);
    OK(!accel_open("gpu", 1, &none) && none.kind == ERR_USAGE);
}

MAIN
