#!/bin/sh
# test_classify.sh - the fasttext tool loads models trained and quantised here, and labels with the same probabilities.
# SPDX-License-Identifier: Apache-2.0
data=$(cd "$(dirname "$0")/../.." && pwd)/../shared/data/langid/papluca.jsonl.zst
command -v fasttext >/dev/null || { echo "1..0 # SKIP no fasttext"; exit 0; }
[ -r "$data" ] || { echo "1..0 # SKIP no ../shared/data/langid"; exit 0; }
tmp=$(mktemp -d) || exit 3; trap 'rm -rf "$tmp"' EXIT; cd "$tmp" || exit 3
tamis docs -n 2000 "$data" -o all.jsonl
jq -r '.text | gsub("\\s+"; " ")' all.jsonl >text.txt
jq -c '{text: (.text | gsub("\\s+"; " ")), lang}' all.jsonl >docs.jsonl
echo 1..10; n=0; bad=0
same() {    # MODEL: fasttext and tamis give every text the same label and probability
    fasttext predict-prob $1 text.txt | sed 's/__label__//' >theirs
    tamis classify apply -m $1 docs.jsonl | jq -r '"\(.class) \(.class_score)"' >ours
    paste -d' ' theirs ours | awk '{ d = $2 - $4; if (d < 0) d = -d; if (($1 != $3 && d > 1e-5) || d > 2e-5) bad++ } END { exit !(NR == 2000 && !bad) }'
}
say() {     # STATUS NAME
    n=$((n+1))
    if [ $1 = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; fi
}
for loss in softmax hs ns ova; do
    tamis classify train -q --label lang --loss $loss --dim 16 --minn 2 --maxn 3 --word-ngrams 2 --bucket 8000 --epochs 5 --rate 0.3 docs.jsonl -o $loss.bin
    same $loss.bin; say $? "$loss"
done
for how in "--qnorm" "--qnorm --qout --dsub 3" "--cutoff 6000 --qnorm"; do
    tamis classify quantize $how softmax.bin -o q.ftz
    same q.ftz; say $? "quantize $how"
done
tamis classify quantize --cutoff 6000 hs.bin -o q.ftz; same q.ftz; say $? "quantize --cutoff of hierarchical softmax"

# half of the texts teach, half ask: as right as fasttext's own quantised model, within a point
head -1000 docs.jsonl >teach.jsonl
jq -r '"__label__\(.lang) \(.text)"' docs.jsonl >labelled.txt
head -1000 labelled.txt >teach.txt; tail -1000 labelled.txt >ask.txt
tamis classify train -q --label lang --dim 16 --minn 2 --maxn 3 --bucket 8000 --epochs 25 --rate 0.5 teach.jsonl -o m.bin
precision() { fasttext test $1 ask.txt | sed -n 's/^P@1[[:space:]]*//p'; }
for how in "" "--cutoff 5000 --retrain"; do
    cp m.bin their.bin
    fasttext quantize -input teach.txt -output their -qnorm -thread 1 $(echo $how | sed 's/--/-/g') >/dev/null 2>&1
    tamis classify quantize --qnorm $how ${how:+teach.jsonl --label lang} m.bin -o q.ftz
    awk "BEGIN { exit !($(precision q.ftz) > $(precision their.ftz) - 0.01) }"; say $? "quantize $how: precision $(precision q.ftz), fasttext's $(precision their.ftz)"
done
exit $bad
