#!/usr/bin/env bash
# test_slices_vectors.sh - on slices as on one machine: vectors, clusters, semantic duplicates, prototypes.
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/slices.sh"

# vectors, clusters: a matrix a slice, "row" as on one machine
tamis embed train -q --dim 8 --features 2048 texts.jsonl -o lsa
tamis embed -q -m lsa --matrix one.npy texts.jsonl -o one.rows; tamis kmeans -q -k 7 --centroids c.npy one.npy
tamis kmeans apply -q -m one.npy --centroids c.npy one.rows -o one.clusters
for N in ${NS:-1 3 8}; do
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

# kmeans_of "OPTIONS": every slice a task, but the last two of eight one
kmeans_of() {
    tamis kmeans $1 --centroids one.npc one.npy >one.log
    local iterations; iterations=$(wc -l <one.log)
    for N in ${NS:-1 3 8}; do
        case $N in 8) seq 0 5 | awk '{ print $1, "s8/" $1 ".npy" }'; echo 6 s8/6.npy s8/7.npy ;; *) seq 0 $((N - 1)) | awk -v n=$N '{ print $1, "s" n "/" $1 ".npy" }' ;; esac >tasks
        while read -r I files; do tamis kmeans part -q $files -o $I.part; done <tasks
        awk '{ print $1 ".part" }' tasks >parts; tamis kmeans merge -q $1 @parts -o state
        for i in $(seq 0 $iterations); do
            while read -r I files; do tamis kmeans part -q --state state --before $I.part $files -o $I.next && mv $I.next $I.part; done <tasks
            tamis kmeans merge -q --state state --centroids many.npc @parts -o state
        done
        same one.npc many.npc "kmeans $1: parts and merges of $N slices, $iterations iterations"
    done
}
kmeans_of "-k 7"
NS=8 kmeans_of "-k 90 --euclidean --init plus --seed 3 --tolerance 0 --iterations 6"
NS=3 kmeans_of "-k 1500 --tolerance 0 --iterations 4"
tamis kmeans part -q one.npy -o look; tamis kmeans merge -q -k 7 look -o first.state; tamis kmeans part -q --state first.state one.npy -o p0; tamis kmeans merge -q --state first.state p0 -o second.state
{ tamis kmeans merge --state second.state p0 -o x; tamis kmeans merge --state first.state p0 p0 -o x; tamis kmeans part --state second.state one.npy -o x; head -c 5000 p0 >cut; tamis kmeans merge --state first.state cut -o x; } 2>err
[ "$(grep -c '^tamis kmeans' err)" = 4 ] && [ ! -e x ] && say ok "kmeans: parts of another state, named twice or cut short are refused" || { sed 's/^/# /' err; say bad "kmeans: bad parts are refused"; }

# semdedup_of "OPTIONS OF MERGE" "OF PART" "OF APPLY": 3 ranges of clusters
semdedup_of() {
    tamis semdedup -q -m one.npy $1 $2 $3 one.clusters -o one --drops one.drops
    for N in ${NS:-1 3 8}; do
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
NS=8 MEMORY=100K semdedup_of "--keep 0.7 --sample 300" "--stay near"
tamis semdedup merge --find --keep 0.7 --sample 300 s8/?.members -o epsilon
tamis semdedup -q -m one.npy --keep 0.7 --sample 300 --stay near one.clusters -o one; tamis semdedup -q -m one.npy -e $(cat epsilon) --stay near one.clusters -o many
same one many "semdedup merge --find: the epsilon of one machine"
NS=3 semdedup_of "--chained --epsilon 0.1" "--stay first" --annotate

# prototype_of "OPTIONS"
prototype_of() {
    tamis prototype -q $1 one.clusters -o one --drops one.drops
    for N in ${NS:-1 3 8}; do
        each $N 'tamis prototype part -q s$N/$I.clusters -o s$N/$I.far'
        tamis prototype merge -q $1 $(list "s$N/%g.far" $N) -o cut
        each $N 'tamis prototype apply -q --cut cut --slice $I s$N/$I.clusters -o s$N/$I.out --drops s$N/$I.drops'
        cat $(list "s$N/%g.out" $N) >many; cat $(list "s$N/%g.drops" $N) >many.drops
        same one many "prototype $1: $N slices"; same one.drops many.drops "prototype $1: $(wc -l <one.drops) drops of $N slices"
    done
}
prototype_of "--keep 0.8"
prototype_of "--keep 0.6 --drop far --per-cluster"

finish
