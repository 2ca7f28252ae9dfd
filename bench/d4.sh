# d4.sh - semdedup, k-means, prototype on a million rows within 2 GiB: time and peak memory. There is no peer that is one program.
# SPDX-License-Identifier: Apache-2.0
n=${ROWS:-1000000}
[ -e "$IN/d4-$n.jsonl" ] || { "$TOOLS/make_vectors" "$n" 256 "$IN/d4-$n.npy" >"$tmp/d4" && tamis kmeans -q -k 1000 --memory 2G --centroids "$tmp/c.npy" "$IN/d4-$n.npy" &&
    tamis kmeans apply -q -m "$IN/d4-$n.npy" --centroids "$tmp/c.npy" "$tmp/d4" -o "$IN/d4-$n.jsonl"; }
compare "D4, $n x 256 float16, k 1000, --memory 2G" "$(wc -c <"$IN/d4-$n.npy")" "$n"
ours tamis "tamis d4 -q --memory 2G -m $IN/d4-$n.npy $IN/d4-$n.jsonl -o $tmp/out.jsonl"
