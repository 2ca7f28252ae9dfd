#!/usr/bin/env bash
# test_slices_docs.sh - on slices as on one machine: exact duplicates.
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/slices.sh"

# dedup_of NAME "PART OPTIONS" "MERGE OPTIONS" "APPLY OPTIONS": N slices, 3 ranges
dedup_of() {
    tamis dedup -q --max-bad 1 $2 $3 $4 in.jsonl -o one --drops one.drops 2>err || { say bad "dedup $1 runs"; return; }
    for N in ${NS:-1 3 8}; do
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
NS=8 dedup_of "by url, 128 bits" "--by url --hash 128" "" ""
dedup_of "keep none" "--normalise space" "--keep none" ""
NS=3 dedup_of annotate "" "" --annotate
MEMORY=1M dedup_of "lines, in a megabyte" "--by line --normalise ccnet" "" ""
NS=8 dedup_of "lines, keep none" "--by line --hash 128" "--keep none" ""
NS=8 dedup_of paragraphs "--by paragraph" "" ""

# a new dump against old ones: keys of former slices first
tamis dedup -q --index index s8/0.jsonl s8/1.jsonl -o /dev/null 2>err
tamis dedup -q --index index s8/2.jsonl s8/3.jsonl -o one --drops one.drops
each 4 'tamis dedup part -q s8/$I.jsonl -o $I.keys'; tamis dedup merge -q --old 2 0.keys 1.keys 2.keys 3.keys -o cuts
each 2 'tamis dedup apply -q --cuts cuts --slice $I s8/$((I + 2)).jsonl -o $I.out --drops $I.drops'
cat 0.out 1.out >many; cat 0.drops 1.drops >many.drops
same one many "dedup against an old index"; same one.drops many.drops "dedup against an old index: drops"

# near-duplicates: bands shared out in two, then merged; and against the sketches of a former run
tamis fuzzy -q --bands 16 --rows 8 texts.jsonl -o one --drops one.drops
for N in 1 3 8; do
    rm -rf s$N; cut_slices texts.jsonl s$N $N
    each $N 'tamis fuzzy sign -q --bands 16 --rows 8 s$N/$I.jsonl -o s$N/$I.sig'
    list "s$N/%g.sig" $N >sigs; tamis fuzzy group -q --bands 0-7 @sigs -o 0.buckets; tamis fuzzy group -q --bands 8-15 @sigs -o 1.buckets
    tamis fuzzy group -q --parts 0.buckets,1.buckets @sigs -o groups
    each $N 'tamis fuzzy drop -q -g groups --slice $I s$N/$I.jsonl -o s$N/$I.out --drops s$N/$I.drops'
    cat $(list "s$N/%g.out" $N) >many; cat $(list "s$N/%g.drops" $N) >many.drops
    same one many "fuzzy: $N slices"; same one.drops many.drops "fuzzy: $(wc -l <one.drops) drops of $N slices"
done
rm -f index; tamis fuzzy -q --bands 16 --rows 8 --index index s8/0.jsonl s8/1.jsonl s8/2.jsonl s8/3.jsonl -o /dev/null
tamis fuzzy group -q s8/0.sig s8/1.sig s8/2.sig s8/3.sig --save old -o groups; same index old "fuzzy group --save: the index of one machine"; same index.proof old.proof "fuzzy group --save: its proofs"
tamis fuzzy -q --bands 16 --rows 8 --index index s8/4.jsonl s8/5.jsonl s8/6.jsonl s8/7.jsonl -o one --drops one.drops
tamis fuzzy group -q --index old --bands 0-15 s8/4.sig s8/5.sig s8/6.sig s8/7.sig -o buckets
tamis fuzzy group -q --index old --parts buckets --save new s8/4.sig s8/5.sig s8/6.sig s8/7.sig -o groups
each 4 'tamis fuzzy drop -q -g groups --slice $I s8/$((I + 4)).jsonl -o $I.out --drops $I.drops'
cat 0.out 1.out 2.out 3.out >many; cat 0.drops 1.drops 2.drops 3.drops >many.drops
same one many "fuzzy against a former run"; same one.drops many.drops "fuzzy against a former run: $(wc -l <one.drops) drops"; same index new "fuzzy against a former run: the next index"

# a merge reads one part at a time: its memory is --memory's, whatever the number of slices
peak_of() {    # peak_of N: MB of a merge of N slices, 20,000 documents each
    local i keys=()
    for ((i = 0; i < $1; i++)); do
        awk -v i=$i 'BEGIN { for (j = 0; j < 20000; j++) printf "{\"id\":\"%d-%d\",\"text\":\"%d\"}\n", i, j, (j * 7 + i * 10003) % 200000 }' | tamis dedup part -q -o m$i.keys
        keys+=(m$i.keys)
    done
    tamis dedup merge -q --memory 4M "${keys[@]}" -o m.cuts && sed -n 's/.*"peak_memory":\([0-9]*\).*/\1/p' m.cuts.manifest.json | awk '{ print int($1 / 1e6) }'
}
if [ -z "$SAN" ]; then
    few=$(peak_of 3) many=$(peak_of 24)
    [ "$many" -le $((few + 4)) ] && [ "$many" -lt 40 ] && say ok "dedup merge of 3 and of 24 slices: $few and $many MB" || say bad "dedup merge of 3 and of 24 slices: $few and $many MB"
fi

finish
