/* signals_write.c - signals as JSON: a list of [begin, end, value].
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/decimal.h"
#include "quality/signals.h"

#include <ctype.h>
#include <math.h>

static const struct { const char *name; unsigned bits; } groups_by_name[] = {
    { "ccnet", SIGNALS_CCNET },     { "lists", SIGNALS_LISTS }, { "repetition", SIGNALS_REPETITION }, { "natural", SIGNALS_NATURAL },
    { "lines", SIGNALS_LINES },     { "ml", SIGNALS_ML },       { "importance", SIGNALS_IMPORTANCE }, { "all", SIGNALS_ALL },
};

unsigned signals_groups(const char *list, struct err *e)
{
    unsigned bits = 0;
    struct str rest = str_of(list);
    for (struct str item; str_cut(&rest, ',', &item); ) {
        size_t i = 0, n = sizeof groups_by_name / sizeof *groups_by_name;
        while (i < n && !str_eq(str_of(groups_by_name[i].name), str_trim(item))) i++;
        if (i == n) {
            err_set(e, ERR_USAGE, "no group of signals is named \"%.*s\"\nhint: ccnet, lists, repetition, natural, lines, ml, importance", (int)item.n, item.p);
            return 0;
        }
        bits |= groups_by_name[i].bits;
    }
    return bits;
}

static void put_value(struct buf *b, double x, bool integer)
{
    if (x == 0 && !integer) { buf_put(b, S("0.0]")); return; }           /* two lines of three */
    if (isnan(x)) buf_put(b, S("null"));
    else if (integer) put_uint(b, (uint64_t)x);
    else put_round8(b, x);
    buf_putc(b, ']');
}

static void put_place(struct buf *b, uint64_t begin, uint64_t end)
{
    buf_putc(b, '[');
    put_uint(b, begin);
    buf_putc(b, ',');
    put_uint(b, end);
    buf_putc(b, ',');
}

static void put_key(struct buf *b, const char *name, bool first)
{
    if (!first) buf_putc(b, ',');
    buf_putc(b, '"');
    for (; *name; name++) buf_putc(b, (char)tolower((unsigned char)*name));
    buf_put(b, S("\":["));
}

/* buf_put() of a few bytes that have SHORT readable ones: a copy of known size, because a call for ten bytes costs more
 * than they do. */
enum { SHORT = 48 };
static inline void put_short(struct buf *b, struct str s)
{
    if (s.n > SHORT) { buf_put(b, s); return; }
    memcpy(buf_room(b, SHORT), s.p, SHORT);
    b->n += s.n;
}

/* The places of lines are the same for six signals: the first prints them, the others copy. No line at all is an empty
 * list, but for
   bullets, where RedPajama writes [[0,0,null]]. */
static void put_lines(struct buf *b, struct signals *s, enum signal id)
{
    bool print = !s->places.n;
    for (size_t i = 0; i < s->n_lines; i++) {
        struct signal_line *l = &s->lines[i];
        if (print) {
            l->place = s->places.n;
            if (i) buf_putc(&s->places, ',');
            put_place(&s->places, l->begin, l->end);
            buf_room(&s->places, SHORT);
        }
        size_t end = i + 1 < s->n_lines && !print ? s->lines[i + 1].place : s->places.n;
        put_short(b, str_span(s->places.p + l->place, s->places.p + end));
        put_value(b, l->value[id - SIGNALS_FIRST_LINE], signal_info[id].integer);
    }
    if (s->n_lines || id != RPS_LINES_START_WITH_BULLETPOINT) return;
    put_place(b, 0, s->chars);
    put_value(b, NAN, false);
}

void signals_write(struct signals *s, unsigned groups, struct buf *json)
{
    bool first = true;
    buf_reset(&s->places);
    buf_putc(json, '{');
    for (enum signal id = 0; id < N_SIGNALS; id++) {
        if (!(signal_info[id].group & groups)) continue;
        put_key(json, signal_info[id].name, first);
        first = false;
        if (signal_info[id].group & SIGNALS_LINES) put_lines(json, s, id);
        else {
            put_place(json, 0, s->chars);
            put_value(json, s->doc[id], signal_info[id].integer);
        }
        buf_putc(json, ']');
    }
    buf_putc(json, '}');
}
