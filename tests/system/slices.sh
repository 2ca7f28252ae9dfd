# slices.sh - for test_slices_*.sh: every global step on 1, 3 and 8 slices writes what one machine writes, byte for byte.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd); PATH=${BIN:-$root/bin}:$PATH
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
cd "$W" || exit 1
awk 'BEGIN { srand(5); for (i = 1; i <= 2000; i++) {
    printf "{\"id\":\"d%d\",\"lang\":\"%s\",\"domain\":\"%s\",\"url\":\"http://Example.org/%d\",\"text\":\"", i, i % 3 ? "en" : "de", i % 5 ? "web" : "books", i % 1500
    srand(i % 7 ? i : i - 7 * int(rand() * 40)); n = 20 + rand() * 100
    for (j = 0; j < n; j++) printf "w%d%s", rand() * rand() * 300, j % 7 == 6 ? "\\n" : " "
    print i % 50 ? "\"}" : "\",\"note\":1}"
    if (i % 400 == 0) print "{\"id\":\"no text " i "\"}" } }' >in.jsonl
grep -v "no text" in.jsonl >texts.jsonl
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

finish() { echo "1..$n"; exit $failed; }
