#!/usr/bin/env bash
# test_submit.sh - a pipeline in slices: the same shards as in one piece, after failures and --resume too; arrays of tasks, keys, status.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd) tmp=$(mktemp -d) PATH=$(cd "$(dirname "$0")/../.." && pwd)/bin:$PATH; trap 'rm -rf "$tmp"' EXIT
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
[ -z "$BIN" ] || [ "$BIN" = "$root/bin" ] || { echo "1..0 # SKIP the pipelines run bin/"; exit 0; }
"$root/tests/slurm/crawl" "$tmp/crawl" >/dev/null 2>&1 || { echo "1..0 # SKIP warc-wrap"; exit 0; }
cp "$tmp/crawl/05.warc.gz" "$tmp/once"; for _ in $(seq 200); do cat "$tmp/once"; done >"$tmp/crawl/05.warc.gz"      # slice 3 is long enough to be caught in it
export CLUSTERS=8 VOCAB=1000 RANGES=3 ORDER=0 WEIGHTS=unimax KMEANS_ITERATIONS=4 KMEANS_SAMPLE=0.7
submit() { "$root/pipelines/local/submit" curate "$tmp/crawl" "$@"; }
status() { "$root/pipelines/local/status" "$1" >"$tmp/status"; }
shards() { (cd "$1/shards" && cat ./*.bin ./*.idx | sha256sum); }
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }

"$root/pipelines/curate.sh" "$tmp/crawl" "$tmp/one" >/dev/null 2>&1
submit "$tmp/eight" --slices 8 >"$tmp/log" 2>&1; say $? "local/submit runs" || sed 's/^/# /' "$tmp/log"
[ "$(shards "$tmp/one")" = "$(shards "$tmp/eight")" ]; say $? "8 slices: the shards of the run in one piece"
[ "$(tamis docs "$tmp/one/7-d4.jsonl.zst" | sha256sum)" = "$(tamis docs "$tmp"/eight/7-d4/?????.jsonl.zst | sha256sum)" ]; say $? "and the documents"
submit "$tmp/eight" --slices 8 2>&1 | grep -q 'holds a run'; say $? "a run is not sent twice without --resume"
submit "$tmp/eight" --slices 8 --resume | grep -v 'done before' | grep -q ': '; [ $? = 1 ]; say $? "--resume of a whole run does nothing"
submit "$tmp/three" --slices 13 2>&1 | grep -q '12 files are fewer than 13 slices'; say $? "more slices than files are refused"

rm "$tmp/eight/1-text/00003.jsonl.zst" "$tmp/eight/1-text/00005.jsonl.zst.key"
submit "$tmp/eight" --slices 8 --resume >"$tmp/log" 2>&1; grep -q '^text: 2 of 8' "$tmp/log" && [ "$(grep -c ': [0-9]* of ' "$tmp/log")" = 1 ]; say $? "two slices lost: these two are made again"

killed() {     # the task of slice 3, in its middle: how many times, until it leaves a checkpoint
    local k pid
    for k in 1 2 3 4 5 6 7 8 9; do
        TASK_CHECKPOINT=0 setsid "$root/pipelines/task" "$tmp/half" text 3 2>/dev/null & pid=$!
        until [ -s "$tmp/half/1-text/.00003.jsonl.zst.journal" ]; do kill -0 $pid || break; sleep 0.002; done
        kill -KILL -- -$pid; wait $pid
        [ ! -s "$tmp/half/1-text/.00003.jsonl.zst.journal" ] || return 0
        rm -r "$tmp/half/1-text"
    done 2>/dev/null
    return 1
}
submit "$tmp/half" --slices 8 --plan >/dev/null; killed; say $? "a task is killed inside its slice"
"$root/pipelines/task" "$tmp/half" text 3 2>/dev/null && grep -q '"resumed":[1-9]' "$tmp/half/1-text/00003.jsonl.zst.manifest.json" &&
    cmp -s "$tmp/half/1-text/00003.jsonl.zst" "$tmp/eight/1-text/00003.jsonl.zst" && [ -z "$(find "$tmp/half" -name '.0*')" ]; say $? "and goes on in it: the same slice, nothing left behind"

mkdir -p "$tmp/torn/1-text/00003.jsonl.zst/in the way"
submit "$tmp/torn" --slices 8 >"$tmp/log" 2>&1; [ $? = 1 ] && grep -q '^submit: text: 1 of 8 failed' "$tmp/log"; say $? "a slice that fails stops the run with a line" || sed 's/^/# /' "$tmp/log"
status "$tmp/torn"; grep -q '^text .* 7 .* 1 ' "$tmp/status" && grep -q 'text 3: ' "$tmp/status"; say $? "status counts it and shows its last line" || sed 's/^/# /' "$tmp/status"
rm -r "$tmp/torn/1-text/00003.jsonl.zst"
submit "$tmp/torn" --slices 8 --resume >/dev/null 2>&1; [ "$(shards "$tmp/one")" = "$(shards "$tmp/torn")" ]; say $? "put right and resumed: the same shards"
echo "1..$n"
exit $failed
