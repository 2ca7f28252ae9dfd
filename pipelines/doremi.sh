#!/usr/bin/env bash
# doremi.sh - documents in, domain weights and documents mixed by them out: DoReMi (Xie et al. 2023), beside DoGE (Fan et al. 2024).
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/doremi.sh [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] DOCUMENTS... OUT
#
# DOMAIN names the field that says what a document's domain is. Look at the spread over SEEDS, and at what DoGE says, before you believe weights.
set -euo pipefail
. "$(dirname "$0")/steps.sh"
begin "DOCUMENTS... OUT" "$@"
inputs
proxy=(--by "$DOMAIN" --size "$PROXY" --steps "$PROXY_STEPS" --batch "$PROXY_ROWS" --seeds "$SEEDS" --trajectory @.trajectory.jsonl)

step doremi    doremi.json         tamis doremi "${proxy[@]}" "${FILES[@]}" -q -o @
step doge      doge.json           tamis doge "${proxy[@]}" "${FILES[@]}" -q -o @
step mix       mix.jsonl.zst       tamis mix -w "$OUT/doremi.json" --by "$DOMAIN" --tokens "$TOKENS" --max-epochs "$EPOCHS" --receipt @.receipt.json "${FILES[@]}" \
                                       --drops @.drops.jsonl.zst --memory "$MEMORY" -q -o @
step report    report.html         tamis report "$OUT" -q -o @
finish
