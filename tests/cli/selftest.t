# selftest: what was planted is found, the same for any threads.

$ tamis selftest -j$THREADS
stage      what is planted                           planted    found  wrong  recall precision
extract    words of main text between menus            30079    30079      0  1.0000    1.0000
lang       languages, learned from 400 documents        2200     2200      0  1.0000    1.0000
dedup      copies                                        100      100      0  1.0000    1.0000
fuzzy      copies with 1 % of the words changed          100      100      0  1.0000    1.0000
rules      documents that repeat a phrase                100      100      0  1.0000    1.0000
kmeans     documents of 20 domains                      2200     2090    110  0.9500    0.9500
semdedup   copies with the words in another order        100      100      0  1.0000    1.0000
tokenizer  texts, to tokens and back                    2100     2100      0  1.0000    1.0000
$ tamis selftest --keep here -j$THREADS >/dev/null && ls here && ls here/pages | wc -l
centroids.npy
chain.drops
chain.jsonl
clusters.jsonl
decoded.jsonl
docs.jsonl
lid.bin
lsa.safetensors
pages
pages.jsonl
rows.jsonl
rows.npy
semdedup.drops
semdedup.jsonl
tokenizer.json
train.jsonl
200
$ tamis selftest --keep here
! tamis selftest: could not make the folder here: File exists
? 3
