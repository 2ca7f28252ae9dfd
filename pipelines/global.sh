# global.sh - the steps that must see all documents: one command on one machine; part, merge and apply on slices (doc/slices.md).
# SPDX-License-Identifier: Apache-2.0
#
#   global STAGE NAME FILE IN [OPTION]... -- [OPTION]... -- [WORD]...
#
# FILE is made from the documents IN. The first options are for the part (and for the apply, where it reads texts again), the second
# for the merge, all of them for the one command. WORDs end the last command: --annotate, --drops, -q, ! and stages behind it;
# -o where FILE is not what is named. On slices the files between are named like FILE: 1-dedup/00005.keys, 1-dedup/00000.cuts.

global() {
    local stage=$1 name=$2 file=$3 in=$4 base=${3%%.*} own=() merge=() tamis=(tamis) to=(-o @); shift 4
    while [ "$1" != -- ]; do own+=("$1"); shift; done
    shift
    while [ "$1" != -- ]; do merge+=("$1"); shift; done
    shift
    [[ " $* " != *' ! '* ]] || tamis=(tamis run)
    [[ " $* " != *' -o '* ]] || to=()
    # shellcheck disable=SC2086
    if [ "$SLICES" = 1 ]; then step "$name" "$file" "${tamis[@]}" $stage "${own[@]}" "${merge[@]}" "$in" "$@" "${to[@]}"
    else "on_slices_${stage// /_}" "$@"; fi
}

on_slices_dedup() {
    each "$name.part" "$base.keys" tamis dedup part "${own[@]}" "$in" -q -o @
    range "$name.merge" "$base.cuts" tamis dedup merge "${merge[@]}" --range '{i}/{n}' "$OUT/$base.keys" -q -o @
    each "$name" "$file" "${tamis[@]}" dedup apply "${own[@]}" --cuts ",$OUT/$base.cuts" --slice '{i}' "$in" "$@" -o @
}

on_slices_fuzzy() {
    each "$name.sign" "$base.sig" tamis fuzzy sign "${own[@]}" "$in" -q -o @
    range "$name.bands" "$base.buckets" tamis fuzzy group --range '{i}/{n}' "$OUT/$base.sig" -q -o @
    step "$name.group" "$base.groups" tamis fuzzy group "${merge[@]}" --parts ",$OUT/$base.buckets" "$OUT/$base.sig" -q -o @
    each "$name" "$file" "${tamis[@]}" fuzzy drop -g "$OUT/$base.groups" --slice '{i}' "$in" "$@" -o @
}

# A chain of states, each of the sums of all shares at the one before; IN are matrices. With one share it is one task.
on_slices_kmeans() {
    local i at=$name.0 before=()
    if [ "$SHARES" = 1 ]; then step "$name" "$file" tamis kmeans "${own[@]}" "${merge[@]}" "$in" "$@" -o @; return; fi
    share "$name.look" "$base.look" tamis kmeans part "$in" -q -o @
    step "$at" "$base.0.state" tamis kmeans merge "${merge[@]}" "$OUT/$base.look" -q -o @
    for ((i = 1; i <= KMEANS_ITERATIONS; i++)); do
        share "$name.$i.part" "$base.$i.part" tamis kmeans part --state "$OUT/${FILE[$at]}" "${before[@]}" "$in" -q -o @
        before=(--before "$OUT/$base.$i.part")
        if [ "$i" = "$KMEANS_ITERATIONS" ]; then step "$name" "$file" tamis kmeans merge --state "$OUT/${FILE[$at]}" "$OUT/$base.$i.part" "$@" -o @.state
        else step "$name.$i" "$base.$i.state" tamis kmeans merge --state "$OUT/${FILE[$at]}" "$OUT/$base.$i.part" -q -o @; fi
        at=$name.$i
    done
}

# merge: --keep SHARE
on_slices_semdedup() {
    each "$name.part" "$base.members" tamis semdedup part "${own[@]}" "$in" -q -o @
    step "$name.find" "$base.epsilon" tamis semdedup merge --find "${merge[@]}" "$OUT/$base.members" -q -o @
    range "$name.merge" "$base.cuts" tamis semdedup merge -e "=$OUT/$base.epsilon" --range '{i}/{n}' "$OUT/$base.members" -q -o @
    each "$name" "$file" "${tamis[@]}" semdedup apply --cuts ",$OUT/$base.cuts" --slice '{i}' "$in" "$@" -o @
}

on_slices_prototype() {
    each "$name.part" "$base.far" tamis prototype part "$in" -q -o @
    step "$name.merge" "$base.cut" tamis prototype merge "${merge[@]}" "$OUT/$base.far" -q -o @
    each "$name" "$file" "${tamis[@]}" prototype apply --cut "$OUT/$base.cut" --slice '{i}' "$in" "$@" -o @
}

on_slices_tokenizer_train() {
    each "$name.count" "$base.words" tamis tokenizer count "${own[@]}" "$in" -q -o @
    step "$name" "$file" tamis tokenizer train "${own[@]}" "${merge[@]}" --counts ",$OUT/$base.words" "$@" -o @
}

on_slices_mix() {
    each "$name.part" "$base.sizes" tamis mix part "${own[@]}" "$in" -q -o @
    step "$name.merge" "$base.copies" tamis mix merge "${merge[@]}" "$OUT/$base.sizes" -q -o @
    each "$name" "$file" "${tamis[@]}" mix apply --copies "$OUT/$base.copies" --slice '{i}' "$in" "$@" -o @
}

on_slices_pack() {
    each "$name.part" "$base.tokens" tamis pack part "${own[@]}" "$in" -q -o @
    step "$name" "$file" tamis pack merge "${merge[@]}" "$OUT/$base.tokens" "$@" "${to[@]}"
}
