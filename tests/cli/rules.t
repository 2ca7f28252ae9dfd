# rules: published filters, with the rule and the value that a document failed by

$ printf '%s\n' '{"id":"a","text":"too short"}' '{"id":"b","text":"The cat sat on the mat and looked out.\nPlease enable javascript to go on.\nIt saw that the birds have come to the tree.\nThree words no\nThe dog, a friend of the cat, barked twice. Then it slept. It had a dream."}' >in
$ tamis rules -j$THREADS --like gopher --drops why in; cat why
{"id":"a","stage":"rules","reason":"gopher_short_doc","set":"gopher","value":2,"limit":50}
{"id":"b","stage":"rules","reason":"gopher_short_doc","set":"gopher","value":44,"limit":50}
$ tamis rules -j$THREADS --like gopher --limit gopher_short_doc=1,gopher_enough_stop_words=0 in | jq -c .id
"a"
"b"
$ tamis rules -j$THREADS --like c4 --drops why in; cat why
{"id":"b","text":"The cat sat on the mat and looked out.\nIt saw that the birds have come to the tree.\nThe dog, a friend of the cat, barked twice. Then it slept. It had a dream."}
{"id":"a","stage":"rules","reason":"too_few_sentences","set":"c4","value":0,"limit":5}
$ tamis rules -j$THREADS --like gopher,fineweb,dolma,c4 --annotate in | jq -c '[.id, (.rules | map_values(.reason))]'
["a",{"gopher":"gopher_short_doc","fineweb":"line_punct_ratio","dolma":"few_words","c4":"too_few_sentences"}]
["b",{"gopher":"gopher_short_doc","fineweb":null,"dolma":"few_words","c4":null}]
$ mkdir -p bad && printf 'cat\nbad bird\n' >bad/en.txt && tamis rules -j$THREADS --like c4-badwords --bad-words bad --drops why in | jq -c .id; cat why
"a"
{"id":"b","stage":"rules","reason":"bad_words","set":"c4-badwords"}

# texts that are no prose
$ printf '%s\n' '{"id":1,"text":""}' '{"id":2,"text":"\n\n \u0000 \n"}' '{"id":3,"text":"-\n-\n-\n"}' '{"id":4,"text":"שלום שלום שלום שלום"}' >odd
$ tamis rules -j$THREADS --like gopher,gopher-repetition,fineweb,dolma,c4,c4-paragraphs --annotate odd | jq -c '[.id, (.rules | map_values(.reason))]'
[1,{"gopher":"gopher_short_doc","gopher-repetition":null,"fineweb":"empty","dolma":"few_words","c4":"too_few_sentences","c4-paragraphs":"too_few_paragraphs"}]
[2,{"gopher":"gopher_short_doc","gopher-repetition":"dup_line_frac","fineweb":"line_punct_ratio","dolma":"few_words","c4":"too_few_sentences","c4-paragraphs":"too_few_paragraphs"}]
[3,{"gopher":"gopher_short_doc","gopher-repetition":"dup_line_frac","fineweb":"line_punct_ratio","dolma":"few_words","c4":"too_few_sentences","c4-paragraphs":"too_few_paragraphs"}]
[4,{"gopher":"gopher_short_doc","gopher-repetition":"top_2_gram","fineweb":"line_punct_ratio","dolma":"few_words","c4":"too_few_sentences","c4-paragraphs":"too_few_paragraphs"}]
$ awk 'BEGIN { printf "{\"id\":5,\"text\":\""; for (i = 0; i < 10000; i++) printf "- item %d\\n", i % 100; print "\"}" }' | tamis rules -j$THREADS --like gopher-repetition --drops why; cat why
{"id":"5","stage":"rules","reason":"dup_line_frac","set":"gopher-repetition","value":0.98990100989901009,"limit":0.29999999999999999}

# wrong command lines
$ tamis rules in
! tamis rules: --like is needed
! hint: tamis rules --help
? 2
$ tamis rules --like gofer in
! tamis rules: --like: no set of rules is named "gofer"
! hint: tamis rules --help
? 2
$ tamis rules --like gopher --limit short=3 in
! tamis rules: --limit: no rule in use is named "short"
! hint: tamis rules --help
? 2
$ tamis rules --like gopher --limit gopher_short_doc in
! tamis rules: --limit: "gopher_short_doc" is not RULE=NUMBER
! hint: tamis rules --help
? 2
$ tamis rules --like c4-badwords in
! tamis rules: --like c4-badwords needs --bad-words DIR
! hint: tamis rules --help
? 2
