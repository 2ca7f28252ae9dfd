# fuzzy: near-duplicates go, for a copy that stays and is alike.

$ printf '{"id":"a","text":"one two three four five six seven eight nine ten"}\n{"id":"b","text":"One, two: three four five six seven eight nine TEN!"}\n{"id":"c","text":"one two three four five six seven eight nine eleven twelve"}\n{"id":"d","text":"of other things"}\n{"id":"e","text":"of other things"}\n{"id":"f","text":""}\n{"id":"g","text":"..."}\n{"id":"h"}\n' >in.jsonl
$ tamis fuzzy -j$THREADS in.jsonl --drops drops
{"id":"a","text":"one two three four five six seven eight nine ten"}
{"id":"c","text":"one two three four five six seven eight nine eleven twelve"}
{"id":"d","text":"of other things"}
{"id":"f","text":""}
{"id":"g","text":"..."}
{"id":"h"}
$ cat drops
{"id":"b","stage":"fuzzy","reason":"near-duplicate","twin":"a","similarity":1.0000}
{"id":"e","stage":"fuzzy","reason":"near-duplicate","twin":"d","similarity":1.0000}
$ tamis fuzzy -j$THREADS --similarity 0.6 in.jsonl | grep -o '"id":"[a-h]"' | paste -sd' '
"id":"a" "id":"d" "id":"f" "id":"g" "id":"h"
$ tamis fuzzy -j$THREADS --by char --ngram 3 -s 0.7 in.jsonl --drops drops | grep -o '"id":"[a-h]"' | paste -sd' '; cat drops
"id":"a" "id":"d" "id":"f" "id":"g" "id":"h"
{"id":"b","stage":"fuzzy","reason":"near-duplicate","twin":"a","similarity":1.0000}
{"id":"c","stage":"fuzzy","reason":"near-duplicate","twin":"a","similarity":0.7925}
{"id":"e","stage":"fuzzy","reason":"near-duplicate","twin":"d","similarity":1.0000}
$ tamis fuzzy -j$THREADS --fold spaces in.jsonl --drops drops | wc -l; cat drops
7
{"id":"e","stage":"fuzzy","reason":"near-duplicate","twin":"d","similarity":1.0000}

# which copy stays
$ tamis fuzzy -j$THREADS -s 0.6 --keep longest in.jsonl | grep -o '"id":"[a-h]"' | paste -sd' '
"id":"c" "id":"d" "id":"f" "id":"g" "id":"h"
$ printf '{"id":1,"q":{"x":-3},"text":"a b c"}\n{"id":2,"q":{"x":0.5},"text":"a b c"}\n{"id":3,"text":"a b c"}\n{"id":4,"q":{"x":-1e9},"text":"a b c"}\n' | tamis fuzzy -j$THREADS --keep best:q.x --drops drops -; cat drops
{"id":2,"q":{"x":0.5},"text":"a b c"}
{"id":"1","stage":"fuzzy","reason":"near-duplicate","twin":"2","similarity":1.0000}
{"id":"3","stage":"fuzzy","reason":"near-duplicate","twin":"2","similarity":1.0000}
{"id":"4","stage":"fuzzy","reason":"near-duplicate","twin":"2","similarity":1.0000}

# instead of dropping: the number of the document that stays
$ tamis fuzzy -j$THREADS --annotate in.jsonl | grep group
{"id":"a","text":"one two three four five six seven eight nine ten","group":0}
{"id":"b","text":"One, two: three four five six seven eight nine TEN!","group":0}
{"id":"d","text":"of other things","group":3}
{"id":"e","text":"of other things","group":3}
$ tamis fuzzy -j$THREADS --annotate -s 0.5 --pairs pairs in.jsonl | grep -c group; cat pairs
5
{"a":"a","b":"b","similarity":1.0000}
{"a":"a","b":"c","similarity":0.6250}
{"a":"b","b":"c","similarity":0.6250}
{"a":"d","b":"e","similarity":1.0000}

# from a pipe, in one pass, and in slices: the same documents
$ cat in.jsonl | tamis fuzzy -j$THREADS >pipe; tamis fuzzy -j$THREADS in.jsonl | cmp - pipe && tamis fuzzy stream -j$THREADS in.jsonl | cmp - pipe && echo same
same
$ head -3 in.jsonl >s0; sed 1,3d in.jsonl >s1; for i in 0 1; do tamis fuzzy sign -j$THREADS s$i -o s$i.sig --no-manifest; done
$ tamis fuzzy group s0.sig s1.sig -o all.groups && for i in 0 1; do tamis fuzzy drop -j$THREADS -g all.groups --slice $i s$i; done | cmp - pipe && echo same
same
$ tamis fuzzy group --bands 0-4 s0.sig s1.sig -o p0 && tamis fuzzy group --bands 5-17 s0.sig s1.sig -o p1 && tamis fuzzy group --parts p0,p1 s0.sig s1.sig -o parts.groups && cmp parts.groups all.groups && echo same
same
$ for r in 0 1 2; do tamis fuzzy group --range $r/3 s0.sig s1.sig -o r$r; done; ls r? >ranges; tamis fuzzy group --parts @ranges s0.sig s1.sig -o ranges.groups && cmp ranges.groups all.groups && echo same
same
$ tamis fuzzy group --range 3/3 s0.sig -o r3
! tamis fuzzy group: --range: "3/3" is not R/M with 0 <= R < M <= 4096
! hint: tamis fuzzy group --help
? 2

