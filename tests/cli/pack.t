# pack: documents to shards, and back

$ printf '%s\n' '{"id":"a","text":"ab"}' '{"id":"b","text":"abcd"}' '{"id":"c","text":""}' '{"id":"d","text":"abcdefgh"}' '{"id":"e","text":"x"}' >in
$ tamis tokenizer train -V 257 in -o t.json

# end to end, cut every 4 tokens; Megatron's index lists documents
$ tamis pack -j$THREADS -m t.json -L 4 in -o p
$ cat p.json
{
  "pack": "concat", "length": 4, "token_bytes": 2, "pad": 0, "shard_tokens": 104857600,
  "documents": 5, "tokens": 20, "rows": 5, "documents_cut": 2, "tokens_padded": 0,
  "formats": {
    "megatron": {"sequences": 5, "tokens": 20, "xxh3": "e46dc2b9dfdb6660"},
    "llmc": {"sequences": 5, "tokens": 20, "xxh3": "e46dc2b9dfdb6660"}
  }
}
$ zstd -dc p.docs.jsonl.zst
{"id":"a","at":0,"tokens":3}
{"id":"b","at":3,"tokens":5}
{"id":"c","at":8,"tokens":1}
{"id":"d","at":9,"tokens":9}
{"id":"e","at":18,"tokens":2}
$ od -An -tu2 -w40 p.bin
    65    66     0    65    66    67    68     0     0    65    66    67    68    69    70    71    72     0    88     0
$ od -An -tu2 -j1024 -w40 p_000000.bin
    65    66     0    65    66    67    68     0     0    65    66    67    68    69    70    71    72     0    88     0
$ od -An -td4 -N12 p_000000.bin
    20240520           1          20
$ od -An -tu1 -N34 -w34 p.idx
  77  77  73  68  73  68  88   0   0   1   0   0   0   0   0   0   0   8   5   0   0   0   0   0   0   0   6   0   0   0   0   0   0   0
$ tamis pack verify p
p: 40 tokens as written

# best fit: 9 tokens are a row of 6 and 3 left; 5 and 1 share a row, 3 and 3 another
$ tamis pack -j$THREADS -m t.json -L 6 --pack best-fit in -o b
$ cat b.json
{
  "pack": "best-fit", "length": 6, "token_bytes": 2, "pad": 0, "shard_tokens": 104857600,
  "documents": 5, "tokens": 20, "rows": 4, "documents_cut": 1, "tokens_padded": 4,
  "formats": {
    "megatron": {"sequences": 4, "tokens": 24, "xxh3": "89d92546a8112bb3"},
    "llmc": {"sequences": 4, "tokens": 24, "xxh3": "89d92546a8112bb3"}
  }
}
$ zstd -dc b.docs.jsonl.zst
{"id":"a","at":0,"tokens":3}
{"id":"d","at":3,"tokens":3}
{"id":"b","at":6,"tokens":5}
{"id":"c","at":11,"tokens":1}
{"id":"d","at":12,"tokens":6}
{"id":"e","at":18,"tokens":2}
$ od -An -tu2 -w12 b.bin
    65    66     0    71    72     0
    65    66    67    68     0     0
    65    66    67    68    69    70
    88     0     0     0     0     0

# parts by id, whatever the order
$ seq 200 | sed 's/.*/{"id":"&","text":"n&"}/' >many
$ tamis pack -j$THREADS -m t.json --split train=0.9,valid=0.1 many -o s && jq -c .documents s_train.json s_valid.json
176
24
$ tac many | tamis pack -j$THREADS -m t.json --split train=0.9,valid=0.1 -o r
$ for i in s r; do zstd -dc ${i}_valid.docs.jsonl.zst | jq .id | sort | md5sum; done | uniq | wc -l
1

# all formats in one pass, read back; the last row of an array is padded
$ tamis pack -j$THREADS -m t.json -L 7 -f megatron,llmc,npy,jsonl in -o f && tamis pack verify f
f: 81 tokens as written
$ od -An -tu2 -j128 -w14 f.npy
    65    66     0    65    66    67    68
     0     0    65    66    67    68    69
    70    71    72     0    88     0     0
$ zstd -dc f.jsonl.zst
{"tokens":[65,66,0,65,66,67,68]}
{"tokens":[0,0,65,66,67,68,69]}
{"tokens":[70,71,72,0,88,0]}
$ tamis pack -m t.json -f npy --pack none in -o g
! tamis pack: an array has rows of one length: npy needs --pack concat or best-fit
! hint: tamis pack --help
? 2

# a changed token is seen
$ printf '\1' | dd of=p.bin bs=1 seek=2 conv=notrunc status=none; tamis pack verify p
! tamis pack verify: megatron: the tokens are not those that were written: their hash is "5d7b8c52fcf6998b"
? 1
$ printf '\1' >>p.bin; tamis pack verify p
! tamis pack verify: megatron: the index speaks of 40 bytes of tokens, there are 41
? 1

$ tamis pack -m t.json in
! tamis pack: shards need a name: -o PREFIX
! hint: tamis pack --help
? 2
$ tamis pack -m t.json --split train=0.5 in -o q
! tamis pack: --split: the shares sum to 0.5, not to 1
! hint: tamis pack --help
? 2
