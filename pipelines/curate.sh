#!/usr/bin/env bash
# curate.sh - the main job: crawl files in, token shards out. One stage a line; run it again and finished steps are passed over.
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/curate.sh [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] IN... OUT
#
# IN: folders or files of .warc.gz, .wet.gz, .jsonl.zst. OUT gets the documents after each step, what each step dropped and why
# (*.drops.jsonl.zst), a manifest for every file, the tokenizer, shards/ and report.html.
set -euo pipefail
. "$(dirname "$0")/steps.sh"
begin "IN... OUT" "$@"
inputs

case ${FILES[0]} in *.jsonl|*.jsonl.*) source=(docs) ;; *) source=(extract --keep "$KEEP") ;; esac
lang=(); [ -z "$LID_MODEL" ] || lang=(! lang -m "$LID_MODEL" --least "$LANG_LEAST" ${LANGUAGES:+--only "$LANGUAGES"})
quality=()
[ -z "$RULES" ] || quality+=(! rules --like "$RULES")
[ -z "$LM" ] || quality+=(! perplexity -m "$LM" --like ccnet)
[ -z "$SIGNALS" ] || quality+=(! signals --only "$SIGNALS" ${ARTIFACTS:+-a "$ARTIFACTS"})
[ -z "$SCORE_MODEL" ] || quality+=(! score -m "$SCORE_MODEL" --least "$SCORE_LEAST")
[ -z "$FILTER" ] || quality+=(! filter "$FILTER")
drops=(--drops @.drops.jsonl.zst --memory "$MEMORY" -q)

# documents: text, language, exact duplicates; near-duplicates, and what the rules and scores drop
each text     1-text.jsonl.zst       tamis run "${source[@]}" "${FILES[@]}" "${lang[@]}" "${drops[@]}" -o @
global dedup dedup    1-dedup.jsonl.zst "$OUT/1-text.jsonl.zst" -- -- "${drops[@]}"
global fuzzy fuzzy    2-fuzzy.jsonl.zst "$OUT/1-dedup.jsonl.zst" -s "$SIMILARITY" --ngram "$NGRAM" -- -- "${quality[@]}" "${drops[@]}"

# vectors and clusters; semantic duplicates; clusters again, since duplicates bend them; prototypes (D4)
step lsa      lsa.safetensors        tamis embed train --dim "$DIM" "$OUT/2-fuzzy.jsonl.zst" -q -o @
first=(); [ "$SLICES" = 1 ] || { step first 3-first "$here/first-rows" -o @ "$OUT/2-fuzzy.jsonl.zst"; first=(--first-row "#$OUT/3-first"); }
each embed    3-rows.jsonl.zst       tamis embed -m "$OUT/lsa.safetensors" --matrix @.npy "${first[@]}" "$OUT/2-fuzzy.jsonl.zst" -q -o @
kmeans=(-k "$CLUSTERS" --iterations "$KMEANS_ITERATIONS")
rows=$OUT/3-rows.jsonl.zst matrix=$OUT/3-rows.jsonl.zst.npy sampled=$OUT/3-rows.jsonl.zst.npy
if [ "$KMEANS_SAMPLE" != 1 ]; then
    each sample 3-sample.npy         tamis run docs --sample "$KMEANS_SAMPLE" "$rows" ! embed rows -m "$matrix" "${first[@]}" -q -o @
    sampled=$OUT/3-sample.npy
fi
global kmeans kmeans  4-centroids.npy "$sampled" -- "${kmeans[@]}" -- -q --centroids @
each cluster  4-clusters.jsonl.zst   tamis kmeans apply -m "$matrix" "${first[@]}" --centroids "$OUT/4-centroids.npy" "$rows" -q -o @
global semdedup semdedup 5-semdedup.jsonl.zst "$OUT/4-clusters.jsonl.zst" -m "$matrix" "${first[@]}" -- --keep "$SEMDEDUP_KEEP" -- "${drops[@]}"
each vectors  6-vectors.npy          tamis run docs --sample "$KMEANS_SAMPLE" "$OUT/5-semdedup.jsonl.zst" ! embed rows -m "$matrix" "${first[@]}" -q -o @
global kmeans again   6-centroids.npy "$OUT/6-vectors.npy" -- "${kmeans[@]}" -- -q --centroids @
each recluster 6-clusters.jsonl.zst  tamis kmeans apply -m "$matrix" "${first[@]}" --centroids "$OUT/6-centroids.npy" "$OUT/5-semdedup.jsonl.zst" -q -o @
global prototype d4   7-d4.jsonl.zst "$OUT/6-clusters.jsonl.zst" -- --keep "$PROTOTYPE_KEEP" -- "${drops[@]}"
docs=$OUT/7-d4.jsonl.zst

# tokens: how much of each domain; related documents side by side; shards
global "tokenizer train" tokenizer tokenizer.json "$docs" -- --vocab "$VOCAB" -- --memory "$MEMORY" -q
if [ -n "$WEIGHTS" ]; then
    case $WEIGHTS in
    unimax) weights=(--unimax) ;;
    doremi|doge)
        step weights weights.json    tamis "$WEIGHTS" --by "$DOMAIN" --size "$PROXY" --steps "$PROXY_STEPS" --batch "$PROXY_ROWS" --seeds "$SEEDS" --trajectory @.trajectory.jsonl "$docs" -q -o @
        weights=(-w "$OUT/weights.json") ;;
    *) weights=(-w "$WEIGHTS") ;;
    esac
    global mix mix    8-mix.jsonl.zst "$docs" --by "$DOMAIN" -m "$OUT/tokenizer.json" -- "${weights[@]}" --tokens "$TOKENS" --max-epochs "$EPOCHS" --receipt "$OUT/8-mix.jsonl.zst.receipt.json" -- "${drops[@]}"
    docs=$OUT/8-mix.jsonl.zst
fi
if [ "$ORDER" = 1 ]; then
    step order 9-order.jsonl.zst     tamis order -m ",$matrix" "$docs" -q -o @
    docs=$OUT/9-order.jsonl.zst
fi
global pack pack      shards/data_train.json "$docs" -m "$OUT/tokenizer.json" -- --length "$LENGTH" --split "$SPLIT" -- -q -o "$OUT/shards/data"
step report   report.html            tamis report "$OUT" -q -o @
finish
