#!/usr/bin/env bash
# check.sh - curate on a real Slurm (make check-slurm): 8 slices on two nodes make the bytes of the one-machine run, and still
# do after kills, a time limit, a drained and a lost node, a full disk, and tasks that run twice. The status pages are shown.
# SPDX-License-Identifier: Apache-2.0
#
# SHOW=FOLDER keeps the logs there. CRAWL=FOLDER takes crawl files (8 or more) of your own instead of generated ones.
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd) tmp=$(mktemp -d)
trap '"$here/cluster" stop "$tmp/slurm" >/dev/null 2>&1; [ -z "$SHOW" ] || cp -r "$tmp" "$SHOW"; rm -rf "$tmp"' EXIT
why=$("$here/cluster" start "$tmp/slurm" 2 2>&1) || { echo "1..0 # SKIP no Slurm here: ${why##*$'\n'}"; exit 0; }
export SLURM_CONF=$tmp/slurm/slurm.conf CLUSTERS=${CLUSTERS:-8} VOCAB=${VOCAB:-1000} RANGES=3 KMEANS_ITERATIONS=2 TASK_CHECKPOINT=0.1
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }
note() { sed 's/^/#   /'; }

crawl=${CRAWL:-$tmp/crawl}
[ -n "$CRAWL" ] || "$here/crawl" "$crawl" >/dev/null 2>&1
if [ -z "$CRAWL" ]; then                       # one slice of eight takes seconds, so that it can be caught at work
    cp "$crawl/05.warc.gz" "$tmp/once"
    for _ in $(seq 1000); do cat "$tmp/once"; done >"$crawl/05.warc.gz"
