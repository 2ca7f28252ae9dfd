#!/usr/bin/env bash
# d4.sh - documents in, fewer and more diverse documents out: SemDeDup, then prototypes of fresh clusters (Tirumala et al. 2023).
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/d4.sh [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] DOCUMENTS... OUT
#
# DOCUMENTS: .jsonl, .jsonl.zst. OUT/documents.jsonl.zst has "row", "cluster" and "distance".
set -euo pipefail
. "$(dirname "$0")/steps.sh"
begin "DOCUMENTS... OUT" "$@"
inputs

step lsa       lsa.safetensors     tamis embed train --dim "$DIM" "${FILES[@]}" -q -o @
step embed     rows.jsonl.zst      tamis embed -m "$OUT/lsa.safetensors" --matrix @.npy "${FILES[@]}" -q -o @
step kmeans    centroids.npy       tamis kmeans -k "$CLUSTERS" --iterations "$KMEANS_ITERATIONS" --centroids @ "$OUT/rows.jsonl.zst.npy" -q
step cluster   clusters.jsonl.zst  tamis kmeans apply -m "$OUT/rows.jsonl.zst.npy" --centroids "$OUT/centroids.npy" "$OUT/rows.jsonl.zst" -q -o @
step documents documents.jsonl.zst tamis d4 -m "$OUT/rows.jsonl.zst.npy" --keep-dedup "$SEMDEDUP_KEEP" --keep-proto "$PROTOTYPE_KEEP" -k "$CLUSTERS" \
                                       "$OUT/clusters.jsonl.zst" --drops @.drops.jsonl.zst --memory "$MEMORY" -q -o @
step report    report.html         tamis report "$OUT" -q -o @
finish
