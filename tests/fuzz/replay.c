/* replay.c - a fuzzer without a fuzzer: every file of its corpus once. Prints TAP.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The Makefile compiles it with each fuzz_X.c, CORPUS being tests/fuzz/corpus/X. */
#include "core/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* The bytes as they are: file_slurp would decompress them. A copy of just that size, so that a sanitizer sees its
 * ends. */
static bool play(const char *name, struct err *e)
{
    char path[1000];
    struct map m;
    snprintf(path, sizeof path, "%s/%s", CORPUS, name);
    if (!map_open(&m, path, e)) return false;
    uint8_t *copy = mem_alloc(m.n + !m.n, 1);
    if (m.n) memcpy(copy, m.p, m.n);
    LLVMFuzzerTestOneInput(copy, m.n);
    free(copy);
    map_close(&m);
    return true;
}

int main(void)
{
    struct dirent **files;
    int n = scandir(CORPUS, &files, visible, alphasort), bad = n <= 0;
    printf("1..%d\n", n > 0 ? n : 1);
    if (bad) printf("not ok 1 - %s is empty\n", CORPUS);
    for (int i = 0; i < n; i++) {
        struct err e = { 0 };
        bool ok = play(files[i]->d_name, &e);
        printf("%sok %d - %s%s%s\n", ok ? "" : "not ", i + 1, files[i]->d_name, ok ? "" : ": ", e.msg);
        fflush(stdout);                              /* what crashes is the one after the last that is shown */
        bad |= !ok;
        free(files[i]);
    }
    if (n >= 0) free(files);
    return bad;
}
