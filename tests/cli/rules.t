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

# dolma-pii masks e-mail addresses, telephone numbers and IPv4 addresses; more than five drop the document
$ printf '%s\n' '{"id":1,"text":"Write to a.b@example.org, or call (555) 123-4567 now.\nHost 192.168.0.1 is up, 256.1.1.1 is none"}' '{"id":2,"text":"a@b.c d@e.f g@h.i j@k.l m@n.o p@q.r \n"}' >pii
$ tamis rules -j$THREADS --like dolma-pii --drops why pii; cat why
{"id":1,"text":"Write to |||EMAIL_ADDRESS||| or call |||PHONE_NUMBER|||  now.\nHost  |||IP_ADDRESS|||  is up, 2 |||IP_ADDRESS|||  is none"}
{"id":"2","stage":"rules","reason":"pii","set":"dolma-pii","value":6,"limit":5}
$ tamis rules -j$THREADS --like dolma-pii --annotate pii | jq -c .rules
{"dolma-pii":{"keep":true,"reason":null,"dolma_pii":4,"dolma_pii_emails":1,"dolma_pii_phones":1,"dolma_pii_ips":2,"dolma_pii_chars":52}}
{"dolma-pii":{"keep":false,"reason":"pii","dolma_pii":6,"dolma_pii_emails":6,"dolma_pii_phones":0,"dolma_pii_ips":0,"dolma_pii_chars":37}}
$ tamis rules -j$THREADS --like dolma-pii --limit pii=6 pii | jq -c .text
"Write to |||EMAIL_ADDRESS||| or call |||PHONE_NUMBER|||  now.\nHost  |||IP_ADDRESS|||  is up, 2 |||IP_ADDRESS|||  is none"
" |||EMAIL_ADDRESS|||  |||EMAIL_ADDRESS|||  |||EMAIL_ADDRESS|||  |||EMAIL_ADDRESS|||  |||EMAIL_ADDRESS|||  |||EMAIL_ADDRESS||| "
$ awk 'BEGIN { printf "{\"id\":3,\"text\":\"x@y.z \"}\n{\"id\":4,\"text\":\"@ "; for (i = 0; i < 1000000; i++) printf "a.1@"; print "\"}" }' | tamis rules -j$THREADS --like dolma-pii | cut -c1-60
{"id":3,"text":" |||EMAIL_ADDRESS||| "}
{"id":4,"text":"@ a.1@a.1@a.1@a.1@a.1@a.1@a.1@a.1@a.1@a.1@a.
