/* deal.h - documents' tokens dealt to the parts of --split, each packed on its own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARD_DEAL_H
#define SHARD_DEAL_H
#include "core/opt.h"
#include "shard/packing.h"

struct deal_options { const char *format, *split; long length; size_t shard_tokens; int how; bool shuffle; };
#define DEAL_DEFAULTS { .format = "megatron,llmc", .length = 2048, .shard_tokens = 100 << 20 }
#define DEAL_ROWS(o) \
    { 'f', "format",       TEXT(&(o).format),       "FORMAT,...",           "megatron, llmc, npy, jsonl, mds: any, in one pass" }, \
    {  0 , "pack",         PICK(&(o).how),          "concat|none|best-fit", "how documents fill rows" }, \
    { 'L', "length",       INT(&(o).length),        "N",                    "tokens of a row", .min = 2, .max = 1 << 24 }, \
    {  0 , "split",        TEXT(&(o).split),        "NAME=SHARE,...",       "parts by hash of the id: train=0.99,valid=0.01" }, \
    {  0 , "shuffle",      FLAG(&(o).shuffle),                              "documents in random order, by scratch files"  }, \
    {  0 , "shard-tokens", SIZE(&(o).shard_tokens), "N",                    "tokens a file, where a format has many files" }

/* hash: of the id, else the text; id: raw JSON, or null */
struct dealt { uint64_t hash; uint32_t copies; struct str id; const uint32_t *tokens; size_t n; };

struct deal;
/* width: bytes of a token; pad: the token that fills rows; memory: of the shuffle; output and the options' text are
 * kept. */
struct deal *deal_open(const struct deal_options *o, const char *output, size_t width, uint32_t pad, uint64_t seed,
                       size_t memory, struct err *e) MUST_CHECK;
bool deal_put(struct deal *s, const struct dealt *d, struct err *e) MUST_CHECK;
bool deal_close(struct deal *s, struct err *e) MUST_CHECK;                   /* all whole; frees s either way */
void deal_drop(struct deal *s);

#endif
