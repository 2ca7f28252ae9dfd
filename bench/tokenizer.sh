# tokenizer: learn 32,000 tokens, and encode, beside Hugging Face and tiktoken
# Needs ../shared/data/text/domains.jsonl.zst; tiktoken's ranks from ../shared/data/tokenizer.
DOCS=../shared/data/text/domains.jsonl.zst
[ -e "$IN/domains.jsonl" ] || zstd -dcq $DOCS >"$IN/domains.jsonl"
[ -e "$IN/cl100k_base.tiktoken" ] || zstd -dcq --long=27 ../shared/data/tokenizer/tokenizer-dev.tar.zst | tar -xO --wildcards '*/cl100k_base.tiktoken' >"$IN/cl100k_base.tiktoken"
tamis tokenizer train -q -V 32000 --split gpt2 --digits free --normalise none --whitespace-runs 0 "$IN/domains.jsonl" -o "$IN/gpt2-32k.json"
SIZE=$(wc -c <"$IN/domains.jsonl") N=$(wc -l <"$IN/domains.jsonl")

compare "learn 32,000 tokens of domains.jsonl, GPT-2's split" "$SIZE" "$N"
ours tamis 'tamis tokenizer train -q -j2 -V 32000 --split gpt2 --digits free --normalise none --whitespace-runs 0 $IN/domains.jsonl -o $tmp/t.json'
peer tokenizers '$PEERS/python bench/tokenizer_peers.py train-hf $IN/domains.jsonl' '$PEERS/python -c "import tokenizers; print(tokenizers.__version__)"'
peer rustbpe '$PEERS/python bench/tokenizer_peers.py train-rustbpe $IN/domains.jsonl' '$PEERS/pip list 2>/dev/null | grep rustbpe'

# 200 MB of text of the HTML pages in Debian packages, which are fetched once
if bench/debian_text "$IN/debian.jsonl"; then
    compare "learn 32,000 tokens of 200 MB of Debian's HTML pages, GPT-2's split" "$(wc -c <"$IN/debian.jsonl")" "$(wc -l <"$IN/debian.jsonl")"
    ours tamis 'tamis tokenizer train -q -j2 -V 32000 --split gpt2 --digits free --normalise none --whitespace-runs 0 $IN/debian.jsonl -o $tmp/t.json'
    peer tokenizers '$PEERS/python bench/tokenizer_peers.py train-hf $IN/debian.jsonl' '$PEERS/python -c "import tokenizers; print(tokenizers.__version__)"'
    peer rustbpe '$PEERS/python bench/tokenizer_peers.py train-rustbpe $IN/debian.jsonl' '$PEERS/pip list 2>/dev/null | grep rustbpe'
else
    echo "  (Debian's packages are not to be had: 200 MB of their pages left out)"
fi

compare "encode domains.jsonl with cl100k, one thread, reading JSON and model included" "$SIZE" "$N"
ours tamis 'tamis tokenizer encode -q -j1 -m $IN/cl100k_base.tiktoken --matrix $tmp/ids.npy $IN/domains.jsonl -o /dev/null'
peer tiktoken '$PEERS/python bench/tokenizer_peers.py encode-tiktoken $IN/domains.jsonl $IN/cl100k_base.tiktoken' '$PEERS/python -c "import tiktoken; print(tiktoken.__version__)"'

compare "encode domains.jsonl with our 32,000, one thread, reading JSON and model included" "$SIZE" "$N"
ours tamis 'tamis tokenizer encode -q -j1 -m $IN/gpt2-32k.json --matrix $tmp/ids.npy $IN/domains.jsonl -o /dev/null'
peer tokenizers '$PEERS/python bench/tokenizer_peers.py encode-hf $IN/domains.jsonl $IN/gpt2-32k.json' '$PEERS/python -c "import tokenizers; print(tokenizers.__version__)"'

make -s build/release/bench/zipf_docs
compare "learn 8,000 tokens of 100 MB of made-up words (Zipf, mostly different) through a pipe under --memory 1G" 100000000 75000
ours tamis 'build/release/bench/zipf_docs 100e6 | tamis tokenizer train -q -j2 -V 8000 --memory 1G - -o $tmp/z.json'
