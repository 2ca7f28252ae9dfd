# pack.sh - documents to shards beside datatrove's tokeniser and Megatron's preprocessing; the memory of packing by size of input.
# SPDX-License-Identifier: Apache-2.0
# Needs ../shared/data/text/domains.jsonl.zst. SIZES="100 1000 5000" (MB) bench/run pack measures memory at those sizes (5000: ten minutes and 8 GB of shards).
DOCS=../shared/data/text/domains.jsonl.zst
[ -e "$IN/pack-t.json" ] || tamis tokenizer train -q -V 32000 --split gpt2 --digits free --normalise none --whitespace-runs 0 $DOCS -o "$IN/pack-t.json"
[ -e "$IN/domains.jsonl" ] || zstd -dcq $DOCS >"$IN/domains.jsonl"
[ -e "$IN/pack-split" ] || { mkdir "$IN/pack-split" && split -n l/2 --additional-suffix .jsonl "$IN/domains.jsonl" "$IN/pack-split/"; }
compare "pack domains.jsonl with 32,000 tokens, Megatron's format, two threads" "$(wc -c <"$IN/domains.jsonl")" "$(wc -l <"$IN/domains.jsonl")"
ours tamis 'tamis pack -q -j2 -m $IN/pack-t.json -f megatron $IN/domains.jsonl -o $tmp/p'
ours "tamis, all formats" 'tamis pack -q -j2 -m $IN/pack-t.json -f megatron,llmc,npy,mds $IN/domains.jsonl -o $tmp/p'
# One worker: the processes of datatrove's pool are no children whose CPU time could be counted; its tokeniser has threads of its own.
peer datatrove 'rm -rf $tmp/dt; $PEERS/python bench/pack_peers.py datatrove $IN/pack-split $IN/pack-t.json $tmp/dt 1 >/dev/null 2>&1' '$PEERS/python -c "from importlib.metadata import version; print(version(\"datatrove\"))"'
peer megatron '$PEERS/python bench/pack_peers.py megatron $IN/domains.jsonl $IN/pack-t.json $tmp/mg 2 >/dev/null' '$PEERS/python -c "from importlib.metadata import version; print(version(\"megatron-core\"))"'
peer "megatron, its imports" '$PEERS/python -c "import torch, megatron.core.datasets.indexed_dataset" 2>/dev/null' '$PEERS/python -c "from importlib.metadata import version; print(version(\"megatron-core\"))"'

# The same documents again and again, from a pipe: what grows is packing's own.
repeat_docs() { local i; for ((i = 0; i * 36 < $1; i++)); do cat "$IN/domains.jsonl"; done; }
export -f repeat_docs
for mb in ${SIZES:-100 500}; do
    for how in "--pack concat" "--pack best-fit" "--pack concat --shuffle"; do
        show "repeat_docs $mb | $TOOLS/measure 'tamis pack -q -j2 -m $IN/pack-t.json -f megatron,llmc,mds $how -o $tmp/p' | awk '{ printf \"$mb MB, $how: peak %d MB\\n\", \$3 / 1e6 }'"
    done
done
