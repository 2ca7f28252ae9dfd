# kmeans.sh - k-means beside FAISS, on vectors of real text: pieces of 180 characters of ../shared/data/text/domains.jsonl.zst.
# SPDX-License-Identifier: Apache-2.0
vectors=build/bench/in/kmeans-384.npy
if [ ! -e $vectors ]; then
    mkdir -p build/bench/in
    zstd -dqc ../shared/data/text/domains.jsonl.zst | jq -c '.text as $t | range(0; $t | length; 180) | {text: $t[. : . + 180]}' | head -n 200000 >$tmp/pieces.jsonl
    tamis embed train -q --dim 384 $tmp/pieces.jsonl -o $tmp/lsa && tamis embed -q --no-manifest -m $tmp/lsa --type float32 --matrix $vectors $tmp/pieces.jsonl -o /dev/null
fi
compare "k-means, 200,000 x 384, k 1000, 20 iterations, spherical" 307200000 200000
ours tamis "tamis kmeans -q -k 1000 --tolerance 0 --centroids $tmp/c.npy $vectors"
peer faiss-cpu "build/peers/bin/python bench/kmeans_peer.py $vectors 1000 20 spherical >/dev/null" "build/peers/bin/python -c 'import faiss; print(faiss.__version__)'"
peer faiss-debian "$TOOLS/kmeans_faiss bin/faiss_c.so $vectors 1000 20 spherical >/dev/null" "[ -e bin/faiss_c.so ] && dpkg-query -W libfaiss-dev"
compare "k-means, 200,000 x 384, k 1000, 20 iterations, Euclidean" 307200000 200000
ours tamis "tamis kmeans -q --euclidean -k 1000 --tolerance 0 --centroids $tmp/c.npy $vectors"
peer faiss-cpu "build/peers/bin/python bench/kmeans_peer.py $vectors 1000 20 euclidean >/dev/null" "build/peers/bin/python -c 'import faiss; print(faiss.__version__)'"
peer faiss-debian "$TOOLS/kmeans_faiss bin/faiss_c.so $vectors 1000 20 euclidean >/dev/null" "[ -e bin/faiss_c.so ] && dpkg-query -W libfaiss-dev"
show "tamis kmeans -k 1000 --tolerance 0 --centroids $tmp/c.npy $vectors | tail -1"
show "tamis kmeans --euclidean -k 1000 --tolerance 0 --centroids $tmp/c.npy $vectors | tail -1"
for kind in spherical euclidean; do
    show "build/peers/bin/python bench/kmeans_peer.py $vectors 1000 20 $kind"
    show "$TOOLS/kmeans_faiss bin/faiss_c.so $vectors 1000 20 $kind"
done
