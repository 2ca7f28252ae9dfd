#!/usr/bin/env bash
# test_curate.sh - the main job on a small crawl: the same shards for 1 and 2 threads and after kills; finished steps are passed over.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd) tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
[ -z "$BIN" ] || [ "$BIN" = "$root/bin" ] || { echo "1..0 # SKIP the pipelines run bin/"; exit 0; }
mkdir -p "$tmp/pages" "$tmp/crawl"
awk -v dir="$tmp/pages" 'BEGIN { srand(5); for (i = 1; i <= 400; i++) { f = sprintf("%s/%d.html", dir, i); topic = int(i / 40)
    printf "<!DOCTYPE html><title>Page %d</title><nav><a href=/>Home</a> <a href=/all>All pages</a></nav><article><h1>About %d</h1>", i, i >f
    for (p = 0; p < 4; p++) { printf "<p>" >f; for (j = 0; j < 60; j++) printf "%s%d%s ", j % 3 ? "topic" topic "word" : "common", int(rand() * 90), j % 12 == 11 ? "." : "" >f; printf "</p>" >f }
    print "</article><footer>Imprint</footer>" >f; close(f) } }'
for i in 1 2 3; do cp "$tmp/pages/$i.html" "$tmp/pages/copy$i.html"; done
"$root/tools/warc-wrap" -u https://test.example "$tmp/crawl/pages.warc.gz" "$tmp/pages" >/dev/null 2>&1 || { echo "1..0 # SKIP warc-wrap"; exit 0; }
export CLUSTERS=8 VOCAB=1000
curate() { exec "$root/pipelines/curate.sh" "$@"; }
shards() { (cd "$1/shards" && cat ./*.bin ./*.idx | sha256sum); }
n=0 failed=0
say() { n=$((n + 1)); [ "$1" = 0 ] && echo "ok $n - $2" || { echo "not ok $n - $2"; failed=1; }; }

(curate -j 1 "$tmp/crawl" "$tmp/one") >"$tmp/log" 2>&1; say $? "curate.sh runs" || cat "$tmp/log"
sed 's/^/# /' "$tmp/log"
grep -q '^dedup .*duplicate:3' "$tmp/log"; say $? "the three copies are dropped as duplicates"
(curate -j 2 "$tmp/crawl" "$tmp/two") >/dev/null 2>&1
[ "$(shards "$tmp/one")" = "$(shards "$tmp/two")" ]; say $? "1 and 2 threads: the same shards"
(curate "$tmp/crawl" "$tmp/one") >"$tmp/log" 2>&1; [ "$(grep -c 'done before' "$tmp/log")" = 16 ]; say $? "run again, sixteen steps are passed over"
(CLUSTERS=5 curate "$tmp/crawl" "$tmp/one") >"$tmp/log" 2>&1; [ "$(grep -c 'done before' "$tmp/log")" = 5 ]; say $? "another number of clusters: the five steps before stand"

RANDOM=7
for k in 1 2 3 4 5 6; do
    (curate "$tmp/crawl" "$tmp/killed") >/dev/null 2>&1 & pid=$!
    sleep "$(awk -v r=$RANDOM 'BEGIN { print r / 32768 * 0.5 }')"
    pkill -KILL -P $pid 2>/dev/null; kill -KILL $pid 2>/dev/null; wait $pid 2>/dev/null
done
(curate "$tmp/crawl" "$tmp/killed") >/dev/null 2>&1
[ "$(shards "$tmp/killed")" = "$(shards "$tmp/two")" ]; say $? "killed six times and run again: the same shards"
(curate "$tmp/nothing" "$tmp/out") 2>&1 | grep -q 'is not there'; say $? "no input is said in a line"
echo "1..$n"
exit $failed
