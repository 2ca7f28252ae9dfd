/* weigh_write.c - weights.json, the trajectory, and a table for the person at the terminal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/weigh.h"

#include "proxy/simplex.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

static void put_object(struct buf *b, const struct weigh *w, const double *x)
{
    buf_putc(b, '{');
    for (size_t d = 0; d < w->k; d++) {
        if (d) buf_put(b, S(", "));
        json_put_string(b, w->corpus->domains[d].name);
        buf_put(b, S(": "));
        json_put_number(b, x[d]);
    }
    buf_putc(b, '}');
}

static void put_answer(struct buf *b, const struct weigh *w, const double *mean, const double *spread, struct str said)
{
    const struct { const char *name; const double *x; } rows[] = { { "weights", mean }, { "spread", spread },
                                                                   { "start", w->start }, { "natural", w->natural } };
    buf_printf(b, "{\n  \"method\": \"%s\",\n  \"by\": ", w->method->name);
    json_put_string(b, str_of(w->opt->by));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_printf(b, ",\n  \"%s\": ", rows[i].name);
        put_object(b, w, rows[i].x);
    }
    buf_put(b, S(",\n  \"runs\": ["));
    for (size_t s = 0; s < (size_t)w->opt->seeds; s++) {
        buf_printf(b, "%s\n    {\"seed\": %llu, \"weights\": ", s ? "," : "", (unsigned long long)(w->run->seed + s));
        put_object(b, w, w->results + s * w->k);
        buf_putc(b, '}');
    }
    buf_put(b, S("\n  ],\n  \"said\": "));
    json_put_string(b, said);
    buf_put(b, S("\n}\n"));
}

static void print_table(const struct weigh *w, const double *mean, const double *spread, struct str said)
{
    printf("%-24s %8s %8s %8s %8s\n", w->opt->by, "natural", "start", "weight", "spread");
    for (size_t d = 0; d < w->k; d++) {
        const struct str name = w->corpus->domains[d].name;
        printf("%-24.*s %8.4f %8.4f %8.4f", (int)name.n, name.p, w->natural[d], w->start[d], mean[d]);
        if (isnan(spread[d])) printf(" %8s\n", "-");
        else printf(" %8.4f\n", spread[d]);
    }
    printf("%.*s\n", (int)said.n, said.p);
}

static bool write_trajectory(const struct weigh *w, struct err *e)
{
    struct buf b = { 0 };
    buf_put(&b, S("{\"domains\":["));
    for (size_t d = 0; d < w->k; d++) {
        if (d) buf_putc(&b, ',');
        json_put_string(&b, w->corpus->domains[d].name);
    }
    buf_put(&b, S("]}\n"));
    buf_put(&b, buf_str(&w->trajectory));
    const bool ok = file_write(w->opt->trajectory, buf_str(&b), e);
    buf_free(&b);
    return ok;
}

bool weigh_write(const struct weigh *w, struct err *e)
{
    const size_t seeds = (size_t)w->opt->seeds;
    double *mean = mem_alloc(w->k, sizeof *mean), *spread = mem_alloc(w->k, sizeof *spread);
    struct str *names = mem_alloc(w->k, sizeof *names);
    struct buf answer = { 0 }, said = { 0 };
    for (size_t d = 0; d < w->k; d++) names[d] = w->corpus->domains[d].name;
    simplex_spread(w->results, seeds, w->k, mean, spread);
    simplex_words(w->start, mean, spread, names, seeds, w->k, &said);
    put_answer(&answer, w, mean, spread, buf_str(&said));
    const bool ok = file_write(w->run->output, buf_str(&answer), e) && (!w->opt->trajectory || write_trajectory(w, e));
    if (ok && !w->run->quiet && strcmp(w->run->output, "-") != 0) print_table(w, mean, spread, buf_str(&said));
    buf_free(&answer);
    buf_free(&said);
    free(mean);
    free(spread);
    free(names);
    return ok;
}
