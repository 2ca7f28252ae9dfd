/* zip.c - from the end of the file to the directory, from there to the members.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/zip.h"

#include <libdeflate.h>

enum { EOCD = 22, COMMENT_MAX = 65535, CENTRAL = 46, LOCAL = 30, LOCATOR = 20, EOCD64 = 56, RATIO_MAX = 1032 };

static uint64_t le(const char *p, int n)
{
    uint64_t x = 0;
    for (int i = n - 1; i >= 0; i--) x = x << 8 | (unsigned char)p[i];
    return x;
}

static bool corrupt(struct err *e, const char *what)
{
    return err_set(e, ERR_DATA, "corrupt zip file: %s", what);
}

/* Where the directory lies and how many entries it has. */
static bool find_directory(struct str f, uint64_t *at, uint64_t *n, struct err *e)
{
    if (f.n < EOCD) return corrupt(e, "it is too short");
    const char *p = f.p + f.n - EOCD, *last = f.n - EOCD > COMMENT_MAX ? p - COMMENT_MAX : f.p;
    while (p > last && memcmp(p, "PK\5\6", 4) != 0) p--;
    if (memcmp(p, "PK\5\6", 4) != 0) return corrupt(e, "it has no directory");
    *n = le(p + 10, 2);
    *at = le(p + 16, 4);
    if (p - f.p < LOCATOR || memcmp(p - LOCATOR, "PK\6\7", 4) != 0) return true;
    uint64_t big = le(p - LOCATOR + 8, 8);
    if (f.n < EOCD64 || big > f.n - EOCD64 || memcmp(f.p + big, "PK\6\6", 4) != 0)
        return corrupt(e, "its zip64 directory is not there");
    *n = le(f.p + big + 32, 8);
    *at = le(f.p + big + 48, 8);
    return true;
}

/* Sizes and offset of 4 GiB and more stand in the extra field, in this order. */
static void read_zip64(struct str extra, struct zip_member *m)
{
    while (extra.n >= 4) {
        size_t id = le(extra.p, 2), size = le(extra.p + 2, 2);
        struct str field = { extra.p + 4, size };
        if (size > extra.n - 4) return;
        uint64_t *wide[] = { &m->raw_size, &m->size, &m->at };
        for (size_t i = 0; id == 1 && i < 3; i++) {
            if (*wide[i] != UINT32_MAX || field.n < 8) continue;
            *wide[i] = le(field.p, 8);
            field = (struct str){ field.p + 8, field.n - 8 };
        }
        extra = (struct str){ extra.p + 4 + size, extra.n - 4 - size };
    }
}

bool zip_members(struct str f, struct arena *mem, struct zip_member **all, size_t *n, struct err *e)
{
    uint64_t at = 0, count = 0;
    if (!find_directory(f, &at, &count, e)) return false;
    if (at > f.n || count > (f.n - at) / CENTRAL) return corrupt(e, "its directory is longer than the file");
    *all = NEW(mem, struct zip_member, count);
    for (*n = 0; *n < count; ++*n) {
        if (f.n - at < CENTRAL || memcmp(f.p + at, "PK\1\2", 4) != 0)
            return corrupt(e, "an entry of its directory is not there");
        const char *p = f.p + at;
        size_t name = le(p + 28, 2), extra = le(p + 30, 2), comment = le(p + 32, 2);
        if (f.n - at - CENTRAL < name + extra + comment) return corrupt(e, "an entry of its directory is cut off");
        struct zip_member *m = &(*all)[*n];
        *m = (struct zip_member){ .name = { p + CENTRAL, name }, .at = le(p + 42, 4), .size = le(p + 20, 4),
                                  .raw_size = le(p + 24, 4), .method = (int)le(p + 10, 2) };
        read_zip64((struct str){ p + CENTRAL + name, extra }, m);
        at += CENTRAL + name + extra + comment;
    }
    return true;
}

bool zip_bytes(struct str f, const struct zip_member *m, struct buf *to, struct str *bytes, struct err *e)
{
    if (f.n < LOCAL || m->at > f.n - LOCAL || memcmp(f.p + m->at, "PK\3\4", 4) != 0)
        return corrupt(e, "a member is not where the directory says");
    uint64_t at = m->at + LOCAL + le(f.p + m->at + 26, 2) + le(f.p + m->at + 28, 2);
    if (at > f.n || m->size > f.n - at) return corrupt(e, "a member is longer than the file");
    *bytes = (struct str){ f.p + at, m->size };
    if (m->method == 0) return true;
    if (m->method != 8) return corrupt(e, "a member is neither stored nor deflated");
    if (m->raw_size / RATIO_MAX > m->size) return corrupt(e, "a member claims a size that deflate cannot reach");
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    buf_reset(to);
    bool ok = d && libdeflate_deflate_decompress(d, bytes->p, bytes->n, buf_room(to, m->raw_size + 1), m->raw_size,
                                                 NULL) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(d);
    to->n = m->raw_size;
    *bytes = buf_str(to);
    return ok || corrupt(e, "a member does not inflate");
}
