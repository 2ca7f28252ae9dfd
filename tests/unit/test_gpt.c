/* test_gpt.c - the transformer against its formula in double, its gradient against finite differences of that.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/gpt.h"
#include "core/rng.h"
#include "tests/test.h"

enum { ROWS = 3, LENGTH = 7, VOCAB = 13 };
static const struct gpt_shape shape = { "tiny", 2, 2, 8, 12 };

struct fixture {
    struct accel *a;
    struct gpt_spec spec;
    struct gpt *g;
    size_t n;
    float *weights;
    int32_t tokens[ROWS * (LENGTH + 1)];
    float scale[ROWS * LENGTH];
};

static struct fixture open_model(const char *device, int threads)
{
    struct err e = { 0 };
    struct fixture f = { .a = accel_open(device, threads, &e), .spec = gpt_spec(&shape, VOCAB, ROWS, LENGTH) };
    f.g = gpt_open(&f.spec, GPT_TRAIN, f.a, &e);
    if (!f.g) TEST_FAIL("%s", e.msg), exit(1);
    f.n = gpt_n_parameters(&f.spec);
    f.weights = mem_alloc(f.n, sizeof *f.weights);
    struct rng r = rng_init(3, 0);
    for (size_t i = 0; i < f.n; i++) f.weights[i] = (float)(0.4 * rng_normal(&r));
    gpt_put(f.g, GPT_WEIGHTS, f.weights);
    for (size_t i = 0; i < ROWS * (LENGTH + 1); i++) f.tokens[i] = (int32_t)rng_below(&r, VOCAB);
    for (size_t i = 0; i < ROWS * LENGTH; i++) f.scale[i] = (float)rng_real(&r);
    f.tokens[2 * LENGTH + 1] = -1;                   /* no target */
    return f;
}
static void close_model(struct fixture *f) { gpt_close(f->g), f->a->close(f->a), free(f->weights); }
static struct gpt_rows rows_of(const struct fixture *f) { return (struct gpt_rows){ f->tokens, ROWS, LENGTH }; }

/* ---- the formula, a token at a time, in double ---- */

enum { D = 8, I = 12, HEADS = 2, DIM = D / HEADS, LAYERS = 2 };

static const double *find(const struct gpt_spec *s, const double *w, const char *name)
{
    for (size_t i = 0; i < gpt_n_tensors(s); i++) {
        const struct gpt_tensor t = gpt_tensor(s, i);
        if (!strcmp(t.name, name)) return w + t.at;
    }
    TEST_FAIL("no tensor %s", name);
    return NULL;
}
static const double *layer_find(const struct gpt_spec *s, const double *w, int l, const char *name)
{
    char full[100];
    snprintf(full, sizeof full, "model.layers.%d.%s.weight", l, name);
    return find(s, w, full);
}
static void times(const double *w, const double *x, int out, int in, double *y)
{
    for (int o = 0; o < out; o++) { y[o] = 0; for (int i = 0; i < in; i++) y[o] += w[o * in + i] * x[i]; }
}
static void norm(const double *x, const double *w, double eps, double *y)
{
    double squares = 0;
    for (int i = 0; i < D; i++) squares += x[i] * x[i];
    for (int i = 0; i < D; i++) y[i] = x[i] / sqrt(squares / D + eps) * w[i];
}
static void turn(double *x, int at, double base)
{
    for (int h = 0; h < HEADS; h++)
        for (int i = 0; i < DIM / 2; i++) {
            double *p = x + h * DIM + i, angle = at * pow(base, -2.0 * i / DIM), a = p[0], b = p[DIM / 2];
            p[0] = a * cos(angle) - b * sin(angle);
            p[DIM / 2] = a * sin(angle) + b * cos(angle);
        }
}

/* Position t of a row attends to k, v (LENGTH, D) of positions 0 .. t. */
static void attend(const double *q, double (*k)[D], double (*v)[D], int t, double *out)
{
    for (int h = 0; h < HEADS; h++) {
        double p[LENGTH], sum = 0;
        for (int j = 0; j <= t; j++) {
            p[j] = 0;
            for (int i = 0; i < DIM; i++) p[j] += q[h * DIM + i] * k[j][h * DIM + i];
            sum += p[j] = exp(p[j] / sqrt(DIM));
        }
        for (int i = 0; i < DIM; i++) {
            out[h * DIM + i] = 0;
            for (int j = 0; j <= t; j++) out[h * DIM + i] += p[j] / sum * v[j][h * DIM + i];
        }
    }
}

