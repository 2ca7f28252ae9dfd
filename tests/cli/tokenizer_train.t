# tokenizer train: what each option does

$ printf '%s\n' '{"lang":"en","text":"low lower lowest low low"}' '{"lang":"fr","text":"été 2024, déjà... l’été"}' '{"lang":"fr","text":"    deux  mots"}' '{"lang":"zh","text":"我们在这里"}' >in

# three algorithms, each read back by encode; decode is the text again
$ for a in bytes chars unigram; do tamis tokenizer train -q -j$THREADS -a $a -V 320 in -o $a.json && tamis tokenizer encode -q -m $a.json in | jq -c 'del(.text)' >ids && jq -c '.tokens|length' ids | tr '\n' ' '; tamis tokenizer encode -q -m $a.json in | tamis tokenizer decode -q -m $a.json | jq -r .text | cmp - text 2>/dev/null; jq -r .text in >text; tamis tokenizer encode -q -m $a.json in | tamis tokenizer decode -q -m $a.json | jq -r .text | cmp - text && echo round trip; done
8 20 11 15 round trip
8 18 10 6 round trip
8 17 10 6 round trip

# digits: each alone, or as the split has them
$ for d in individual upto3 free; do tamis tokenizer train -q -V 400 --min-count 1 --digits $d --split gpt2 in -o d.json; jq -r '.model.vocab|keys_unsorted[]' d.json | grep -c '^[Ġ]*[0-9][0-9]'; done
0
4
4
$ tamis tokenizer train -q -V 400 --min-count 1 --digits upto3 in -o d.json; jq -r '.model.vocab|keys_unsorted[]' d.json | grep '[0-9][0-9]'
02
202

# punctuation: runs, or each sign alone
$ for p in free individual; do tamis tokenizer train -q -V 400 --min-count 1 --punctuation $p in -o p.json; jq -r '.model.vocab|keys_unsorted[]' p.json | grep -c '\.\.'; done
2
0
? 1

# runs of spaces are tokens: any run up to 16 is one
$ tamis tokenizer train -q -V 300 in -o w.json; for n in 1 2 3 5 7 11 15 16 17; do printf '{"text":"%*s"}\n' $n ''; done | tamis tokenizer encode -q -m w.json | jq -c '.tokens|length' | tr '\n' ' '; echo
1 1 1 1 1 1 1 1 2 
$ tamis tokenizer train -q -V 300 --whitespace-runs 0 in -o w.json; printf '{"text":"%8s"}\n' '' | tamis tokenizer encode -q -m w.json | jq '.tokens|length'
4
$ tamis tokenizer train -q -V 320 -a chars in -o w.json; printf '{"text":"%8s"}\n' '' | tamis tokenizer encode -q -m w.json | jq '.tokens|length'
1
$ tamis tokenizer train -q -V 320 -a unigram in -o w.json; printf '{"text":"%15s"}\n' '' | tamis tokenizer encode -q -m w.json | jq '.tokens|length'
1

# special and control tokens come first
$ tamis tokenizer train -q -V 300 --special '<|endoftext|>,<|fim_prefix|>' --control 2 in -o s.json; jq -c '.added_tokens|map([.id,.content])' s.json
[[0,"<|endoftext|>"],[1,"<|fim_prefix|>"],[2,"<|reserved_0|>"],[3,"<|reserved_1|>"]]
$ tamis tokenizer train -q -V 330 -a unigram --special '<s>' in -o s.json; jq -c '.added_tokens|map([.id,.content])' s.json
[[0,"<s>"],[1,"<unk>"]]

# the alphabet: what covers the text, and exemplars, whether they occur or not; the rest is bytes
$ tamis tokenizer train -q -V 310 -a chars --coverage 0.5 in -o a.json; echo '{"text":"们l"}' | tamis tokenizer encode -q -m a.json | jq -c '.tokens|length'
5
$ printf 'ðþ 们' >is; tamis tokenizer train -q -V 310 -a chars --coverage 0.5 --exemplars is in -o a.json; jq -r '.model.vocab|keys_unsorted[]' a.json | grep -c '^[ðþ们]$'
3
$ tamis tokenizer train -q -V 60 -a unigram --byte-fallback no --coverage 0.5 in -o a.json; echo '{"text":"们"}' | tamis tokenizer encode -q -m a.json | jq -c .tokens
[3,0]

