#!/bin/sh
# test_weights.sh - doremi, doge and regmix, killed where it hurts, go on from their checkpoints to the same bytes.
# SPDX-License-Identifier: Apache-2.0
here=$(cd "$(dirname "$0")" && pwd); PATH=${BIN:-$here/../../bin}:$PATH
W=$(mktemp -d) || exit 3; trap 'rm -rf "$W"' EXIT; cd "$W" || exit 3
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }
seq 60 | awk '{ s = $1 % 2 ? "one two three " : "1234 5678 "; for (t = ""; length(t) < 200; ) t = t s $1 * 7919 % 97 " ";
    printf "{\"id\":%d,\"domain\":\"%s\",\"text\":\"%s\"}\n", $1, $1 % 2 ? "en" : "num", t }' >in

# kill_at PLACE COMMAND...: runs it, and kills it as soon as its checkpoint says seed,round,phase,step
kill_at() {
    place=$1; shift
    "$@" & pid=$!
    while kill -0 $pid 2>/dev/null && ! grep -qs "\"place\":\[$place\]" ck/state.json; do sleep 0.005; done
    kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
}
goes_on() {    # goes_on "PLACES" COMMAND...
    places=$1; shift
    rm -rf ck
    "$@" --trajectory t1 in -q -o w1
    for p in $places; do kill_at "$p" "$@" --checkpoint ck --every 1 --trajectory t2 in -q -o w2 2>/dev/null; done
    "$@" --checkpoint ck --every 1 --trajectory t2 in -q -o w2
    cmp w1 w2 && cmp t1 t2
    say $? "tamis $2: killed at $places, the same bytes"
}
goes_on "0,0,0,2 0,0,1,2 1,0,0,1" tamis doremi --steps 3 -L 16 -b 4 --seeds 2
goes_on "0,1,1,2" tamis doremi --steps 3 -L 16 -b 4 --rounds 2
goes_on "0,0,0,2" tamis doge --steps 4 -L 16 -b 4
goes_on "0,0,0,2" tamis regmix --steps 2 -L 16 -b 4 --runs 4 --eval 2

tamis doge --steps 5 -L 16 -b 4 --checkpoint ck in -q -o w2 2>err
[ $? = 2 ] && grep -q 'other options' err; say $? "the checkpoint of another run is refused"
dd if=/dev/zero of=ck/state.json bs=1 count=20 conv=notrunc status=none
tamis regmix --steps 2 -L 16 -b 4 --runs 4 --eval 2 --checkpoint ck in -q -o w2 2>err
[ $? = 1 ]; say $? "a broken checkpoint is said to be one"
echo "1..$n"
exit $failed
