#!/usr/bin/env bash
# test_laws.sh - what holds for every stage: the same bytes for 1, 2 and 4 threads, the same documents fused as piped,
# and a plan that makes nothing.
# SPDX-License-Identifier: Apache-2.0
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd); PATH=${BIN:-$root/bin}:$PATH
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
IN=$W/in.jsonl DATA=$root/../shared/data; export W IN DATA
awk 'BEGIN { srand(3); for (i = 1; i <= 3000; i++) {
    printf "{\"id\":\"d%d\",\"lang\":\"%s\",\"domain\":\"%s\",\"text\":\"", i, i % 3 ? "en" : "de", i % 5 ? "web" : "books"
    seed = i % 10 ? i : i - 9; srand(seed); n = 20 + rand() * 150
    for (j = 0; j < n; j++) printf "w%d%s", rand() * rand() * 900, j % 17 == 16 ? "\\n" : " "
    print "\"}" } }' >"$IN"
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = ok ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }

run() { OUT=$1; export OUT; shift; eval "$*" 2>"$W/err" || { sed 's/^/# /' "$W/err"; return 1; }; }
threads() {    # threads NAME COMMAND
    local name=$1 command=$2 first same=ok
    for j in 1 2 4; do
        rm -f "$W/out"; run "$W/out" "${command/tamis $name/tamis $name -q -j$j}" || { say bad "$name runs"; return; }
        [ -n "$first" ] && { cmp "$W/out" "$W/first" >/dev/null || same=bad; }
        [ -n "$first" ] || { cp "$W/out" "$W/first"; first=1; }
    done
    say $same "$name: the same bytes for 1, 2 and 4 threads"
}
fused() {      # fused NAME COMMAND: the stage behind another, in one process and through a pipe
    local name=$1 command=$2 tail in
    in=$(sed -n 's/.* \(\$IN\|\$W\/[a-z]*\.jsonl\) .*-o \$OUT.*/\1/p' <<<"$command"); [ -n "$in" ] || return
    case $name in *train|*part|*count|"fuzzy sign"|"embed rows") return ;; esac
    tail=${command#tamis }; tail=${tail/ "$in"/}
    tamis run docs ! $name </dev/null 2>&1 | grep -q 'no stream of documents' && return
    run "$W/fused" "tamis run docs $in ! $tail" && run "$W/piped" "tamis docs -q $in | tamis $tail -q" && cmp "$W/fused" "$W/piped" >/dev/null \
        && say ok "$name: the same documents fused as piped" || say bad "$name: the same documents fused as piped"
}

planned() {    # planned NAME COMMAND: --plan says what it takes, and neither reads nor writes
    local name=$1 command=${2% && cat*}; command=${command% >\$OUT}
    rm -f "$W/planned"
    run "$W/planned" "${command/tamis $name/tamis $name --plan}" >"$W/said" && [ -s "$W/said" ] && [ ! -e "$W/planned" ] \
        && say ok "$name: a plan" || say bad "$name: a plan"
}

while IFS='|' read -r name command; do
    name=$(echo $name) command=${command# }
    case $name in ''|'#'*|none) continue ;; esac
    file=$(echo "$command" | sed -n 's/.*\$DATA\/\([^ ]*\).*/\1/p')
    if [ -n "$file" ] && [ ! -e "$DATA/$file" ]; then n=$((n + 1)); echo "ok $n - $name # SKIP no $file"; continue; fi
    if [ "$name" = prepare ]; then run "$W/ignored" "$command" || say bad "prepare: $command"; continue; fi
    threads "$name" "$command"
    fused "$name" "$command"
    planned "$name" "$command"
done <"$here/laws"

missing=$(tamis --stages | while read -r s; do grep -q "^$s  *|\|^none  *| $s:" "$here/laws" || echo "$s"; done)
[ -z "$missing" ] && say ok "every stage has a row in tests/system/laws" || { echo "# without a row:" $missing; say bad "every stage has a row in tests/system/laws"; }

bad=
while read -r s; do
    tamis $s --help >"$W/help" || bad="$bad $s:--help"
    [ "$(awk 'length > 160' "$W/help" | wc -l)" = 0 ] || bad="$bad $s:wide"
    grep -q '^Example' "$W/help" || bad="$bad $s:example"
    tamis $s --man >"$W/man"; if command -v groff >/dev/null; then [ -z "$(groff -ww -man -Tutf8 "$W/man" 2>&1 >/dev/null)" ] || bad="$bad $s:--man"; fi
    tamis $s --help >/dev/full 2>/dev/null && bad="$bad $s:/dev/full"
done <<<"$(tamis --stages)"
[ -z "$bad" ] && say ok "every stage has help, an example and a clean manual page" || { echo "#$bad"; say bad "help and manual of every stage"; }
printf '{"id":1}\n{"id":2,"text":7}\n{"id":3,"text":"words and words","domain":"web"}\n' >"$W/bad.jsonl"
bad=
for s in "rules --like gopher" signals "dedup --by line" "tokenizer encode -m $W/tok.json" "pack -m $W/tok.json -o $W/p" "mix -w $W/weights.json" "perplexity -m $W/lm" "classify apply -m $W/cls.bin"; do
    rm -f "$W/r"; tamis $s --rejects "$W/r" -q "$W/bad.jsonl" >/dev/null 2>&1
    [ "$(tamis docs --strict --count "$W/r" 2>&1)" = 2 ] || bad="$bad ${s%% *}"
done
[ -z "$bad" ] && say ok "two documents without text are two rejects, each a line of JSON" || { echo "#$bad"; say bad "rejects of documents without text"; }
tamis docs "$IN" 2>"$W/err" | head -1 >/dev/null; [ -s "$W/err" ] && say bad "a closed pipe is quiet" || say ok "a closed pipe is quiet"
echo "1..$n"
exit $failed
