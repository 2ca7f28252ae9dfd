# perplexity: train, score, buckets, and what is refused

$ printf '%s\n' '{"text":"the cat sat on the mat\nthe dog sat on the mat\n\nthe cat saw the dog"}' '{"text":"a dog saw a cat on the mat"}' >train.jsonl
$ tamis perplexity train -j$THREADS -n 3 train.jsonl -o lm.arpa
29 words, 0 bytes of runs on disk
$ head -4 lm.arpa; grep -c . lm.arpa
\data\
ngram 1=11
ngram 2=18
ngram 3=19
56
$ tamis perplexity train -q -j$THREADS -n 3 train.jsonl -o lm

# ARPA and binary say the same; a line is a sentence, a blank one is none
$ printf '%s\n' '{"id":1,"text":"the cat sat on the mat"}' '{"id":2,"text":"the dog saw\n\na zebra"}' >in
$ for m in lm lm.arpa; do tamis perplexity -j$THREADS -m $m in | jq -c '[.id, (.perplexity * 1000 | round / 1000), .bucket]'; done
[1,2.378,null]
[2,11.61,null]
[1,2.378,null]
[2,11.61,null]

# buckets by cutoffs of one's own, and by cc_net's for a language
$ tamis perplexity -j$THREADS -m lm --head 4 --tail 1000 in | jq -c .bucket
"head"
"middle"
$ (echo '{"lang":"en","text":"The cat"}'; echo '{"lang":"tlh","text":"The cat"}'; echo '{"text":"The cat"}') | tamis perplexity -j$THREADS -m lm --like ccnet | jq -c '[.perplexity, .bucket]'
[9.5,"head"]
[9.5,"all"]
[9.5,"all"]

# less memory, more threads: the same bytes; pruned: fewer n-grams
$ tamis perplexity train -q -j1 --memory 1M -n 3 train.jsonl -o small; cmp lm small && echo same
same
$ tamis perplexity train -q -n 3 --prune 0,1 train.jsonl -o pruned.arpa; grep ^ngram pruned.arpa
ngram 1=11
ngram 2=7
ngram 3=4

# many machines: the counts of two slices make the model of both
$ sed -n 1p train.jsonl >a; sed -n 2p train.jsonl >b; for s in a b; do tamis perplexity count -q -j$THREADS -n 3 $s -o $s.ngrams; done
$ tamis perplexity train -j$THREADS -n 3 --counts a.ngrams,b.ngrams -o merged
29 words, 0 bytes of runs on disk
$ cmp lm merged && echo same
same
$ tamis perplexity train -n 4 --counts a.ngrams -o x
! tamis perplexity train: a.ngrams: made with other options
? 1
$ tamis perplexity train -n 3 --like ccnet --counts a.ngrams -o x
! tamis perplexity train: a.ngrams: made with other options
? 1
$ head -c 300 a.ngrams >cut.ngrams; tamis perplexity train -n 3 --counts cut.ngrams -o x
! tamis perplexity train: cut.ngrams: cut short, or longer than its head says
? 1
$ (head -c 64 a.ngrams; printf '\377\377'; tail -c +67 a.ngrams) >bad.ngrams; tamis perplexity train -n 3 --counts bad.ngrams -o x
! tamis perplexity train: bad.ngrams: its words are damaged
? 1
$ tamis perplexity train -n 3 --counts train.jsonl -o x
! tamis perplexity train: train.jsonl: no part of a global step
? 1

# what cannot be trained or read
$ tamis perplexity train -n 3 --prune 1,0 train.jsonl -o x
! tamis perplexity train: --prune: "1,0" is not 0 and then numbers that do not fall
! hint: tamis perplexity train --help
? 2
$ tamis perplexity train -n 3 train.jsonl
! tamis perplexity train: the output is no stream: give -o MODEL
! hint: tamis perplexity train --help
? 2
$ printf '%s\n' '{"text":" \n \n"}' | tamis perplexity train -n 3 -o x
! tamis perplexity train: there is no text to train on
? 1
$ tamis perplexity -m train.jsonl in
! tamis perplexity: train.jsonl: not an ARPA file, our binary, or KenLM's
? 1
$ head -c 500 lm >cut; tamis perplexity -m cut in
! tamis perplexity: cut: language model: 500 bytes are not what its counts ask for
? 1
$ printf 'mmap lm http://kheafield.com/code format version 5\n\000' >k; tamis perplexity -m k in
! tamis perplexity: k: KenLM binary is truncated
? 1
$ echo '{"text":"<s> the </s> cat <unk>"}' | tamis perplexity train -q -n 2 -o marks.arpa; grep -c '<s>	' marks.arpa
1