static double token_loss(const struct gpt_spec *s, const double *w, const double *x, int target)
{
    double h[D], logits[VOCAB], sum = 0;
    norm(x, find(s, w, "model.norm.weight"), (double)s->eps, h);
    times(find(s, w, "model.embed_tokens.weight"), h, VOCAB, D, logits);
    for (int i = 0; i < VOCAB; i++) sum += exp(logits[i]);
    return target < 0 ? 0 : log(sum) - logits[target];
}

/* Losses (LENGTH) of one row. */
static void row_loss(const struct gpt_spec *s, const double *w, const int32_t *tokens, double *loss)
{
    static double k[LAYERS][LENGTH][D], v[LAYERS][LENGTH][D];
    for (int t = 0; t < LENGTH; t++) {
        double x[D], h[D], q[D], att[D], y[D], gate[I], up[I];
        memcpy(x, find(s, w, "model.embed_tokens.weight") + (tokens[t] < 0 ? 0 : tokens[t]) * D, sizeof x);
        for (int l = 0; l < LAYERS; l++) {
            norm(x, layer_find(s, w, l, "input_layernorm"), (double)s->eps, h);
            times(layer_find(s, w, l, "self_attn.q_proj"), h, D, D, q);
            times(layer_find(s, w, l, "self_attn.k_proj"), h, D, D, k[l][t]);
            times(layer_find(s, w, l, "self_attn.v_proj"), h, D, D, v[l][t]);
            turn(q, t, (double)s->base), turn(k[l][t], t, (double)s->base);
            attend(q, k[l], v[l], t, att);
            times(layer_find(s, w, l, "self_attn.o_proj"), att, D, D, y);
            for (int i = 0; i < D; i++) x[i] += y[i];
            norm(x, layer_find(s, w, l, "post_attention_layernorm"), (double)s->eps, h);
            times(layer_find(s, w, l, "mlp.gate_proj"), h, I, D, gate);
            times(layer_find(s, w, l, "mlp.up_proj"), h, I, D, up);
            for (int i = 0; i < I; i++) up[i] *= gate[i] / (1 + exp(-gate[i]));
            times(layer_find(s, w, l, "mlp.down_proj"), up, D, I, y);
            for (int i = 0; i < D; i++) x[i] += y[i];
        }
        loss[t] = token_loss(s, w, x, tokens[t + 1]);
    }
}

static double all_loss(const struct fixture *f, const double *w, double *losses)
{
    double sum = 0, row[LENGTH];
    for (int r = 0; r < ROWS; r++) {
        row_loss(&f->spec, w, f->tokens + r * (LENGTH + 1), row);
        for (int t = 0; t < LENGTH; t++) {
            sum += row[t] * (double)f->scale[r * LENGTH + t];
            if (losses) losses[r * LENGTH + t] = row[t];
        }
    }
    return sum;
}
static double *in_double(const struct fixture *f)
{
    double *w = mem_alloc(f->n, sizeof *w);
    for (size_t i = 0; i < f->n; i++) w[i] = (double)f->weights[i];
    return w;
}

TEST(losses_are_those_of_the_formula)
{
    struct fixture f = open_model("cpu", 2);
    double *w = in_double(&f), want[ROWS * LENGTH];
    float got[ROWS * LENGTH];
    all_loss(&f, w, want);
    gpt_forward(f.g, rows_of(&f), got);
    for (int i = 0; i < ROWS * LENGTH; i++) NEAR((double)got[i], want[i], 2e-5);
    free(w);
    close_model(&f);
}

