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

# or the worst, documents without the score last of all
$ jq -c 'select(.domain == "b") | if .q == 2 then del(.q) else . end' in >few; tamis mix -j$THREADS -w w --tokens 50 --score q --lowest few | jq -c .q | tr '\n' ' '; echo
1 3 4 5 6 
$ tamis mix -j$THREADS -w w --score q few --lowest --max-epochs 1 | jq -c .q | wc -l
20
$ tamis mix -w w --lowest in
! tamis mix: --lowest of what? give --score PATH
! hint: tamis mix --help
? 2

# counts may end in K, M, B or T
$ tamis mix -j$THREADS -w w --tokens 0.1K --receipt r in -o out; jq -c 'map_values(.tokens)' r
{"a":0,"b":100}
$ tamis mix -w w --tokens 10Q in
! tamis mix: --tokens: "10Q" is not a number
! hint: tamis mix --help
? 2

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

# weights that are none are refused, not taken for 0
$ echo '{"weights":{"b":-1}}' >w; tamis mix -w w in
! tamis mix: w: the weight of "b" is no number from 0 up
? 1
$ echo '{"b":"much"}' >w; tamis mix -w w in
! tamis mix: w: the weight of "b" is no number from 0 up
? 1
$ echo '{"b":1,"a":1,"\u0062":2}' >w; tamis mix -w w in
! tamis mix: w: "b" has two weights
? 1
$ echo '[1]' >w; tamis mix -w w in
! tamis mix: w: weights are an object, {"domain": 0.5}
? 1

# a domain may be called anything, weights too
$ printf '%s\n' '{"id":1,"domain":"weights","text":"0123456789"}' '{"id":2,"domain":"a\"b","text":"0123456789"}' >any
$ echo '{"weights":2,"a\"b":1}' >w; tamis mix -j$THREADS -w w --tokens 30 --receipt r any -o out; cat r
{
  "weights": {"weight": 0.666667, "share": 0.666667, "documents": 2, "tokens": 20, "epochs": 2, "of": {"documents": 1, "tokens": 10}},
  "a\"b": {"weight": 0.333333, "share": 0.333333, "documents": 1, "tokens": 10, "epochs": 1, "of": {"documents": 1, "tokens": 10}}
}

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
