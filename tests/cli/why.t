# why, undo: what a run decided about a document, and its way back.

$ mkdir run; for i in 1 2 3 4 5 6; do printf '{"id":"d%d","url":"http://x.org/%d","text":"%s"}\n' $i $i "$(seq -f "w${i}x%.0f" -s ' ' 40)"; done >in.jsonl; sed -n 2p in.jsonl | sed s/d2/copy/ >>in.jsonl; printf '{"id":"rep","url":"http://x.org/rep","text":"a b c d a b c d a b c d a b c d a b c d"}\n' >>in.jsonl
$ tamis run filter 'url != "it'"'"'s"' in.jsonl ! dedup ! rules -j$THREADS --like gopher-repetition --limit top_2_gram=0.35 --drops run/1.jsonl.drops.jsonl -o run/1.jsonl -q
$ tamis filter 'id != "d5"' run/1.jsonl --drops=run/2.drops -j$THREADS -q -o run/2.jsonl
$ cut -c1-90 run/1.jsonl.drops.jsonl
{"id":"copy","url":"http://x.org/2","stage":"dedup","reason":"duplicate","by":"text","twin
{"id":"rep","url":"http://x.org/rep","stage":"rules","reason":"top_2_gram","set":"gopher-r
$ tamis why d1 run
d1
http://x.org/1
filter         kept
dedup          kept
rules          kept     (--like gopher-repetition) (--limit top_2_gram=0.35)
               dup_para_frac              0          <= 0.3
               dup_para_char_frac         0          <= 0.2
               dup_line_frac              0          <= 0.3
               dup_line_char_frac         0          <= 0.2
               top_2_gram                 0.03913    <= 0.35
               top_3_gram                 0.06087    <= 0.18
               top_4_gram                 0.08261    <= 0.16
               duplicated_5_n_grams       0          <= 0.15
               duplicated_6_n_grams       0          <= 0.14
               duplicated_7_n_grams       0          <= 0.13
               duplicated_8_n_grams       0          <= 0.12
               duplicated_9_n_grams       0          <= 0.11
               duplicated_10_n_grams      0          <= 0.1
filter         kept
$ tamis why http://x.org/5 run
d5
http://x.org/5
filter         kept
dedup          kept
rules          kept     (--like gopher-repetition) (--limit top_2_gram=0.35)
               dup_para_frac              0          <= 0.3
               dup_para_char_frac         0          <= 0.2
               dup_line_frac              0          <= 0.3
               dup_line_char_frac         0          <= 0.2
               top_2_gram                 0.03913    <= 0.35
               top_3_gram                 0.06087    <= 0.18
               top_4_gram                 0.08261    <= 0.16
               duplicated_5_n_grams       0          <= 0.15
               duplicated_6_n_grams       0          <= 0.14
               duplicated_7_n_grams       0          <= 0.13
               duplicated_8_n_grams       0          <= 0.12
               duplicated_9_n_grams       0          <= 0.11
               duplicated_10_n_grams      0          <= 0.1
filter         dropped  filter: rule "id != \"d5\""
$ tamis why copy run/
copy
http://x.org/2
filter         kept
dedup          dropped  duplicate: by "text", twin "d2"
$ tamis why d2 run
d2
http://x.org/2
filter         kept
dedup          kept     (1 like it went)
rules          kept     (--like gopher-repetition) (--limit top_2_gram=0.35)
               dup_para_frac              0          <= 0.3
               dup_para_char_frac         0          <= 0.2
               dup_line_frac              0          <= 0.3
               dup_line_char_frac         0          <= 0.2
               top_2_gram                 0.03913    <= 0.35
               top_3_gram                 0.06087    <= 0.18
               top_4_gram                 0.08261    <= 0.16
               duplicated_5_n_grams       0          <= 0.15
               duplicated_6_n_grams       0          <= 0.14
               duplicated_7_n_grams       0          <= 0.13
               duplicated_8_n_grams       0          <= 0.12
               duplicated_9_n_grams       0          <= 0.11
               duplicated_10_n_grams      0          <= 0.1
filter         kept
$ tamis why rep run
rep
http://x.org/rep
filter         kept
dedup          kept
rules          dropped  top_2_gram: set "gopher-repetition", value 0.38461538461538464, limit 0.35
$ tamis why nobody run
! tamis why: no document of run has the id or the url nobody
? 1
$ tamis why d1 .
d1
http://x.org/1
filter         kept
dedup          kept
rules          kept     (--like gopher-repetition) (--limit top_2_gram=0.35)
               dup_para_frac              0          <= 0.3
               dup_para_char_frac         0          <= 0.2
               dup_line_frac              0          <= 0.3
               dup_line_char_frac         0          <= 0.2
               top_2_gram                 0.03913    <= 0.35
               top_3_gram                 0.06087    <= 0.18
               top_4_gram                 0.08261    <= 0.16
               duplicated_5_n_grams       0          <= 0.15
               duplicated_6_n_grams       0          <= 0.14
               duplicated_7_n_grams       0          <= 0.13
               duplicated_8_n_grams       0          <= 0.12
               duplicated_9_n_grams       0          <= 0.11
               duplicated_10_n_grams      0          <= 0.1
filter         kept

# back come the documents as they were
$ tamis undo --stage dedup run -j$THREADS | tamis docs --select id,url
{"id":"copy","url":"http://x.org/2"}
$ tamis undo --stage rules --reason top_2_gram run -j$THREADS
{"id":"rep","url":"http://x.org/rep","text":"a b c d a b c d a b c d a b c d a b c d"}
$ tamis undo --stage filter run -j$THREADS -o back.jsonl && tamis docs --select id back.jsonl
{"id":"d5"}
$ tamis undo --stage lang run
! tamis undo: --stage: lang was not run in run
! hint: tamis undo --help
? 2
$ tamis run undo --stage dedup run ! docs --select id,url
{"id":"copy","url":"http://x.org/2"}

# a run that was moved tells the same; one whose input is gone says so
$ mv run moved; tamis why d5 moved; tamis undo --stage filter moved | tamis docs --select id
d5
http://x.org/5
filter         kept
dedup          kept
rules          kept     (--like gopher-repetition) (--limit top_2_gram=0.35)
               dup_para_frac              0          <= 0.3
               dup_para_char_frac         0          <= 0.2
               dup_line_frac              0          <= 0.3
               dup_line_char_frac         0          <= 0.2
               top_2_gram                 0.03913    <= 0.35
               top_3_gram                 0.06087    <= 0.18
               top_4_gram                 0.08261    <= 0.16
               duplicated_5_n_grams       0          <= 0.15
               duplicated_6_n_grams       0          <= 0.14
               duplicated_7_n_grams       0          <= 0.13
               duplicated_8_n_grams       0          <= 0.12
               duplicated_9_n_grams       0          <= 0.11
               duplicated_10_n_grams      0          <= 0.1
filter         dropped  filter: rule "id != \"d5\""
{"id":"d5"}
$ rm in.jsonl; tamis undo --stage rules moved >out; cat out
! tamis run: could not open file in.jsonl: No such file or directory
! tamis undo: the run could not be played again up to there
