#!/usr/bin/env bash
# test_slices_tokens.sh - on slices as on one machine: the tokenizer, the language model, p(good), the shards.
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
    rm -f tokenizer.json many
    tamis tokenizer train -q $1 texts.jsonl -o tokenizer.json
    for N in ${NS:-1 3 8}; do
        each $N "tamis tokenizer count -q ${2-$1} s$N/\$I.jsonl -o s$N/\$I.words"
        list "s$N/%g.words" $N >words; tamis tokenizer train -q $1 --counts @words -o many; same tokenizer.json many "tokenizer train $1: counts of $N slices"
    done
}
NS=3 tokenizer_of "-V 400 --by domain --unimax 2" "--by domain --unimax 2"
NS=8 tokenizer_of "-V 350 -a unigram -j1 --memory 96M" "-a unigram -j1 --memory 128M"
tokenizer_of "-V 400" ""
awk '{ sub(/}$/, NR % 9 ? "}" : ",\"copies\":3}"); print }' texts.jsonl >copies.jsonl
pack_of "-L 64"
pack_of "-L 64 --pack best-fit --split train=0.9,valid=0.1 --format megatron,npy"
NS=8 pack_of "--pack none --shuffle --format llmc,jsonl --shard-tokens 20K"

mkdir one.dsir; tamis dsir train -q -d wikipedia texts.jsonl -o one.dsir
for N in 1 3 8; do
    each $N 'tamis dsir count -q s$N/$I.jsonl -o s$N/$I.dsir'; rm -rf many.dsir; mkdir many.dsir
    tamis dsir train -q -d wikipedia --counts $(commas "s$N/%g.dsir" $N) -o many.dsir
    diff -r one.dsir many.dsir && say ok "dsir: counts of $N slices" || say bad "dsir: counts of $N slices"
done

# ngrams_of "OPTIONS OF TRAIN" "OF COUNT"
ngrams_of() {
    for suffix in .arpa ""; do
        tamis perplexity train -q $1 $2 texts.jsonl -o one$suffix
        for N in ${NS:-1 3 8}; do
            each $N "tamis perplexity count -q $2 s$N/\$I.jsonl -o s$N/\$I.ngrams"
            tamis perplexity train -q $1 $2 --counts $(commas "s$N/%g.ngrams" $N) -o many$suffix
            same one$suffix many$suffix "perplexity train $1 $2: $suffix of the counts of $N slices"
        done
    done
}
ngrams_of "" "-n 5"
NS=8 ngrams_of "--memory 1M --prune 0,0,1" "-n 3"
NS=3 ngrams_of "" "-n 3 --like ccnet"

# score_of "OPTIONS": good ones are those in English
grep '"lang":"en"' texts.jsonl >good.jsonl; grep '"lang":"de"' texts.jsonl >bad.jsonl
score_of() {
    tamis score train -q $1 --good good.jsonl --bad bad.jsonl -o one
    for N in 1 3 8; do
        for kind in good bad; do
            cut_slices $kind.jsonl $kind$N $N
            each $N "tamis score part -q --$kind $kind$N/\$I.jsonl -o $kind$N/\$I.examples"
        done
        tamis score train -q $1 --parts $(commas "good$N/%g.examples" $N),$(commas "bad$N/%g.examples" $N) -o many
        same one many "score train $1: examples of 2 x $N slices"
    done
}
score_of ""
score_of "--features signals --memory 1M"

# mix_of "OPTIONS OF MERGE" "OF PART"
mix_of() {
    tamis mix -q $1 $2 texts.jsonl --receipt one.receipt -o one --drops one.drops
    for N in ${NS:-1 3 8}; do
        each $N "tamis mix part -q $2 s$N/\$I.jsonl -o s$N/\$I.sizes"
        tamis mix merge -q $1 --receipt many.receipt $(list "s$N/%g.sizes" $N) -o copies
        each $N 'tamis mix apply -q --copies copies --slice $I s$N/$I.jsonl -o s$N/$I.out --drops s$N/$I.drops'
        cat $(list "s$N/%g.out" $N) >many; cat $(list "s$N/%g.drops" $N) >many.drops
        same one many "mix $1 $2: $N slices"; same one.drops many.drops "mix $1 $2: $(wc -l <one.drops) drops of $N slices"; same one.receipt many.receipt "mix $1 $2: the receipt"
    done
}
echo '{"web": 0.3, "books": 0.7}' >weights.json
mix_of "-w weights.json --tokens 300000"
NS=8 mix_of "--unimax --tokens 60000" "--by lang -m tokenizer.json --score note --seed 4"

finish