fi
submit() { local out=$1; shift; "$root/pipelines/slurm/submit" curate "$crawl" "$out" --slices 8 --time 5 --mem-per-cpu 1G "$@" | note; }
status() { "$root/pipelines/slurm/status" "$1" >"$tmp/status"; note <"$tmp/status"; }
has() { grep -q -- "$1" "$tmp/status"; }
shards() { (cd "$1/shards" && cat ./*.bin ./*.idx | sha256sum); }
same() { [ "$(shards "$1")" = "$whole" ]; }
tries() { local k; for ((k = 0; k < $1; k++)); do "${@:2}" && return; sleep 0.1; done; return 1; }      # in tenths of a second
idle() { [ -z "$(squeue -h)" ]; }
# the big slice of run $1, in its middle
at_work() { [ -s "$1/1-text/.00003.jsonl.zst.journal" ] && pid=$(pgrep -f "^tamis run extract .* -o $1/1-text/00003.jsonl.zst "); }
went_on() { grep -q '"resumed":[1-9]' "$1/1-text/00003.jsonl.zst.manifest.json" && [ -z "$(find "$1" -name '.*.part' -o -name '.*.journal')" ]; }
node() { scontrol update nodename="$1" state="$2" ${3:+reason="$3"}; }
ran_on() { grep -l "on $2, " "$1"/log/*; }

"$root/pipelines/curate.sh" "$crawl" "$tmp/one" >/dev/null 2>&1; whole=$(shards "$tmp/one")

echo "# n2 is drained, then brought back"
a=$tmp/a
node n2 drain test
submit "$a"; tries 300 test -s "$a/log/text.00001"; drained=$(ran_on "$a" n2)
status "$a"
node n2 resume
tries 1800 idle; [ -f "$a/shards/data_train.json.key" ]; say $? "8 slices run through"
[ $failed = 0 ] || { tail -n 3 "$a"/log/* | note; echo "Bail out!"; exit 1; }
status "$a"
[ -z "$drained" ] && [ -n "$(ran_on "$a" n2)" ]; say $? "no task starts on a drained node, and some once it is back"
same "$a"; say $? "the shards are those of the run in one piece"

echo "# the time limit of a minute ends a task: it is stopped (SIGSTOP) so that it does not end before"
b=$tmp/b
submit "$b" --time 1 & tries 600 at_work "$b" && kill -STOP "$pid"; say $? "a task is held up"; wait

echo "# meanwhile another run: its big slice is killed by SIGKILL; then its node is lost"
c=$tmp/c
submit "$c" & tries 1200 at_work "$c" && kill -KILL "$pid"; say $? "a task is killed"; wait
gone_after() { ! squeue -h -o %j | grep -qx dedup || [ "$(squeue -h -o %j | grep -cx dedup)" = 1 ]; }
tries 600 gone_after; status "$c"
has '^text .* 7 *0 *0 *1 ' && has '^text 3: .*killed by signal 9'; say $? "status counts it and says that it was killed"
submit "$c" --resume & tries 600 at_work "$c"; lost=$(grep '^== ' "$c/log/text.00003" | tail -1 | grep -o ' on n[12]'); lost=${lost# on }
node "$lost" down test                                    # up again by itself, since slurmd answers
wait
requeued() { id=$(squeue -h -t PD -n text -o %A) && [ -n "$id" ]; }
tries 300 requeued; sleep 2; scontrol update jobid="$id" starttime=now      # Slurm would wait two minutes
tries 1800 test -f "$c/shards/data_train.json.key"; say $? "--resume sends what is missing; a task goes on after its node was lost"
status "$c"
[ "$(grep -c '^== text 3' "$c/log/text.00003")" = 3 ]; say $? "the lost task was sent again by Slurm itself"
same "$c" && [ -z "$(find "$c" -name '.*.tmp-*')" ]; say $? "the same shards, and nothing left behind"
went_on "$c"; say $? "the task went on inside its slice"

tries 1800 idle; say $? "the time limit has ended the first run"
status "$b"
has '^text 3: .*DUE TO TIME LIMIT'; say $? "status says why"

echo "# resumed with the temporary disk of n1 full, and n2 drained"
if [ -e "$tmp/slurm/no-tmpfs" ]; then n=$((n + 1)); echo "ok $n - a full disk # SKIP tmpfs cannot be mounted here"; submit "$b" --resume
else
    node n2 drain test
    dd if=/dev/zero of="$tmp/slurm/disk-n1/full" bs=64k status=none 2>/dev/null
    submit "$b" --resume; tries 1800 idle; status "$b"
    has '^text *8 *8 ' && has 'No space left'; say $? "a task fails with a line that names the full disk"
    node n2 resume
    submit "$b" --resume -- --exclude=n1
    tries 1800 idle; rm "$tmp/slurm/disk-n1/full"
fi
tries 1800 idle; same "$b"; say $? "on another node: the same shards"
went_on "$b"; say $? "the task went on where the time limit had stopped it"

echo "# the tokenizer pipeline on one file, cut inside; every task of a step twice at once"
text=$tmp/one/1-text.jsonl.zst d=$tmp/d
tokens() { "$root/pipelines/slurm/submit" tokenizer "$text" "$@" --time 5 --mem-per-cpu 1G | note; }
"$root/pipelines/tokenizer.sh" "$text" "$tmp/tokens" >/dev/null 2>&1; whole=$(shards "$tmp/tokens")
tokens "$d" --slices 8 -- --hold
for k in 0 1 2 3 4 5 6 7; do for _ in 1 2; do sbatch -o "$d/log/twice.$k" --wrap "exec '$root/pipelines/task' '$d' unique.part $k" >/dev/null; done; done
for j in $(cut -d' ' -f1 "$d/plan.jobs"); do scontrol release "$j"; done
tries 1800 idle; same "$d"; say $? "the same shards"

echo "# MaxArraySize is 11 here: 12 slices are two arrays"
e=$tmp/e
tokens "$e" --slices 12
[ "$(grep -c ' unique.part ' "$e/plan.jobs")" = 2 ]; say $? "an array is cut at MaxArraySize"
tries 1800 idle; same "$e"; say $? "the same shards"
echo "1..$n"
exit $failed
