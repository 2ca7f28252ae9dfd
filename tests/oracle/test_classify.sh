#!/bin/sh
# test_classify.sh - the fasttext tool loads models trained here, and labels with the same probabilities.
# SPDX-License-Identifier: Apache-2.0
data=$(cd "$(dirname "$0")/../.." && pwd)/../shared/data/langid/papluca.jsonl.zst
command -v fasttext >/dev/null || { echo "1..0 # SKIP no fasttext"; exit 0; }
[ -r "$data" ] || { echo "1..0 # SKIP no ../shared/data/langid"; exit 0; }
tmp=$(mktemp -d) || exit 3; trap 'rm -rf "$tmp"' EXIT; cd "$tmp" || exit 3
tamis docs -n 2000 "$data" -o all.jsonl
jq -r '.text | gsub("\\s+"; " ")' all.jsonl >text.txt
jq -c '{text: (.text | gsub("\\s+"; " ")), lang}' all.jsonl >docs.jsonl
echo 1..4; n=0; bad=0
for loss in softmax hs ns ova; do
    n=$((n+1))
    tamis classify train -q --label lang --loss $loss --dim 16 --minn 2 --maxn 3 --word-ngrams 2 --bucket 20000 --epochs 5 --rate 0.3 docs.jsonl -o m.bin
    fasttext predict-prob m.bin text.txt | sed 's/__label__//' >theirs
    tamis classify apply -m m.bin docs.jsonl | jq -r '"\(.class) \(.class_score)"' >ours
    if paste -d' ' theirs ours | awk '{ d = $2 - $4; if (d < 0) d = -d; if (($1 != $3 && d > 1e-5) || d > 2e-5) bad++ } END { exit !(NR == 2000 && !bad) }'
    then echo "ok $n - $loss"; else echo "not ok $n - $loss"; paste -d' ' theirs ours | head -5 | sed 's/^/# /'; bad=1; fi
done
exit $bad
