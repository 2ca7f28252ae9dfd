/* fuzz_warc.c - any bytes are records and bad records; each place can be found again; it ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/warc.h"
#include "extract/zip.h"

#include <stdlib.h>

enum { RECORDS_MAX = 64 };

static void zip(struct str s, struct arena *mem)
{
    struct err e = { 0 };
    struct zip_member *m;
    struct buf to = { 0 };
    size_t n;
    if (zip_members(s, mem, &m, &n, &e))
        for (size_t i = 0; i < n && i < 4; i++) {
            struct err ignored = { 0 };
            struct str bytes;
            if (m[i].raw_size < 1 << 20 && zip_bytes(s, &m[i], &to, &bytes, &ignored) && bytes.n)
                (void)(volatile char)bytes.p[bytes.n - 1];
        }
    buf_free(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = { 0 };
    struct arena mem = { 0 };
    struct warc_record all[RECORDS_MAX], r;
    enum warc_got got[RECORDS_MAX];
    size_t n = 0;
    if (size > 4 && !memcmp(data, "PK", 2)) zip((struct str){ (const char *)data, size }, &mem);
    struct feed *f = feed_memory((const char *)data, size, &e);
    if (!f) { arena_free(&mem); return 0; }
    struct warc *w = warc_open(f, 1 << 16);
    for (; n < RECORDS_MAX && (got[n] = warc_next(w, &mem, &all[n], &e)) != WARC_END; n++) {
        if (got[n] == WARC_BAD && !all[n].why) abort();
        if (all[n].block.p && all[n].block.n != all[n].length) abort();
        /* it moves on */
        if (n && all[n].place.at == all[n - 1].place.at && all[n].place.skip == all[n - 1].place.skip) abort();
    }
    for (size_t i = 0; i < n; i++) {
        if (got[i] != WARC_RECORD || all[i].arc || !feed_seek(f, all[i].place, &e)) continue;
        if (warc_next(w, &mem, &r, &e) == WARC_RECORD && r.length != all[i].length && !r.arc) abort();
    }
    warc_close(w);
    arena_free(&mem);
    return 0;
}
