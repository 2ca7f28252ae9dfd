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
43
0
? 1
$ grep -c -E '<script|<link rel="style|src=|@import|url\(' run/report.html
0
? 1

# the same page, whatever the threads; figures that vary are those of the manifests
$ tamis report run -j1 --no-manifest | cmp - run/report.html
# a run in slices is one run: the same funnel, groups and documents brought back
$ mkdir -p one cut/2-fuzzy slices; head -35 in.jsonl >slices/0; tail -n +36 in.jsonl >slices/1
$ tamis fuzzy -q -j$THREADS in.jsonl -o one/2-fuzzy.jsonl --drops one/2-fuzzy.jsonl.drops.jsonl
$ for i in 0 1; do tamis fuzzy sign -q slices/$i -o cut/2-fuzzy/0000$i.sig; done; tamis fuzzy group -q cut/2-fuzzy/*.sig -o cut/2-fuzzy.groups
$ for i in 0 1; do tamis fuzzy drop -q -g cut/2-fuzzy.groups --slice $i slices/$i -o cut/2-fuzzy/0000$i.jsonl --drops cut/2-fuzzy/0000$i.jsonl.drops.jsonl; done
$ for r in one cut; do tamis report -q $r -o $r.html --no-manifest; grep -o '<b>[0-9]*</b> documents.*\|<div class="doc">.*' $r.html >$r.said; done; cmp one.said cut.said && head -1 cut.said
<b>60</b> documents (&minus;4.8&thinsp;%), 33.6&thinsp;k characters &middot; went: <em>near-duplicate</em> 3</p></div></div>
$ grep -c ' 2 slices' cut.html
2
$ for r in one cut; do tamis undo -q --stage fuzzy $r | sort >$r.back; done; cmp one.back cut.back && wc -l <cut.back
3
$ tamis why d3 cut | tail -1; tamis why copyd3 cut | tail -1
fuzzy drop     kept     (1 like it went)
fuzzy drop     dropped  near-duplicate: twin "d3", similarity 1

$ tamis report
! tamis report: give one folder of a run
! hint: tamis report --help
? 2
$ mkdir empty; tamis report empty
! tamis report: empty holds no manifest (*.manifest.json)
! hint: it is the folder that a pipeline wrote
? 1
