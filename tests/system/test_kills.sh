#!/usr/bin/env bash
# test_kills.sh - the main job, killed at random moments and begun again: the shards of a run that was left alone.
# SPDX-License-Identifier: Apache-2.0
#
# Twenty kills, with the proxies' weights, and -j1 beside -j2, on the crawl of DEMO=small make demo where build/demo or build/demo-small has it.
# Minutes: for TAMIS_LONG=1. test_curate.sh kills a small run six times.
root=$(cd "$(dirname "$0")/../.." && pwd) tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
[ -z "$BIN" ] || [ "$BIN" = "$root/bin" ] || { echo "1..0 # SKIP the pipelines run bin/"; exit 0; }
[ -n "$TAMIS_LONG" ] || { echo "1..0 # SKIP TAMIS_LONG is not set"; exit 0; }
kills=20 crawl=$tmp/crawl demo=$root/build/demo
[ ! -d "$root/build/demo-small/crawl" ] || demo=$root/build/demo-small
export CLUSTERS=20 VOCAB=8192 WEIGHTS=doremi PROXY_STEPS=10 PROXY_ROWS=4 SEEDS=2 DOMAIN=lang
if [ -d "$demo/crawl" ]; then crawl=$demo/crawl; export LID_MODEL=$demo/lid.bin
else
    export VOCAB=1000 CLUSTERS=8 DOMAIN=cluster
    "$root/tests/slurm/crawl" "$crawl" >/dev/null 2>&1 || { echo "1..0 # SKIP warc-wrap"; exit 0; }
fi
curate() { "$root/pipelines/curate.sh" "$@" >"$tmp/log" 2>&1; }
shards() { (cd "$1/shards" && cat ./*.bin ./*.idx | sha256sum); }
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$tmp/log"; failed=1; fi; }

before=$(date +%s%N)
curate -j 2 "$crawl" "$tmp/whole"; say $? "the job runs"
took=$((($(date +%s%N) - before) / 1000000))
curate -j 1 "$crawl" "$tmp/single"
[ "$(shards "$tmp/whole")" = "$(shards "$tmp/single")" ]; say $? "one thread and two: the same shards"
RANDOM=$kills done=0
for ((k = 1; k <= kills; k++)); do
    setsid "$root/pipelines/curate.sh" -j 2 "$crawl" "$tmp/killed" >/dev/null 2>&1 & pid=$!
    sleep "$(awk -v r=$RANDOM -v ms=$took -v kills=$kills 'BEGIN { print r / 32768 * ms / 1000 * 1.6 / kills }')"
    kill -0 $pid 2>/dev/null && done=$((done + 1))
    kill -KILL -- -$pid 2>/dev/null; wait $pid 2>/dev/null
done
echo "# $done of $kills runs were still running when they were killed; a whole one took $took ms"
[ "$done" -gt 0 ]; say $? "runs were killed"
curate -j 2 "$crawl" "$tmp/killed"; say $? "it is begun again"
[ "$(shards "$tmp/whole")" = "$(shards "$tmp/killed")" ]; say $? "the same shards"
echo "1..$n"
exit $failed
