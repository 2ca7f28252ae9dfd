#!/usr/bin/env bash
# test_slices.sh - every global step on 1, 3 and 8 slices writes what one machine writes, byte for byte.
# SPDX-License-Identifier: Apache-2.0
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd); PATH=${BIN:-$root/bin}:$PATH
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
cd "$W" || exit 1
awk 'BEGIN { srand(5); for (i = 1; i <= 2000; i++) {
    printf "{\"id\":\"d%d\",\"lang\":\"%s\",\"domain\":\"%s\",\"url\":\"http://Example.org/%d\",\"text\":\"", i, i % 3 ? "en" : "de", i % 5 ? "web" : "books", i % 1500
    srand(i % 7 ? i : i - 7 * int(rand() * 40)); n = 20 + rand() * 100
    for (j = 0; j < n; j++) printf "w%d%s", rand() * rand() * 300, j % 7 == 6 ? "\\n" : " "
    print i % 50 ? "\"}" : "\",\"note\":1}"
    if (i % 400 == 0) print "{\"id\":\"no text " i "\"}" } }' >in.jsonl
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = ok ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }
same() { cmp "$1" "$2" >cmp.out 2>&1 && say ok "$3" || { sed 's/^/# /' cmp.out; say bad "$3"; }; }

# cut FILE DIR N: contiguous slices of unlike sizes; of 8, number 5 is empty.
cut_slices() {
    local lines; lines=$(wc -l <"$1"); mkdir -p "$2"
    awk -v n="$3" -v lines="$lines" -v dir="$2" 'BEGIN { for (i = 0; i < n; i++) printf "" > (dir "/" i ".jsonl") }
        { i = int((NR - 1) / lines * n); if (n == 8 && i == 5) i = 6; print > (dir "/" i ".jsonl") }' "$1"
}
list() { seq -f "$1" 0 $(($2 - 1)); }                          # list FORMAT N
commas() { list "$1" "$2" | paste -sd, -; }
each() { local i; for i in $(seq 0 $(($1 - 1))); do I=$i; eval "$2" || return 1; done; }

