/* perplexity_score.c - score every line of a file by our library: CPU seconds of the scoring alone, for
 * bench/perplexity.sh.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   perplexity_score MODEL LINES */
#include "core/file.h"
#include "model/ngram.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct err e = { 0 };
    struct buf text = { 0 };
    struct ngram *m = argc == 3 ? ngram_open(argv[1], &e) : NULL;
    if (!m || !file_slurp(argv[2], &text, 1u << 31, &e)) {
        fprintf(stderr, "perplexity_score MODEL LINES: %s\n", e.msg);
        return 2;
    }
    struct ngram_sum sum = { 0 };
    const double begin = time_cpu();
    for (struct str rest = buf_str(&text), line; str_cut(&rest, '\n', &line) && rest.p; )
        ngram_score(m, line, true, &sum);
    const double seconds = time_cpu() - begin;
    printf("%.3f s of scoring, %.2f million words/s, log10 %.1f\n", seconds, (double)sum.words / seconds / 1e6,
           sum.log10);
    buf_free(&text);
    ngram_close(m);
    return 0;
}
