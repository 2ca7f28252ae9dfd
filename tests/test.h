/* test.h - unit tests: a TEST is a function in a process of its own, EQ says both sides.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     #include "tests/test.h"
 *     TEST(a_buffer_keeps_what_was_put) { ... EQ(b.n, 3); STR_EQ(buf_str(&b), S("abc")); OK(cond); NEAR(x, 0.5, 1e-9);
 *     } MAIN
 *
 * A test that needs data which is not here says SKIP("no ../shared/data") and returns.
 * Prints TAP. `PROGRAM NAME` runs the tests whose name holds NAME, in this process (for gdb).
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H
#include "core/str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEST_MAX = 400, TEST_SKIPPED = 77, TEST_FAILED = 1 };
struct test { const char *name; void (*run)(void); };
static struct test test_all[TEST_MAX];
static int test_n, test_bad;

#define TEST(id) \
    static void id(void); \
    __attribute__((constructor)) static void id##_add(void) { test_all[test_n++] = (struct test){ #id, id }; } \
    static void id(void)

#define TEST_FAIL(...) (printf("# %s:%d: ", __FILE__, __LINE__), printf(__VA_ARGS__), putchar('\n'), test_bad++)
#define OK(x)         do { if (!(x)) TEST_FAIL("%s", #x); } while (0)
#define EQ(a, b)      do { long long a_ = (long long)(a), b_ = (long long)(b); if (a_ != b_) TEST_FAIL("%s is %lld, not %lld", #a, a_, b_); } while (0)
#define NEAR(a, b, t) do { double a_ = (a), b_ = (b); if (!(fabs(a_ - b_) <= (t))) TEST_FAIL("%s is %.17g, not %.17g", #a, a_, b_); } while (0)
#define STR_EQ(a, b)  do { struct str a_ = (a), b_ = (b); if (!str_eq(a_, b_)) TEST_FAIL("%s is \"%.*s\", not \"%.*s\"", #a, (int)a_.n, a_.p, (int)b_.n, b_.p); } while (0)
#define FINE(call)    do { struct err e_ = { 0 }, *e = &e_; if (!(call) || e->kind) TEST_FAIL("%s: %s", #call, e->msg); } while (0)
#define SKIP(why)     do { printf("# skipped: %s\n", why); fflush(stdout); _exit(TEST_SKIPPED); } while (0)

/* ../shared/data/NAME when it is there, else NULL. */
static inline const char *test_data(const char *name)
{
    static char path[500];
    snprintf(path, sizeof path, "../shared/data/%s", name);
    return access(path, R_OK) ? NULL : path;
}

static int test_main(int argc, char **argv)
{
    if (argc > 1) {
        for (int i = 0; i < test_n; i++) if (strstr(test_all[i].name,
                                                    argv[1])) { printf("# %s\n", test_all[i].name); test_all[i].run(); }
        return test_bad ? TEST_FAILED : 0;
    }
    printf("1..%d\n", test_n);
    int failed = 0;
    for (int i = 0; i < test_n; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (!child) { test_all[i].run(); fflush(stdout); exit(test_bad ? TEST_FAILED : 0); }
        int status;
        waitpid(child, &status, 0);
        bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == TEST_SKIPPED, ok = skipped || status == 0;
        if (WIFSIGNALED(status)) printf("# killed by signal %d\n", WTERMSIG(status));
        printf("%sok %d - %s%s\n", ok ? "" : "not ", i + 1, test_all[i].name, skipped ? " # SKIP" : "");
        failed += !ok;
    }
    return failed != 0;
}
#define MAIN int main(int argc, char **argv) { return test_main(argc, argv); }

#endif
