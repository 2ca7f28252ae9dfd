/* file.h - a file of tokens being written: gathered, narrowed, and counted.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARD_FILE_H
#define SHARD_FILE_H
#include "core/file.h"
#include "shard/format.h"

struct shard_file { struct output *out; struct buf pending; uint64_t size; };        /* size: bytes put so far */

bool shard_file_open(struct shard_file *f, const char *path, struct err *e) MUST_CHECK;
bool shard_file_put(struct shard_file *f, struct str bytes, struct err *e) MUST_CHECK;
bool shard_file_tokens(struct shard_file *f, const uint32_t *tokens, size_t n, size_t width, struct err *e) MUST_CHECK;
bool shard_file_flush(struct shard_file *f, struct err *e) MUST_CHECK;
bool shard_file_done(struct shard_file *f, struct err *e) MUST_CHECK;                /* whole; closed either way */
void shard_file_drop(struct shard_file *f);

/* Notes a finished file: its size, and the hash of its bytes, which are read again. */
bool shard_files_add(struct shard_files *l, const char *path, struct err *e) MUST_CHECK;
void shard_files_free(struct shard_files *l);

/* appends tokens of `width` bytes: 2 or 4 */
void shard_narrow(struct buf *to, const uint32_t *tokens, size_t n, size_t width);

/* Tokens of `width` bytes to 32 bits, in pieces to each(); false when each() said so. */
bool shard_widen(struct str bytes, size_t width, bool (*each)(void *with, const uint32_t *tokens, size_t n),
                 void *with);

#endif
