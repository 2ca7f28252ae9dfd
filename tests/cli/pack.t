# pack: documents to shards, and back

$ printf '%s\n' '{"id":"a","text":"ab"}' '{"id":"b","text":"abcd"}' '{"id":"c","text":""}' '{"id":"d","text":"abcdefgh"}' '{"id":"e","text":"x"}' >in
$ tamis tokenizer train -V 257 --whitespace-runs 0 in -o t.json

# end to end, cut every 4 tokens; Megatron's index lists documents
$ tamis pack -j$THREADS -m t.json -L 4 in -o p
$ grep -v docs.jsonl p.json
{
  "pack": "concat", "length": 4, "token_bytes": 2, "pad": 0, "shard_tokens": 104857600,
  "documents": 5, "tokens": 20, "rows": 5, "documents_cut": 2, "tokens_padded": 0,
  "formats": {
    "megatron": {"sequences": 5, "tokens": 20, "xxh3": "e46dc2b9dfdb6660"},
    "llmc": {"sequences": 5, "tokens": 20, "xxh3": "e46dc2b9dfdb6660"}
  },
  "files": {
    "p.bin": {"bytes": 40, "xxh3": "8872d54ce62a937a"},
    "p.idx": {"bytes": 142, "xxh3": "6ff95cbf9c6cc4c3"},
    "p_000000.bin": {"bytes": 1064, "xxh3": "ff4e4d2c8b2e2c60"},
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
p: 40 tokens of all formats, as written

# best fit: 9 tokens are a row of 6 and 3 left; 5 and 1 share a row, 3 and 3 another
$ tamis pack -j$THREADS -m t.json -L 6 --pack best-fit in -o b
$ jq -c "del(.files)" b.json
{"pack":"best-fit","length":6,"token_bytes":2,"pad":0,"shard_tokens":104857600,"documents":5,"tokens":20,"rows":4,"documents_cut":1,"tokens_padded":4,"formats":{"megatron":{"sequences":4,"tokens":24,"xxh3":"89d92546a8112bb3"},"llmc":{"sequences":4,"tokens":24,"xxh3":"89d92546a8112bb3"}}}
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

# a token is traced to its document: the twelfth; and each piece is where its line says, in rows that were filled out of order
$ zstd -dcq p.docs.jsonl.zst | jq -c 'select(.at <= 12 and 12 < .at + .tokens)'
{"id":"d","at":9,"tokens":9}
$ tamis pack -j$THREADS -m t.json -L 16 --pack best-fit --shuffle many -o x && od -An -v -tu2 -w2 x.bin >ids
$ zstd -dcq x.docs.jsonl.zst | jq -r '[.id, .at, .tokens] | @tsv' | awk 'NR == FNR { t[n++] = $1; next } { s = ""; for (i = $2; i < $2 + $3 - 1; i++) s = s sprintf("%c", t[i] + 32); wrong += s != "n" $1 } END { print FNR, wrong + 0 }' ids -
200 0

# all formats in one pass, read back; the last row of an array is padded
$ tamis pack -j$THREADS -m t.json -L 7 -f megatron,llmc,npy,jsonl,mds in -o f && tamis pack verify f
f: 102 tokens of all formats, as written
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

# MosaicML's shards: samples of one length, or each with its own; a new file when one is full
$ od -An -td4 -N20 f_mds/shard.00000.mds; tail -c42 f_mds/shard.00000.mds | od -An -tu2 -w14
           3         211         225         239
         253
    65    66     0    65    66    67    68
     0     0    65    66    67    68    69
    70    71    72     0    88     0     0
$ head -c211 f_mds/shard.00000.mds | tail -c+21 | jq -c .
{"column_encodings":["ndarray:uint16:7"],"column_names":["tokens"],"column_sizes":[14],"compression":null,"format":"mds","hashes":["xxh3_64"],"size_limit":67108864,"version":2}
$ tamis pack -m t.json -f mds --pack none --shard-tokens 17 in -o n && tamis pack verify n
n: 20 tokens of all formats, as written
$ for i in n_mds/*.mds; do echo $i; tail -c40 $i | od -An -tu1 -w40; done
n_mds/shard.00000.mds
 110  34  58  32  50 125  11   0   0   0   6   3   0   0   0  65   0  66   0   0   0  15   0   0   0   6   5   0   0   0  65   0  66   0  67   0  68   0   0   0
n_mds/shard.00001.mds
 105 122 101  95 108 105 109 105 116  34  58  32  51  52  44  32  34 118 101 114 115 105 111 110  34  58  32  50 125   7   0   0   0   6   1   0   0   0   0   0
n_mds/shard.00002.mds
  34 118 101 114 115 105 111 110  34  58  32  50 125  23   0   0   0   6   9   0   0   0  65   0  66   0  67   0  68   0  69   0  70   0  71   0  72   0   0   0
n_mds/shard.00003.mds
 101  95 108 105 109 105 116  34  58  32  51  52  44  32  34 118 101 114 115 105 111 110  34  58  32  50 125   9   0   0   0   6   2   0   0   0  88   0   0   0
$ jq -c '.shards[] | [.samples, .column_encodings[0], .raw_data.bytes, .size_limit]' n_mds/index.json
[2,"ndarray:uint16",235,34]
[1,"ndarray:uint16",208,34]
[1,"ndarray:uint16",224,34]
[1,"ndarray:uint16",210,34]
$ printf '\1' | dd of=n_mds/shard.00000.mds bs=1 seek=8 conv=notrunc status=none; tamis pack verify n
! tamis pack verify: mds: n_mds/shard.00000.mds: sample 0 is said to lie at bytes 201 to 1 of 235
? 1

# a changed token is seen, and a changed file
$ printf '\1' | dd of=p.bin bs=1 seek=2 conv=notrunc status=none; tamis pack verify p
! tamis pack verify: megatron: the tokens are not those that were written: their hash is "5d7b8c52fcf6998b"
? 1
$ printf '\1' >>p.bin; tamis pack verify p
! tamis pack verify: megatron: the index speaks of 40 bytes of tokens, there are 41
? 1
$ tamis pack -m t.json in -o d && echo >>d.docs.jsonl.zst && tamis pack verify d 2>&1 | sed 's/hash is.*/hash is .../' 
tamis pack verify: d.docs.jsonl.zst is not as it was written: its hash is ...

$ tamis pack -m t.json in
! tamis pack: the output is no stream: give -o PREFIX
! hint: tamis pack --help
? 2
$ tamis pack -m t.json in -o t
! tamis pack: -o t would write over the tokenizer, t.json
! hint: tamis pack --help
? 2
$ tamis pack -m t.json --split train=0.5 in -o q
! tamis pack: --split: the shares sum to 0.5, not to 1
! hint: tamis pack --help
? 2
