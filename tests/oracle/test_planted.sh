#!/bin/sh
# test_planted.sh - two domains that deserve no weight, tokens drawn evenly and one sentence repeated, end below where they began,
# for every seed, in doremi and doge. Two minutes of two cores: only with TAMIS_LONG=1.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd); PATH=${BIN:-$root/bin}:$PATH; DOCS=$root/../shared/data/text/domains.jsonl.zst
[ -n "$TAMIS_LONG" ] || { echo "1..0 # SKIP takes minutes: TAMIS_LONG=1"; exit 0; }
[ -e "$DOCS" ] || { echo "1..0 # SKIP no ../shared/data"; exit 0; }
W=$(mktemp -d) || exit 3; trap 'rm -rf "$W"' EXIT; cd "$W" || exit 3
tamis tokenizer train -q -V 2048 "$DOCS" -o t.json && "$root/bench/planted" t.json >planted.jsonl || exit 3
n=0 failed=0
for method in doge doremi; do
    tamis $method -q -m t.json --steps 200 -b 12 -L 64 --seeds 3 "$DOCS" planted.jsonl -o w.json
    for domain in random same; do
        n=$((n + 1))
        if jq -e --arg d $domain '.start[$d] as $s | .runs | length == 3 and all(.weights[$d] < $s)' w.json >answer; then echo "ok $n - $method: $domain ends below its start for every seed"
        else echo "not ok $n - $method: $domain ends below its start for every seed"; failed=1; fi
        jq -r --arg d $domain '"# \(.start[$d]): \([.runs[].weights[$d]])"' w.json
    done
done
echo "1..$n"
exit $failed
