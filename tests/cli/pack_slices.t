# pack part and merge: what is refused. That the shards are those of one machine: tests/system/test_slices_*.sh.

$ printf '{"id":"a","text":"one two"}\n{"id":"b","text":"two"}\n' >0.jsonl; tamis tokenizer train -q -V 300 0.jsonl -o a.json; tamis tokenizer train -q -V 301 --special '<|endoftext|>,<|x|>' 0.jsonl -o b.json
$ tamis pack part -q -m a.json 0.jsonl -o 0.tokens; tamis pack part -q -m b.json 0.jsonl -o 1.tokens
$ tamis pack merge -q -L 4 0.tokens 0.tokens -o x; tamis pack verify x
x: 32 tokens of all formats, as written
$ tamis pack merge -q 0.tokens 1.tokens -o y; ls y*
! tamis pack merge: 1.tokens: made with another tokenizer or options than 0.tokens
! ls: cannot access 'y*': No such file or directory
? 2
$ tamis pack merge 0.jsonl -o y
! tamis pack merge: 0.jsonl: tokens are cut short
? 1
$ head -c 70 0.tokens >cut; tamis pack merge cut -o y
! tamis pack merge: cut: 70 bytes, its head says 126
? 1
$ tamis pack part -m a.json 0.jsonl
! tamis pack part: the output is no stream: give -o TOKENS
! hint: tamis pack part --help
? 2
