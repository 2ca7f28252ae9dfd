#!/usr/bin/env bash
# redpajama.sh - crawl files to documents with signals, nothing dropped but what is no text: RedPajama-v2's job (Weber et al. 2024).
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/redpajama.sh [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] IN... OUT
#
# RedPajama-v2 publishes annotated documents, and leaves the filtering to who uses them: OUT/documents.jsonl.zst has "lang", "perplexity" and
# "bucket" (with LM), "signals", "duplicate_of" and "group" (near-duplicates). Then, for example:
#   tamis filter 'bucket != "tail" && signals.rps_doc_word_count[0][2] >= 50 && !exists(duplicate_of)' OUT/documents.jsonl.zst
set -euo pipefail
. "$(dirname "$0")/steps.sh"
begin "IN... OUT" "$@"
inputs

case ${FILES[0]} in *.jsonl|*.jsonl.*) source=(docs) ;; *) source=(extract --keep all) ;; esac
lang=(); [ -z "$LID_MODEL" ] || lang=(! lang -m "$LID_MODEL" --like ccnet)
lm=(); [ -z "$LM" ] || lm=(! perplexity -m "$LM" --like ccnet)

each text      1-text.jsonl.zst    tamis run "${source[@]}" "${FILES[@]}" "${lang[@]}" "${lm[@]}" --drops @.drops.jsonl.zst -q -o @
each signals   2-signals.jsonl.zst tamis signals ${ARTIFACTS:+-a "$ARTIFACTS"} "$OUT/1-text.jsonl.zst" -q -o @
global dedup exact     3-exact.jsonl.zst   "$OUT/2-signals.jsonl.zst" -- -- --annotate --memory "$MEMORY" -q
global fuzzy documents documents.jsonl.zst "$OUT/3-exact.jsonl.zst" -s 0.7 -- -- --annotate --memory "$MEMORY" -q
step report    report.html         tamis report "$OUT" -q -o @
finish
