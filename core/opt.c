/* opt.c - walk argv with the table; print the table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/opt.h"
#include "core/arena.h"
#include "core/near.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool number(const struct opt *o, const char *s, double *v, struct err *e)
{
    const bool size = o->type == OPT_SIZE;
    const char *units = size ? "kmgt" : "kmbt";
    char *end;
    errno = 0;
    *v = strtod(s, &end);
    const char *unit = end != s && *end ? strchr(units, *end | 32) : NULL;
    if (unit) {
        for (const char *u = units; u <= unit; u++) *v *= size ? 1024 : 1000;
        if (fabs(*v - rint(*v)) <= 1e-12 * fabs(*v)) *v = rint(*v);          /* 1.001K is 1001 */
        end++;
    }
    if (end == s || *end || errno)
        return err_set(e, ERR_USAGE, size ? "--%s: \"%s\" is not a size, as 512M or 4G are"
                       : "--%s: \"%s\" is not a number", o->name, s);
    if (!(*v > -1e15 && *v < 1e15))                  /* also NaN */
        return err_set(e, ERR_USAGE, "--%s: %s is too large", o->name, s);
    if (o->type != OPT_REAL && *v != (double)(long long)*v)
        return err_set(e, ERR_USAGE, "--%s: \"%s\" is not a whole number", o->name, s);
    if (size && *v < 0)
        return err_set(e, ERR_USAGE, "--%s: %s is negative", o->name, s);
    if (o->max > o->min && (*v < o->min || *v > o->max))
        return err_set(e, ERR_USAGE, "--%s: %s is not between %g and %g", o->name, s, o->min, o->max);
    return true;
}

static bool pick(const struct opt *o, const char *s, struct err *e)
{
    int i = 0;
    for (const char *c = o->arg; *c; i++) {
        size_t n = strcspn(c, "|");
        if (strlen(s) == n && !memcmp(s, c, n)) { *o->to.pick = i; return true; }
        c += n + (c[n] == '|');
    }
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is not one of %s", o->name, s, o->arg);
}

static bool set(const struct opt *o, const char *s, struct err *e)
{
    double v = 0;
    if (o->type == OPT_INT || o->type == OPT_SIZE || o->type == OPT_REAL)
        if (!number(o, s, &v, e)) return false;
    switch (o->type) {
    case OPT_FLAG: *o->to.flag = true; break;
    case OPT_INT:  *o->to.i = (long)v; break;
    case OPT_SIZE: *o->to.size = (size_t)v; break;
    case OPT_REAL: *o->to.real = v; break;
    case OPT_TEXT: *o->to.text = s; break;
    case OPT_PICK: return pick(o, s, e);
    case OPT_GROUP: case OPT_END: break;
    }
    return true;
}

static const struct opt *find(const struct opt *t, const char *name, size_t n, char letter)
{
    for (; t && t->type != OPT_END; t++)
        if (t->type != OPT_GROUP && (name ? strlen(t->name) == n && !memcmp(t->name, name, n) : t->letter == letter))
            return t;
    return NULL;
}

struct parse { const struct about *about; const struct opt *common; bool seen[OPT_MAX]; };

static bool unknown(const struct parse *p, const char *s, const char *name, size_t n, struct err *e)
{
    struct near near = { .word = { name, n } };
    for (const struct opt *o = p->about->options; name && o && o->type != OPT_END; o++) near_try(&near, o->name);
    for (const struct opt *o = p->common; name && o && o->type != OPT_END; o++) near_try(&near, o->name);
    return near.name ? err_set(e, ERR_USAGE, "unrecognized option %s: did you mean --%s?", s, near.name)
        : err_set(e, ERR_USAGE, "unrecognized option %s", s);
}

