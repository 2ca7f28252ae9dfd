# filter.sh - a condition on a short string field, and a regular expression on the text.
# SPDX-License-Identifier: Apache-2.0
. bench/input
docs_file "${SIZE:-200000000}"

compare 'lang == "fr"' "$bytes" "$docs"
ours tamis "tamis filter -q 'lang == \"fr\"' $file >/dev/null"
ours "tamis -j1" "tamis filter -j1 -q 'lang == \"fr\"' $file >/dev/null"
peer "zstd -dc" "zstd -dqc $file >/dev/null" "zstd --version"
peer jq "zstd -dqc $file | jq -c 'select(.lang == \"fr\")' >/dev/null" "jq --version"

compare 'text ~ "(?i)quick[a-z]+ly"' "$bytes" "$docs"
ours tamis "tamis filter -q 'text ~ \"(?i)quick[a-z]+ly\"' $file >/dev/null"
peer jq "zstd -dqc $file | jq -c 'select(.text | test(\"quick[a-z]+ly\"; \"i\"))' >/dev/null" "jq --version"
peer "grep -P (no JSON)" "zstd -dqc $file | { grep -P '(?i)quick[a-z]+ly' || true; } >/dev/null" "grep --version"

# the same without inflating, which is most of the time above
plain=$IN/docs-plain.jsonl
[ -f "$plain" ] || zstd -dqc "$file" >"$plain"
compare 'lang == "fr", not compressed' "$bytes" "$docs"
ours tamis "tamis filter -q 'lang == \"fr\"' $plain >/dev/null"
peer jq "jq -c 'select(.lang == \"fr\")' $plain >/dev/null" "jq --version"
