# docs: convert, sample, select, count; and what every stage has in common.

$ printf '{"id":1,"text":"a"}\n{"id":2,"x":[1, 2],"text":"b"}\n{"id":3,"text":"c"}\n' >in.jsonl
$ tamis docs -j$THREADS in.jsonl
{"id":1,"text":"a"}
{"id":2,"x":[1, 2],"text":"b"}
{"id":3,"text":"c"}
$ tamis docs -j$THREADS --count in.jsonl
3
$ tamis docs -j$THREADS --select x,id <in.jsonl
{"id":1}
{"x":[1, 2],"id":2}
{"id":3}
$ tamis docs -j$THREADS -n 1 in.jsonl
{"id":1,"text":"a"}

# compression is by name, and read by magic
$ tamis docs -j$THREADS in.jsonl -o out.jsonl.zst && zstd -dqc out.jsonl.zst | cmp - in.jsonl && tamis docs out.jsonl.zst | cmp - in.jsonl && echo same
same
$ tamis docs -j$THREADS in.jsonl -o out.jsonl.gz && gzip -dc out.jsonl.gz | cmp - in.jsonl && mv out.jsonl.gz gz && tamis docs gz | cmp - in.jsonl && echo same
same
$ grep -o '"stage":.*}' out.jsonl.zst.manifest.json
"stage":"docs","in":3,"out":3,"dropped":{},"rejected":{}}

# a sample does not depend on order
$ tamis docs --sample 0.5 in.jsonl | sort >a; sort -r in.jsonl | tamis docs --sample 0.5 - | sort | cmp - a && echo same
same

# bad lines go to --rejects with their place; all bad is an error
$ printf '{"id":1}\n\n{"id":\n[1]\n{"id":2}\r\n' | tamis docs -j$THREADS --rejects bad
{"id":1}
{"id":2}
$ cat bad
{"place":"-:3","reason":"not-json","detail":"not JSON: it ends at byte 6, inside a value"}
{"place":"-:4","reason":"not-json","detail":"not a JSON object"}
$ echo nothing | tamis docs
! tamis docs: none of 1 records could be read; the first: {"place":"-:1","reason":"not-json","detail":"not a JSON object"}
! hint: --rejects FILE says where and why
? 1
$ printf '{"id":1}\n{\n' | tamis docs --strict
! tamis docs: a bad record (--strict): {"place":"-:2","reason":"not-json","detail":"not JSON: it ends at byte 1, inside a value"}
? 1

# slices of one file, by frame; of many, by file
$ tamis docs --shard 0/1 out.jsonl.zst | cmp - in.jsonl && echo same
same
$ tamis docs --shard 1/2 in.jsonl
! tamis docs: --shard: in.jsonl cannot be cut (give as many files as slices, or .zst files written by tamis)
! hint: tamis docs --help
? 2
$ tamis docs --shard 1/2 in.jsonl out.jsonl.zst gz | wc -l
6
$ tamis docs --shard 2/2 in.jsonl
! tamis docs: --shard: "2/2" is not I/N with 0 <= I < N
! hint: tamis docs --help
? 2

# what is wrong is said in one line
$ tamis docs missing.jsonl
! tamis docs: could not open file missing.jsonl: No such file or directory
? 3
$ tamis docs --frobnicate
! tamis docs: unrecognized option --frobnicate
! hint: tamis docs --help
? 2
$ tamis nothing
! tamis: "nothing" is no stage
! hint: tamis alone lists them
? 2
$ tamis docs in.jsonl -o no/such/dir.jsonl
! tamis docs: could not write file no/such/dir.jsonl: No such file or directory
? 3
$ tamis docs in.jsonl >/dev/full
! tamis docs: could not write to standard output: No space left on device
? 3
$ ls -A | grep tmp
? 1

# several stages fused
$ tamis run docs in.jsonl -j$THREADS ! docs --select id ! docs -n 2
{"id":1}
{"id":2}
$ tamis run docs in.jsonl ! docs --select id ! docs -n 1 -j 0
{"id":1}
$ tamis run docs in.jsonl ! nothing
! tamis run: "nothing" is no stage
! hint: tamis run --help
? 2
$ tamis run docs in.jsonl ! docs other.jsonl
! tamis run: docs: files are read by the first stage only, not other.jsonl
! hint: tamis run --help
? 2

# a slip of the finger, half a name, no name: what was meant
$ tamis lnag
! tamis: "lnag" is no stage: did you mean lang?
! hint: tamis alone lists them
? 2
$ tamis docs --outptu x; tamis docs --hlep; tamis docs --memory 3X
! tamis docs: unrecognized option --outptu: did you mean --output?
! hint: tamis docs --help
! tamis docs: unrecognized option --hlep: did you mean --help?
! hint: tamis docs --help
! tamis docs: --memory: "3X" is not a size, as 512M or 4G are
! hint: tamis docs --help
? 2
$ tamis tokenizer in.jsonl
! tamis: "tokenizer" is no stage by itself
! hint: tokenizer encode, tokenizer decode, tokenizer show, tokenizer compare, tokenizer convert, tokenizer prune, tokenizer train, tokenizer count
? 2
$ tamis run docs ! ; tamis run docs ! fliter
! tamis run: a stage is missing: tamis run STAGE ... ! STAGE ...
! hint: tamis run --help
! tamis run: "fliter" is no stage: did you mean filter?
! hint: tamis run --help
? 2
