# perplexity.sh - train order 5 and score lines, beside KenLM: lmplz (tools/peer-kenlm) and PyPI's kenlm.
# SPDX-License-Identifier: Apache-2.0
#
# TRAIN_MB=100 is how much text is trained on: ../shared/data/text/domains, then the Python sources under build/peers.
data=../shared/data/text/domains.jsonl.zst train=$IN/perplexity.train-${TRAIN_MB:=100}
[ -r $data ] || { echo "  (no $data: left out)"; return; }
sentences() { grep -av '^[[:space:]]*$' | tr -d '\000' | iconv -c -t utf-8 | sed 's/[[:space:]]\+/ /g'; }
if [ ! -f "$IN/perplexity.lm" ]; then
    zstd -dqc $data | head -2000 | jq -r .text | sentences >"$IN/perplexity.txt"
    jq -Rs '{text: .}' -c "$IN/perplexity.txt" >"$IN/perplexity.jsonl"
    tamis perplexity train -q -n 5 "$IN/perplexity.jsonl" -o "$IN/perplexity.arpa"
    tamis perplexity train -q -n 5 "$IN/perplexity.jsonl" -o "$IN/perplexity.lm"
    [ ! -x $PEERS/build_binary ] || $PEERS/build_binary probing "$IN/perplexity.arpa" "$IN/perplexity.probing" >/dev/null 2>&1
fi
if [ ! -f "$train.jsonl" ]; then
    (zstd -dqc $data | jq -r .text; find -L build/peers/lib -name '*.py' | LC_ALL=C sort | xargs cat 2>/dev/null) | head -c ${TRAIN_MB}000000 | sentences >"$train.txt"
    jq -Rc '{text: .}' "$train.txt" >"$train.jsonl"
fi
compare "train order 5, ${TRAIN_MB} MB, 2 GB of memory" "$(wc -c <"$train.txt")" "$(wc -l <"$train.txt")"
ours "tamis -j1" "tamis perplexity train -q -j1 -n 5 --memory 2G $train.jsonl -o $tmp/lm.arpa"
ours "tamis -j1, binary" "tamis perplexity train -q -j1 -n 5 --memory 2G $train.jsonl -o $tmp/lm"
peer lmplz "$PEERS/lmplz -o 5 -S 2G -T $tmp --discount_fallback <$train.txt >$tmp/arpa 2>/dev/null" "$PEERS/pip show kenlm"
compare "score every line, order 5, loading included" "$(wc -c <"$IN/perplexity.txt")" "$(wc -l <"$IN/perplexity.txt")"
ours "tamis -j1" "tamis perplexity -q -j1 -m $IN/perplexity.lm $IN/perplexity.jsonl >/dev/null"
peer kenlm "$PEERS/python bench/perplexity_peer.py $IN/perplexity.probing $IN/perplexity.txt >/dev/null" "$PEERS/pip show kenlm"
show "for i in 1 2 3; do
    $TOOLS/perplexity_score $IN/perplexity.lm $IN/perplexity.txt
    [ ! -f $IN/perplexity.probing ] || { $TOOLS/perplexity_score $IN/perplexity.probing $IN/perplexity.txt; $PEERS/python bench/perplexity_peer.py $IN/perplexity.probing $IN/perplexity.txt; }
done"
