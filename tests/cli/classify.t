# classify: train a fastText classifier and apply it

$ for i in 1 2 3 4 5 6 7 8; do printf '%s\n' '{"label":"food","text":"boil the rice and fry the onion in butter"}' '{"label":["law"],"text":"the court holds that the appeal is dismissed"}'; done >train.jsonl
$ tamis classify train -q -j$THREADS --dim 8 --epochs 40 --rate 0.5 --maxn 3 --minn 2 --bucket 500 train.jsonl -o m.bin
$ printf '%s\n' '{"id":1,"text":"fry the rice"}' '{"id":2,"text":"the appeal"}' '{"id":3,"text":"dismissed by the court"}' >docs.jsonl
$ tamis classify apply -j$THREADS -m m.bin docs.jsonl | sed 's/,"class_score.*//'
{"id":1,"text":"fry the rice","class":"food"
{"id":2,"text":"the appeal","class":"law"
{"id":3,"text":"dismissed by the court","class":"law"

# the same bytes for any number of threads, for every loss
$ for l in softmax hs ns ova; do for j in 1 3; do tamis classify train -q -j$j --loss $l --dim 8 --word-ngrams 2 --bucket 100 train.jsonl -o $l$j.bin; done; cmp ${l}1.bin ${l}3.bin && echo $l same; done
softmax same
hs same
ns same
ova same

# one label's probability as a filter
$ tamis classify apply -m m.bin --as topic --of food --least 0.5 --drops drops docs.jsonl | sed 's/_score":[0-9.]*/_score":P/'
{"id":1,"text":"fry the rice","topic_score":P}
$ sed 's/score":[0-9.]*/score":P/' drops
{"id":"2","stage":"classify apply","reason":"class","score":P,"least":0.5}
{"id":"3","stage":"classify apply","reason":"class","score":P,"least":0.5}
$ tamis classify apply -m m.bin --of poetry docs.jsonl
! tamis classify apply: --of: the model has no label "poetry"
! hint: tamis classify apply --help
? 2

# what cannot be trained on
$ (head -2 train.jsonl; echo '{"id":4,"text":"no label"}'; echo '{"label":"a b","text":"two words"}') | tamis classify train -q --rejects bad --bucket 10 -o n.bin; cat bad
{"place":"-:3","reason":"no-label","field":"label"}
{"place":"-:4","reason":"no-label","field":"label"}
$ printf '{"id":5,"text":"no label"}\n' | tamis classify train -o n.bin
! tamis classify train: none of 1 records could be read; the first: {"place":"-:1","reason":"no-label","field":"label"}
! hint: --rejects FILE says where and why
? 1
$ tamis classify train train.jsonl
! tamis classify train: the output is no stream: give -o MODEL.bin
! hint: tamis classify train --help
? 2

# quantised: the same labels, the same bytes for any number of threads
$ for how in "" "--qnorm --qout" "--cutoff 20" "--cutoff 20 --retrain train.jsonl"; do tamis classify quantize -j1 $how m.bin -o 1.ftz; tamis classify quantize -j3 $how m.bin -o 3.ftz; cmp 1.ftz 3.ftz && tamis classify apply -m 1.ftz docs.jsonl | sed 's/.*"class":"//; s/".*//' | tr "\n" " "; echo; done
food law law 
food law law 
food law law 
food law law 
$ tamis classify quantize 1.ftz -o 2.ftz
! tamis classify quantize: 1.ftz: the model is quantised already
? 1
$ tamis classify quantize m.bin
! tamis classify quantize: the output is no stream: give -o MODEL.ftz
! hint: tamis classify quantize --help
? 2
$ printf '%s\n' '{"text":"a poem","label":"poetry"}' >poem.jsonl; tamis classify quantize --retrain poem.jsonl m.bin -o 2.ftz
! tamis classify quantize: m.bin: the model has no label "poetry"
? 1
$ tamis classify quantize --retrain docs.jsonl m.bin -o 2.ftz
! tamis classify quantize: docs.jsonl: document 0 has no text or no label in "label"
? 1
