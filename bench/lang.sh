# lang.sh - languages of the sentences in ../shared/data/langid, four times over, one core.
# SPDX-License-Identifier: Apache-2.0
data=../shared/data/langid model=../shared/data/langid/lid.176.ftz
[ -r $model ] || { echo "  (no $data: left out)"; return; }
if [ ! -f "$IN/lang.txt" ]; then
    zstd -dqc $data/*.jsonl.zst | jq -c '{text: (.text | gsub("\\s+"; " "))}' >"$IN/lang.once"
    for i in 1 2 3 4; do cat "$IN/lang.once"; done >"$IN/lang.jsonl"
    jq -r .text "$IN/lang.jsonl" >"$IN/lang.txt"
fi
read -r docs bytes < <(wc -lc <"$IN/lang.txt")
compare "lid.176.ftz, every line" "$bytes" "$docs"
ours "tamis -j1" "tamis lang -q -j1 -m $model $IN/lang.jsonl >/dev/null"
peer fasttext "fasttext predict-prob $model $IN/lang.txt >/dev/null" "dpkg-query -W fasttext"
peer fasttext-predict "$PEERS/python bench/lang_peer.py $model $IN/lang.txt" "$PEERS/pip show fasttext-predict"
