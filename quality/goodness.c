/* goodness.c - features, score, model file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/goodness.h"
#include "core/file.h"
#include "core/hash.h"
#include "record/json.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

enum { MODEL_LIMIT = 1 << 28 };

/* ---- features ---- */

static void key_of(enum signal id, char key[64])
{
    size_t i = 0;
    for (const char *p = signal_info[id].name; *p && i < 63; p++) key[i++] = (char)tolower((unsigned char)*p);
    key[i] = 0;
}

/* The mean of the third numbers of [[begin,end,x],...]: a document's signal has one, a line's one a line. */
static double mean_of(struct str list)
{
    double sum = 0, n = 0, x;
    for (struct str item; json_next(&list, &item); ) if (json_number(json_get(item, S("[2]")), &x)) { sum += x; n++; }
    return n > 0 ? sum / n : NAN;
}

static void stored_signals(struct str stored, double value[N_SIGNALS])
{
    for (enum signal id = 0; id < N_SIGNALS; id++) {
        char key[64];
        key_of(id, key);
        struct str list = json_get(stored, str_of(key));
        value[id] = list.p ? mean_of(list) : (double)NAN;
    }
}

void goodness_signals(struct signals *s, struct str stored, struct str text, double value[N_SIGNALS])
{
    if (stored.p) { stored_signals(stored, value); return; }
    signals_compute(s, NULL, 0, SIGNALS_ALL, text);
    for (enum signal id = 0; id < N_SIGNALS; id++) {
        value[id] = s->doc[id];
        if (!(signal_info[id].group & SIGNALS_LINES)) continue;
        double sum = 0;
        for (size_t i = 0; i < s->n_lines; i++) sum += s->lines[i].value[id - SIGNALS_FIRST_LINE];
        value[id] = s->n_lines ? sum / (double)s->n_lines : (double)NAN;
    }
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = ((const struct text_feature *)a)->index, y = ((const struct text_feature *)b)->index;
    return (x > y) - (x < y);
}

static size_t count_equal(struct text_feature *f, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && f[j].index == f[i].index; ) j++;
        f[kept++] = (struct text_feature){ f[i].index, 1 + logf((float)(j - i)) };
    }
    return kept;
}

size_t goodness_text(struct str text, struct text_feature **to)
{
    struct words w = { 0 };
    words_normal(&w, text);
    struct text_feature *f = mem_alloc(w.n * 2 + 1, sizeof *f);
    size_t n = 0;
    uint64_t before = 0;
    for (size_t i = 0; i < w.n; i++) {
        uint64_t h = hash64(words_at(&w, i), 0);
        f[n++].index = (uint32_t)(h % TEXT_FEATURES);
        if (i) f[n++].index = (uint32_t)(hash_mix(before ^ hash_mix(h)) % TEXT_FEATURES);
        before = h;
    }
    words_free(&w);
    qsort(f, n, sizeof *f, by_index);
    n = count_equal(f, n);
    double square = 0;
    for (size_t i = 0; i < n; i++) square += (double)f[i].value * (double)f[i].value;
    for (size_t i = 0; i < n; i++) f[i].value = (float)((double)f[i].value / sqrt(square));
    *to = f;
    return n;
}

/* ---- score ---- */

double goodness_score(struct goodness *g, const struct example *x)
{
    double z = g->bias;
    for (size_t id = 0; id < N_SIGNALS && g->features & GOODNESS_SIGNALS; id++) {
        const double *w = g->weight[id];
        if (isnan(x->signal[id])) { z += w[2]; continue; }
        double u = 2 * tdigest_cdf(&g->digest[id], x->signal[id]) - 1;
        z += w[0] * u + w[1] * (u * u - 1.0 / 3);
    }
    for (size_t i = 0; i < x->n_text && g->text; i++) z += g->text[x->text[i].index] * (double)x->text[i].value;
    for (size_t i = 0; i < g->n_columns; i++)
        z += g->columns[i].weight * goodness_column(&g->columns[i], x->columns[i]);
    return z;
}

double goodness_p(const struct goodness *g, double z)
{
    return 1 / (1 + exp(-(g->a * z + g->b)));
}

/* ---- the model file ---- */

static void put(struct buf *b, double x)
{
    json_put_number(b, x);
}

static void put_signal(struct buf *b, struct goodness *g, enum signal id)
{
    char key[64];
    struct tdigest *d = &g->digest[id];
    key_of(id, key);
    tdigest_flush(d);
    buf_printf(b, "\"%s\":{\"weights\":[", key);
    for (size_t k = 0; k < PER_SIGNAL; k++) { if (k) buf_putc(b, ','); put(b, g->weight[id][k]); }
    buf_put(b, S("],\"range\":["));
    put(b, d->min);
    buf_putc(b, ',');
    put(b, d->max);
    buf_put(b, S("],\"digest\":["));
    for (size_t i = 0; i < d->n; i++) {
        buf_put(b, i ? S(",[") : S("["));
        put(b, d->centroids[i].mean);
        buf_putc(b, ',');
        put(b, d->centroids[i].weight);
        buf_putc(b, ']');
    }
    buf_put(b, S("]}"));
}

