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

step unique    unique.jsonl.zst       tamis dedup "${FILES[@]}" --drops @.drops.jsonl.zst --memory "$MEMORY" -q -o @
step tokenizer tokenizer.json         tamis tokenizer train --vocab "$VOCAB" --memory "$MEMORY" "$OUT/unique.jsonl.zst" -q -o @
step pack      shards/data_train.json tamis pack -m "$OUT/tokenizer.json" --length "$LENGTH" --split "$SPLIT" "$OUT/unique.jsonl.zst" -q -o "$OUT/shards/data"
finish
