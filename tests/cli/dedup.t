# dedup: exact duplicates of documents, URLs, lines and paragraphs.

$ printf '{"id":"a","text":"one"}\n{"id":"b","text":"two"}\n{"id":"c","text":"one"}\n{"id":"d","text":" one "}\n{"id":"e"}\n' >in.jsonl
$ tamis dedup -j$THREADS in.jsonl --drops drops
{"id":"a","text":"one"}
{"id":"b","text":"two"}
{"id":"d","text":" one "}
{"id":"e"}
$ cat drops
{"id":"c","stage":"dedup","reason":"duplicate","by":"text","twin":"a"}
$ tamis dedup -j$THREADS --normalise space in.jsonl
{"id":"a","text":"one"}
{"id":"b","text":"two"}
{"id":"e"}
$ tamis dedup -j$THREADS --keep none in.jsonl
{"id":"b","text":"two"}
{"id":"d","text":" one "}
{"id":"e"}
$ tamis dedup -j$THREADS --annotate in.jsonl
{"id":"a","text":"one"}
{"id":"b","text":"two"}
{"id":"c","text":"one","duplicate_of":"a"}
{"id":"d","text":" one "}
{"id":"e"}
$ tamis dedup -j$THREADS --hash 128 <in.jsonl | tamis docs --count
4
$ tamis dedup -j$THREADS --bloom 0.001 --memory 1M <in.jsonl | tamis docs --count
4

# two passes over a pipe, and in the middle of a fused run
$ tamis dedup -j$THREADS --keep none <in.jsonl
{"id":"b","text":"two"}
{"id":"d","text":" one "}
{"id":"e"}
$ tamis run docs in.jsonl ! dedup --keep none ! docs --select id
{"id":"b"}
{"id":"d"}
{"id":"e"}

# URLs in their normal form
$ printf '{"id":1,"url":"HTTP://Example.org:80/a/../b#x"}\n{"id":2,"url":"http://example.org/b"}\n{"id":3,"url":"http://example.org/b?x"}\n' | tamis dedup --by url
{"id":1,"url":"HTTP://Example.org:80/a/../b#x"}
{"id":3,"url":"http://example.org/b?x"}

# lines, here and in earlier documents; blank lines stay
$ printf '{"id":1,"text":"menu\\nfirst\\n\\nmenu\\n"}\n{"id":2,"text":"menu\\nsecond"}\n{"id":3,"text":"menu\\nmenu"}\n' >lines.jsonl
$ tamis dedup -j$THREADS --by line lines.jsonl --drops drops
{"id":1,"text":"menu\nfirst\n\n","original_length":17,"length":12,"original_nlines":5,"nlines":4,"line_ids":[0,1,2,4]}
{"id":2,"text":"second","original_length":11,"length":6,"original_nlines":2,"nlines":1,"line_ids":[1]}
$ cat drops
{"id":"3","stage":"dedup","reason":"duplicate-lines","lines":2}
$ tamis dedup -j$THREADS --by line --annotate lines.jsonl
{"id":1,"text":"menu\nfirst\n\nmenu\n","duplicate_lines":[3]}
{"id":2,"text":"menu\nsecond","duplicate_lines":[0]}
{"id":3,"text":"menu\nmenu","duplicate_lines":[0,1]}
$ tamis dedup -j$THREADS --by line --keep none --normalise ccnet lines.jsonl
{"id":1,"text":"first\n","original_length":17,"length":6,"original_nlines":5,"nlines":2,"line_ids":[1,2]}
{"id":2,"text":"second","original_length":11,"length":6,"original_nlines":2,"nlines":1,"line_ids":[1]}
$ printf '{"id":1,"text":"a\\nb\\n\\nc"}\n{"id":2,"text":"a\\nb\\n \\n\\nd"}\n' | tamis dedup --by paragraph
{"id":1,"text":"a\nb\n\nc","original_length":6,"length":6,"original_nparagraphs":2,"nparagraphs":2,"paragraph_ids":[0,1]}
{"id":2,"text":"d","original_length":8,"length":1,"original_nparagraphs":2,"nparagraphs":1,"paragraph_ids":[1]}

# a new dump against an old one
$ tamis dedup --index seen in.jsonl | tamis docs --count
4
$ tamis dedup --index seen in.jsonl
{"id":"e"}
$ tamis dedup --index seen --hash 128 in.jsonl
! tamis dedup: seen was made with another --hash
! hint: tamis dedup --help
? 2
$ head -c 40 seen >short; tamis dedup --index short in.jsonl
! tamis dedup: short: 3 rows are not what its size says
? 1

# what is bad is said once, in its place, also by a stage that reads twice
$ printf '{"id":1,"text":"a"}\n{"id":2}\nno\n{"id":3,"text":"a\\nb"}\n' >bad.jsonl
$ tamis dedup -j$THREADS --by line --keep none bad.jsonl --rejects r --no-manifest; cat r
{"id":3,"text":"b","original_length":3,"length":1,"original_nlines":2,"nlines":1,"line_ids":[1]}
{"place":"bad.jsonl:3","reason":"not-json","detail":"not a JSON object"}
{"place":"bad.jsonl:2","reason":"no-text","field":"text"}
$ tamis dedup -j$THREADS --by line --keep none --rejects r <bad.jsonl >/dev/null; cat r
{"place":"-:3","reason":"not-json","detail":"not a JSON object"}
{"place":"-:2","reason":"no-text","field":"text"}

# past the memory: the same answer
$ seq 40000 | awk '{ print "{\"id\":" $1 ",\"text\":\"" $1 % 30000 "\"}" }' >many.jsonl
$ tamis dedup -j$THREADS many.jsonl -q -o a.jsonl; tamis dedup -j$THREADS --memory 512K many.jsonl -q -o b.jsonl --index i; cmp a.jsonl b.jsonl && wc -l <b.jsonl && tamis dedup --index i b.jsonl | wc -l
30000
0
$ tamis dedup --memory 4K many.jsonl
! tamis dedup: 12288 keys need more memory than --memory gives
! hint: a larger --memory, --bloom, or slices
? 3
$ tamis dedup --bloom 0.1 --keep none many.jsonl
! tamis dedup: --bloom goes neither with --keep none nor with --index
! hint: tamis dedup --help
? 2
