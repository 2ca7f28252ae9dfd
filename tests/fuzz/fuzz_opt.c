/* fuzz_opt.c - any command line is parsed, or refused with one line.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input's words end in NUL or a space. */
#include "core/arena.h"
#include "core/opt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { WORDS = 30 };

static bool flag, quiet;
static long i;
static size_t z;
static double r;
static const char *t;
static int k;
static const struct opt rows[] = {
    { GROUP("Some") }, { 'i', "int", INT(&i), "N", "" }, { 's', "size", SIZE(&z), "N", "" }, { 'r', "real", REAL(&r), "X", "", .max = 1 },
    { 't', "text", TEXT(&t), "S", "" }, { 'k', "pick", PICK(&k), "a|bb|c", "" }, { 'f', "flag", FLAG(&flag), "" }, { END }
};
static const struct opt common[] = { { 'q', "quiet", FLAG(&quiet), "" }, { END } };

/* Takes the words out of text; returns how many, with argv[0] before them. */
static int split(char *text, size_t n, char **argv)
{
    int argc = 1;
    argv[0] = text + n;
    for (size_t at = 0; at < n && argc < WORDS; at += strlen(text + at) + 1) argv[argc++] = text + at;
    argv[argc] = NULL;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct about a = { .name = "x", .options = rows };
    char *text = mem_zero(size + 1, 1), *argv[WORDS + 1];
    struct err e = { 0 };
    if (size) memcpy(text, data, size);
    for (size_t c = 0; c < size; c++) if (text[c] == ' ') text[c] = 0;
    r = 0;
    k = 0;
    int argc = split(text, size, argv), at = opt_parse(&a, common, argc, argv, &e);
    MUST(at ? at <= argc && e.kind == ERR_NONE : e.kind == ERR_USAGE && e.msg[0]);
    MUST(k >= 0 && k < 3 && r >= 0 && r <= 1);
    for (int w = 1; w < argc; w++) MUST(argv[w] >= text && argv[w] <= text + size);
    free(text);
    return 0;
}