/* One argv word: "--name", "--name=value", "-x", "-xyz" or "-xvalue"; next is the word after it, or NULL. */
static bool word(struct parse *p, const char *s, const char *next, bool *used_next, struct err *e)
{
    bool is_long = s[1] == '-';
    const char *eq = is_long ? strchr(s, '=') : NULL, *name = is_long ? s + 2 : NULL;
    size_t n = !is_long ? 0 : eq ? (size_t)(eq - name) : strlen(name);
    for (const char *c = s + 1; *c; c++) {
        const struct opt *o = find(p->about->options, name, n, *c);
        if (o) p->seen[o - p->about->options] = true;
        else o = find(p->common, name, n, *c);
        if (!o) return unknown(p, s, name, n, e);
        if (o->type == OPT_FLAG) {
            if (eq) return err_set(e, ERR_USAGE, "--%s takes no value", o->name);
            if (!set(o, NULL, e)) return false;
            if (is_long) return true;
            continue;
        }
        const char *v = eq ? eq + 1 : !is_long && c[1] ? c + 1 : next;
        if (!v) return err_set(e, ERR_USAGE, "--%s needs a value", o->name);
        *used_next = v == next;
        return set(o, v, e);
    }
    return true;
}

/* Options may stand anywhere before "--": they are moved before the operands, each group in its order. */
static int parse_words(struct parse *p, int argc, char **argv, char **operands, struct err *e)
{
    int n_operands = 0, to = 1;
    for (int i = 1; i < argc; i++) {
        char *s = argv[i];
        if (!strcmp(s, "--")) {
            argv[to++] = s;
            while (++i < argc) operands[n_operands++] = argv[i];
            break;
        }
        if (s[0] != '-' || !s[1]) { operands[n_operands++] = s; continue; }
        bool used_next = false;
        if (!word(p, s, i + 1 < argc ? argv[i + 1] : NULL, &used_next, e)) return 0;
        argv[to++] = s;
        if (used_next) argv[to++] = argv[++i];
    }
    memcpy(argv + to, operands, (size_t)n_operands * sizeof *operands);
    return to;
}

int opt_parse(const struct about *a, const struct opt *common, int argc, char **argv, struct err *e)
{
    struct parse p = { .about = a, .common = common };
    char **operands = mem_alloc((size_t)argc + 1, sizeof *operands);
    int at = parse_words(&p, argc, argv, operands, e);
    free(operands);
    for (const struct opt *o = a->options; at && o && o->type != OPT_END; o++)
        if (o->required && !p.seen[o - a->options]) { err_set(e, ERR_USAGE, "--%s is needed", o->name); at = 0; }
    return at;
}

void opt_save(const struct opt *t, union opt_value v[OPT_MAX])
{
    for (; t && t->type != OPT_END; t++, v++)
        switch (t->type) {
        case OPT_FLAG: v->flag = *t->to.flag; break;
        case OPT_INT:  v->i = *t->to.i; break;
        case OPT_SIZE: v->size = *t->to.size; break;
        case OPT_REAL: v->real = *t->to.real; break;
        case OPT_TEXT: v->text = *t->to.text; break;
        case OPT_PICK: v->pick = *t->to.pick; break;
        case OPT_GROUP: case OPT_END: break;
        }
}

void opt_restore(const struct opt *t, const union opt_value v[OPT_MAX])
{
    for (; t && t->type != OPT_END; t++, v++)
        switch (t->type) {
        case OPT_FLAG: *t->to.flag = v->flag; break;
        case OPT_INT:  *t->to.i = v->i; break;
        case OPT_SIZE: *t->to.size = v->size; break;
        case OPT_REAL: *t->to.real = v->real; break;
        case OPT_TEXT: *t->to.text = v->text; break;
        case OPT_PICK: *t->to.pick = v->pick; break;
        case OPT_GROUP: case OPT_END: break;
        }
}

static void show_size(size_t n, FILE *to)
{
    static const char units[] = " KMGT";
    int u = 0;
    while (n && n % 1024 == 0 && u < 4) { n /= 1024; u++; }
    if (u) fprintf(to, " [%zu%c]", n, units[u]);
    else fprintf(to, " [%zu]", n);
}

