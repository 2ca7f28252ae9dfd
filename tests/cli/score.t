# score: p(good) from good and bad documents
# needs quality/dclm-agreement.jsonl.zst

$ zstd -qdc $DATA/quality/dclm-agreement.jsonl.zst >all; awk 'NR % 3' all >half; awk 'NR % 3 == 0' all >rest
$ tamis score train -j$THREADS half -o m.json | head -2
102 good, 86 bad, 0 passed over; features: both
AUC of 5 folds: mean 0.9672, pooled 0.9706
$ tamis score -j$THREADS -m m.json rest -o scored.jsonl; jq -c 'select(.label == 1) | .scores.good' scored.jsonl | awk '{ s += $1; n++ } END { print (s / n > 0.6) }'; jq -c 'select(.label == 0) | .scores.good' scored.jsonl | awk '{ s += $1; n++ } END { print (s / n < 0.4) }'
1
1

# signals that were stored give the same score as the text
$ tamis signals -j$THREADS --only lists,repetition,natural,lines rest | tamis score -m m.json | jq -c .scores.good >a; jq -c .scores.good scored.jsonl | cmp - a

# other scores stay; a document below --least goes, and is told why
$ printf '%s\n' '{"id":1,"text":"buy cheap buy cheap","scores":{"other":2}}' | tamis score -m m.json | jq -c '.scores | [.other, .good < 0.5]'
[2,true]
$ printf '%s\n' '{"id":1,"text":"buy cheap buy cheap"}' | tamis score -m m.json --least 0.9 --drops why; jq -c '[.stage, .reason, .least]' why
["score","score",0.9]

# the threshold for a share of the tokens
$ for i in 1 2 3 4 5 6 7 8 9; do echo "{\"text\":\"a b c\",\"lang\":\"l$((i % 2))\",\"scores\":{\"good\":0.$i}}"; done >ten; tamis score cut --keep 0.4 ten
                 threshold  documents                  tokens         
all              0.6                4   44.44%             12   44.44%  <- --keep
all              0.1                9  100.00%             27  100.00%
all              0.2                8   88.89%             24   88.89%
all              0.3                7   77.78%             21   77.78%
all              0.4                6   66.67%             18   66.67%
all              0.5                5   55.56%             15   55.56%
all              0.6                4   44.44%             12   44.44%
all              0.7                3   33.33%              9   33.33%
all              0.8                2   22.22%              6   22.22%
all              0.9                1   11.11%              3   11.11%
$ tamis score cut --keep 0.5 --by lang ten | grep keep
l1               0.5                3   60.00%              9   60.00%  <- --keep
l0               0.6                2   50.00%              6   50.00%  <- --keep

# embeddings as columns
$ tamis embed train --dim 16 --features 4096 -q all -o lsa && tamis embed -q -m lsa --matrix v.npy all -o rows && awk 'NR % 3' rows >half.rows && awk 'NR % 3 == 0' rows >rest.rows
$ tamis score train -j$THREADS --features signals --matrix v.npy half.rows -o c.json | head -2
102 good, 86 bad, 0 passed over; features: signals
AUC of 5 folds: mean 0.9687, pooled 0.9704
$ tamis score -j$THREADS -m c.json --matrix v.npy rest.rows | jq -s 'map(.scores.good > 0.5) | map(select(.)) | length > 20'
true
$ tamis score -m c.json rest.rows
! tamis score: the model has 16 columns: --matrix FILE.npy
! hint: tamis score --help
? 2
$ tamis score -m m.json --matrix v.npy rest.rows
! tamis score: --matrix: the model was trained without one
! hint: tamis score --help
? 2
$ (head -1 rest.rows; head -1 ten) | tamis score -q -m c.json --matrix v.npy --rejects bad | wc -l; cat bad
1
{"place":"-:2","reason":"no-row","field":"row","rows":281}

# many machines: the examples of slices make the model of all
$ tamis score train -q half -o all.json; split -n l/3 half part.; for p in part.aa part.ab part.ac; do tamis score part -q -j$THREADS $p -o $p.ex; done
$ tamis score train -q -j$THREADS --parts part.aa.ex,part.ab.ex,part.ac.ex -o parts.json; cmp all.json parts.json && echo same
same
$ head -c 5000 part.aa.ex >cut.ex; tamis score train --parts cut.ex -o x
! tamis score train: cut.ex: examples are cut short
? 1
$ tamis score train --parts half -o x
! tamis score train: half: no examples of score part
? 1
$ tamis score part --matrix v.npy half.rows -q -o c.ex; tamis score train --parts part.aa.ex,c.ex -o x
! tamis score train: c.ex: made with other options
? 1
$ tamis score train --parts c.ex --matrix v.npy -o x
! tamis score train: --parts stands in place of --good, --bad and --matrix
! hint: tamis score train --help
? 2
$ printf '%s\n' '{"id":1}' '{"label":1}' '{"label":1,"text":""}' | tamis score part -q -o few.ex && tamis score train --parts few.ex -o x
! tamis score train: 1 good and 0 bad documents: at least 10 of each are needed
? 1

# more than --memory holds is sampled, the same for any number of threads
$ tamis score train -j$THREADS --memory 1M half -o s.json | head -3
188 documents do not fit in --memory: a sample of 1 in 4 is learnt from
22 good, 26 bad, 0 passed over; features: both
AUC of 5 folds: mean 0.9222, pooled 0.8759

# wrong
$ tamis score -m ten ten
! tamis score: ten: not a model of score train
? 1
$ tamis score train --good ten half -o x.json
! tamis score train: --good and --bad go together
! hint: tamis score train --help
? 2
$ head -15 half | tamis score train -o x.json
! tamis score train: 0 good and 15 bad documents: at least 10 of each are needed
? 1
$ tamis score cut half
! tamis score cut: no document has "scores.good" and tokens
? 1
