# filter: expressions over fields.

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

# errors point at their place
$ tamis filter 'lang == && n' in.jsonl
! tamis filter: expected a value
!   lang == && n
!           ^
! hint: tamis filter --help
? 2
$ tamis filter 'lang ~ "a(b"' in.jsonl
! tamis filter: this pattern is wrong: missing closing parenthesis
!   lang ~ "a(b"
!          ^
! hint: tamis filter --help
? 2
$ tamis filter '(lang' in.jsonl
! tamis filter: expected )
!   (lang
!        ^
! hint: tamis filter --help
? 2
$ tamis filter 'lang = "en"' in.jsonl
! tamis filter: expected an operator, or the end
!   lang = "en"
!        ^
! hint: tamis filter --help
? 2
$ tamis filter 'lang == "en' in.jsonl
! tamis filter: this string does not end
!   lang == "en
!           ^
! hint: tamis filter --help
? 2
$ tamis filter 'lang in 3' in.jsonl
! tamis filter: in asks for a [list] or a field
!   lang in 3
!           ^
! hint: tamis filter --help
? 2
$ tamis filter
! tamis filter: an operand is missing: tamis filter [OPTION]... EXPRESSION [FILE]...
! hint: tamis filter --help
? 2
$ awk 'BEGIN { for (i = 0; i < 1000; i++) printf "("; print "" }' >deep; tamis filter "$(cat deep)" in.jsonl 2>&1 | head -1
tamis filter: this is nested too deeply

# a pattern that would run for ever rejects the document
$ printf '{"text":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}\n{"text":"b"}\n' | tamis filter 'text ~ "^(a+)+$" || text == "b"' --rejects r; cut -c1-60 r
{"text":"b"}
{"place":"-:1","reason":"filter","detail":"the pattern took 
