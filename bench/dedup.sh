# dedup.sh - exact duplicates by text, against sort -u on the text alone.
# SPDX-License-Identifier: Apache-2.0
. bench/input
docs_file "${SIZE:-200000000}"

compare "by text" "$bytes" "$docs"
ours tamis "tamis dedup -q --by text $file >/dev/null"
ours "tamis -j1" "tamis dedup -j1 -q --by text $file >/dev/null"
peer "sort -u, text cut out" "zstd -dqc $file | sed 's/.*\"text\"://' | LC_ALL=C sort -u --parallel=$(nproc) -S 2G >/dev/null" "sort --version"
peer "awk '!seen[\$0]++'" "zstd -dqc $file | sed 's/.*\"text\"://' | LC_ALL=C awk '!seen[\$0]++' >/dev/null" "mawk -W version || awk --version"

compare "by line" "$bytes" "$docs"
ours tamis "tamis dedup -q --by line $file >/dev/null"