# an index: documents of former runs stay, whatever the rule
$ rm -f ix*; tamis fuzzy -j$THREADS --index ix s0 | grep -o '"id":"[a-h]"' | paste -sd' '
"id":"a" "id":"c"
$ tamis fuzzy -j$THREADS --index ix --keep first s0 s1 --drops drops | grep -o '"id":"[a-h]"' | paste -sd' '; grep -c '"twin":"a"' drops
"id":"d" "id":"f" "id":"g" "id":"h"
2
$ tamis fuzzy -j$THREADS --index ix in.jsonl | wc -l
3
$ tamis fuzzy -j$THREADS --index ix -n 4 in.jsonl
! tamis fuzzy: --index ix was made with other options
! hint: tamis fuzzy --help
? 2

# chains: C is like B, B like A, C not like A; B goes for A and C stays, unless likeness is passed on
$ w() { seq -s' ' $1 $2 | sed 's/[0-9]*/w&/g'; }; for i in 0 1 2 3; do printf '{"id":%d,"text":"%s"}\n' $i "$(w $((i*10)) $((i*10+99)))"; done >chain
$ tamis fuzzy -j$THREADS -s 0.75 --drops drops chain | grep -o '"id":.'; cat drops
"id":0
"id":2
{"id":"1","stage":"fuzzy","reason":"near-duplicate","twin":"0","similarity":0.8113}
{"id":"3","stage":"fuzzy","reason":"near-duplicate","twin":"2","similarity":0.8113}
$ tamis fuzzy -j$THREADS -s 0.75 --components --drops drops chain | grep -o '"id":.'; cat drops
"id":0
{"id":"1","stage":"fuzzy","reason":"near-duplicate","twin":"0","similarity":0.8113}
{"id":"2","stage":"fuzzy","reason":"near-duplicate","twin":"0","similarity":0.8113}
{"id":"3","stage":"fuzzy","reason":"near-duplicate","twin":"0","similarity":0.8113}

# a group that eats the corpus stops the run, and names some members
$ seq 10001 | sed 's/.*/{"id":"d&","text":"all the same"}/' >many; tamis fuzzy -j$THREADS many
! tamis fuzzy: more than 1000 of 10001 documents are one group: "d1", "d2", "d3", "d4", "d5" ...
! hint: look at these; raise --max-group if they are duplicates, else --similarity or --ngram
? 1
$ tamis fuzzy -j$THREADS --max-group 0 many
{"id":"d1","text":"all the same"}

# the peers' arithmetic
$ printf '{"id":1,"text":"a b c d e"}\n{"id":2,"text":"a"}\n' | tamis fuzzy -j$THREADS --like datatrove --signatures-only - | cut -c1-100
{"id":1,"signature":[608970002929154467,47158559598946917,843810096883975682,2253112919500401664,564
{"id":2,"signature":null}
$ printf '{"id":1,"text":"a b c d e f g h i j k l m"}\n{"id":2,"text":"a b c"}\n' | tamis fuzzy -j$THREADS --like rpv2:0.9 --signatures-only - | cut -c1-100
{"id":1,"signature_sim1.0":["05d5098f1b8330b3f78316f4a3184c3f0913597e7a24ab934cf406eb0882e4f701c3a36
{"id":2,"signature_sim1.0":null,"signature_sim0.9":null,"signature_sim0.8":null,"signature_sim0.7":n

# what is wrong is said
$ tamis fuzzy --like rpv2:0.75 in.jsonl
! tamis fuzzy: --like rpv2:0.75: RedPajama-v2 has 0.7, 0.8, 0.9 and 1.0
! hint: tamis fuzzy --help
? 2
$ tamis fuzzy --keep shortest in.jsonl
! tamis fuzzy: --keep shortest: it is first, longest, or best:FIELD
! hint: tamis fuzzy --help
? 2
$ tamis fuzzy --bands 20 --rows 20 in.jsonl
! tamis fuzzy: 20 bands of 20 rows need more than the 128 --permutations
! hint: tamis fuzzy --help
? 2
$ tamis fuzzy sign in.jsonl
! tamis fuzzy sign: the output is no stream: give -o SIG
! hint: tamis fuzzy sign --help
? 2
$ tamis fuzzy group in.jsonl -o x
! tamis fuzzy group: could not open in.jsonl.proof: No such file or directory
? 3
$ head -c 100 s0.sig >cut.sig; cp s0.sig.proof cut.sig.proof; tamis fuzzy group cut.sig -o x
! tamis fuzzy group: cut.sig: signatures are cut short
? 1
$ tamis fuzzy drop -g all.groups --slice 2 s0
! tamis fuzzy drop: all.groups: --slice 2: there are 2, from 0
! hint: tamis fuzzy drop --help
? 2
$ tamis fuzzy drop -g all.groups --slice 0 in.jsonl >/dev/null
! tamis fuzzy drop: the slice had 3 documents when it was signed, and has more now
? 1
$ tamis fuzzy group --parts p0 s0.sig -o x
! tamis fuzzy group: p0: its buckets are of other signatures
? 1
$ tamis fuzzy --plan in.jsonl
18 bands of 7 rows, of 128 minima; shingles of 5 words
a document goes at similarity 0.8; pairs that are found:
  at 0.3    0.3929 %
  at 0.4    2.9084 %
  at 0.5   13.1665 %
  at 0.6   40.0148 %
  at 0.7   78.7112 %
  at 0.8   98.5542 %
  at 0.9   99.9992 %
  at 1.0  100.0000 %
memory  at most 4096 MiB (--memory); sorts spill to $TMPDIR past it
disk    376 bytes a document for keys, and 8 a word (about 1.3 times the text) for shingles
input   about 8 documents, 0 MB of JSON, read twice
so      about 64 MiB of memory, and 0.0 s of CPU on 2 threads