# dedup_of NAME "PART OPTIONS" "MERGE OPTIONS" "APPLY OPTIONS": N slices, 3 ranges
dedup_of() {
    tamis dedup -q --max-bad 1 $2 $3 $4 in.jsonl -o one --drops one.drops 2>err || { say bad "dedup $1 runs"; return; }
    for N in 1 3 8; do
        rm -f s$N/*.keys s$N/*.cuts s$N/*.out s$N/*.drops
        each $N "tamis dedup part -q --max-bad 1 $2 s$N/\$I.jsonl -o s$N/\$I.keys" 2>err &&
            list "s$N/%g.keys" $N >keys && each 3 "tamis dedup merge -q $3 --memory ${MEMORY:-4G} --range \$I/3 @keys -o s$N/\$I.cuts" 2>err &&
            each $N "tamis dedup apply -q --max-bad 1 $2 $4 --cuts $(commas "s$N/%g.cuts" 3) --slice \$I s$N/\$I.jsonl -o s$N/\$I.out --drops s$N/\$I.drops" 2>err || sed 's/^/# /' err
        cat $(list "s$N/%g.out" $N) >many; cat $(list "s$N/%g.drops" $N) >many.drops
        same one many "dedup $1: $N slices"
        same one.drops many.drops "dedup $1: $(wc -l <one.drops) drops of $N slices"
    done
}

for N in 1 3 8; do cut_slices in.jsonl s$N $N; done
dedup_of documents "" "" ""
dedup_of "by url, 128 bits" "--by url --hash 128" "" ""
dedup_of "keep none" "--normalise space" "--keep none" ""
dedup_of annotate "" "" --annotate
MEMORY=1M dedup_of "lines, in a megabyte" "--by line --normalise ccnet" "" ""
dedup_of "lines, keep none" "--by line --hash 128" "--keep none" ""
dedup_of paragraphs "--by paragraph" "" ""

# a new dump against old ones: keys of former slices first
tamis dedup -q --index index s8/0.jsonl s8/1.jsonl -o /dev/null 2>err
tamis dedup -q --index index s8/2.jsonl s8/3.jsonl -o one --drops one.drops
each 4 'tamis dedup part -q s8/$I.jsonl -o $I.keys'; tamis dedup merge -q --old 2 0.keys 1.keys 2.keys 3.keys -o cuts
each 2 'tamis dedup apply -q --cuts cuts --slice $I s8/$((I + 2)).jsonl -o $I.out --drops $I.drops'
cat 0.out 1.out >many; cat 0.drops 1.drops >many.drops
same one many "dedup against an old index"; same one.drops many.drops "dedup against an old index: drops"

# vectors, clusters: a matrix a slice, "row" as on one machine
tamis docs -q --max-bad 1 in.jsonl | tamis filter -q 'text != null' -o texts.jsonl
tamis embed train -q --dim 8 --features 2048 texts.jsonl -o lsa
tamis embed -q -m lsa --matrix one.npy texts.jsonl -o one.rows; tamis kmeans -q -k 7 --centroids c.npy one.npy
tamis kmeans apply -q -m one.npy --centroids c.npy one.rows -o one.clusters
for N in 1 3 8; do
    rm -rf s$N; cut_slices texts.jsonl s$N $N; first=0
    for i in $(seq 0 $((N - 1))); do
        tamis embed -q -m lsa --matrix s$N/$i.npy --first-row $first s$N/$i.jsonl -o s$N/$i.rows
        tamis kmeans apply -q -m s$N/$i.npy --first-row $first --centroids c.npy s$N/$i.rows -o s$N/$i.clusters
        first=$((first + $(wc -l <s$N/$i.jsonl)))
    done
    cat $(list "s$N/%g.clusters" $N) >many
    same one.clusters many "embed and kmeans apply: $N slices"
    tamis kmeans -q -k 7 --centroids many.npy $(list "s$N/%g.npy" $N); same c.npy many.npy "kmeans on $N matrices"
done

# semdedup_of "OPTIONS OF MERGE" "OF PART" "OF APPLY": 3 ranges of clusters
semdedup_of() {
    tamis semdedup -q -m one.npy $1 $2 $3 one.clusters -o one --drops one.drops
    for N in 1 3 8; do
        first=0
        for i in $(seq 0 $((N - 1))); do
            tamis semdedup part -q $2 -m s$N/$i.npy --first-row $first s$N/$i.clusters -o s$N/$i.members
            first=$((first + $(wc -l <s$N/$i.jsonl)))
        done
        each 3 "tamis semdedup merge -q $1 --memory ${MEMORY:-4G} --range \$I/3 $(list "s$N/%g.members" $N | tr '\n' ' ') -o \$I.cuts"
        each $N "tamis semdedup apply -q $3 --cuts 0.cuts,1.cuts,2.cuts --slice \$I s$N/\$I.clusters -o s$N/\$I.out --drops s$N/\$I.drops"
        cat $(list "s$N/%g.out" $N) >many; cat $(list "s$N/%g.drops" $N) >many.drops
        same one many "semdedup $1 $2 $3: $N slices"; same one.drops many.drops "semdedup $1 $2 $3: $(wc -l <one.drops) drops of $N slices"
    done
}
semdedup_of "--epsilon 0.05"
MEMORY=100K semdedup_of "--keep 0.7 --sample 300" "--stay near"
tamis semdedup merge --find --keep 0.7 --sample 300 s8/?.members -o epsilon
tamis semdedup -q -m one.npy --keep 0.7 --sample 300 --stay near one.clusters -o one; tamis semdedup -q -m one.npy -e $(cat epsilon) --stay near one.clusters -o many
same one many "semdedup merge --find: the epsilon of one machine"
semdedup_of "--chained --epsilon 0.1" "--stay first" --annotate

# prototype_of "OPTIONS"
prototype_of() {
    tamis prototype -q $1 one.clusters -o one --drops one.drops
    for N in 1 3 8; do
        each $N 'tamis prototype part -q s$N/$I.clusters -o s$N/$I.far'
        tamis prototype merge -q $1 $(list "s$N/%g.far" $N) -o cut
        each $N 'tamis prototype apply -q --cut cut --slice $I s$N/$I.clusters -o s$N/$I.out --drops s$N/$I.drops'
        cat $(list "s$N/%g.out" $N) >many; cat $(list "s$N/%g.drops" $N) >many.drops
        same one many "prototype $1: $N slices"; same one.drops many.drops "prototype $1: $(wc -l <one.drops) drops of $N slices"
    done
}
prototype_of "--keep 0.8"
prototype_of "--keep 0.6 --drop far --per-cluster"

# pack_of "OPTIONS": shards and where each document went
pack_of() {
    rm -rf one.shards; mkdir one.shards; tamis pack -q -m tokenizer.json $1 copies.jsonl -o one.shards/x
    for N in 1 3 8; do
        rm -rf many.shards p$N; mkdir many.shards; cut_slices copies.jsonl p$N $N
        each $N 'tamis pack part -q -m tokenizer.json p$N/$I.jsonl -o p$N/$I.tokens'
        tamis pack merge -q $1 $(list "p$N/%g.tokens" $N) -o many.shards/x
        rm -f one.shards/*.manifest.json many.shards/*.manifest.json; sed -i 's/many.shards/one.shards/g' many.shards/*.json
        diff -r one.shards many.shards >cmp.out && say ok "pack $1: $N slices, $(ls one.shards | wc -l) files" || { sed 's/^/# /' cmp.out; say bad "pack $1: $N slices"; }
    done
}
tamis tokenizer train -q -V 400 texts.jsonl -o tokenizer.json
awk '{ sub(/}$/, NR % 9 ? "}" : ",\"copies\":3}"); print }' texts.jsonl >copies.jsonl
pack_of "-L 64"
pack_of "-L 64 --pack best-fit --split train=0.9,valid=0.1 --format megatron,npy"
pack_of "--pack none --shuffle --format llmc,jsonl --shard-tokens 20K"

echo "1..$n"
exit $failed
