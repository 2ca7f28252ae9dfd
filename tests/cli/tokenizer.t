# tokenizer: learn, encode, decode

$ printf '%s\n' '{"id":1,"text":"low lower lowest"}' '{"id":2,"text":"new newer newest, the lowest!"}' '{"id":3,"text":"été\n  12"}' >in

# 1 special token and 256 bytes, then merges: the most frequent pair, of equal ones the smaller ids
$ tamis tokenizer train -j$THREADS -V 264 --split gpt2 --whitespace-runs 0 in -o t.json
$ jq -c '.model.merges' t.json
[["w","e"],["l","o"],["n","e"],["s","t"],["Ġ","lo"],["we","st"],["Ã","©"]]
$ tamis tokenizer encode -j$THREADS -m t.json in | tee ids
{"id":1,"text":"low lower lowest","tokens":[258,87,261,257,82,261,262]}
{"id":2,"text":"new newer newest, the lowest!","tokens":[259,87,221,259,257,82,221,259,262,12,221,84,72,69,261,262,1]}
{"id":3,"text":"été\n  12","tokens":[263,84,263,199,221,221,17,18]}
$ tamis tokenizer decode -j$THREADS -m t.json ids | jq -c '[.id,.text]'
[1,"low lower lowest"]
[2,"new newer newest, the lowest!"]
[3,"été\n  12"]

# ids in a row, for NumPy
$ tamis tokenizer encode -j$THREADS -m t.json --end --matrix ids.npy --field x in | head -1
{"id":1,"text":"low lower lowest"}
$ tail -c 12 ids.npy | od -An -tu4
         17         18          0

# the text cannot name special tokens unless asked
$ echo '{"text":"a<|endoftext|>"}' | tamis tokenizer encode -m t.json --specials
{"text":"a<|endoftext|>","tokens":[65,0]}
$ echo '{"text":"a<|endoftext|>"}' | tamis tokenizer encode -m t.json | jq -c "[.tokens[0], (.tokens|length)]"
[65,14]

# less room than the alphabet needs
$ tamis tokenizer train -V 200 in -o u.json
! tamis tokenizer train: --vocab 200 is smaller than the alphabet: special tokens, bytes and runs of spaces are 272
! hint: tamis tokenizer train --help
? 2

# nothing to learn from
$ tamis tokenizer train -V 300 /dev/null -o e.json && jq '.model.vocab | length' e.json
272

# a file that is no model
$ echo '{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}' >bad.json
$ tamis tokenizer encode -m bad.json in
! tamis tokenizer encode: bad.json: merge 0: "b" is not in the vocabulary
? 1

# ranks that are too high, or none
$ printf 'YQ== 0\nYg== 16777216\n' >high.tiktoken
$ tamis tokenizer encode -m high.tiktoken in
! tamis tokenizer encode: high.tiktoken: line 2: rank 16777216 is not a number below 16777216
? 1
$ printf 'YQ== 0\nYg== 99999999999999999999999\n' >high.tiktoken
$ tamis tokenizer encode -m high.tiktoken in
! tamis tokenizer encode: high.tiktoken: line 2: rank 99999999999999999999999 is not a number below 16777216
? 1
$ printf 'YQ== 0\nYg== x1\n' >high.tiktoken
$ tamis tokenizer encode -m high.tiktoken in
! tamis tokenizer encode: high.tiktoken: line 2: rank x1 is not a number below 16777216
? 1
$ printf 'YQ== 0\nYg= 1\nYg!= 2\n' >bad.tiktoken
$ tamis tokenizer encode -m bad.tiktoken in
! tamis tokenizer encode: bad.tiktoken: line 3: a line is not base64 and a rank
? 1
