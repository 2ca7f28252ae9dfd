# docs.sh - counting documents against counting lines and against jq; copies in other compressions; the scanner alone.
# SPDX-License-Identifier: Apache-2.0
. bench/input
docs_file "${SIZE:-1000000000}"

compare "count documents" "$bytes" "$docs"
ours tamis "tamis docs --count -q $file >/dev/null"
ours "tamis -j1" "tamis docs -j1 --count -q $file >/dev/null"
peer "zstd | wc" "zstd -dqc $file | wc -l >/dev/null" "zstd --version"
peer "jq -c | wc" "zstd -dqc $file | jq -c . | wc -l >/dev/null" "jq --version"

compare "copy, zstd to zstd" "$bytes" "$docs"
ours tamis "tamis docs -q --no-manifest $file -o $tmp/out.jsonl.zst"
peer "zstd | zstd -3 -T0" "zstd -dqc $file | zstd -qf -3 -T0 -o $tmp/peer.zst" "zstd --version"

show "zstd -dqc $file | head -c 200000000 | sed '\$d' >$tmp/scan.jsonl; $TOOLS/scan $tmp/scan.jsonl"
