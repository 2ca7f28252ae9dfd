# signals.sh - RedPajama-v2's signals, published rules and p(good) of the texts in ../shared/data/text, one core.
# SPDX-License-Identifier: Apache-2.0
# RedPajama's own Python program is in no package, so it is no peer here; 1.15 MB/s is the figure known for it.
data=../shared/data
[ -r $data/text/domains.jsonl.zst ] || { echo "  (no $data: left out)"; return; }
if [ ! -f "$IN/signals.size" ]; then
    zstd -dqc $data/text/domains.jsonl.zst >"$IN/signals.jsonl"
    mkdir -p "$IN/signals" && zstd -dqc $data/signals/golden.tar.zst | tar xf - -C "$IN/signals"
    tamis score train -q $data/quality/dclm-agreement.jsonl.zst --no-manifest -o "$IN/signals/both.json"
    tamis score train -q --features signals $data/quality/dclm-agreement.jsonl.zst --no-manifest -o "$IN/signals/signals.json"
    jq -r .text "$IN/signals.jsonl" | wc -c >"$IN/signals.size"
fi
read -r bytes <"$IN/signals.size"
docs=$(wc -l <"$IN/signals.jsonl")
artifacts=$IN/signals/golden/rpv2/artifacts
compare "all signals that need no model" "$bytes" "$docs"
ours "tamis -j1" "tamis signals -q -j1 --only ccnet,lists,repetition,natural,lines $IN/signals.jsonl >/dev/null"
cp "$artifacts"/classifiers/de/wikipedia.model.bin "$artifacts"/classifiers/en        # English has no third model there: German's, for its cost
compare "all signals, word lists, DSIR of 3 domains, 3 fastText models" "$bytes" "$docs"
ours "tamis -j1" "tamis signals -q -j1 --lang en --artifacts $artifacts $IN/signals.jsonl >/dev/null"
compare "rules: gopher, repetition, c4, fineweb, dolma, none dropped" "$bytes" "$docs"
ours "tamis -j1" "tamis rules -q -j1 --like gopher,gopher-repetition,c4-nopunct,fineweb,dolma --annotate $IN/signals.jsonl >/dev/null"
compare "score: signals only" "$bytes" "$docs"
ours "tamis -j1" "tamis score -q -j1 -m $IN/signals/signals.json $IN/signals.jsonl >/dev/null"
compare "score: signals and words" "$bytes" "$docs"
ours "tamis -j1" "tamis score -q -j1 -m $IN/signals/both.json $IN/signals.jsonl >/dev/null"
show "bench/score_folds.py $data/quality/dclm-agreement.jsonl.zst"
