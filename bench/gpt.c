/* gpt.c - training steps of the proxy transformer on made-up tokens: tokens a second of wall and of CPU time.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     gpt SIZE VOCAB ROWS LENGTH STEPS THREADS
 */
#include "core/mem.h"
#include "core/rng.h"
#include "model/gpt.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct err e = { 0 };
    const struct gpt_shape *shape = argc > 6 ? gpt_shape_named(str_of(argv[1])) : NULL;
    if (!shape) { fputs("gpt SIZE VOCAB ROWS LENGTH STEPS THREADS\n", stderr); return 2; }
    const size_t vocab = strtoul(argv[2], NULL, 10), rows = strtoul(argv[3], NULL, 10), length = strtoul(argv[4], NULL, 10), n = rows * length;
    const int steps = atoi(argv[5]);
    struct accel *a = accel_cpu(atoi(argv[6]));
    const struct gpt_spec s = gpt_spec(shape, vocab, rows, length);
    struct gpt *g = gpt_open(&s, GPT_TRAIN, a, &e);
    if (!g) { fprintf(stderr, "%s\n", e.msg); return 1; }
    int32_t *tokens = mem_alloc(n + rows, sizeof *tokens);
    float *weight = mem_alloc(n, sizeof *weight), *loss = mem_alloc(n, sizeof *loss);
    for (size_t i = 0; i < n + rows; i++) tokens[i] = (int32_t)(rng_at(1, 0, i) % vocab);
    for (size_t i = 0; i < n; i++) weight[i] = 1 / (float)n;
    gpt_seed(g, 1);
    double wall = 0, cpu = 0;
    for (int step = 0; step <= steps; step++) {      /* the first is not counted */
        if (step == 1) wall = time_now(), cpu = time_cpu();
        gpt_zero(g);
        gpt_learn(g, (struct gpt_rows){ tokens, rows, length }, weight, loss);
        const double norm = gpt_norm(g);
        if (norm > 1) gpt_scale(g, (float)(1 / norm));
        gpt_adamw(g, &(struct adamw){ 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, step + 1 });
    }
    wall = time_now() - wall, cpu = time_cpu() - cpu;
    const double all = (double)steps * (double)n;
    printf("%.0f tokens/s  %.0f tokens/s of cpu  loss %.4f  plan %zu MiB  peak %zu MiB\n", all / wall, all / cpu, (double)loss[0], gpt_used(g) >> 20, mem_peak() >> 20);
    gpt_close(g), a->close(a), free(tokens), free(weight), free(loss);
    return 0;
}
