#!/usr/bin/env bash
# curate.sh - the main job: crawl files in, token shards out. One stage a line; run it again and finished steps are passed over.
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/curate.sh [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] IN... OUT
#
# IN: folders or files of .warc.gz, .wet.gz, .jsonl.zst. OUT gets the documents after each step, what each step dropped and why
# (*.drops.jsonl.zst), a manifest for every file, the tokenizer and shards/.
set -euo pipefail
. "$(dirname "$0")/steps.sh"
begin "IN... OUT" "$@"
inputs

case ${FILES[0]} in *.jsonl|*.jsonl.*) source=(docs) ;; *) source=(extract --keep "$KEEP") ;; esac
lang=(); [ -z "$LID_MODEL" ] || lang=(! lang -m "$LID_MODEL" --least "$LANG_LEAST" ${LANGUAGES:+--only "$LANGUAGES"})
rules=(); [ -z "$RULES" ] || rules=(! rules --like "$RULES")
drops=(--drops @.drops.jsonl.zst --memory "$MEMORY" -q)

# documents: text, language, exact duplicates; near-duplicates; what the rules drop
each text     1-text.jsonl.zst       tamis run "${source[@]}" "${FILES[@]}" "${lang[@]}" "${drops[@]}" -o @
step dedup    1-dedup.jsonl.zst      tamis dedup "$OUT/1-text.jsonl.zst" "${drops[@]}" -o @
step fuzzy    2-fuzzy.jsonl.zst      tamis run fuzzy -s "$SIMILARITY" --ngram "$NGRAM" "$OUT/1-dedup.jsonl.zst" "${rules[@]}" "${drops[@]}" -o @

# vectors and clusters; semantic duplicates; clusters again, since duplicates bend them; prototypes (D4)
step lsa      lsa.safetensors        tamis embed train --dim "$DIM" "$OUT/2-fuzzy.jsonl.zst" -q -o @
step embed    3-rows.jsonl.zst       tamis embed -m "$OUT/lsa.safetensors" --matrix @.npy "$OUT/2-fuzzy.jsonl.zst" -q -o @
step kmeans   centroids.npy          tamis kmeans -k "$CLUSTERS" --centroids @ "$OUT/3-rows.jsonl.zst.npy" -q
step cluster  4-clusters.jsonl.zst   tamis kmeans apply -m "$OUT/3-rows.jsonl.zst.npy" --centroids "$OUT/centroids.npy" "$OUT/3-rows.jsonl.zst" -q -o @
step semdedup 5-semdedup.jsonl.zst   tamis semdedup -m "$OUT/3-rows.jsonl.zst.npy" --keep "$SEMDEDUP_KEEP" "$OUT/4-clusters.jsonl.zst" "${drops[@]}" -o @
step d4       6-d4.jsonl.zst         tamis prototype --keep "$PROTOTYPE_KEEP" "$OUT/5-semdedup.jsonl.zst" "${drops[@]}" -o @

# tokens
step tokenizer tokenizer.json        tamis tokenizer train --vocab "$VOCAB" --memory "$MEMORY" "$OUT/6-d4.jsonl.zst" -q -o @
mkdir -p "$OUT/shards"
step pack     shards/data_train.json      tamis pack -m "$OUT/tokenizer.json" --length "$LENGTH" --split "$SPLIT" "$OUT/6-d4.jsonl.zst" -q -o "$OUT/shards/data"
finish
