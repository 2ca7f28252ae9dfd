/* format.c - the table of formats.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/format.h"

extern const struct shard_format shard_megatron, shard_llmc, shard_npy, shard_jsonl, shard_mds;
const struct shard_format *const shard_formats[] = { &shard_megatron, &shard_llmc, &shard_npy, &shard_jsonl,
                                                     &shard_mds };
const size_t n_shard_formats = sizeof shard_formats / sizeof *shard_formats;

const struct shard_format *shard_format_named(struct str name)
{
    for (size_t i = 0; i < n_shard_formats; i++)
        if (str_eq(name, str_of(shard_formats[i]->name))) return shard_formats[i];
    return NULL;
}
