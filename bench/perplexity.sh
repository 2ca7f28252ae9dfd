# perplexity.sh - train order 5, and score lines beside kenlm's Python module.
# SPDX-License-Identifier: Apache-2.0
data=../shared/data/text/domains.jsonl.zst
[ -r $data ] || { echo "  (no $data: left out)"; return; }
if [ ! -f "$IN/perplexity.txt" ]; then
    tamis docs -q -n 2000 $data -o "$IN/perplexity.train.jsonl"
    jq -r .text "$IN/perplexity.train.jsonl" | grep -v '^[[:space:]]*$' | sed 's/[[:space:]]\+/ /g' >"$IN/perplexity.txt"
    jq -Rc '{text: .}' "$IN/perplexity.txt" >"$IN/perplexity.jsonl"
    tamis perplexity train -q -n 5 "$IN/perplexity.jsonl" -o "$IN/perplexity.lm"
    tamis perplexity train -q -n 5 "$IN/perplexity.jsonl" -o "$IN/perplexity.arpa"
fi
read -r docs bytes < <(wc -lc <"$IN/perplexity.txt")
compare "train order 5, 2 GB of memory" "$bytes" "$docs"
ours "tamis -j1" "tamis perplexity train -q -j1 -n 5 --memory 2G $IN/perplexity.jsonl -o $tmp/lm"
peer lmplz "lmplz -o 5 -S 2G --discount_fallback <$IN/perplexity.txt >$tmp/arpa 2>/dev/null" "lmplz --help | grep -i version"
compare "score every line, order 5 (kenlm reads ARPA first: see its own figure below)" "$bytes" "$docs"
ours "tamis -j1" "tamis perplexity -q -j1 -m $IN/perplexity.lm $IN/perplexity.jsonl >/dev/null"
peer kenlm "$PEERS/python bench/perplexity_peer.py $IN/perplexity.arpa $IN/perplexity.txt >/dev/null" "$PEERS/pip show kenlm"
show "[ ! -x $PEERS/python ] || $PEERS/python bench/perplexity_peer.py $IN/perplexity.arpa $IN/perplexity.txt"
