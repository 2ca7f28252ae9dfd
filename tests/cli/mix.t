# mix: domains by weight

$ seq 100 | sed 's/.*/{"id":"a&","domain":"a","text":"0123456789"}/' >in; seq 20 | sed 's/.*/{"id":"b&","domain":"b","text":"0123456789","q":&}/' >>in
$ echo '{"a":0.5,"b":0.5}' >w

# 60 each: b has 20, so three times all of it
$ tamis mix -j$THREADS -w w --receipt r --drops drops in -o out; cat r
{
  "a": {"weight": 0.5, "share": 0.5, "documents": 60, "tokens": 600, "epochs": 0.6, "of": {"documents": 100, "tokens": 1000}},
  "b": {"weight": 0.5, "share": 0.5, "documents": 60, "tokens": 600, "epochs": 3, "of": {"documents": 20, "tokens": 200}}
}
$ jq -c '[.domain, .copies]' out | sort | uniq -c
     60 ["a",null]
     20 ["b",3]
$ wc -l <drops; head -1 drops | jq -c 'del(.id)'
40
{"stage":"mix","reason":"mix","tokens":10}

# no more than twice: a gives what b cannot
$ tamis mix -j$THREADS -w w --max-epochs 2 --receipt r in -o out; jq -c 'map_values([.share,.epochs])' r
{"a":[0.666667,0.8],"b":[0.333333,2]}

# the best first
$ echo '{"weights":{"b":1}}' >w; tamis mix -j$THREADS -w w --tokens 50 --score q in | jq -c .q | tr '\n' ' '; echo
16 17 18 19 20 

$ tamis mix -j$THREADS --unimax --tokens 40 in | jq -c .domain | sort | uniq -c
      2 "a"
      2 "b"
$ tamis mix in
! tamis mix: give --weights FILE or --unimax, one of the two
! hint: tamis mix --help
? 2
$ echo '{"c":1}' >w; tamis mix -w w in
! tamis mix: no domain of these documents has a weight above 0
! hint: tamis mix --help
? 2

# pack writes copies
$ echo '{"id":"x","text":"ab","copies":3}' >c; tamis tokenizer train -V 257 --whitespace-runs 0 in -o t.json; tamis pack -m t.json c -o c && zstd -dc c.docs.jsonl.zst
{"id":"x","at":0,"tokens":3}
{"id":"x","at":3,"tokens":3}
{"id":"x","at":6,"tokens":3}
$ tamis pack -j$THREADS -m t.json --shuffle in -o s; zstd -dc s.docs.jsonl.zst | head -3; zstd -dc s.docs.jsonl.zst | wc -l; tamis pack verify s
{"id":"a70","at":0,"tokens":11}
{"id":"a90","at":11,"tokens":11}
{"id":"b12","at":22,"tokens":11}
120
s: 2640 tokens of all formats, as written
