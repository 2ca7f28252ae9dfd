# lang: language of documents and lines, by a fastText model
# needs langid/lid.176.ftz

$ printf '%s\n' '{"id":1,"text":"Der Hund schläft vor dem Haus."}' '{"id":2,"text":"Le chien dort\ndevant la maison."}' '{"id":3,"text":"42"}' '{"id":4,"text":""}' >in
$ tamis lang -j$THREADS -m $DATA/langid/lid.176.ftz in
{"id":1,"text":"Der Hund schläft vor dem Haus.","lang":"de","lang_score":0.994863}
{"id":2,"text":"Le chien dort\ndevant la maison.","lang":"fr","lang_score":0.709378}
{"id":3,"text":"42","lang":"en","lang_score":0.124504}
{"id":4,"text":"","lang":"en","lang_score":0.124504}
$ tamis lang -j$THREADS -m $DATA/langid/lid.176.ftz --least 0.5 --top 2 in
{"id":1,"text":"Der Hund schläft vor dem Haus.","lang_top":[["de",0.994863],["bar",0.00137544]],"lang":"de","lang_score":0.994863}
{"id":2,"text":"Le chien dort\ndevant la maison.","lang_top":[["fr",0.709378],["de",0.120005]],"lang":"fr","lang_score":0.709378}
{"id":3,"text":"42","lang_top":[["en",0.124504],["ca",0.0859483]],"lang":"und","lang_score":0.124504}
{"id":4,"text":"","lang_top":[["en",0.124504],["ca",0.0859483]],"lang":"und","lang_score":0.124504}

# other languages are dropped, and why is said
$ tamis lang -j$THREADS -m $DATA/langid/lid.176.ftz --only de,fr --drops drops in | wc -l
2
$ cat drops
{"id":"3","stage":"lang","reason":"lang","lang":"en","lang_score":0.124504}
{"id":"4","stage":"lang","reason":"lang","lang":"en","lang_score":0.124504}

# by line: shares of characters
$ printf '%s\n' '{"id":5,"text":"Der Hund schläft vor dem Haus.\n\nLe chien dort devant la maison, dit-on."}' | tamis lang -m $DATA/langid/lid.176.ftz --by line
{"id":5,"text":"Der Hund schläft vor dem Haus.\n\nLe chien dort devant la maison, dit-on.","lang_mix":{"fr":0.5652,"de":0.4348},"lang":"fr","lang_score":0.684827}

# as cc_net does it
$ tamis lang -j$THREADS -m $DATA/langid/lid.176.ftz --like ccnet in
{"id":1,"text":"Der Hund schläft vor dem Haus.","lang":"de","lang_score":0.99}
{"id":2,"text":"Le chien dort\ndevant la maison.","lang":"fr","lang_score":0.7}

# no text, no model, no classifier
$ (echo '{"id":6}'; cat in) | tamis docs -n 2 | tamis lang -m $DATA/langid/lid.176.ftz --rejects bad; cat bad
{"id":1,"text":"Der Hund schläft vor dem Haus.","lang":"de","lang_score":0.994863}
{"place":"-:1","reason":"no-text","field":"text"}
$ tamis lang in
! tamis lang: --model is needed
! hint: tamis lang --help
? 2
$ tamis lang -m in in
! tamis lang: in: not a fastText model
? 1
$ head -c 5000 $DATA/langid/lid.176.ftz >cut; tamis lang -m cut in
! tamis lang: cut: fastText model is truncated
? 1
