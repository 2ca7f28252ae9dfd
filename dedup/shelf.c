/* shelf.c - anonymous pages, then a mapped file. Its blocks are reserved first: a full disk is an error, no signal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/shelf.h"
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void shelf_init(struct shelf *s, size_t item, size_t budget)
{
    *s = (struct shelf){ .item = item, .budget = budget, .fd = -1 };
}

static bool reserve(struct shelf *s, size_t size, struct err *e)
{
    int failed = posix_fallocate(s->fd, 0, (off_t)size);
    if (!failed) return true;
    errno = failed;
    return err_sys(e, "could not reserve %zu MiB for a scratch file", size >> 20);
}

/* From memory to a file that is mapped in its place. */
static bool move_out(struct shelf *s, size_t size, struct err *e)
{
    if ((s->fd = file_scratch(e)) < 0 || !reserve(s, size, e)) return false;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
    if (p == MAP_FAILED) return err_sys(e, "could not map a scratch file");
    if (s->p) { memcpy(p, s->p, s->size); munmap(s->p, s->size); }
    s->p = p;
    s->size = size;
    shelf_let_go(s);
    return true;
}

bool shelf_grow(struct shelf *s, size_t n, struct err *e)
{
    if (n > s->n) s->n = n;
    size_t need = mem_size(s->n, s->item);
    if (need <= s->size) return true;
    size_t size = (need + need / 2 + 0xFFFF) & ~(size_t)0xFFFF;
    if (s->fd < 0 && size > s->budget) return move_out(s, size, e);
    if (s->fd >= 0 && !reserve(s, size, e)) return false;
    void *p = s->p ? mremap(s->p, s->size, size, MREMAP_MAYMOVE)
                   : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return err_sys(e, "could not get %zu MiB", size >> 20);
    s->p = p;
    s->size = size;
    return true;
}

void shelf_let_go(struct shelf *s)
{
    if (s->fd >= 0) madvise(s->p, s->size, MADV_DONTNEED);               /* shared with the file: nothing is lost */
    s->touched = 0;
}

void shelf_free(struct shelf *s)
{
    if (s->p) munmap(s->p, s->size);
    if (s->fd >= 0) close(s->fd);
    *s = (struct shelf){ .fd = -1 };
}
