# tokenizer show, compare, convert, prune

$ printf '%s\n' '{"id":1,"domain":"a","text":"low lower lowest"}' '{"id":2,"domain":"b","text":"new newer\tnewest | été\n"}' >in
$ tamis tokenizer train -q -V 290 --split gpt2 in -o b.json
$ tamis tokenizer train -q -V 300 -a chars in -o c.json
$ tamis tokenizer train -q -V 300 -a unigram in -o u.json

# borders, ids; control characters and borders in the text are escaped
$ tamis tokenizer show -q -j$THREADS -m b.json in
lo|w| lo|wer| lo|west
273 87 277 278 277 279
6 tokens, 16 bytes
ne|w| |ne|wer|\t|ne|west| |\|| |é|t|é|\n
274 87 221 274 278 198 274 279 221 92 221 276 84 276 199
15 tokens, 25 bytes

$ tamis tokenizer show -q -j$THREADS -m u.json in
▁low|▁low|er|▁low|est
259 259 262 259 264
5 tokens, 16 bytes
▁new|▁new|er|\t|new|est|▁|\||▁|é|t|é|\n
263 263 262 267 265 264 260 269 260 261 266 261 268
13 tokens, 25 bytes

$ echo '{"text":"犬"}' | tamis tokenizer show -q -m b.json
\xE7|\x8A|\xAC
164 233 106
3 tokens, 3 bytes

# fertility by domain
$ tamis tokenizer compare -q -j$THREADS --by domain b.json u.json in
A: b.json, 280 tokens
B: u.json, 292 tokens
domain	docs	bytes	words	A bytes/token	A tokens/word	A unknown %	B bytes/token	B tokens/word	B unknown %
b	1	25	5	1.667	3.000	0.0000	1.923	2.600	0.0000
a	1	16	3	2.667	2.000	0.0000	3.200	1.667	0.0000
all	2	41	8	1.952	2.625	0.0000	2.278	2.250	0.0000

# what a format cannot hold is refused, what it cannot say is named
$ tamis tokenizer convert -m u.json --format sentencepiece -o u.model
! lost: split digits: \p{N}
! lost: split newlines: [\r\n]+
! lost: normaliser step 1, NFC: normalise the text before
$ tamis tokenizer convert -m b.json --format sentencepiece -o b.model
! tamis tokenizer convert: SentencePiece's format has no BPE of bytes
! hint: tamis tokenizer convert --help
? 2
$ tamis tokenizer convert -m b.json --format tiktoken -o b.tiktoken
! lost: split digits: \p{N}
! lost: split gpt2: '(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
! lost: the normaliser
! lost: special tokens
$ tamis tokenizer convert -m u.json --format tiktoken -o u.tiktoken
! tamis tokenizer convert: tiktoken's ranks hold BPE of bytes only
! hint: tamis tokenizer convert --help
? 2
$ tamis tokenizer convert -m u.json --format vocab | head -262 | tail -3
▁low	-2.4501404762268066
▁	-2.911592960357666
é	-2.922813653945923
! lost: all but the tokens: normaliser, splits, merges, special tokens

# there and back: the same ids
$ tamis tokenizer convert -q -m c.json --format sentencepiece -o c.model
$ tamis tokenizer convert -q -m c.model -o c2.json
$ for m in c.json c.model c2.json; do tamis tokenizer encode -q -m $m in | md5sum; done | uniq | wc -l
1
$ for m in u.json u.model; do tamis tokenizer encode -q -m $m in | md5sum; done | uniq | wc -l
1
$ for m in b.json b.tiktoken; do tamis tokenizer encode -q -m $m in | md5sum; done | uniq | wc -l
1

# pruned to what one document uses: its ids stay, the other's text is cut smaller
$ head -1 in >one
$ tamis tokenizer prune -q -j$THREADS -m b.json one -o p.json && jq '.model.vocab|length' b.json p.json
280
263
$ cmp p.json b.json >/dev/null; for m in b.json p.json; do tamis tokenizer encode -q -m $m one; done | uniq
{"id":1,"domain":"a","text":"low lower lowest","tokens":[273,87,277,278,277,279]}
$ tamis tokenizer encode -q -m p.json in | tamis tokenizer decode -q -m p.json | jq -c .text
"low lower lowest"
"new newer\tnewest | été\n"
$ tamis tokenizer prune -q -m u.json one -o pu.json && for m in u.json pu.json; do tamis tokenizer encode -q -m $m one; done | uniq
{"id":1,"domain":"a","text":"low lower lowest","tokens":[259,259,262,259,264]}
$ tamis tokenizer prune -q -m b.json --least 1000 in -o p0.json && jq '.model.vocab|length, (.model.merges|length)' p0.json
257
0
