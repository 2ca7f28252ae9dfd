/* limits.c - options back into tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/limits.h"

#include <math.h>

static void add_set(struct limits *l, const struct rule_set *set)
{
    for (size_t i = 0; set && i < set->n && l->n < LIMITS_MAX; i++)
        l->all[l->n++] = (struct limit){ set->name, &set->rules[i], set->rules[i].limit };
}

static void set_limit(struct limits *l, struct str reason, struct str number)
{
    double x;
    if (!json_number(str_trim(number), &x)) return;
    for (size_t i = 0; i < l->n; i++) if (str_eq(str_of(l->all[i].rule->reason), reason)) l->all[i].limit = x;
}

void limits_init(struct limits *l, const struct trail_stage *rules)
{
    *l = (struct limits){ .measures = measures_new() };
    const char *words = stage_option(rules, "--words", NULL);
    if (words && !strcmp(words, "punct")) l->by = WORDS_PUNCT;
    struct str sets = str_of(stage_option(rules, "--like", NULL)),
               changed = str_of(stage_option(rules, "--limit", NULL)), item;
    while (str_cut(&sets, ',', &item)) add_set(l, rule_set_find(str_trim(item)));
    while (str_cut(&changed, ',', &item)) {
        struct str number = item, reason;
        if (str_cut(&number, '=', &reason) && number.p) set_limit(l, str_trim(reason), number);
    }
}

void limits_text(struct limits *l, struct str text)
{
    measures_text(l->measures, text, l->by);
}

double limits_value(struct limits *l, size_t i)
{
    return measure(l->measures, l->all[i].rule->measure);
}

double limits_room(const struct limits *l, size_t i, double value)
{
    const double limit = l->all[i].limit, scale = limit != 0 ? fabs(limit) : 1;
    return (l->all[i].rule->side == ABOVE ? limit - value : value - limit) / scale;
}

void limits_free(struct limits *l)
{
    measures_free(l->measures);
}