static void gradient_of(const char *device)
{
    struct fixture f = open_model(device, 2);
    double *w = in_double(&f);
    float loss[ROWS * LENGTH], *g = mem_alloc(f.n, sizeof *g);
    gpt_zero(f.g);
    gpt_forward(f.g, rows_of(&f), loss);
    gpt_backward(f.g, f.scale);
    gpt_get(f.g, GPT_GRADIENT, g);
    for (size_t i = 0; i < gpt_n_tensors(&f.spec); i++) {
        const struct gpt_tensor t = gpt_tensor(&f.spec, i);
        double worst = 0, most = 0;
        for (size_t k = t.at; k < t.at + t.rows * t.cols; k++) {
            const double was = w[k], step = 1e-5;
            w[k] = was + step;
            const double more = all_loss(&f, w, NULL);
            w[k] = was - step;
            const double slope = (more - all_loss(&f, w, NULL)) / (2 * step);
            w[k] = was;
            worst = fmax(worst, fabs(slope - (double)g[k])), most = fmax(most, fabs(slope));
        }
        if (!(worst <= 2e-5 * (1 + most)) || most < 1e-3) TEST_FAIL("%s: off by %g of %g", t.name, worst, most);
    }
    free(w), free(g);
    close_model(&f);
}
TEST(the_gradient_of_every_parameter_is_that_of_finite_differences) { gradient_of("cpu"); }
TEST(so_it_is_on_the_emulated_device) { gradient_of("emulated"); }

TEST(learning_at_once_gives_the_bits_of_forward_and_backward)
{
    struct fixture f = open_model("cpu", 1);
    float loss[2][ROWS * LENGTH], *g[2] = { mem_alloc(f.n, 4), mem_alloc(f.n, 4) };
    gpt_zero(f.g);
    gpt_forward(f.g, rows_of(&f), loss[0]);
    gpt_backward(f.g, f.scale);
    gpt_get(f.g, GPT_GRADIENT, g[0]);
    gpt_zero(f.g);
    gpt_learn(f.g, rows_of(&f), f.scale, loss[1]);
    gpt_get(f.g, GPT_GRADIENT, g[1]);
    OK(!memcmp(loss[0], loss[1], sizeof loss[0]));
    OK(!memcmp(g[0], g[1], f.n * 4));
    free(g[0]), free(g[1]);
    close_model(&f);
}

/* ---- runs of a real size ---- */

enum { RUN_ROWS = 4, RUN_LENGTH = 48, RUN_TOKENS = RUN_ROWS * RUN_LENGTH };
struct run { float *weights, last; size_t n; };

static struct run train(const char *device, int threads, int steps, size_t dim, size_t length)
{
    struct accel *a = NULL;
    struct gpt *g = NULL;
    FINE(a = accel_open(device, threads, e));
    struct gpt_spec s = gpt_spec(&(struct gpt_shape){ "test", 2, 2, dim, 5 * dim / 2 }, 4 * dim, RUN_ROWS, length);
    FINE(g = gpt_open(&s, GPT_TRAIN, a, e));
    struct run r = { mem_alloc(gpt_n_parameters(&s), 4), 0, gpt_n_parameters(&s) };
    int32_t tokens[RUN_TOKENS + RUN_ROWS];
    float weight[RUN_TOKENS], loss[RUN_TOKENS];
    gpt_seed(g, 5);
    for (size_t i = 0; i < RUN_ROWS * length; i++) weight[i] = 1.0f / (float)(RUN_ROWS * length);
    for (int step = 1; step <= steps; step++) {
        for (uint64_t i = 0; i < RUN_ROWS * (length + 1); i++)
            tokens[i] = (int32_t)(rng_at(1, (uint64_t)step, i / 7) % s.vocab);
        gpt_zero(g);
        gpt_learn(g, (struct gpt_rows){ tokens, RUN_ROWS, length }, weight, loss);
        const double norm = gpt_norm(g);
        if (norm > 1) gpt_scale(g, (float)(1 / norm));
        gpt_adamw(g, &(struct adamw){ 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, step });
    }
    FINE(gpt_sync(g, e));
    gpt_get(g, GPT_WEIGHTS, r.weights);
    for (size_t i = 0; i < RUN_ROWS * length; i++) r.last += loss[i] * weight[i];
    EQ(gpt_used(g), gpt_plan(&s, GPT_TRAIN).total);
    gpt_close(g);
    a->close(a);
    return r;
}

