#!/usr/bin/env bash
# test_proxy.sh - a training run that is killed and goes on gives the bytes of one that was not.
# SPDX-License-Identifier: Apache-2.0
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd); PATH=${BIN:-$root/bin}:$PATH
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
awk 'BEGIN { for (i = 0; i < 200; i++) { printf "{\"id\":\"d%d\",\"domain\":\"%s\",\"text\":\"", i, i % 2 ? "odd" : "even"
    for (j = 0; j < 60; j++) printf "%s ", i % 2 ? "odd words" : i + j; print "\"}" } }' >"$W/in.jsonl"
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = ok ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }
go="--steps 24 --warmup 4 --batch 4 --micro 2 -L 32 --eval 8 --rows 4 --save 2"

tamis proxy train -q $go -j1 -o "$W/whole" "$W/in.jsonl"
for round in 1 2 3; do
    tamis proxy train -q $go -j2 -o "$W/cut" "$W/in.jsonl" & run=$!
    for _ in $(seq 400); do [ -e "$W/cut/state.safetensors" ] || [ -e "$W/cut/model.safetensors" ] && break; sleep 0.02; done
    sleep 0.$round; kill -KILL $run 2>/dev/null; wait $run 2>/dev/null
done
tamis proxy train -q $go -j4 -o "$W/cut" "$W/in.jsonl"
same=ok; for f in model.safetensors log.jsonl config.json; do cmp "$W/whole/$f" "$W/cut/$f" || same=bad; done
say $same "killed three times, on 2 threads and 4: the bytes of a run on 1"
[ ! -e "$W/cut/state.safetensors" ] && say ok "the state is away when the run is done" || say bad "the state is away when the run is done"

tamis proxy train -q $go -o "$W/other" "$W/in.jsonl" & run=$!
for _ in $(seq 400); do [ -e "$W/other/state.safetensors" ] && break; sleep 0.02; done
kill -KILL $run 2>/dev/null; wait $run 2>/dev/null
tamis proxy train -q $go --rate 0.1 -o "$W/other" "$W/in.jsonl" 2>"$W/err"
[ $? = 2 ] && grep -q "other options" "$W/err" && say ok "a state of other options is refused" || say bad "a state of other options is refused"
echo "1..$n"
exit $failed
