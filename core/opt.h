/* opt.h - one table per stage: it parses, it is --help, the man page and the completion.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A row reads as the help reads. It names the variable it fills, and what that variable
 * holds before parsing is the default that the help shows, so nothing about an option is
 * written twice. The compiler checks that INT points at a long.
 *
 *     static struct { const char *model; double least; int unit; } opt = { .least = 0.5 };
 *     static const struct opt options[] = {
 *         { 'm', "model", TEXT(&opt.model), "FILE",      "classifier to use", .required = true },
 *         {  0 , "least", REAL(&opt.least), "P",         "label documents below P \"und\"", .max = 1 },
 *         {  0 , "unit",  PICK(&opt.unit),  "word|byte", "what is counted" },
 *         { END }
 *     };
 *
 * In a fused run one table may be parsed several times: opt_save and opt_restore put the
 * defaults back in between, and a stage's open() copies what it needs.
 */
#ifndef CORE_OPT_H
#define CORE_OPT_H
#include "core/err.h"

#include <stddef.h>
#include <stdio.h>

enum opt_type { OPT_END, OPT_GROUP, OPT_FLAG, OPT_INT, OPT_SIZE, OPT_REAL, OPT_TEXT, OPT_PICK };
struct opt {
    char letter;
    const char *name;
    enum opt_type type;
    union { bool *flag; long *i; size_t *size; double *real; const char **text; int *pick; } to;
    const char *arg, *help;      /* help: lower case, no full stop, 60 columns */
    double min, max;             /* checked when max > min */
    bool required;
};
#define FLAG(v)  OPT_FLAG, { .flag = (v) }, NULL
#define INT(v)   OPT_INT,  { .i    = (v) }     /* 500, 2K, 10B: K, M, B, T are powers of 1000, of REAL too */
#define SIZE(v)  OPT_SIZE, { .size = (v) }     /* 64K, 2M, 1G: powers of 1024 */
#define REAL(v)  OPT_REAL, { .real = (v) }
#define TEXT(v)  OPT_TEXT, { .text = (v) }
#define PICK(v)  OPT_PICK, { .pick = (v) }     /* index of the choice in arg, "a|b|c" */
#define GROUP(s) .type = OPT_GROUP, .help = (s)
#define END      .type = OPT_END

enum { OPT_MAX = 64 };           /* rows in one table; a stage with more has too many */
union opt_value { bool flag; long i; size_t size; double real; const char *text; int pick; };

struct about { const char *name, *brief, *usage, *text, *memory, *example, *see; const struct opt *options; };

/* Fills the variables, moves options before operands; returns the index of the first operand, or 0 with e set. */
int opt_parse(const struct about *a, const struct opt *common, int argc, char **argv, struct err *e) MUST_CHECK;
void opt_save(const struct opt *table, union opt_value values[OPT_MAX]);
void opt_restore(const struct opt *table, const union opt_value values[OPT_MAX]);
void opt_help(const struct about *a, const struct opt *common, FILE *to);
void opt_man(const struct about *a, const struct opt *common, FILE *to);
void opt_words(const struct opt *table, FILE *to);     /* "--name" and "-x", a line each, for shell completion */

#endif
