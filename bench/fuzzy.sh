#!/bin/sh
# fuzzy.sh - near-duplicates by tamis and its peers, on the same documents, one thread each.
# SPDX-License-Identifier: Apache-2.0
#
#   bench/fuzzy.sh [speed|minima|recall|chain|scale [N]]...     needs build/peers (make peers) for speed and minima
#
# speed   CPU seconds of signing and of the whole, twice in turn, 1500 documents of ../shared/data/text/domains
# minima  ready shingles, the same strings for all, to 128 minima, in memory
# recall  found pairs and removals against exact Jaccard similarity, over similarity, beside theory
# chain   100,000 unlike documents that share boilerplate with their neighbours
# scale   N synthetic documents of 1 KB (1,000,000), --memory 2G
cd "$(dirname "$0")/.." || exit 3
tmp=$(mktemp -d) || exit 3; trap 'rm -rf "$tmp"' EXIT
python=build/peers/bin/python
tamis=$PWD/bin/tamis
cpu() { name=$1; shift; bash -c 'TIMEFORMAT="%U %S"; time "$@"' - "$@" 2>&1 >/dev/null | tail -1 | awk -v n="$name" '{ printf "%s\t%.2f\n", n, $1 + $2 }'; }
documents() { zstd -dc ../shared/data/text/domains.jsonl.zst | awk 'NR % 5 == 0' | head -1500 >"$tmp/docs.jsonl"; }
generator() { cc -O2 -I. bench/near_docs.c -lm -o "$tmp/near_docs"; }

speed() {
    documents
    for i in 1 2 3 4 5 6 7 8; do cat "$tmp/docs.jsonl"; done >"$tmp/eight.jsonl"
    echo "$(wc -l <"$tmp/docs.jsonl") documents, $(wc -c <"$tmp/docs.jsonl") bytes; tamis sign and all also on eight times as many"
    for turn in 1 2; do
        cpu "tamis	sign" "$tamis" fuzzy sign -q -j1 "$tmp/docs.jsonl" -o "$tmp/sig" --no-manifest
        cpu "tamis	all" "$tamis" fuzzy -q -j1 "$tmp/docs.jsonl" -o "$tmp/out" --no-manifest
        cpu "tamis	sign x8" "$tamis" fuzzy sign -q -j1 "$tmp/eight.jsonl" -o "$tmp/sig" --no-manifest
        cpu "tamis	sign x8, no proofs" "$tamis" fuzzy sign -q -j1 --verify none "$tmp/eight.jsonl" -o "$tmp/sig" --no-manifest
        $python bench/fuzzy_peers.py rensa "$tmp/docs.jsonl"
        $python bench/fuzzy_peers.py datasketch "$tmp/docs.jsonl"
        $python bench/fuzzy_peers.py datatrove "$tmp/docs.jsonl" 2>/dev/null
        SPLIT=1 $python bench/fuzzy_peers.py datatrove "$tmp/docs.jsonl" 2>/dev/null | sed 's/^datatrove/&, split at spaces/'
    done
}

minima() {
    documents
    $python bench/fuzzy_peers.py shingles "$tmp/docs.jsonl" >"$tmp/shingles"
    make -s build/release/bench/minima >/dev/null || return
    for turn in 1 2 3; do
        build/release/bench/minima "$tmp/shingles" 20
        $python bench/fuzzy_peers.py minima "$tmp/docs.jsonl"
    done
}

recall() { python3 bench/fuzzy_recall.py 1 3000; }

chain() {
    generator && "$tmp/near_docs" 100000 chain >"$tmp/chain.jsonl"
    for how in "" "-s 0.2" "-s 0.2 --components" "-s 0.2 --components --max-group 0"; do
        "$tamis" fuzzy -q $how "$tmp/chain.jsonl" -o "$tmp/out.jsonl" --no-manifest
        echo "fuzzy $how: exit $?, $([ -e "$tmp/out.jsonl" ] && wc -l <"$tmp/out.jsonl") documents stay"
        rm -f "$tmp/out.jsonl"
    done
}

scale() {
    generator && "$tmp/near_docs" "${1:-1000000}" >"$tmp/many.jsonl"
    bash -c 'TIMEFORMAT="%R s elapsed, %U user, %S system"; time "$@"' - "$tamis" fuzzy -q --memory 2G "$tmp/many.jsonl" -o "$tmp/out.jsonl"
    echo "$(wc -l <"$tmp/out.jsonl") of ${1:-1000000} stay; $(grep -o '"peak_memory":[0-9]*' "$tmp/out.jsonl.manifest.json")"
}

[ $# -gt 0 ] || set -- speed minima recall chain scale
while [ $# -gt 0 ]; do
    echo "== $1"
    case $1 in
    scale) case $2 in [0-9]*) scale "$2"; shift ;; *) scale ;; esac ;;
    speed|minima|recall|chain) "$1" ;;
    *) echo "bench/fuzzy.sh: speed, minima, recall, chain or scale, not $1" >&2; exit 2 ;;
    esac
    shift
done
