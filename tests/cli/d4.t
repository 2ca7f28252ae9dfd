# d4 is semdedup, k-means anew and prototype.
# needs text/domains.jsonl.zst

$ tamis docs --sample 0.1 --seed 5 --select id,text $DATA/text/domains.jsonl.zst -o in.jsonl && tamis embed train -q --dim 48 in.jsonl -o lsa && tamis embed -m lsa --matrix v.npy in.jsonl -o rows.jsonl
$ tamis kmeans -q -k 20 --centroids c.npy v.npy && tamis kmeans apply -m v.npy --centroids c.npy rows.jsonl -o clusters.jsonl
$ tamis semdedup -j$THREADS -m v.npy --keep 0.75 clusters.jsonl -o a.jsonl | sed 's/epsilon [0-9.]*/epsilon/'
epsilon keeps 568 of 757
$ tamis kmeans -q -j$THREADS -k 20 --docs a.jsonl --centroids again.npy v.npy && tamis kmeans apply -m v.npy --centroids again.npy a.jsonl -o b.jsonl
$ tamis prototype --keep 0.8 b.jsonl -o three.jsonl && wc -l <three.jsonl
454
$ tamis d4 -q -j$THREADS -m v.npy -k 20 --keep-dedup 0.75 --keep-proto 0.8 --drops drops.jsonl clusters.jsonl -o one.jsonl && cmp one.jsonl three.jsonl && echo the same
the same
$ sed 's/.*"reason":"\([a-z-]*\)".*/\1/' drops.jsonl | sort | uniq -c
    114 prototype
    189 semantic-duplicate
