# odd: what no stage of quality may stumble over: no text, empty text, control characters, right to left, lists of 10,000 lines, a word of 50 MB
# needs langid/lid.176.ftz

$ printf '%s\n' '{"id":1}' '{"id":2,"text":null}' '{"id":3,"text":""}' '{"id":4,"text":" \n\t "}' '{"id":5,"text":"a\u0000b\u001bc\u0007 \u007f\u0085"}' '{"id":6,"text":"שלום עולם! \u202bمرحبا بالعالم\u202c 123"}' '{"id":7,"text":"\ud83d\ude00\u0301\ufeff"}' >odd
$ awk 'BEGIN { printf "{\"id\":8,\"text\":\""; for (i = 0; i < 10000; i++) printf "- item %d\\n", i % 100; print "\"}" }' >list
$ awk 'BEGIN { for (i = 0; i < 7; i++) s = s "abcdefghij"; printf "{\"id\":9,\"text\":\""; for (i = 0; i < 714286; i++) printf "%s", s; print "\"}" }' >word; wc -c <word
50000039
$ printf '%s\n' '{"text":"the cat sat on the mat","label":"a"}' '{"text":"a dog saw the cat on a mat","label":"b"}' >train
$ tamis perplexity train -q -n 3 train -o lm; tamis classify train -q --dim 4 --minn 2 --maxn 3 --bucket 100 train -o cls
$ for i in 1 2 3 4 5 6 7 8 9 10; do echo "{\"label\":1,\"text\":\"Good prose number $i, which goes on. It has sentences.\"}"; echo "{\"label\":0,\"text\":\"buy $i now\\\\nbuy $i\"}"; done | tamis score train -q -o good

# the two documents without text are rejected by every stage but fuzzy, which has nothing to compare and keeps them; the others pass
$ cat odd list >all; for stage in "lang -m $DATA/langid/lid.176.ftz" "classify apply -m cls" "fuzzy" "fuzzy stream" "signals" "rules --like gopher,gopher-repetition,c4,c4-sentences,fineweb,dolma,dolma-v2,dolma-c4,code --annotate" "perplexity -m lm" "perplexity -m lm --like ccnet" "score -m good"; do tamis $stage -j$THREADS --rejects bad all -o out --no-manifest; echo "$? $(jq -r .id out | tr '\n' ' ')$(jq -r '.place + " " + .reason' bad | tr '\n' ' ')"; done
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 
0 1 2 3 4 5 6 7 8 
0 1 2 3 4 5 6 7 8 
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 
0 3 4 5 6 7 8 all:1 no-text all:2 no-text 

# training passes them by, too
$ cat train all | tamis perplexity train -q -j$THREADS -n 3 --rejects bad -o x; wc -l <bad; cat train all | tamis classify train -q -j$THREADS --bucket 10 --rejects bad -o x; wc -l <bad
2
8
$ mkdir d; cat train all | tamis dsir train -q -j$THREADS -d wikipedia --rejects bad -o d; wc -l <bad
2

# one word of 50 MB
$ for stage in "lang -m $DATA/langid/lid.176.ftz" "fuzzy" "rules --like gopher,gopher-repetition,c4,fineweb,dolma,dolma-c4,code --annotate" "perplexity -m lm --like ccnet" "score -m good"; do tamis $stage -j$THREADS word -o out --no-manifest; echo "$? $(grep -c '"id":9' out)"; done
0 1
0 1
0 1
0 1
0 1
