/* scan.c - how fast the record scanner is on one core, in GB/s of CPU time, on a file of JSON lines.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   scan FILE [ROUNDS]      validates every line and finds its fields; the file is read into memory before */
#include "core/file.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>

static size_t scan_lines(struct str all, struct arena *mem, struct err *e)
{
    size_t n_fields = 0;
    struct str line;
    while (str_cut(&all, '\n', &line)) {
        struct json_field *f;
        size_t n;
        if (!line.n) continue;
        if (!json_object(line, mem, &f, &n, e)) return 0;
        n_fields += n;
        arena_reset(mem);
    }
    return n_fields;
}

int main(int argc, char **argv)
{
    struct err e = { 0 };
    struct buf b = { 0 };
    struct arena mem = { 0 };
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    if (argc < 2 || !file_slurp(argv[1], &b, (size_t)2 << 30, &e)) {
        fprintf(stderr, "%s\n", argc < 2 ? "usage: scan FILE" : e.msg);
        return 2;
    }
    double best = 1e30;
    for (int i = 0; i < rounds; i++) {
        double begin = time_cpu();
        if (!scan_lines(buf_str(&b), &mem, &e)) { fprintf(stderr, "%s\n", e.msg); return 1; }
        double took = time_cpu() - begin;
        if (took < best) best = took;
    }
    printf("%.2f GB/s: %zu bytes in %.4f s of CPU time, the best of %d\n", (double)b.n / best / 1e9, b.n, best, rounds);
    arena_free(&mem);
    buf_free(&b);
    return 0;
}
