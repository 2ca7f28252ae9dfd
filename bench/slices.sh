# slices.sh - each step of the main job on one slice, one thread: MB and documents a CPU second, for tools/scale.
# Rows are of different inputs: bytes and documents of what each step reads. No peers here: they stand in the other files.
data=../shared/data/html
[ -e "$data/wcxb-dev.warc.zst" ] && [ -e ../shared/data/langid/lid.176.ftz ] || { echo "  no real data here: left out"; return; }
export W=$IN/slices; mkdir -p "$W"
warc=$data/wcxb-dev.warc.zst lid=../shared/data/langid/lid.176.ftz
if [ ! -e "$W/ready" ]; then
    zstd -dcq --long=27 "$warc" >"$W/pages.warc"
    tamis extract -q "$W/pages.warc" -o "$W/text.jsonl"
    for k in 1 2 3 4 5 6 7 8; do sed "s/\"id\":\"/&$k-/" "$W/text.jsonl"; done >"$W/many.jsonl" && tamis docs -q "$W/many.jsonl" -o "$W/docs.jsonl.zst"
    tamis embed train --dim 256 -q "$W/text.jsonl" -o "$W/lsa" && tamis embed -q -m "$W/lsa" --matrix "$W/rows.npy" "$W/docs.jsonl.zst" -o "$W/rows.jsonl.zst"
    tamis kmeans -q -k 100 --centroids "$W/c.npy" "$W/rows.npy" && tamis kmeans apply -q -m "$W/rows.npy" --centroids "$W/c.npy" "$W/rows.jsonl.zst" -o "$W/clusters.jsonl.zst"
    tamis tokenizer train -q --vocab 32768 "$W/text.jsonl" -o "$W/tok.json"
    tamis dedup part -q "$W/docs.jsonl.zst" -o "$W/keys" && tamis dedup merge -q "$W/keys" -o "$W/cuts"
    tamis fuzzy sign -q "$W/docs.jsonl.zst" -o "$W/sig" && tamis fuzzy group -q --max-group 0 "$W/sig" -o "$W/groups"
    touch "$W/ready"
fi
size() { stat -c %s "$1"; }
docs() { tamis docs --count "$1"; }
one() { compare "$1" "$2" "$3"; ours "tamis -j1" "$4"; }
B=$(size "$W/many.jsonl") D=$(docs "$W/many.jsonl")
one extract "$(size "$W/pages.warc")" 581 'tamis extract -q -j1 $W/pages.warc -o $tmp/o.jsonl.zst'
one lang $B $D "tamis lang -q -j1 -m $lid \$W/docs.jsonl.zst -o \$tmp/o.jsonl.zst"
one 'dedup part' $B $D 'tamis dedup part -q -j1 $W/docs.jsonl.zst -o $tmp/o'
one 'dedup merge' $B $D 'tamis dedup merge -q -j1 $W/keys -o $tmp/o'
one 'dedup apply' $B $D 'tamis dedup apply -q -j1 --cuts $W/cuts $W/docs.jsonl.zst -o $tmp/o.jsonl.zst'
one 'fuzzy sign' $B $D 'tamis fuzzy sign -q -j1 $W/docs.jsonl.zst -o $tmp/o'
one 'fuzzy group' $B $D 'tamis fuzzy group -q -j1 --max-group 0 $W/sig -o $tmp/o'
one 'fuzzy drop' $B $D 'tamis fuzzy drop -q -j1 -g $W/groups $W/docs.jsonl.zst -o $tmp/o.jsonl.zst'
one 'rules, signals' $B $D 'tamis run rules --like gopher-repetition $W/docs.jsonl.zst ! signals --only repetition,natural -q -j1 -o $tmp/o.jsonl.zst'
one embed $B $D 'tamis embed -q -j1 -m $W/lsa --matrix $tmp/o.npy $W/docs.jsonl.zst -o $tmp/o.jsonl.zst'
one 'kmeans apply' $B $D 'tamis kmeans apply -q -j1 -m $W/rows.npy --centroids $W/c.npy $W/rows.jsonl.zst -o $tmp/o.jsonl.zst'
one 'semdedup part' $B $D 'tamis semdedup part -q -j1 -m $W/rows.npy $W/clusters.jsonl.zst -o $tmp/o'
one 'prototype part' $B $D 'tamis prototype part -q -j1 $W/clusters.jsonl.zst -o $tmp/o'
one 'tokenizer count' $B $D 'tamis tokenizer count -q -j1 $W/docs.jsonl.zst -o $tmp/o'
one 'pack part' $B $D 'tamis pack part -q -j1 -m $W/tok.json $W/docs.jsonl.zst -o $tmp/o'
