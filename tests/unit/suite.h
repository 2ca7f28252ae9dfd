/* suite.h - the members of ../shared/data/suites/suites.tar.zst, for unit tests.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H
#include "core/file.h"
#include "tests/test.h"

/* The next member of the tar whose name holds `part` and ends with `suffix`; false at the end. */
static inline bool suite_next(struct str *tar, const char *part, const char *suffix, char name[101],
                              struct str *content)
{
    while (tar->n >= 512 && tar->p[0]) {
        memcpy(name, tar->p, 100);
        name[100] = 0;
        size_t n = strtoull(tar->p + 124, NULL, 8), whole = 512 + (n + 511) / 512 * 512;
        if (whole > tar->n) return false;
        *content = (struct str){ tar->p + 512, n };
        tar->p += whole;
        tar->n -= whole;
        if (strstr(name, part) && str_ends(str_of(name), str_of(suffix))) return true;
    }
    return false;
}

/* The archive in memory; skips the test when it is absent. */
static inline struct str suite_open(struct buf *b)
{
    const char *path = test_data("suites/suites.tar.zst");
    if (!path) SKIP("no ../shared/data");
    FINE(file_slurp(path, b, 64 << 20, e));
    return buf_str(b);
}

#endif
