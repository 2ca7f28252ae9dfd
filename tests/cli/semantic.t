# embed, kmeans, semdedup, prototype: one small corpus with copies, all the way down.
# needs text/domains.jsonl.zst

$ tamis docs --sample 0.12 --select id,domain,text $DATA/text/domains.jsonl.zst -o a.jsonl && wc -l <a.jsonl
829
$ awk '{print} NR%20==0{sub(/"id": ?"/,"&copy-"); print}' a.jsonl >in.jsonl && wc -l <in.jsonl
870
$ tamis embed train -j$THREADS --dim 64 in.jsonl -o lsa.safetensors
trained on 870 documents
$ tamis embed -j$THREADS -m lsa.safetensors --matrix v.npy in.jsonl -o rows.jsonl && tail -1 rows.jsonl | grep -o '"row":.*'
"row":869}
$ tamis kmeans -q -j$THREADS -k 10 --centroids c.npy v.npy && tamis kmeans apply -j$THREADS -m v.npy --centroids c.npy rows.jsonl -o clusters.jsonl
$ tamis embed train -q -j1 --dim 64 in.jsonl -o one.safetensors && cmp one.safetensors lsa.safetensors && tamis embed -j1 -m one.safetensors --matrix one.npy in.jsonl | cmp - rows.jsonl && cmp one.npy v.npy && echo same
same
$ tamis kmeans -q -j1 -k 10 --centroids one.npy v.npy && cmp one.npy c.npy && echo same
same
$ grep -o '"row".*' clusters.jsonl | head -3 | cut -d. -f1
"row":0,"cluster":8,"distance":0
"row":1,"cluster":5,"distance":0
"row":2,"cluster":9,"distance":0

$ tamis kmeans -q -k 10 --iterations 1 --centroids once.npy v.npy; tamis kmeans -j$THREADS -k 10 -q --iterations 1 --device emulated --centroids e.npy v.npy 2>err && grep -v makecontext err; cmp once.npy e.npy && echo same  # ASan warns of the emulation's contexts
same
$ TAMIS_ACCEL=./none.so tamis kmeans -k 10 --device cuda --centroids e.npy v.npy
! tamis kmeans: there is no CUDA device to use: ./none.so: cannot open shared object file: No such file or directory
? 3

# the vectors of what was kept, as k-means --docs takes them
$ sed -n '5~2p; 1p' rows.jsonl >some.jsonl && echo '{"id":"none"}' >>some.jsonl && tamis embed rows -q -j$THREADS -m v.npy --max-bad 1 --rejects rejects some.jsonl -o some.npy; cat rejects
{"place":"some.jsonl:435","reason":"no-row","rows":870}
$ head -n -1 some.jsonl >named.jsonl; tamis kmeans -q -k 7 --docs named.jsonl --centroids a.npy v.npy && tamis kmeans -q -k 7 --centroids b.npy some.npy && cmp a.npy b.npy && echo same
same
$ tamis embed rows -m v.npy rows.jsonl
! tamis embed rows: the output is no stream: give -o VECTORS.npy
! hint: tamis embed rows --help
? 2

# of each copy and its original one goes, and its twin is named
$ tamis semdedup -j$THREADS -m v.npy --epsilon 0.001 --drops drops.jsonl clusters.jsonl -o unique.jsonl
epsilon 0.001000 keeps 821 of 870
$ wc -l <unique.jsonl; grep -c copy- drops.jsonl
821
41
$ head -2 drops.jsonl
{"id":"copy-recipes/domains/cooking/content/fish-curry.md#0","stage":"semdedup","reason":"semantic-duplicate","cluster":1,"twin":"recipes/domains/cooking/content/fish-curry.md#0","twin_row":19,"cosine":1.000000}
{"id":"copy-tldr-en/domains/tldr/pages/common/tail.md#0","stage":"semdedup","reason":"semantic-duplicate","cluster":2,"twin":"tldr-en/domains/tldr/pages/common/tail.md#0","twin_row":40,"cosine":1.000000}
$ tamis semdedup -j$THREADS -m v.npy --keep 0.75 --curve curve.tsv clusters.jsonl -o most.jsonl | cut -c1-12 && wc -l <curve.tsv
epsilon 0.05
17
$ tamis semdedup -j$THREADS -m v.npy --epsilon 0.001 --annotate clusters.jsonl | grep copy- | head -2 | grep -o '"group.*'
"group":19}
"group":40}

# prototypes: exactly the share, the nearest go
$ tamis prototype -j$THREADS --keep 0.8 --drops p.jsonl unique.jsonl -o kept.jsonl && wc -l <kept.jsonl && head -1 p.jsonl | cut -d, -f1-3
657
{"id":"books-de/domains/novels-de/corpus/falke_nebel.txt#9","stage":"prototype","reason":"prototype"
$ tamis prototype -j$THREADS --keep 0.8 --drop far --per-cluster unique.jsonl | wc -l
658
$ tamis prototype --keep 0.5 a.jsonl
! tamis prototype: document 0 has no "cluster" and "distance"
! hint: tamis kmeans apply adds them
? 1
$ tamis semdedup -m v.npy rows.jsonl
! tamis semdedup: document 0 has no "cluster"
! hint: tamis kmeans apply adds it
? 1
$ tamis kmeans v.npy
! tamis kmeans: -k and --centroids, or --choose-k, must be given
! hint: tamis kmeans --help
? 2
