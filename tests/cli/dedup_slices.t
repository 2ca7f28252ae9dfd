# dedup part, merge, apply: what a user sees, and what is refused. That slices give one machine's bytes: tests/system/test_slices_*.sh.

$ printf '{"id":"a","text":"one"}\n{"id":"b","text":"two"}\n' >0.jsonl; printf '{"id":"c","text":"one"}\n' >1.jsonl
$ for i in 0 1; do tamis dedup part -j$THREADS -q $i.jsonl -o $i.keys; done
$ printf '0.keys\n1.keys\n' >list; tamis dedup merge @list -o all.cuts
3 keys, 1 go
$ for i in 0 1; do tamis dedup apply -q --cuts all.cuts --slice $i $i.jsonl --drops $i.drops; done; cat ?.drops
{"id":"a","text":"one"}
{"id":"b","text":"two"}
{"id":"c","stage":"dedup","reason":"duplicate","by":"text","twin":"a"}
$ tamis dedup merge -q --range 1/2 @list -o 1.cuts; tamis dedup apply --cuts 1.cuts 0.jsonl
! tamis dedup apply: --cuts: range 0/2 is missing
! hint: tamis dedup apply --help
? 2
$ tamis dedup apply --cuts all.cuts --slice 2 0.jsonl
! tamis dedup apply: all.cuts: --slice 2: there are 2, from 0
! hint: tamis dedup apply --help
? 2
$ tamis dedup apply --cuts all.cuts --by url 0.jsonl
! tamis dedup apply: all.cuts: made with other options
? 1
$ tamis dedup apply --cuts all.cuts,all.cuts 0.jsonl
! tamis dedup apply: all.cuts: is not of the same merge as the others, or named twice
? 1
$ tamis dedup apply -q --cuts all.cuts --slice 1 0.jsonl -o out; ls out
! tamis dedup apply: the slice had 1 documents when its part was written, and has 2 now
! ls: cannot access 'out': No such file or directory
? 2
$ tamis dedup part -q --hash 128 1.jsonl -o wide.keys; tamis dedup merge 0.keys wide.keys -o x
! tamis dedup merge: wide.keys: made with other options than the first
? 1
$ tamis dedup merge 0.jsonl -o x
! tamis dedup merge: 0.jsonl: no part of a global step
? 1
$ tamis dedup merge all.cuts -o x
! tamis dedup merge: all.cuts: holds "exact", not "keys"
? 1
$ head -c 30000 0.keys >cut.keys; tamis dedup merge cut.keys -o x
! tamis dedup merge: cut.keys: cut short, or longer than its head says
? 1
$ tamis dedup merge --old 2 0.keys 1.keys -o x
! tamis dedup merge: --old 2 of 2 slices: none is new
! hint: tamis dedup merge --help
? 2
$ tamis dedup merge --range 2/2 0.keys -o x
! tamis dedup merge: --range: "2/2" is not R/M with 0 <= R < M <= 4096
! hint: tamis dedup merge --help
? 2
$ tamis dedup merge 0.keys
! tamis dedup merge: the output is no stream: give -o CUTS
! hint: tamis dedup merge --help
? 2
$ tamis dedup merge @nothing -o x
! tamis dedup merge: could not open file nothing: No such file or directory
? 3
