/* notes.c - length (2 bytes), text; the last part is still in the buffer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/notes.h"
#include "core/file.h"

#include <stdlib.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, LONGEST = UINT16_MAX };

struct notes { int fd; uint64_t written; struct buf tail; };     /* the buffer begins at offset `written` */

struct notes *notes_open(void)
{
    struct notes *n = mem_zero(1, sizeof *n);
    n->fd = -1;
    return n;
}

static bool flush(struct notes *n, struct err *e)
{
    if (n->fd < 0 && (n->fd = file_scratch(e)) < 0) return false;
    if (!file_write_at(n->fd, buf_str(&n->tail), n->written, "notes", e)) return false;
    n->written += n->tail.n;
    buf_reset(&n->tail);
    return true;
}

bool notes_put(struct notes *n, struct str s, uint64_t *where, struct err *e)
{
    if (s.n > LONGEST) s.n = LONGEST;
    if (n->tail.n + 2 + s.n > BUFFER && !flush(n, e)) return false;
    uint16_t length = (uint16_t)s.n;
    *where = n->written + n->tail.n;
    buf_put(&n->tail, (struct str){ (const char *)&length, 2 });
    buf_put(&n->tail, s);
    return true;
}

static bool fetch(const struct notes *n, uint64_t at, void *to, size_t size, struct err *e)
{
    if (at >= n->written) {
        memcpy(to, n->tail.p + (at - n->written), size);
        return true;
    }
    return file_read_at(n->fd, to, size, at, "notes", e);
}

bool notes_get(struct notes *n, uint64_t where, struct arena *mem, struct str *s, struct err *e)
{
    uint16_t length;
    if (!fetch(n, where, &length, 2, e)) return false;
    char *p = arena_alloc(mem, length);
    if (length && !fetch(n, where + 2, p, length, e)) return false;
    *s = (struct str){ p, length };
    return true;
}

void notes_close(struct notes *n)
{
    if (!n) return;
    if (n->fd >= 0) close(n->fd);
    buf_free(&n->tail);
    free(n);
}
