# classify.sh - a language classifier trained on one half of papluca, tested on the other: time and accuracy, one thread.
# SPDX-License-Identifier: Apache-2.0
data=../shared/data/langid/papluca.jsonl.zst
[ -r $data ] || { echo "  (no $data: left out)"; return; }
if [ ! -f "$IN/classify.test" ]; then
    zstd -dqc $data | jq -c '{text: (.text | gsub("\\s+"; " ")), label: .lang}' >"$IN/classify.all"
    awk 'NR % 2' "$IN/classify.all" | shuf --random-source=<(yes) >"$IN/classify.jsonl"
    awk 'NR % 2 == 0' "$IN/classify.all" | jq -r '"__label__" + .label + " " + .text' >"$IN/classify.test"
    jq -r '"__label__" + .label + " " + .text' "$IN/classify.jsonl" >"$IN/classify.txt"
fi
read -r docs bytes < <(wc -lc <"$IN/classify.txt")
accuracy() { fasttext test "$1" "$IN/classify.test" | sed -n "s/^P@1/$2 P@1/p"; }
for set in "softmax 2 4 1" "hs 2 4 1" "softmax 0 0 2"; do
    read -r loss minn maxn words <<<"$set"
    compare "train: $loss, characters $minn-$maxn, words 1-$words, 10 epochs" "$bytes" "$docs"
    ours "tamis -j1" "tamis classify train -q -j1 --loss $loss --minn $minn --maxn $maxn --word-ngrams $words --dim 16 --bucket 200000 --epochs 10 --rate 0.5 $IN/classify.jsonl -o $tmp/ours.bin"
    peer fasttext "fasttext supervised -input $IN/classify.txt -output $tmp/theirs -loss $loss -minn $minn -maxn $maxn -wordNgrams $words -dim 16 -bucket 200000 -epoch 10 -lr 0.5 -thread 1 >/dev/null 2>&1" "dpkg-query -W fasttext"
    show "accuracy $tmp/ours.bin tamis; [ ! -f $tmp/theirs.bin ] || accuracy $tmp/theirs.bin fasttext"
done
