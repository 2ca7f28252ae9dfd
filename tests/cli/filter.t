# filter: documents that a condition holds for.

$ printf '{"id":1,"lang":"en","n":5,"s":{"w":[[0,3,7.5]]},"t":["a","b"],"text":"caf\\u00e9"}\n{"id":2,"lang":"de","n":-2e3,"x":null,"text":""}\n{"id":3,"url":"http://x.org/tag/1"}\n' >in.jsonl
$ tamis filter -j$THREADS 'lang == "en" && n >= 5' in.jsonl | tamis docs --select id
{"id":1}
$ tamis filter 's.w[0][2] > 7 || url ~ "/tag/"' in.jsonl | tamis docs --select id
{"id":1}
{"id":3}
$ tamis filter 'lang in ["en", "fr"] && "b" in t && len(text) == 4 && len(t) == 2' in.jsonl | tamis docs --select id
{"id":1}
$ tamis filter '!exists(lang)' in.jsonl | tamis docs --select id
{"id":3}

# a missing field is null: comparisons are false, except with the word null
$ tamis filter 'lang != "en"' in.jsonl | tamis docs --select id
{"id":2}
$ tamis filter 'lang == null' in.jsonl | tamis docs --select id
{"id":3}
$ tamis filter 'exists(x) && x == null' in.jsonl | tamis docs --select id
{"id":2}
$ tamis filter 'n > "1" || lang < 3' in.jsonl
$ tamis filter 'lang !~ "^e"' in.jsonl | tamis docs --select id
{"id":2}
$ tamis filter '!(lang ~ "^e") && (n < 0 || true && false)' in.jsonl | tamis docs --select id
{"id":2}

$ tamis filter --annotate ok -j$THREADS 'text' in.jsonl | tamis docs --select id,ok
{"id":1,"ok":true}
{"id":2,"ok":false}
{"id":3,"ok":false}
$ tamis filter -v 'text' in.jsonl --drops d | tamis docs --select id; cat d
{"id":2}
{"id":3}
{"id":"1","stage":"filter","reason":"filter","verdict":true}

# what was dropped, and by which rule
$ printf '%s\n' '{"id":1,"lang":"en","text":"one two","url":"http://a/x","n":[[0,7,3]]}' '{"id":2,"lang":"\u0065n","text":"t\u00e9\n","url":"http://a/tag/y","n":[[0,3,9]]}' '{"id":3,"lang":"fr","text":"trois"}' '{"id":4}' >in.jsonl
$ tamis filter -j$THREADS 'lang == "en"' in.jsonl | tamis docs --select id
{"id":1}
{"id":2}
$ tamis filter -j$THREADS 'lang == "en" && n[0][2] >= 5 && url !~ "/tag/"' in.jsonl --drops drops | cat
$ cat drops
{"id":"1","url":"http://a/x","stage":"filter","reason":"filter","rule":"n[0][2] >= 5"}
{"id":"2","url":"http://a/tag/y","stage":"filter","reason":"filter","rule":"url !~ \"/tag/\""}
{"id":"3","stage":"filter","reason":"filter","rule":"lang == \"en\""}
{"id":"4","stage":"filter","reason":"filter","rule":"lang == \"en\""}
$ tamis filter -j$THREADS 'lang in ["fr", "de"] || !exists(lang)' <in.jsonl
{"id":3,"lang":"fr","text":"trois"}
{"id":4}
$ tamis filter -j$THREADS 'len(text) == 3' in.jsonl
{"id":2,"lang":"\u0065n","text":"t\u00e9\n","url":"http://a/tag/y","n":[[0,3,9]]}

# the verdict instead; what was there stays as it was
$ tamis filter -j$THREADS --annotate short 'len(text) < 6' in.jsonl | tail -n 2
{"id":3,"lang":"fr","text":"trois","short":true}
{"id":4,"short":false}

# a word without its quotes is the name of a field
$ tamis filter -j$THREADS 'lang == en' in.jsonl
! tamis filter: none of the documents asked has a field en
! hint: a string has quotes: "en"
$ tamis filter -q 'lang == en' in.jsonl
$ tamis filter 'lang == lang' in.jsonl | tamis docs --select id
{"id":1}
{"id":2}
{"id":3}

# a mistake is shown where it is
$ tamis filter 'lang = "en"' in.jsonl
! tamis filter: equality is ==
!   lang = "en"
!        ^
! hint: tamis filter --help
? 2
$ tamis filter 'url ~ "a(b" && x' in.jsonl
! tamis filter: missing closing parenthesis
!   url ~ "a(b" && x
!             ^
! hint: tamis filter --help
? 2
$ tamis filter
! tamis filter: an operand is missing: tamis filter [OPTION]... EXPRESSION [FILE]...
! hint: tamis filter --help
? 2

# an expression may begin with a dash; a file may follow options
$ tamis filter -q -- '-1 < id && id < 2' in.jsonl | tamis docs --count
1

# a pattern that runs away makes a bad record, no endless run
$ printf '{"x":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}\n{"x":"aa"}\n' | tamis filter 'x ~ "^(a+)+$"' --rejects bad
{"x":"aa"}
$ cat bad
{"place":"-:1","reason":"match-limit","rule":"x ~ \"^(a+)+$\""}

# twice in one run, each with its own options
$ tamis run filter 'id > 1' in.jsonl ! filter --annotate french 'lang == "fr"' ! docs --select id,french
{"id":2,"french":false}
{"id":3,"french":true}
{"id":4,"french":false}

# expressions of any depth end in words
$ awk 'BEGIN { for (i = 0; i < 1000; i++) printf "("; print "" }' >deep; tamis filter "$(cat deep)" in.jsonl 2>&1 | head -1
tamis filter: too many parentheses inside each other
