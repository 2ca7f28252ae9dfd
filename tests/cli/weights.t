# doremi, doge, regmix: weights of domains from small models

$ seq 90 | awk '{ d = $1 % 3; t = d == 0 ? "one two three four five " : d == 1 ? "uno due tre quattro " : "1234 5678 9012 "; for (s = ""; length(s) < 200; ) s = s t $1 * 7919 % 97 " "; printf "{\"id\":%d,\"domain\":\"%s\",\"lang\":\"%s\",\"text\":\"%s\"}\n", $1, d == 0 ? "en" : d == 1 ? "it" : "num", d == 2 ? "xx" : "yy", s }' >in

# the answer is a file that mix reads: weights sum to 1, each seed's own are beside them
$ tamis doremi -j$THREADS --steps 4 -L 16 -b 6 --held 0.2 --seeds 2 --trajectory t in -o w >table; cut -c1-42 table | head -4; wc -l <table
domain                    natural    start
en                         0.3191   0.3333
it                         0.3625   0.3333
num                        0.3184   0.3333
5
$ jq -c 'keys, (.weights | add * 1e6 | round), (.runs | length), [.runs[].seed], (.start | map(. * 1e4 | round))' w
["by","method","natural","runs","said","spread","start","weights"]
1000000
2
[0,1]
[3333,3333,3333]
$ tamis mix -w w --tokens 3000 in -q -o mixed && wc -l <mixed | awk '{ print ($1 > 0 && $1 < 90) }'
1

# a line a step; the weights are the mean over the later half of the steps, or over all as in the paper
$ head -1 t; wc -l <t; sed -n 2p t | jq -c 'keys'
{"domains":["en","it","num"]}
9
["excess","loss","round","seed","step","weights"]
$ jq -s --slurpfile w w '(.[3:5] | map(.weights[0]) | add / length) - $w[0].runs[0].weights.en | fabs < 1e-12' t
true
$ tamis doremi -j$THREADS --steps 4 -L 16 -b 6 --held 0.2 --mean 1 in -q -o all; jq -s --slurpfile w all '(.[1:5] | map(.weights[0]) | add / length) - $w[0].weights.en | fabs < 1e-12' t
true
$ tamis doremi -j$THREADS --steps 4 -L 16 -b 6 --held 0.2 --mean 0 in -q -o last; jq -s --slurpfile w last '.[4].weights[0] - $w[0].weights.en | fabs < 1e-12' t
true
$ jq -s -c '.[1].excess as $x | ($x | map(exp)) as $y | [range(3) | .001/3 + .999 * $y[.] / ($y | add)] as $z | [range(3) as $i | $z[$i] - .[1].weights[$i] | fabs < 1e-12]' t
[true,true,true]

# rounds and references
$ tamis doremi -j$THREADS --steps 2 -L 16 -b 6 --rounds 2 --reference uniform --trajectory t in -q -o w && jq -c -s '.[1:] | map(.round)' t
[0,0,1,1]
$ echo '{"weights":{"en":3,"num":1}}' >ref; tamis doremi -j$THREADS --steps 2 -L 16 -b 6 --reference ref in -o w | tail -1
one seed says nothing of the spread: --seeds 3 does
$ echo '{"weights":{"fr":3}}' >ref; tamis doremi --steps 2 -L 16 -b 6 --reference ref in -o w
! tamis doremi: ref: no domain of these documents has a weight above 0
? 1

# domains by any field
$ tamis doge -j$THREADS --by lang --steps 3 -L 16 -b 6 in -o w >table && jq -c '.by, (.weights | keys)' w
"lang"
["xx","yy"]
$ tamis doge -j$THREADS --steps 3 -L 16 -b 6 --target num in -o w >table && jq -c '.start, .weights.num' w
{"en":0.5,"it":0.5,"num":0}
0
$ tamis doge --steps 3 -L 16 --target fr in -o w
! tamis doge: --target: no document has "domain" fr
! hint: tamis doge --help
? 2
$ tamis doge --steps 3 -L 16 --by nothing in -o w
! tamis doge: one domain needs no weights: --by "nothing" tells no documents apart
! hint: tamis doge --help
? 2

$ tamis regmix -j$THREADS --steps 2 -L 16 -b 4 --runs 3 --held 0.3 --eval 2 --trajectory t in -o w >table; wc -l <t; sed -n 2p t | jq -c 'keys'; tail -1 t | jq -c 'keys'
5
["losses","run","seed","weights"]
["error","penalty","predicted","rank","seed","weights"]
$ tamis regmix --steps 2 -L 16 --runs 3 --held 0 in -o w
! tamis regmix: no target domain has a document held out
! hint: a larger --held
? 2

# a plan reads the documents, and takes the time of two steps
$ tamis doremi --plan --steps 6 -L 16 -b 6 in -o w2 | sed 's/about.*/about .../'
model: nano, 836864 parameters, vocabulary 257; 3 domains, 19226 tokens
memory: 16 MB to train, 4 MB for a reference model, 0 MB of gradients kept, 0 MB of tokens
time: 12 steps of 96 tokens, about ...