# languages: balanced, the small ones get longer tokens
$ for i in 1 2 3 4 5 6 7 8 9; do head -1 in; done >en; tail -3 in >>en
$ for t in 1 0.3 0; do tamis tokenizer train -q -j$THREADS -V 285 --whitespace-runs 0 --min-count 1 --temperature $t en -o l$t.json; done
$ tamis tokenizer compare -q l1.json l0.3.json en | cut -f 1,5,8
A: l1.json, 285 tokens
B: l0.3.json, 285 tokens
lang	A bytes/token	B bytes/token
en	4.800	4.800
fr	1.800	1.452
zh	2.143	15.000
all	3.584	3.584
$ tamis tokenizer compare -q l1.json l0.json en | cut -f 1,5,8
A: l1.json, 285 tokens
B: l0.json, 285 tokens
lang	A bytes/token	B bytes/token
en	4.800	4.800
fr	1.800	1.452
zh	2.143	15.000
all	3.584	3.584
$ tamis tokenizer train -q -j$THREADS -V 285 --whitespace-runs 0 --min-count 1 --unimax 5 en -o l5.json; tamis tokenizer compare -q l1.json l5.json en | cut -f 1,5,8
A: l1.json, 285 tokens
B: l5.json, 285 tokens
lang	A bytes/token	B bytes/token
en	4.800	4.800
fr	1.800	1.452
zh	2.143	15.000
all	3.584	3.584

# groups by another field than lang: the same text in two fields weighs alike
$ jq -c '{domain: .lang, text}' en >domain; tamis tokenizer train -q -V 285 --whitespace-runs 0 --min-count 1 --temperature 0.3 --by domain domain -o ld.json; cmp l0.3.json ld.json

# normal forms: a ligature is its letters under nfkc; a letter and its accent are one under nfc
$ printf '{"text":"\\ufb01n e\\u0301 \\ufb01n"}\n' >forms; for f in none nfc nfkc; do tamis tokenizer train -q -V 320 --normalise $f forms -o f.json; tamis tokenizer encode -q -m f.json forms | tamis tokenizer decode -q -m f.json | jq -r .text; done | od -An -tx1
 ef ac 81 6e 20 65 cc 81 20 ef ac 81 6e 0a ef ac
 81 6e 20 c3 a9 20 ef ac 81 6e 0a 66 69 6e 20 c3
 a9 20 66 69 6e 0a

# in other formats: the same ids again (a text whose cuts and normal form the format can say)
$ tamis tokenizer train -q -V 300 --normalise none --digits free --format tiktoken in -o o200k_base.tiktoken; tamis tokenizer train -q -V 300 --normalise none --digits free in -o o.json; for m in o.json o200k_base.tiktoken; do tamis tokenizer encode -q -m $m in | md5sum; done | uniq | wc -l
1
$ tamis tokenizer train -q -V 320 -a unigram --normalise none --digits free --format vocab in -o u.vocab; tamis tokenizer train -q -V 320 -a unigram --normalise none --digits free in -o u.json; jq -r '.model.vocab[][0]' u.json >pieces; cut -f 1 u.vocab | cmp - pieces && wc -l <pieces
306

# going on from a vocabulary: its ids stay, new tokens follow
$ tamis tokenizer train -q -V 300 in -o old.json; printf '%s\n' '{"text":"wolt wolt wolt"}' >more; tamis tokenizer train -q -V 303 --from old.json more -o new.json
$ jq '.model.vocab|length' old.json; jq -c '[.model.vocab|to_entries[]|select(.value>=281)|.key]' new.json
281
["lt","olt","wolt","Ġwolt"]
$ jq -S '.model.vocab' old.json >a; jq -S '.model.vocab|with_entries(select(.value<281))' new.json >b; cmp a b
$ tamis tokenizer train -q -V 320 -a chars in -o old.json; tamis tokenizer train -q -V 330 --from old.json more -o new.json; jq -S '.model.vocab' old.json >a; n=$(jq length a); jq -S ".model.vocab|with_entries(select(.value<$n))" new.json >b; cmp a b; jq -c "[.model.vocab|to_entries[]|select(.value>=$n)|.key]" new.json
["lt","olt","wolt","▁wolt"]
$ tamis tokenizer train -q -V 320 -a unigram in -o old.json; tamis tokenizer train -q -V 320 --from old.json more -o new.json; jq -c '.model.vocab|map(.[0])' old.json >a; jq -c '.model.vocab|map(.[0])' new.json >b; cmp a b
$ cmp -s old.json new.json; echo $?
1

