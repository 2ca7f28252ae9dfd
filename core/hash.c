/* hash.c - XXH3 of spans and of files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

uint64_t hash64(struct str s, uint64_t seed)
{
    return XXH3_64bits_withSeed(s.p, s.n, seed);
}

struct hash128 hash128(struct str s, uint64_t seed)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(s.p, s.n, seed);
    return (struct hash128){ h.low64, h.high64 };
}

bool hash_file(const char *path, uint64_t *hash, struct err *e)
{
    enum { PART = 1 << 18 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_sys(e, "could not open file %s", path);
    XXH3_state_t *state = XXH3_createState();
    if (!state) mem_out(0);
    XXH3_64bits_reset(state);
    char *part = mem_alloc(PART, 1);
    ssize_t n;
    while ((n = read(fd, part, PART)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) XXH3_64bits_update(state, part, (size_t)n);
    if (n < 0) err_sys(e, "could not read file %s", path);
    *hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(part);
    close(fd);
    return !e->kind;
}
