# extract: crawl files to documents; what is no page is counted, what is broken is passed over.
# page ID STATUS TYPE BODY: one response.

$ printf '%s\n' 'b=$(printf "HTTP/1.1 %s\nContent-Type: %s\n\n%b" "$2" "$3" "$4"); printf "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:%s>\r\nWARC-Target-URI: http://a.example/%s\r\nWARC-Date: 2024-05-01T00:00:00Z\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" "$1" "$1" ${#b} "$b"' >page
$ (sh page 1 200 text/plain 'one'; sh page 2 200 text/html '<title>A page</title><p>caf\0351 &amp; more</p>'; sh page 3 '404 Not Found' text/html '<p>gone'; sh page 4 200 image/png x; printf 'WARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n\r\n\r\n'; sh page 5 200 text/plain 'five') >a.warc

$ tamis extract -j$THREADS --keep all a.warc --drops drops
{"id":"urn:1","url":"http://a.example/1","date":"2024-05-01T00:00:00Z","source":"a.warc@0","title":"","text":"one"}
{"id":"urn:2","url":"http://a.example/2","date":"2024-05-01T00:00:00Z","source":"a.warc@194","title":"A page","text":"café & more"}
{"id":"urn:5","url":"http://a.example/5","date":"2024-05-01T00:00:00Z","source":"a.warc@880","title":"","text":"five"}
$ cat drops
{"place":"a.warc@825","reason":"request","bytes":0}
{"place":"a.warc@427","reason":"status","url":"http://a.example/3","status":404}
{"place":"a.warc@634","reason":"type-image","url":"http://a.example/4","status":200,"type":"image/png"}

# gzip, a member a record or one for all; zstd; a pipe: the same documents
$ gzip -c a.warc >one.gz; zstd -qc a.warc >one.zst; for f in one.gz one.zst; do tamis extract -j$THREADS --keep all $f | sed 's/"source":"[^"]*",//' >$f.out; done; tamis extract --keep all <one.gz | sed 's/"source":"[^"]*",//' | cmp - one.gz.out && cmp one.gz.out one.zst.out && echo same
same

# a source is a place to begin at
$ tamis extract -j$THREADS --from $(tamis extract one.gz | sed -n 's/.*"source":"\([^"]*\)".*/\1/p' | tail -n 1) one.gz
{"id":"urn:5","url":"http://a.example/5","date":"2024-05-01T00:00:00Z","source":"one.gz@0+880","title":"","text":"five"}
$ tamis extract --from one.gz@99999 one.gz
! tamis extract: --from: there is no one.gz@99999
! hint: tamis extract --help
? 2
$ tamis extract --from nothing one.gz
! tamis extract: --from: "nothing" is not FILE@OFFSET
! hint: tamis extract --help
? 2

# slices of one file: together they are the whole, whatever packs it
$ (for i in 1 2 3 4 5 6 7; do sh page $i 200 text/plain "text $i"; done) >many.warc; (for i in 1 2 3 4 5 6 7; do sh page $i 200 text/plain "text $i" | gzip -c; done) >many.warc.gz; for f in many.warc many.warc.gz; do tamis extract -j$THREADS $f >whole; for i in 0 1 2; do tamis extract -j$THREADS --shard $i/3 $f >slice.$i; done; cat slice.* | cmp - whole && wc -l <slice.1; done
2
2
$ cat many.warc | tamis extract --shard 0/2
! tamis extract: -: --shard: a pipe cannot be cut
! hint: tamis extract --help
? 2

