/* file_at.c - whole pieces of a file by their place, however many calls that takes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include <errno.h>
#include <unistd.h>

bool file_read_at(int fd, void *to, size_t n, uint64_t at, const char *what, struct err *e)
{
    for (char *p = to; n; ) {
        const ssize_t got = pread(fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return err_sys(e, "could not read %s", what);
        if (!got) return err_set(e, ERR_DATA, "%s are cut short: they end at byte %llu", what, (unsigned long long)at);
        p += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

bool file_write_at(int fd, struct str s, uint64_t at, const char *what, struct err *e)
{
    while (s.n) {
        const ssize_t put = pwrite(fd, s.p, s.n, (off_t)at);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return err_sys(e, "could not write %s", what);
        at += (uint64_t)put;
        s = (struct str){ s.p + put, s.n - (size_t)put };
    }
    return true;
}