bool goodness_write(struct goodness *g, const char *path, struct str report, struct err *e)
{
    struct buf b = { 0 };
    buf_put(&b, S("{\"format\":\"tamis-score-1\",\"bias\":"));
    put(&b, g->bias);
    buf_put(&b, S(",\"platt\":["));
    put(&b, g->a);
    buf_putc(&b, ',');
    put(&b, g->b);
    buf_putc(&b, ']');
    buf_put(&b, report);
    if (g->features & GOODNESS_SIGNALS) {
        buf_put(&b, S(",\n\"signals\":{"));
        for (enum signal id = 0; id < N_SIGNALS; id++) {
            if (id) buf_put(&b, S(",\n"));
            put_signal(&b, g, id);
        }
        buf_putc(&b, '}');
    }
    if (g->text) {
        buf_printf(&b, ",\n\"text_bits\":%d,\"text\":[", TEXT_BITS);
        const char *comma = "";
        for (uint32_t i = 0; i < TEXT_FEATURES; i++) {
            if (g->text[i] == 0) continue;
            buf_printf(&b, "%s[%u,%.6g]", comma, i, g->text[i]);
            comma = ",";
        }
        buf_putc(&b, ']');
    }
    for (size_t i = 0; i < g->n_columns; i++) {
        buf_put(&b, i ? S(",[") : S(",\n\"columns\":[["));
        put(&b, g->columns[i].mean);
        buf_putc(&b, ',');
        put(&b, g->columns[i].scale);
        buf_putc(&b, ',');
        put(&b, g->columns[i].weight);
        buf_put(&b, i + 1 < g->n_columns ? S("]") : S("]]"));
    }
    buf_put(&b, S("}\n"));
    struct output *o = output_open(path, e);
    bool ok = o && output_write(o, buf_str(&b), e) && output_done(o, e);
    buf_free(&b);
    return ok;
}

static bool read_signal(struct goodness *g, enum signal id, struct str value)
{
    struct tdigest *d = &g->digest[id];
    struct str list = json_get(value, S("digest")), item;
    double mean, weight;
    for (size_t k = 0; k < PER_SIGNAL; k++) {
        static const char *const at[] = { "weights[0]", "weights[1]", "weights[2]" };
        if (!json_number(json_get(value, str_of(at[k])), &g->weight[id][k])) return false;
    }
    while (d->n < TDIGEST_MAX && list.p && json_next(&list, &item)) {
        if (!json_number(json_get(item, S("[0]")), &mean) || !json_number(json_get(item, S("[1]")), &weight)
            || !(weight > 0))
            return false;
        d->centroids[d->n++] = (struct centroid){ mean, weight };
        d->weight += weight;
    }
    return json_number(json_get(value, S("range[0]")), &d->min) && json_number(json_get(value, S("range[1]")), &d->max);
}

static bool read_text(struct goodness *g, struct str list)
{
    g->features |= GOODNESS_TEXT;
    g->text = mem_zero(TEXT_FEATURES, sizeof *g->text);
    for (struct str item; json_next(&list, &item); ) {
        int64_t index;
        if (!json_integer(json_get(item, S("[0]")), &index) || index < 0 || index >= TEXT_FEATURES) return false;
        if (!json_number(json_get(item, S("[1]")), &g->text[index])) return false;
    }
    return true;
}

static bool read_columns(struct goodness *g, struct str list)
{
    size_t cap = 0;
    for (struct str item; json_next(&list, &item); ) {
        struct column c;
        if (g->n_columns == cap) g->columns = mem_grow(g->columns, &cap, g->n_columns + 1, sizeof *g->columns);
        if (!json_number(json_get(item, S("[0]")), &c.mean) || !json_number(json_get(item, S("[1]")), &c.scale)
            || !json_number(json_get(item, S("[2]")), &c.weight)) return false;
        g->columns[g->n_columns++] = c;
    }
    return true;
}

static bool read_model(struct goodness *g, struct str json)
{
    struct str format, signals = json_get(json, S("signals")), text = json_get(json, S("text")),
               columns = json_get(json, S("columns"));
    struct arena mem = { 0 };
    bool ok = json_string(json_get(json, S("format")), &mem, &format) && str_eq(format, S("tamis-score-1"));
    arena_free(&mem);
    ok = ok && json_number(json_get(json, S("bias")), &g->bias) && json_number(json_get(json, S("platt[0]")), &g->a)
        && json_number(json_get(json, S("platt[1]")), &g->b);
    if (signals.p) g->features |= GOODNESS_SIGNALS;
    for (enum signal id = 0; ok && signals.p && id < N_SIGNALS; id++) {
        char key[64];
        key_of(id, key);
        struct str value = json_get(signals, str_of(key));
        ok = value.p && read_signal(g, id, value);
    }
    return ok && (!text.p || read_text(g, text)) && (!columns.p || read_columns(g, columns));
}

struct goodness *goodness_open(const char *path, struct err *e)
{
    struct buf b = { 0 };
    struct err why = { 0 };
    if (!file_slurp(path, &b, MODEL_LIMIT, e)) return NULL;
    struct goodness *g = mem_zero(1, sizeof *g);
    bool ok = json_valid(buf_str(&b), &why) && read_model(g, str_trim(buf_str(&b)));
    buf_free(&b);
    if (ok) return g;
    err_set(e, ERR_DATA, "%s: not a model of score train", path);
    goodness_close(g);
    return NULL;
}

void goodness_close(struct goodness *g)
{
    free(g->text);
    free(g->columns);
    free(g);
}
