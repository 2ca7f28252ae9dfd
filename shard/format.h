/* format.h - token shards on disk: one table of formats, one way to write and to read them all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A sequence is what a trainer is handed at once: a document, or a row of --length tokens. Tokens are
 * uint16 where the vocabulary has at most 65,536, else 32 bits. All numbers are little-endian.
 *
 *   megatron  PREFIX.bin   the tokens of all sequences
 *             PREFIX.idx   "MMIDIDX\0\0", u64 1, u8 dtype (8: uint16, 4: int32), u64 n, u64 n + 1,
 *                          i32 size[n] in tokens, i64 at[n] in bytes, i64 document[n + 1] = 0 .. n
 *   llmc      PREFIX_000000.bin   1024 bytes: i32 magic, version, tokens, 0 ...; then the tokens. 20240520, 1: uint16;
 *                          20240801, 7: uint32. A new file every shard_tokens
 *   npy       PREFIX.npy   rows of `length` tokens, the last one padded
 *   jsonl     PREFIX.jsonl.zst   {"tokens":[1,2,3]}, a sequence a line
 *   mds       PREFIX_mds/shard.00000.mds ..., PREFIX_mds/index.json   MosaicML's streaming dataset: shard/mds.c
 *
 * A file appears under its name when it is whole. Reading is for verifying.
 */
#ifndef SHARD_FORMAT_H
#define SHARD_FORMAT_H
#include "core/str.h"

/* hash: XXH3-64 of its bytes */
struct shard_files { struct shard_written { char *path; uint64_t size, hash; } *all; size_t n, cap; };

struct shard_spec {
    const char *prefix;
    size_t width;                    /* bytes of a token: 2 or 4 */
    size_t length;                   /* tokens of a row; 0: sequences are documents */
    uint64_t shard_tokens;           /* llmc, mds: tokens a file; 0: as many as a header can say */
    struct shard_files *files;       /* a format adds each file that it has finished */
};

struct shard_format {
    const char *name;
    /* a trainer cuts rows out of its stream: concatenated documents are put one by one */
    bool stream;
    bool fixed;                      /* all rows are of the same length: the last is padded */
    void *(*open)(const struct shard_spec *s, struct err *e);
    bool (*put)(void *self, const uint32_t *tokens, size_t n, struct err *e);        /* one sequence */
    bool (*close)(void *self, struct err *e);                                        /* whole; frees self either way */
    void (*drop)(void *self);                                                        /* not whole; frees self */
    /* Every token in order, in pieces. Its own numbers (sizes, counts) must agree, or it is ERR_DATA. */
    bool (*read)(const struct shard_spec *s, bool (*each)(void *with, const uint32_t *tokens, size_t n), void *with,
                 struct err *e);
};

extern const struct shard_format *const shard_formats[];
extern const size_t n_shard_formats;
const struct shard_format *shard_format_named(struct str name);                      /* NULL: none of that name */

#endif
