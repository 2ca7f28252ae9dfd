# signals: RedPajama-v2's numbers, and what happens to texts that are no prose

$ printf '%s\n' '{"id":"a","text":"Hello world. Hello WORLD...\n• one 2 three"}' >in
$ tamis signals -j$THREADS --only natural in | jq -c .signals | tr , '\n' | head -6
{"rps_doc_frac_all_caps_words":[[0
41
0.1]]
"rps_doc_frac_lines_end_with_ellipsis":[[0
41
0.5]]
$ tamis signals -j$THREADS --only lines in | jq -c '.signals | to_entries[] | [.key, .value]'
["rps_lines_ending_with_terminal_punctution_mark",[[0,28,1],[28,41,0]]]
["rps_lines_javascript_counts",[[0,28,0],[28,41,0]]]
["rps_lines_num_words",[[0,28,4],[28,41,4]]]
["rps_lines_numerical_chars_fraction",[[0,28,0],[28,41,0.07692308]]]
["rps_lines_start_with_bulletpoint",[[0,28,0],[28,41,1]]]
["rps_lines_uppercase_letter_fraction",[[0,28,0.25],[28,41,0]]]
$ tamis signals -j$THREADS in | jq -c '.signals | length'
45
$ printf "%s\n" "{\"raw_content\":\"Hi there.\",\"url\":\"http://www.example.org:80/x\",\"language\":\"en\",\"cc_segment\":\"s\"}" | tamis signals -j$THREADS --text-field raw_content --format rpv2 --source 2023-06/0000/en_head.json.gz | jq -c "del(.id_int) | .quality_signals |= length"
{"id":"2023-06/0000/en_head.json.gz/0","metadata":{"cc_segment":"s","cc_net_source":"2023-06/0000/en_head.json.gz","url":"http://www.example.org:80/x","source_domain":"www.example.org:80","language":"en","snapshot_id":"2023-06"},"quality_signals":45}

# no text, empty text, only punctuation, control characters, right to left
$ printf '%s\n' '{"id":1}' '{"id":2,"text":""}' '{"id":3,"text":"..."}' '{"id":4,"text":"a\u0000b\u001bc\u0007"}' '{"id":5,"text":"שלום עולם! \u202bمرحبا\u202c 123"}' >odd
$ (cat in; cat odd) | tamis signals -j$THREADS --only natural --rejects bad | jq -c '[.id, .signals.rps_doc_word_count[0][2], .signals.rps_doc_mean_word_length[0][2], .signals.rps_doc_num_sentences[0][2]]'; cat bad
["a",8,3.75,3]
[2,0,null,0]
[3,0,null,0]
[4,1,6,1]
[5,4,4.5,2]
{"place":"-:2","reason":"no-text","field":"text"}
$ tamis signals -j$THREADS --only lines odd | sed -n 1p | jq -c .signals
{"rps_lines_ending_with_terminal_punctution_mark":[],"rps_lines_javascript_counts":[],"rps_lines_num_words":[],"rps_lines_numerical_chars_fraction":[],"rps_lines_start_with_bulletpoint":[[0,0,null]],"rps_lines_uppercase_letter_fraction":[]}

# a word of 50 MB, a list of 10,000 lines
$ awk 'BEGIN { printf "{\"text\":\""; for (i = 0; i < 500000; i++) printf "%s", "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"; print "\"}" }' | tamis signals -j$THREADS --only natural | jq -c '[.signals.rps_doc_word_count[0], .signals.rps_doc_mean_word_length[0][2]]'
[[0,50000000,1],50000000]
$ awk 'BEGIN { printf "{\"text\":\""; for (i = 0; i < 10000; i++) printf "- item %d\\n", i % 100; print "\"}" }' | tamis signals -j$THREADS | jq -c '[.signals.rps_doc_word_count[0][2], .signals.rps_doc_frac_chars_dupe_10grams[0][2], (.signals.rps_lines_num_words | length)]'
[20000,1,10000]

# wrong command lines
$ tamis signals --only nature in
! tamis signals: no group of signals is named "nature"
! hint: ccnet, lists, repetition, natural, lines, ml, importance
? 2
$ tamis signals --artifacts . in
! tamis signals: . has none of stop_words, bad_words, classifiers, dsir
! hint: tamis signals --help
? 2

# importance: counts of two domains, then a score
$ mkdir -p a/dsir/en && tamis dsir train -q -d ccnet in -o a/dsir/en && printf '%s\n' '{"text":"Hello there, world"}' | tamis dsir train -q -d books -o a/dsir/en && ls a/dsir/en | grep npy$
books.en.10000.counts.npy
books.en.lambda.npy
ccnet.en.10000.counts.npy
ccnet.en.lambda.npy
$ tamis signals -j$THREADS --artifacts a --lang en --only importance in | jq -c '.signals.rps_doc_books_importance[0][2] < 0, .signals.rps_doc_wikipedia_importance[0][2]'
true
null
