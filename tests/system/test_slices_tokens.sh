#!/usr/bin/env bash
# test_slices_tokens.sh - on slices as on one machine: the tokenizer, the shards.
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/slices.sh"

for N in ${NS:-1 3 8}; do cut_slices texts.jsonl s$N $N; done

# pack_of "OPTIONS": shards and where each document went
pack_of() {
    rm -rf one.shards; mkdir one.shards; tamis pack -q -m tokenizer.json $1 copies.jsonl -o one.shards/x
    for N in ${NS:-1 3 8}; do
        rm -rf many.shards p$N; mkdir many.shards; cut_slices copies.jsonl p$N $N
        each $N 'tamis pack part -q -m tokenizer.json p$N/$I.jsonl -o p$N/$I.tokens'
        tamis pack merge -q $1 $(list "p$N/%g.tokens" $N) -o many.shards/x
        rm -f one.shards/*.manifest.json many.shards/*.manifest.json; sed -i 's/many.shards/one.shards/g' many.shards/*.json
        diff -r one.shards many.shards >cmp.out && say ok "pack $1: $N slices, $(ls one.shards | wc -l) files" || { sed 's/^/# /' cmp.out; say bad "pack $1: $N slices"; }
    done
}
# tokenizer_of "OPTIONS"
tokenizer_of() {
    tamis tokenizer train -q $1 texts.jsonl -o tokenizer.json
    for N in ${NS:-1 3 8}; do
        each $N "tamis tokenizer count -q ${2-$1} s$N/\$I.jsonl -o s$N/\$I.words"
        list "s$N/%g.words" $N >words; tamis tokenizer train -q $1 --counts @words -o many; same tokenizer.json many "tokenizer train $1: counts of $N slices"
    done
}
NS=3 tokenizer_of "-V 400 --by domain --unimax 2" "--by domain --unimax 2"
NS=8 tokenizer_of "-V 350 -a unigram --memory 1M" "-a unigram --memory 1M"
tokenizer_of "-V 400" ""
awk '{ sub(/}$/, NR % 9 ? "}" : ",\"copies\":3}"); print }' texts.jsonl >copies.jsonl
pack_of "-L 64"
pack_of "-L 64 --pack best-fit --split train=0.9,valid=0.1 --format megatron,npy"
NS=8 pack_of "--pack none --shuffle --format llmc,jsonl --shard-tokens 20K"

finish
