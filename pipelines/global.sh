# global.sh - the steps that must see all documents: one command on one machine; part, merge and apply on slices (doc/slices.md).
# SPDX-License-Identifier: Apache-2.0
#
#   global METHOD NAME FILE IN [OPTION]... -- [WORD]...
#
# OPTIONs are the method's own. WORDs follow the last command: ! and stages to run behind it, --drops, -q. FILE is made from the
# documents IN. On slices the files between are FILE with another ending: 1-dedup/00005.keys, 1-dedup/00000.cuts.

global() {
    local method=$1 name=$2 file=$3 in=$4 own=(); shift 4
    while [ "$1" != -- ]; do own+=("$1"); shift; done
    shift
    if [ "$SLICES" = 1 ]; then step "$name" "$file" tamis run "$method" "${own[@]}" "$in" "$@" -o @; else "on_slices_$method" "$@"; fi
}

on_slices_dedup() {
    local base=${file%%.*}
    each "$name.part" "$base.keys" tamis dedup part "${own[@]}" "$in" -q -o @
    range "$name.merge" "$base.cuts" tamis dedup merge --range '{i}/{n}' "$OUT/$base.keys" -q -o @
    each "$name" "$file" tamis run dedup apply "${own[@]}" --cuts ",$OUT/$base.cuts" --slice '{i}' "$in" "$@" -o @
}

on_slices_fuzzy() {
    local base=${file%%.*}
    each "$name.sign" "$base.sig" tamis fuzzy sign "${own[@]}" "$in" -q -o @
    range "$name.bands" "$base.buckets" tamis fuzzy group --range '{i}/{n}' "$OUT/$base.sig" -q -o @
    step "$name.group" "$base.groups" tamis fuzzy group --parts ",$OUT/$base.buckets" "$OUT/$base.sig" -q -o @
    each "$name" "$file" tamis run fuzzy drop -g "$OUT/$base.groups" --slice '{i}' "$in" "$@" -o @
}

# own: -m MATRIX --first-row F --keep SHARE
on_slices_semdedup() {
    local base=${file%%.*} keep=() vectors=()
    while [ ${#own[@]} -gt 0 ]; do
        if [ "${own[0]}" = --keep ]; then keep=("${own[@]:0:2}"); else vectors+=("${own[@]:0:2}"); fi
        own=("${own[@]:2}")
    done
    each "$name.part" "$base.members" tamis semdedup part "${vectors[@]}" "$in" -q -o @
    step "$name.find" "$base.epsilon" tamis semdedup merge --find "${keep[@]}" "$OUT/$base.members" -q -o @
    range "$name.merge" "$base.cuts" tamis semdedup merge -e "=$OUT/$base.epsilon" --range '{i}/{n}' "$OUT/$base.members" -q -o @
    each "$name" "$file" tamis run semdedup apply --cuts ",$OUT/$base.cuts" --slice '{i}' "$in" "$@" -o @
}

on_slices_prototype() {
    local base=${file%%.*}
    each "$name.part" "$base.far" tamis prototype part "$in" -q -o @
    step "$name.merge" "$base.cut" tamis prototype merge "${own[@]}" "$OUT/$base.far" -q -o @
    each "$name" "$file" tamis run prototype apply --cut "$OUT/$base.cut" --slice '{i}' "$in" "$@" -o @
}