# a unigram model cuts at random when asked; the same each time, another way with another seed
$ tamis tokenizer encode -q -j$THREADS -m unigram.json --sample-alpha 0.1 in | jq -c .tokens >s1; tamis tokenizer encode -q -m unigram.json --sample-alpha 0.1 in | jq -c .tokens | cmp - s1
$ tamis tokenizer encode -q -m unigram.json --sample-alpha 0.1 --seed 2 in | jq -c .tokens | cmp -s - s1; echo $?
1
$ tamis tokenizer encode -q -m unigram.json --sample-alpha 0.1 in | tamis tokenizer decode -q -m unigram.json | jq -r .text | cmp - text
$ tamis tokenizer encode -q -m bytes.json --sample-alpha 0.1 in
! tamis tokenizer encode: --sample-alpha: bytes.json is no unigram model
! hint: tamis tokenizer encode --help
? 2

# what cannot be
$ tamis tokenizer train -q -V 300 --split '(' in -o x.json
! tamis tokenizer train: split pattern at character 1: missing closing parenthesis
! hint: tamis tokenizer train --help
? 2
$ tamis tokenizer train -q -V 100 -a chars in -o x.json
! tamis tokenizer train: --vocab 100 is smaller than the alphabet: special tokens, bytes, characters and runs of spaces are 300
! hint: tamis tokenizer train --help
? 2
$ tamis tokenizer train -q -V 300 -a chars /dev/null -o x.json && jq '.model.vocab|length' x.json
259
$ tamis tokenizer train -q -V 300 -a unigram /dev/null -o x.json && jq '.model.vocab|length' x.json
275
$ tamis tokenizer train -q -V 300 --format sentencepiece in -o x.model
! tamis tokenizer train: SentencePiece's format has no BPE of bytes
! hint: tamis tokenizer train --help
? 2

# too little memory is refused (what little memory leaves out: tests/system/test_memory.sh)
$ tamis tokenizer train -j1 -V 1000 --memory 1M in -o m.json
! tamis tokenizer train: --memory 1M is too little: 1000 tokens and 1 threads take 57M
! hint: tamis tokenizer train --help
? 2

# what it would take
$ tamis tokenizer train --plan -j2 --memory 1G -V 8000 in -o q.json; tamis tokenizer train --plan -j2 --memory 1G -V 8000 -a unigram in -o p.json | tail -1; tamis tokenizer count --plan -j2 --memory 1G -V 8000 in -o q.words; ls q.* 2>/dev/null || echo nothing is written
count: up to 848 MiB, 16 to 24 bytes and its text a different word; past it sorted runs in $TMPDIR
learn: up to 933 MiB; merges come from about 6.9 million different words of 9 bytes, the commonest
learn: up to 933 MiB; seeds come from about 3.7 million different words of 9 bytes, the commonest
count: up to 848 MiB, 16 to 24 bytes and its text a different word; past it sorted runs in $TMPDIR
nothing is written
$ tamis tokenizer train -j2 --memory 16M in -o p.json
! tamis tokenizer train: --memory 16M is too little: 32768 tokens and 2 threads take 91M
! hint: tamis tokenizer train --help
? 2

# a word of more than 64 KB counts in parts: 200,000 letters are three times 65,536, and the rest
$ for n in 65536 65537 200000; do head -c $n /dev/zero | tr '\0' a | sed 's/.*/{"text":"&"}/' >long; tamis tokenizer count -q -j$THREADS --split gpt2 long -o long.words; tail -c +49 long.words | tr -dc a | wc -c; tail -c +49 long.words | wc -c; done
65536
65548
65537
65561
68928
68952
$ tamis tokenizer train -q -V 270 --alphabet seen --whitespace-runs 0 long -o long.json && jq -c '.model.merges|length' long.json
16
