#!/usr/bin/env bash
# test_kill.sh - kill -9 at random moments, run again: the bytes of an unbroken run; Ctrl-C leaves nothing.
# SPDX-License-Identifier: Apache-2.0
PATH=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/bin}:$PATH
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
RANDOM=1 kills=${KILLS:-50}
awk 'BEGIN { srand(1); for (i = 1; i <= 60000; i++) { printf "{\"id\":%d,\"text\":\"", i % 50000; for (j = 0; j < 60; j++) printf "w%d ", rand() * 5000; print "\"}" } }' >"$tmp/in.jsonl"
run() { exec tamis run docs "$tmp/in.jsonl" -q ! dedup --by id ! filter 'len(text) > 100' -o "$tmp/$1.jsonl.zst"; }
echo 1..3
begin=$(date +%s%N); (run good); took=$((($(date +%s%N) - begin) / 1000))
bad=0
for ((k = 0; k < kills; k++)); do
    rm -f "$tmp"/out.jsonl.zst
    run out & pid=$!
    sleep "$(awk -v r=$RANDOM -v t=$took 'BEGIN { printf "%.6f", r / 32768 * t / 1e6 * 1.1 }')"
    kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
    # under its name it is whole, or not there
    [ ! -e "$tmp/out.jsonl.zst" ] || cmp -s "$tmp/good.jsonl.zst" "$tmp/out.jsonl.zst" || bad=$((bad + 1))
done 2>/dev/null
[ $bad = 0 ] && echo "ok 1 - $kills kills: whole or absent" || echo "not ok 1 - $bad half outputs"
(run out); cmp -s "$tmp/good.jsonl.zst" "$tmp/out.jsonl.zst" && echo "ok 2 - run again: the same bytes" || echo "not ok 2 - run again"
rm -f "$tmp"/.out*; run out2 & pid=$!; sleep 0.05; kill -TERM $pid; wait $pid 2>/dev/null
ls -A "$tmp" | grep -q tmp- && echo "not ok 3 - a temporary file is left after SIGTERM" || echo "ok 3 - SIGTERM leaves nothing"
