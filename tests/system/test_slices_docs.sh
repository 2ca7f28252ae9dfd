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

finish
