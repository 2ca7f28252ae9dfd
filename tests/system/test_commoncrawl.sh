#!/usr/bin/env bash
# test_commoncrawl.sh - commoncrawl.sh against a small crawl on a server of this machine: from its list of files to shards.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd) tmp=$(mktemp -d)
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
[ -z "$BIN" ] || [ "$BIN" = "$root/bin" ] || { echo "1..0 # SKIP the pipelines run bin/"; exit 0; }
trap 'kill "$server" 2>/dev/null; wait; rm -rf "$tmp"' EXIT
segment=crawl-data/CC-TEST/segments/1/warc
mkdir -p "$tmp/web/$segment"
"$root/tests/slurm/crawl" "$tmp/web/$segment" >/dev/null 2>&1 || { echo "1..0 # SKIP warc-wrap"; exit 0; }
(cd "$tmp/web" && printf '%s\n' $segment/*.warc.gz | gzip >crawl-data/CC-TEST/warc.paths.gz)
python3 -u -c '
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()' "$tmp/web" >"$tmp/port" 2>"$tmp/asked" &
server=$!
for _ in $(seq 100); do [ -s "$tmp/port" ] && break; sleep 0.1; done
export BASE_URL=http://127.0.0.1:$(cat "$tmp/port") CLUSTERS=8 VOCAB=1000 DIM=32
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; sed 's/^/# /' "$tmp/log"; fi; }
curate() { "$root/pipelines/commoncrawl.sh" "$@" >"$tmp/log" 2>&1; }

curate CC-TEST 3-4 "$tmp/run"; say $? "two files of a crawl become shards and a report"
[ "$(ls "$tmp/run/crawl")" = "$(printf '%s\n' 03.warc.gz 04.warc.gz CC-TEST.warc.paths.gz)" ]; say $? "the files of the range were fetched, and the list"
grep -q '^extract  *6[0-9] ' "$tmp/log" && [ -s "$tmp/run/shards/data_train.bin" ] && [ -s "$tmp/run/report.html" ]; say $? "their pages were extracted"
mkdir "$tmp/two"; cp "$tmp/web/$segment"/0[34].warc.gz "$tmp/two"
"$root/pipelines/curate.sh" "$tmp/two" "$tmp/same" >"$tmp/log" 2>&1; say $? "the same files from a folder"
cmp "$tmp/run/shards/data_train.bin" "$tmp/same/shards/data_train.bin" >>"$tmp/log" 2>&1; say $? "give the same shards"
fetched=$(grep -c GET "$tmp/asked"); curate CC-TEST 3-4 "$tmp/run"; say $? "it runs again"
[ "$(grep -c GET "$tmp/asked")" = "$fetched" ] && [ "$(grep -c ': done before$' "$tmp/log")" -ge 10 ]; say $? "nothing is fetched again, and every step is passed over"
curate CC-NONE 0-1 "$tmp/none"; [ $? = 3 ] && grep -q "tamis fetch: .*crawl-data/CC-NONE/warc.paths.gz.*404" "$tmp/log"; say $? "a crawl that is not there is a clear line"
echo "1..$n"
exit $failed