# a place in a WACZ
$ mkdir archive; cp many.warc.gz archive/b.warc.gz; cp a.warc archive/a.warc; python3 -m zipfile -c one.wacz archive; tamis extract --from "$(tamis extract one.wacz | sed -n 's/.*"source":"\([^"]*\)".*/\1/p' | tail -n 1)" a.warc one.wacz
{"id":"urn:7","url":"http://a.example/7","date":"2024-05-01T00:00:00Z","source":"one.wacz:archive/b.warc.gz@1037","title":"","text":"text 7"}
$ tamis extract --from one.wacz:archive/c.warc.gz@0 a.warc one.wacz
! tamis extract: --from: one.wacz:archive/c.warc.gz is none of the files
! hint: tamis extract --help
? 2

# a revisit is counted, or has the text of what it refers to
$ (sh page 1 200 text/plain 'as before'; printf 'WARC/1.0\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:r>\r\nWARC-Target-URI: http://a.example/1\r\nWARC-Date: 2024-06-01T00:00:00Z\r\nWARC-Refers-To-Target-URI: http://a.example/1\r\nWARC-Refers-To-Date: 2024-05-01T00:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n') >again.warc; tamis extract -j$THREADS again.warc --drops drops; cat drops; tamis extract -j$THREADS --revisits again.warc
{"id":"urn:1","url":"http://a.example/1","date":"2024-05-01T00:00:00Z","source":"again.warc@0","title":"","text":"as before"}
{"place":"again.warc@200","reason":"revisit","bytes":0}
{"id":"urn:1","url":"http://a.example/1","date":"2024-05-01T00:00:00Z","source":"again.warc@0","title":"","text":"as before"}
{"id":"urn:r","url":"http://a.example/1","date":"2024-06-01T00:00:00Z","source":"again.warc@200","title":"","text":"as before"}

# what is broken is said with its place, and costs no other record
$ (sed 's/Content-Length: 4[0-9]/Content-Length: 400/; 3q' a.warc; printf 'Content-Length: 400\r\n\r\nHTTP/1.1 200\r\n\r\nlost\r\n\r\nrubbish\r\n'; sh page 7 200 text/plain 'found') >bad.warc; tamis extract -j$THREADS bad.warc --rejects rejects; cat rejects
{"id":"urn:7","url":"http://a.example/7","date":"2024-05-01T00:00:00Z","source":"bad.warc@112","title":"","text":"found"}
{"place":"bad.warc@0","reason":"truncated","bytes":400}
$ gzip -c a.warc | head -c 300 >cut.gz; tamis extract -j$THREADS cut.gz --rejects rejects | sed 's/.*"text"/"text"/'; cat rejects
"text":"one"}
"text":"café & more"}
{"place":"cut.gz@0+880","reason":"ends-inside-gzip","bytes":43}

# pages without a crawl: files, folders
$ mkdir -p site/sub; printf '<title>T</title><p>body text' >site/a.html; printf '<p>\343\201\202\343\201\204' >site/sub/b.htm; echo no >site/c.txt; tamis extract -j$THREADS --html --keep all site
{"id":"site/a.html","source":"site/a.html","title":"T","text":"body text"}
{"id":"site/sub/b.htm","source":"site/sub/b.htm","title":"","text":"あい"}
$ tamis extract --html nowhere
! tamis extract: could not open file nowhere: No such file or directory
? 3

# limits
$ (sh page 1 200 text/plain "$(head -c 3000 /dev/zero | tr '\0' x)"; sh page 2 200 text/plain small) >large.warc; tamis extract -j$THREADS --max-page 1K large.warc --drops drops | sed 's/.*"text"/"text"/'; cat drops
"text":"small"}
{"place":"large.warc@0","reason":"too-large","url":"http://a.example/1"}
$ tamis extract --precision --recall a.warc
! tamis extract: --precision and --recall exclude each other
! hint: tamis extract --help
? 2
$ printf 'nothing here\n' | tamis extract
! tamis extract: none of 1 records could be read; the first: {"place":"-@0","reason":"not-a-record","bytes":0}
! hint: --rejects FILE says where and why
? 1

# the sums balance
$ tamis extract -j$THREADS --keep all a.warc -o out.jsonl.zst && grep -o '"in":.*"rejected":{}' out.jsonl.zst.manifest.json
"in":6,"out":3,"dropped":{"request":1,"status":1,"type-image":1},"rejected":{}

# the manifest says of each file where its first and last record are: a run goes on with --from
$ tamis extract -j$THREADS many.warc.gz a.warc one.wacz -o out.jsonl && tr -d '\n' <out.jsonl.manifest.json | grep -o '"read".*]' | grep -o '"read":\[[^]]*\]'; tamis extract -j$THREADS --from $(grep -o '"last":"many[^"]*' out.jsonl.manifest.json | cut -d'"' -f4) many.warc.gz
"read":[{"file":"many.warc.gz","records":7,"first":"many.warc.gz@0","last":"many.warc.gz@1037"},    {"file":"a.warc","records":6,"first":"a.warc@0","last":"a.warc@880"},    {"file":"one.wacz:archive/a.warc","records":6,"first":"one.wacz:archive/a.warc@0","last":"one.wacz:archive/a.warc@880"},    {"file":"one.wacz:archive/b.warc.gz","records":7,"first":"one.wacz:archive/b.warc.gz@0","last":"one.wacz:archive/b.warc.gz@1037"}]
{"id":"urn:7","url":"http://a.example/7","date":"2024-05-01T00:00:00Z","source":"many.warc.gz@1037","title":"","text":"text 7"}
