#!/bin/bash
# test_memory.sh - tokenizer train keeps to --memory, says what it left out, and learns the same for any number of threads.
# SPDX-License-Identifier: Apache-2.0
[ -z "$SAN" ] || { echo "1..0 # SKIP sanitizers take memory of their own"; exit 0; }
BIN=${BIN:-bin} W=$(mktemp -d) n=0 bad=0
trap 'rm -rf "$W"' EXIT

ok() { n=$((n + 1)); if "${@:2}"; then echo "ok $n - $1"; else bad=1; echo "not ok $n - $1"; fi; }
peak() { jq .peak_memory "$1.manifest.json"; }
# under SIZE NAME WORDS... : trains, the peak stays below
under() { local most=$1 out=$W/$2; shift 2; "$BIN/tamis" tokenizer train --memory "$((most >> 20))M" "$@" "$W/words.jsonl" -o "$out" >"$out.said" && echo "# $(peak "$out") of $most bytes" && [ "$(peak "$out")" -le "$most" ] ; }

# 400,000 words, nearly all different, and some that come often
awk 'BEGIN { x = 7; for (i = 0; i < 40000; i++) { printf "{\"lang\":\"%d\",\"text\":\"", i % 3; for (k = 0; k < 10; k++) { w = ""; for (j = 0; j < 9; j++) { x = (x * 16807) % 2147483647; w = w sprintf("%c", 97 + x % 26) }
    printf "%s often%d ", w, x % 50 } print "\"}" } }' >"$W/words.jsonl"

M=$((96 << 20))
for a in bytes chars unigram; do
    ok "$a: 400,000 different words under 96M" under $M $a.json -a $a -V 4000 -j2
    ok "$a: says what it left out" grep -q 'come from [0-9]* of 400[0-9]* different words, the commonest, .* --memory holds no more' "$W/$a.json.said"
    ok "$a: one thread learns the same" eval "under $M one.json -a $a -V 4000 -j2 -j1 && cmp -s $W/$a.json $W/one.json"
done
ok "with balanced groups" under $M group.json --temperature 0.3 -V 4000
ok "a vocabulary of 200,000 under 256M" under $((256 << 20)) huge.json -V 200000
ok "memory that holds all leaves out nothing" eval "under $((1 << 30)) all.json -V 4000 && ! grep -q 'holds no more' $W/all.json.said"
ok "too little is refused" eval "! $BIN/tamis tokenizer train --memory 16M $W/words.jsonl -o $W/no.json 2>$W/said && grep -q 'is too little' $W/said"
echo "1..$n"
exit $bad
