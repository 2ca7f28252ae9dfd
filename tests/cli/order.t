# order: related documents side by side, each once, the same for any threads.
# needs text/domains.jsonl.zst

$ tamis docs --sample 0.05 --select id,domain,text $DATA/text/domains.jsonl.zst -o in.jsonl && tamis embed train -q --dim 32 in.jsonl -o lsa && tamis embed -m lsa --matrix v.npy in.jsonl -o rows.jsonl
$ tamis order -j$THREADS -m v.npy rows.jsonl -o out.jsonl | cut -d: -f1
323 documents
$ sort rows.jsonl >a; sort out.jsonl | cmp - a && echo every document once
every document once
$ tamis order -j1 -m v.npy rows.jsonl | cmp - out.jsonl && echo the same
the same
$ grep -o '"domain":"[^"]*"\|"domain": "[^"]*"' out.jsonl | uniq | wc -l >runs; grep -o '"domain":"[^"]*"\|"domain": "[^"]*"' rows.jsonl | uniq | wc -l >before; [ $(cat runs) -lt $(($(cat before) / 2)) ] && echo fewer changes of domain
fewer changes of domain
$ tamis order -j$THREADS -m v.npy --curriculum 16 rows.jsonl | sort | cmp - a && echo every document once
every document once
$ tamis order -m v.npy in.jsonl
! tamis order: document 0 has no "row" of the matrix
! hint: tamis embed adds it
? 1

# a FAISS index finds the neighbours of more than 2,048 documents nearly as well as all pairs do
$ tamis docs --sample 0.4 --select id,domain,text $DATA/text/domains.jsonl.zst -o in.jsonl && tamis embed -m lsa --matrix v.npy in.jsonl -o rows.jsonl && wc -l <rows.jsonl
2915
$ tamis order --whole -j$THREADS -m v.npy rows.jsonl -o out.jsonl | grep -o "cosine 0.[0-9]*" >exact
$ [ ! -e "${BIN:-$ROOT/bin}/faiss_c.so" ] || tamis order --whole -j$THREADS --index HNSW16 --search efSearch=64 -m v.npy rows.jsonl -o out.jsonl | grep -o "cosine 0.[0-9]*" >index; [ -s index ] || cp exact index; paste exact index | awk '{ if ($2 - $4 < 0.005) print "near" }'
near
$ [ ! -e "${BIN:-$ROOT/bin}/faiss_c.so" ] || tamis order --whole -q -j1 --index HNSW16 --search efSearch=64 -m v.npy rows.jsonl -o out.jsonl.1 && { [ ! -e out.jsonl.1 ] || cmp out.jsonl out.jsonl.1; } && sort rows.jsonl >a && sort out.jsonl | cmp - a && echo every document once, the same
every document once, the same
$ TAMIS_FAISS=./none.so tamis order --index HNSW16 -m v.npy rows.jsonl -o x.jsonl
! tamis order: there is no FAISS to use: ./none.so: cannot open shared object file: No such file or directory
? 3
