/* roomy.c - an array that grows past memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/roomy.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static bool map(struct roomy *r, size_t cap, struct err *e)
{
    /* a hole would be SIGBUS on a full disk */
    errno = posix_fallocate(r->fd, 0, (off_t)cap);
    if (errno) return err_sys(e, "could not make the scratch file %zu bytes long", cap);
    char *p = r->cap ? mremap(r->p, r->cap, cap, MREMAP_MAYMOVE)
              : mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (p == MAP_FAILED) return err_sys(e, "could not map %zu bytes of the scratch file", cap);
    r->p = p;
    r->cap = cap;
    return true;
}

static bool to_file(struct roomy *r, size_t cap, struct err *e)
{
    struct roomy m = { .n = r->n, .limit = r->limit, .mapped = true };
    if ((m.fd = file_scratch(e)) < 0) return false;
    if (!map(&m, cap, e)) { close(m.fd); return false; }
    if (r->n) memcpy(m.p, r->p, r->n);
    roomy_cool(&m, 0, m.n);
    m.cooled = m.n;
    free(r->p);
    *r = m;
    return true;
}

void *roomy_add(struct roomy *r, size_t size, struct err *e)
{
    if (r->cap - r->n < size) {
        const size_t cap = mem_size(r->n + size > r->cap + r->cap / 2 ? r->n + size : r->cap + r->cap / 2, 1);
        if (r->mapped) { if (!map(r, cap, e)) return NULL; }
        else if (cap > r->limit) { if (!to_file(r, cap, e)) return NULL; }
        else r->p = mem_grow(r->p, &r->cap, cap, 1);
    }
    if (r->n - r->cooled >= r->limit) {
        roomy_cool(r, r->cooled, r->n - r->cooled);
        r->cooled = r->n;
    }
    r->n += size;
    return r->p + r->n - size;
}

void roomy_cool(const struct roomy *r, size_t at, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), from = at / page * page;
    if (r->mapped && size) madvise(r->p + from, at + size - from, MADV_DONTNEED);
}

void roomy_free(struct roomy *r)
{
    if (r->mapped) { munmap(r->p, r->cap); close(r->fd); }
    else free(r->p);
    *r = (struct roomy){ 0 };
}