static void show_default(const struct opt *o, FILE *to)
{
    const char *c = o->arg;
    switch (o->type) {
    case OPT_INT:  fprintf(to, " [%ld]", *o->to.i); break;
    case OPT_SIZE: show_size(*o->to.size, to); break;
    case OPT_REAL: fprintf(to, " [%g]", *o->to.real); break;
    case OPT_TEXT: if (*o->to.text) fprintf(to, " [%s]", *o->to.text); break;
    case OPT_PICK:
        for (int i = 0; i < *o->to.pick; i++) c = strchr(c, '|') + 1;
        fprintf(to, " [%.*s]", (int)strcspn(c, "|"), c);
        break;
    case OPT_FLAG: case OPT_GROUP: case OPT_END: break;
    }
    if (o->required) fputs(" (needed)", to);
    fputc('\n', to);
}

static void help_rows(const struct opt *o, FILE *to)
{
    for (; o && o->type != OPT_END; o++) {
        if (o->type == OPT_GROUP) { fprintf(to, "\n%s\n", o->help); continue; }
        char dash[] = { o->letter ? '-' : ' ', o->letter ? o->letter : ' ', o->letter ? ',' : ' ', 0 };
        int n = fprintf(to, "  %s --%s%s%s", dash, o->name, o->arg ? " " : "", o->arg ? o->arg : "");
        if (n > 28) n = fprintf(to, "\n") - 1;
        fprintf(to, "%*s%s", 30 - n, "", o->help);
        show_default(o, to);
    }
}

void opt_help(const struct about *a, const struct opt *common, FILE *to)
{
    fprintf(to, "%s - %s\n\nusage: %s %s\n\n%s\n", a->name, a->brief, a->name, a->usage, a->text);
    if (a->memory) fprintf(to, "\nMemory: %s.\n", a->memory);
    if (a->options && a->options->type != OPT_GROUP && a->options->type != OPT_END) fprintf(to, "\nOptions\n");
    help_rows(a->options, to);
    help_rows(common, to);
    if (a->example) fprintf(to, "\nExample\n%s\n", a->example);
}

/* Text for roff: a dash is a minus, a backslash stands for itself, and a leading dot or quote is no request. */
static void man_text(const char *s, FILE *to)
{
    for (bool start = true; s && *s; s++) {
        if (start && (*s == '.' || *s == '\'')) fputs("\\&", to);
        if (*s == '-') fputs("\\-", to);
        else if (*s == '\\') fputs("\\e", to);
        else fputc(*s, to);
        start = *s == '\n';
    }
}

static void man_rows(const struct opt *o, FILE *to)
{
    for (; o && o->type != OPT_END; o++) {
        if (o->type == OPT_GROUP) { fprintf(to, ".SS %s\n", o->help); continue; }
        fputs(".TP\n", to);
        if (o->letter) fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
        fputs("\\fB\\-\\-", to);
        man_text(o->name, to);
        fputs("\\fR ", to);
        man_text(o->arg, to);
        fputc('\n', to);
        man_text(o->help, to);
        show_default(o, to);
    }
}

void opt_man(const struct about *a, const struct opt *common, FILE *to)
{
    fprintf(to, ".TH \"%s\" 1 \"\" \"tamis " TAMIS_VERSION "\"\n.SH NAME\n", a->name);
    man_text(a->name, to);
    fputs(" \\- ", to);
    man_text(a->brief, to);
    fprintf(to, "\n.SH SYNOPSIS\n\\fB%s\\fR ", a->name);
    man_text(a->usage, to);
    fputs("\n.SH DESCRIPTION\n", to);
    man_text(a->text, to);
    fputs("\n.SH OPTIONS\n", to);
    man_rows(a->options, to);
    man_rows(common, to);
    if (a->memory) { fputs(".SH MEMORY\n", to); man_text(a->memory, to); fputs(".\n", to); }
    if (a->example) { fputs(".SH EXAMPLE\n.nf\n", to); man_text(a->example, to); fputs("\n.fi\n", to); }
    if (a->see) { fputs(".SH SEE ALSO\n", to); man_text(a->see, to); fputc('\n', to); }
}

void opt_words(const struct opt *o, FILE *to)
{
    for (; o && o->type != OPT_END; o++) {
        if (o->type == OPT_GROUP) continue;
        fprintf(to, "--%s\n", o->name);
        if (o->letter) fprintf(to, "-%c\n", o->letter);
    }
}
