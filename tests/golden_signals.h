/* golden_signals.h - ../shared/data/signals/golden.tar.zst, unpacked once into a folder that goes with the process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GOLDEN_SIGNALS_H
#define TESTS_GOLDEN_SIGNALS_H
#include "core/file.h"
#include "record/json.h"
#include "tests/test.h"

static char golden_dir[] = "/tmp/tamis-golden-XXXXXX";

static inline void golden_remove(void)
{
    char cmd[100];
    snprintf(cmd, sizeof cmd, "rm -rf %s", golden_dir);
    if (system(cmd)) puts("# could not remove the unpacked goldens");
}

/* The lines of a member of the archive, as str_cut() takes them; skips the test when there is none. */
static inline struct str golden(const char *member)
{
    const char *tar = test_data("signals/golden.tar.zst");
    if (!tar) SKIP("no ../shared/data/signals/golden.tar.zst");
    char cmd[700];
    if (strchr(golden_dir, 'X') && mkdtemp(golden_dir)) {
        atexit(golden_remove);
        snprintf(cmd, sizeof cmd, "zstd -qdc %s | tar xf - -C %s --strip-components=1", tar, golden_dir);
        if (system(cmd)) TEST_FAIL("could not unpack %s", tar);
    }
    static struct buf b[16];
    static int n;
    struct err e = { 0 };
    snprintf(cmd, sizeof cmd, "%s/%s", golden_dir, member);
    if (!file_slurp(cmd, &b[n], (size_t)1 << 30, &e)) TEST_FAIL("%s", e.msg);
    struct str s = buf_str(&b[n++]);
    if (s.n && s.p[s.n - 1] == '\n') s.n--;
    return s;
}

/* The line of `lines` whose "id" is this; the goldens keep one order, so it is nearly always the first that is asked. */
static inline struct str golden_line(struct str lines, struct str id)
{
    for (struct str line; str_cut(&lines, '\n', &line); ) if (str_eq(json_get(line, S("id")), id)) return line;
    return (struct str){ 0 };
}

#endif
