/* fault.c - preload that makes the N-th allocation, read, write or rename fail (FAULT=N).
 * SPDX-License-Identifier: Apache-2.0
 *
 * FAULT_LOG=FILE: on exit, how many such calls there were. Only calls of the program itself and of
 * libraries through the C library's entry points are seen. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long at = -2;

/* the program is in main: libraries' own start-up is not ours to test */
static int started;

void (*signal(int number, void (*handler)(int)))(int)
{
    static void (*(*real)(int, void (*)(int)))(int);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "signal");
    started = 1;
    return real(number, handler);
}

static int due(void)
{
    if (!started) return 0;
    if (at == -2) { const char *s = getenv("FAULT"); at = s ? atol(s) : -1; }
    return atomic_fetch_add(&calls, 1) + 1 == at;
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("FAULT_LOG");
    char s[32];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (fd < 0) return;
    int n = snprintf(s, sizeof s, "%ld\n", (long)calls);
    ssize_t (*real)(int, const void *, size_t) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "write");
    real(fd, s, (size_t)n);
    close(fd);
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)
#define FAIL(code, value) do { if (due()) { errno = (code); return (value); } } while (0)

void *realloc(void *p, size_t n) { REAL(void *, realloc, void *, size_t); FAIL(ENOMEM, NULL); return real(p, n); }
ssize_t read(int fd, void *to, size_t n)
{
    REAL(ssize_t, read, int, void *, size_t);
    FAIL(EIO, -1);
    return real(fd, to, n);
}
ssize_t write(int fd, const void *p, size_t n)
{
    REAL(ssize_t, write, int, const void *, size_t);
    if (fd != 2) FAIL(ENOSPC, -1);
    return real(fd, p, n);
}
ssize_t pread(int fd, void *to, size_t n, off_t o)
{
    REAL(ssize_t, pread, int, void *, size_t, off_t);
    FAIL(EIO, -1);
    return real(fd, to, n, o);
}
ssize_t pwrite(int fd, const void *p, size_t n, off_t o)
{
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    FAIL(ENOSPC, -1);
    return real(fd, p, n, o);
}
int rename(const char *a, const char *b)
{
    REAL(int, rename, const char *, const char *);
    FAIL(EACCES, -1);
    return real(a, b);
}

/* A library that is loaded late may fail to load; what it does while it starts is not ours. */
void *dlopen(const char *name, int flags)
{
    REAL(void *, dlopen, const char *, int);
    const int was = started, fails = due();
    started = 0;
    void *so = real(fails ? "/no such library" : name, flags);
    started = was;
    return so;
}

int fsync(int fd) { REAL(int, fsync, int); FAIL(EIO, -1); return real(fd); }

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
void *malloc(size_t n) { if (due()) { errno = ENOMEM; return NULL; } return __libc_malloc(n); }
void *calloc(size_t n, size_t size) { if (due()) { errno = ENOMEM; return NULL; } return __libc_calloc(n, size); }
