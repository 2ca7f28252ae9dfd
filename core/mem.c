/* mem.c - mapped files, memory and time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool map_open(struct map *m, const char *path, struct err *e)
{
    *m = (struct map){ "", 0 };
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_sys(e, "could not open file %s", path);
    if (fstat(fd, &st)) err_sys(e, "could not stat file %s", path);
    else if (!S_ISREG(st.st_mode)) err_set(e, ERR_DATA, "%s is not a regular file", path);
    else if (st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED) err_sys(e, "could not map file %s", path);
        else *m = (struct map){ p, (size_t)st.st_size };
    }
    close(fd);
    return e->kind == ERR_NONE;
}

void map_close(struct map *m)
{
    if (m->n) munmap((void *)(uintptr_t)m->p, m->n);
    *m = (struct map){ 0 };
}

enum { LARGE_PAGE = 1 << 21 };

static size_t whole_pages(size_t size) { return (size + LARGE_PAGE - 1) & ~(size_t)(LARGE_PAGE - 1); }

/* Of a mapping that is a large page too long, what lies before and behind whole ones is given back. */
void *mem_pages(size_t size)
{
    const size_t whole = whole_pages(size);
    char *p = mmap(NULL, whole + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) mem_out(size);
    const size_t before = -(uintptr_t)p & (LARGE_PAGE - 1);
    if (before) munmap(p, before);
    munmap(p + before + whole, LARGE_PAGE - before);
    madvise(p + before, whole, MADV_HUGEPAGE);
    return p + before;
}

void mem_pages_free(void *p, size_t size) { munmap(p, whole_pages(size)); }

size_t mem_peak(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (size_t)u.ru_maxrss << 10;
}

size_t mem_machine(void)
{
    size_t all = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE), limit;
    FILE *f = fopen("/sys/fs/cgroup/memory.max", "re");
    if (!f) return all;
    if (fscanf(f, "%zu", &limit) == 1 && limit < all) all = limit;
    fclose(f);
    return all;
}

double time_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double time_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