TEST(a_run_gives_the_same_bits_on_one_thread_and_on_four)
{
    struct run one = train("cpu", 1, 8, 64, RUN_LENGTH), four = train("cpu", 4, 8, 64, RUN_LENGTH);
    OK(!memcmp(one.weights, four.weights, one.n * 4));
    OK(one.last < 5.5f);                             /* from log 256 */
    free(one.weights), free(four.weights);
}

TEST(the_emulated_device_is_the_cpu_within_a_ten_thousandth)
{
    struct run cpu = train("cpu", 2, 3, 16, 8), emulated = train("emulated", 1, 3, 16, 8);
    NEAR((double)emulated.last, (double)cpu.last, 1e-4);
    double worst = 0;
    for (size_t i = 0; i < cpu.n; i++) worst = fmax(worst, fabs((double)cpu.weights[i] - (double)emulated.weights[i]));
    NEAR(worst, 0, 1e-4);
    free(cpu.weights), free(emulated.weights);
}

TEST(inferring_keeps_less_and_gives_the_same)
{
    struct fixture f = open_model("cpu", 2);
    struct gpt *g = NULL;
    float a[ROWS * LENGTH], b[ROWS * LENGTH], hidden[ROWS * LENGTH * D], logits[ROWS * VOCAB];
    FINE(g = gpt_open(&f.spec, GPT_INFER, f.a, e));
    OK(gpt_used(g) < gpt_used(f.g));
    EQ(gpt_used(g), gpt_plan(&f.spec, GPT_INFER).total);
    gpt_copy(g, f.g);
    gpt_forward(f.g, rows_of(&f), a);
    gpt_forward(g, rows_of(&f), b);
    OK(!memcmp(a, b, sizeof a));
    gpt_logits(g, rows_of(&f), (const size_t[ROWS]){ 0, 3, LENGTH - 1 }, logits);
    double sum = 0;
    for (int i = 0; i < VOCAB; i++) sum += exp((double)logits[VOCAB + i]);
    NEAR((double)a[LENGTH + 3], log(sum) - (double)logits[VOCAB + f.tokens[LENGTH + 1 + 4]], 1e-5);
    gpt_hidden(g, rows_of(&f), hidden);
    float score = 0;
    for (int i = 0; i < D; i++) score += hidden[(LENGTH + 3) * D + i] * f.weights[5 * D + i];
    NEAR((double)score, (double)logits[VOCAB + 5], 1e-5);
    gpt_close(g);
    close_model(&f);
}

TEST(sizes_are_what_their_names_say)
{
    const struct { const char *name; size_t vocab; double millions; } want[] =
        { { "nano", 2048, 1.1 }, { "micro", 4096, 5.1 }, { "mini", 16384, 20.4 }, { "small", 50257, 123.5 } };
    for (int i = 0; i < 4; i++) {
        struct gpt_spec s = gpt_spec(gpt_shape_named(str_of(want[i].name)), want[i].vocab, 8, 256);
        NEAR((double)gpt_n_parameters(&s) / 1e6, want[i].millions, 0.06);
        size_t at = 0;
        for (size_t k = 0; k < gpt_n_tensors(&s); k++) {             /* tensors lie side by side */
            struct gpt_tensor t = gpt_tensor(&s, k);
            EQ(t.at, at);
            at += t.rows * t.cols;
        }
        EQ(at, gpt_n_parameters(&s));
    }
    OK(!gpt_shape_named(S("large")));
    struct err e = { 0 };
    struct gpt_spec odd = gpt_spec(&(struct gpt_shape){ "odd", 1, 3, 8, 8 }, 10, 1, 1);
    OK(!gpt_spec_check(&odd, &e));
}

TEST(logits_of_a_large_vocabulary_are_never_all_there)
{
    const struct gpt_spec few = gpt_spec(gpt_shape_named(S("nano")), 257, 8, 256),
                          many = gpt_spec(gpt_shapes, 1 << 18, 8, 256);
    const size_t all = (size_t)8 * 256 * (1 << 18) * sizeof(float),
                 more = gpt_plan(&many, GPT_TRAIN).scratch - gpt_plan(&few, GPT_TRAIN).scratch;
    OK(more <= all / 16);
}

MAIN
