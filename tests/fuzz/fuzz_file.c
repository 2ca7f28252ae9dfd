/* fuzz_file.c - any bytes are a plain, gzip or zstd file that is read to its end, or one error; the seek table
 * likewise.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ENOUGH = 1 << 20 };                           /* of what may be a bomb */

static void read_stream(const char *path, struct str whole)
{
    static char to[1 << 14];
    struct err e = { 0 };
    struct input *in = input_open(path, &e);
    if (!in) { MUST(e.kind == ERR_DATA || e.kind == ERR_SYSTEM); return; }
    size_t all = 0;
    for (size_t n; all < ENOUGH && (n = input_read(in, to, 1 + all % sizeof to, &e)) > 0; all += n)
        MUST(input_consumed(in) <= whole.n);
    MUST(e.kind == ERR_NONE || e.kind == ERR_DATA);
    /* neither magic: plain */
    if (whole.n && (whole.p[0] & 0x80) == 0 && whole.p[0] > 0x60) MUST(all == whole.n || all >= ENOUGH);
    input_close(in);
}

static void read_frames(const char *path, struct str whole)
{
    struct err e = { 0 };
    struct frames f;
    if (!frames_open(&f, path, &e)) { MUST(e.kind == ERR_DATA); return; }
    for (size_t i = 0; i < f.n; i++) MUST(f.all[i].at + f.all[i].size <= whole.n);
    frames_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct str whole = { (const char *)data, size };
    read_stream(path, whole);
    read_frames(path, whole);
    close(fd);
    return 0;
}
