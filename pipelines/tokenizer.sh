#!/usr/bin/env bash
# tokenizer.sh - documents in, a tokenizer and shards out.
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/tokenizer.sh [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] DOCUMENTS... OUT
#
# DOCUMENTS: .jsonl, .jsonl.zst. Copies would count twice, so they go first.
set -euo pipefail
. "$(dirname "$0")/steps.sh"
begin "DOCUMENTS... OUT" "$@"
inputs

global dedup unique unique.jsonl.zst  '{in}' -- -- --drops @.drops.jsonl.zst --memory "$MEMORY" -q
global "tokenizer train" tokenizer tokenizer.json "$OUT/unique.jsonl.zst" -- --vocab "$VOCAB" -- --memory "$MEMORY" -q
global pack pack shards/data_train.json "$OUT/unique.jsonl.zst" -m "$OUT/tokenizer.json" -- --length "$LENGTH" --split "$SPLIT" -- -q -o "$OUT/shards/data"
finish
