/* fuzz_ngram.c - any bytes are an n-gram model that scores, ours, KenLM's or ARPA, or one line of error.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Binaries are parsed in place, at an odd address; ARPA is read from a file in memory. */
#include "core/mem.h"
#include "model/ngram.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct ngram *open_bytes(const uint8_t *data, size_t size, struct err *e)
{
    char path[64];
    int fd = memfd_create("fuzz_ngram", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct ngram *m = ngram_open(path, e);
    close(fd);
    return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = { 0 };
    struct ngram_sum sum = { 0 };
    const bool binary = size > 5 && (data[0] == 't' || data[0] == 'm');
    char *odd = malloc(size + 1);
    memcpy(odd + 1, data, size);
    struct ngram *m = binary ? ngram_parse((struct str){ odd + 1, size }, &e) : open_bytes(data, size, &e);
    if (!m && e.kind != ERR_DATA) abort();
    if (m) {
        ngram_score(m, S("the a zebra \xC3\xA9t\xC3\xA9 a b <unk> </s> b a the a"), true, &sum);
        if (sum.words != 13) abort();
    }
    ngram_close(m);
    free(odd);
    return 0;
}
