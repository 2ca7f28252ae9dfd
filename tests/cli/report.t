# report: a run as one page.

$ mkdir run; for i in $(seq 60); do printf '{"id":"d%d","url":"http://x.org/%d?a=1&b=<2>","lang":"%s","text":"%s"}\n' $i $i "$([ $((i % 3)) = 0 ] && echo de || echo en)" "$(seq -f "w${i}x%.0f" -s ' ' 40) $([ $i -gt 40 ] && seq -s ' the same words ' $i)"; done >in.jsonl; sed -n 2,4p in.jsonl | sed 's/"id":"/&copy/' >>in.jsonl
$ tamis run dedup in.jsonl ! rules -j$THREADS --like gopher-repetition --drops run/1.drops -o run/1.jsonl -q
$ tamis report run -j$THREADS -o run/report.html --no-manifest && head -1 run/report.html
<!doctype html>
$ grep -o '<h2 id="[a-z]*"' run/report.html
<h2 id="funnel"
<h2 id="languages"
<h2 id="values"
<h2 id="borders"
<h2 id="groups"
<h2 id="cost"
$ grep -c 'role="img"' run/report.html
5
$ grep -o '<b>[0-9]*</b><span>[a-z ]*' run/report.html
<b>63</b><span>pages or documents in
<b>40</b><span>documents stayed
$ grep -o '<em>.*</em> [0-9]*' run/report.html
<em>duplicate</em> 3
<em>top_2_gram</em> 20

# what documents say cannot break out of the page; nothing is fetched, nothing runs
$ grep -c 'a=1&amp;b=&lt;2&gt;' run/report.html; grep -c 'b=<2>' run/report.html
40
0
? 1
$ grep -c -E '<script|<link rel="style|src=|@import|url\(' run/report.html
0
? 1

# the same page, whatever the threads; figures that vary are those of the manifests
$ tamis report run -j1 --no-manifest | cmp - run/report.html
$ tamis report
! tamis report: give one folder of a run
! hint: tamis report --help
? 2
$ mkdir empty; tamis report empty
! tamis report: empty holds no manifest (*.manifest.json)
! hint: it is the folder that a pipeline wrote
? 1
