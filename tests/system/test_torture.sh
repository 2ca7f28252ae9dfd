#!/usr/bin/env bash
# test_torture.sh - every N-th failing allocation, read, write, sync and rename: exit 3, one line, nothing half written.
# SPDX-License-Identifier: Apache-2.0
[ -z "$SAN" ] || { echo "1..0 # SKIP the preload does not go with sanitizers"; exit 0; }
PATH=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/bin}:$PATH
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
cc -shared -fPIC -O1 -D_GNU_SOURCE -o "$tmp/fault.so" "$(dirname "$0")/fault.c" -ldl || { echo "1..0 # SKIP no compiler"; exit 0; }
awk 'BEGIN { for (i = 1; i <= 40; i++) { printf "{\"id\":%d,\"url\":\"http://x.org/%d\",\"lang\":\"en\",\"text\":\"menu", i, i % 7
    for (j = 0; j < 400; j++) printf "\\n%d", i * 350 + j; print "\"}" } }' >"$tmp/in.jsonl"
zstd -q "$tmp/in.jsonl" -o "$tmp/in.zst"

# torture NAME COMMAND...: the command writes $tmp/out.jsonl.zst
torture() {
    local name=$1 calls n status bad=0; shift
    export TMPDIR=$tmp/scratch; mkdir -p "$TMPDIR"
    FAULT=0 FAULT_LOG=$tmp/calls LD_PRELOAD=$tmp/fault.so "$@" -j1 -q -o "$tmp/out.jsonl.zst" || bad=1
    calls=$(cat "$tmp/calls"); cp "$tmp/out.jsonl.zst" "$tmp/good.zst"
    # each of the first 300 calls, then evenly so many that it stays near 400 runs
    for ((n = 1; n <= calls; n += n < 300 || calls < 500 ? 1 : calls / 100)); do
        rm -f "$tmp"/out.jsonl.zst* "$tmp/index"
        FAULT=$n LD_PRELOAD=$tmp/fault.so timeout 20 "$@" -j1 -q -o "$tmp/out.jsonl.zst" 2>"$tmp/err"; status=$?
        left=$(ls -A "$tmp" "$TMPDIR" | grep -c 'tmp-\|tamis-')
        whole=0; [ -e "$tmp/out.jsonl.zst" ] && { cmp -s "$tmp/out.jsonl.zst" "$tmp/good.zst" && whole=1 || whole=bad; }
        lines=$(grep -vc '^hint:' "$tmp/err")
        # a call that is not needed may fail and nothing be lost: then the output is the good one
        if [ $status = 0 ] && [ $whole = 1 ] && [ "$lines" = 0 ] && [ "$left" = 0 ]; then continue; fi
        # the manifest comes after the output, which may stand when writing the manifest fails
        if [ $status = 3 ] && [ "$lines" = 1 ] && [ $whole != bad ] && [ "$left" = 0 ]; then continue; fi
        bad=$((bad + 1)); echo "# $name: call $n of $calls: status $status, $lines lines, output $whole, $left left over: $(head -1 "$tmp/err")"
    done
    i=$((i + 1)); [ $bad = 0 ] && echo "ok $i - $name: $calls failing calls" || echo "not ok $i - $name: $bad of $calls failing calls"
}
i=0
echo 1..7
torture "dedup" tamis dedup "$tmp/in.zst" --drops "$tmp/d.jsonl"
torture "dedup by line, two passes" tamis dedup --by line --keep none "$tmp/in.jsonl"
torture "dedup with spill and index" tamis dedup --by line --memory 400K --index "$tmp/index" "$tmp/in.jsonl"
torture "dedup by URL" tamis dedup --by url "$tmp/in.jsonl"
torture "a fused run" tamis run docs "$tmp/in.zst" ! dedup --keep none ! docs --select id
torture "checkpoints, each run going on with what the last one left" tamis filter 'lang == "en"' "$tmp/in.zst" --resume --checkpoint 0
torture "filter" tamis filter 'lang == "en" && url ~ "7$"' "$tmp/in.zst"
