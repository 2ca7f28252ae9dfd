#!/usr/bin/env bash
# test_resume.sh - --resume: killed again and again at random moments, a run ends with the bytes and counts of an unbroken one, and
# reads nothing twice that was committed; a journal of another run does not count; two runs at once do no harm.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd) PATH=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/bin}:$PATH
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
cd "$W" || exit 1
RANDOM=3 n=0 failed=0 docs=40000 copies=40
[ "$SAN" != thread ] || docs=10000 copies=10                   # a minute of CPU otherwise
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }

awk -v docs=$docs 'BEGIN { srand(1); for (i = 1; i <= docs; i++) {
    printf "{\"id\":\"d%d\",\"text\":\"", i; words = i % 4000 ? 20 + rand() * 60 : 200000
    for (j = 0; j < words; j++) printf "w%d ", rand() * 5000
    print "\"}"; if (i % 1000 == 0) print "no document" } }' >in.jsonl
split -n l/3 in.jsonl part.; gzip -k part.*; for f in part.a?; do tamis docs -q --max-bad 1 $f -o $f.jsonl.zst; done

files() { ls "$1" "$1.drops" "$1.rejects" 2>/dev/null; }
counts() { grep -E '"stage"|"bytes_in"' "$1.manifest.json" | sed 's/,"seconds".*//; s/"resumed":[0-9]*,//; s/,"read":.*//'; }
same() {       # same AS OUT: files and counts
    local f; [ -s "$2.manifest.json" ] && [ "$(files "$1" | wc -l)" = "$(files "$2" | wc -l)" ] || return
    for f in $(files "$1"); do cmp -s "$f" "$2${f#"$1"}" || return; done
    [ "$(counts "$1")" = "$(counts "$2")" ] && [ -z "$(find . -name '.*.part' -o -name '.*.journal')" ]
}
run() { exec tamis "${@:2}" --max-bad 1 --drops "$1.drops" --rejects "$1.rejects" -o "$1" 2>>err; }
resume() { run "$@" --resume --checkpoint 0 -q; }

# killed NAME.SUFFIX WORD...: killed again and again, three times with a checkpoint, unless it is whole before; then to its end
killed() {
    local out=$1 sort=${1##*.} took pid k marked=0; shift
    took=$(date +%s%N); (run "whole.$sort" "$@" -q -j1); took=$((($(date +%s%N) - took) / 1000))
    for ((k = 1; k <= 20 && marked < 3; k++)); do
        (resume "$out" "$@" -j$((k % 3 + 1))) & pid=$!
        sleep "$(awk -v r=$RANDOM -v t=$took 'BEGIN { printf "%.6f", r / 32768 * t / 2e6 }')"
        if [ $((k % 2)) = 0 ]; then kill -TERM $pid; else kill -KILL $pid; fi
        wait $pid
        [ -s ".$out.journal" ] && marked=$((marked + 1))
        [ ! -e "$out.manifest.json" ] || { [ $marked = 0 ] || break; rm "$out" "$out".*; }
    done
    [ -e "$out.manifest.json" ] || (resume "$out" "$@")
    echo "# $out: $k runs, $marked with a checkpoint, the last went on behind $(sed -n 's/.*"resumed":\([0-9]*\).*/\1/p' "$out.manifest.json") records"
    [ $marked -gt 0 ] && same "whole.$sort" "$out"; say $? "$*"
} 2>/dev/null

killed a.zst   run docs part.a? ! filter 'len(text) > 180' ! rules --like gopher
killed b.jsonl run docs part.a?.gz ! filter 'len(text) > 180'
killed c.gz    run docs part.a?.jsonl.zst ! signals --only natural
killed d.zst   run docs --head $((docs / 2)) part.aa.jsonl.zst --shard 1/2 ! docs --sample 0.9

# stages that take a merge's verdicts in order
head -n $((docs / 2)) in.jsonl >some.jsonl; cat some.jsonl some.jsonl >twice.jsonl
tamis dedup part -q --max-bad 1 twice.jsonl -o keys; tamis dedup merge -q keys -o cuts
killed e.zst   run dedup apply --cuts cuts --slice 0 twice.jsonl ! filter 'len(text) > 180'
tamis fuzzy sign -q --max-bad 1 twice.jsonl -o sig; tamis fuzzy group -q sig -o groups
killed f.zst   fuzzy drop -g groups --slice 0 twice.jsonl

if command -v python3 >/dev/null && "$root/tests/slurm/crawl" crawl 300 >/dev/null 2>&1; then
    for f in crawl/0[0-5].warc.gz; do cp "$f" once; for _ in $(seq $copies); do cat once; done >"$f"; done
    { head -c 30000 once; head -c 20000 /dev/zero; cat once; } >crawl/03.warc.gz
    killed g.zst run extract crawl/0*.warc.gz ! filter 'len(text) > 1500'
    for _ in $(seq $((160 / copies))); do cat crawl/05.warc.gz; done >many.warc.gz
    killed h.zst extract many.warc.gz --shard 1/3
    mkdir archive; mv crawl/0[0-2].warc.gz archive; python3 -m zipfile -c some.wacz archive/
    killed s.zst extract some.wacz
fi

stopped() {    # stopped OUT WORD...: by SIGTERM, with a journal; a run that was faster is begun again
    local try status
    for try in 1 2 3 4 5 6 7 8 9; do
        (resume "$@" -j1) & pid=$!
        until [ -s ".$1.journal" ]; do kill -0 $pid || break; sleep 0.002; done; kill -TERM $pid; wait $pid; status=$?
        [ ! -s ".$1.journal" ] || break
        rm "$1" "$1".*
    done 2>/dev/null
    [ $status = 143 ]
}

# what was committed is not read again: it may be gone
cp -p part.aa gone; (run whole.i run docs gone ! filter 'len(text) > 180' -q)
stopped i.i run docs gone ! filter 'len(text) > 180'; say $? "SIGTERM ends a run, after a checkpoint"
touch -r gone stamp; dd if=/dev/zero of=gone bs=1000 count=1000 conv=notrunc status=none; touch -r stamp gone
(resume i.i run docs gone ! filter 'len(text) > 180'); same whole.i i.i; say $? "its first megabyte is not read a second time"

# whose journal it is
again() { rm -f err; (run "$@" --resume --checkpoint 0); }      # what it says is in err
cp -p in.jsonl j.jsonl
stopped j.j run docs j.jsonl ! filter 'len(text) > 180' && again j.j run docs j.jsonl ! filter 'len(text) > 181'
grep -q 'begins anew: .*another version, options or files' err; say $? "other options: it begins anew, and says so"
stopped r.r run docs j.jsonl ! filter 'len(text) > 180'
(resume r.r run docs j.jsonl ! filter 'len(text) > 182') & pid=$!; until [ ! -e .r.r.journal ] || ! kill -0 $pid; do sleep 0.002; done; kill -KILL $pid; wait $pid 2>/dev/null
again r.r run docs j.jsonl ! filter 'len(text) > 180'; ! grep -q 'goes on' err && tamis docs -q --max-bad 1 j.jsonl | tamis filter -q 'len(text) > 180' | cmp -s - r.r; say $? "parts that another run has overwritten are not gone on with"
stopped k.k run docs j.jsonl ! filter 'len(text) > 180' && touch j.jsonl && again k.k run docs j.jsonl ! filter 'len(text) > 180'
grep -q 'begins anew' err; say $? "another input: likewise"
stopped l.l run docs j.jsonl ! filter 'len(text) > 180' && : >.l.l.drops.part && again l.l run docs j.jsonl ! filter 'len(text) > 180'
grep -q 'begins anew' err && cmp -s k.k l.l; say $? "a part that is too short: likewise"
stopped m.m run docs j.jsonl ! filter 'len(text) > 180' && printf x | dd of=.m.m.journal bs=1 seek=40 conv=notrunc status=none && again m.m run docs j.jsonl ! filter 'len(text) > 180'
grep -q 'begins anew' err && cmp -s k.k m.m; say $? "a damaged journal: likewise"
stopped o.o run docs j.jsonl ! filter 'len(text) > 180' && again o.o run docs j.jsonl ! filter 'len(text) > 180' -j3 --memory=1G
grep -q 'goes on behind [1-9][0-9]* records' err && cmp -s k.k o.o; say $? "other threads and memory: it goes on"
again p.p run docs j.jsonl ! dedup
grep -q 'when stopped it begins anew: dedup has a memory that is not kept' err && [ -s p.p ]; say $? "a stage with a memory is named"
for _ in 1 2 3 4 5 6 7 8 9; do
    rm -f q.q*; (resume q.q run docs j.jsonl ! filter 'len(text) > 180' -j1) & pid=$!
    until [ -s .q.q.journal ] || ! kill -0 $pid; do sleep 0.002; done; kill -STOP $pid
    [ ! -s .q.q.journal ] || break
done 2>/dev/null
again q.q run docs j.jsonl ! filter 'len(text) > 180'; grep -q 'another process holds' err && cmp -s k.k q.q; say $? "two at once: the second goes without"
rm q.q; kill -CONT $pid; wait $pid; cmp -s k.k q.q; say $? "and the first ends as well"
again u.u run docs none.jsonl ! filter 'len(text) > 180'; [ -z "$(find . -name '.u*')" ]; say $? "a run that could not begin leaves nothing"
tamis docs j.jsonl --resume 2>&1 >/dev/null | grep -q 'resume needs -o'; say $? "without a file to go on with it is refused"
[ -z "$(find . -name '.*.part' -o -name '.*.journal')" ]; say $? "nothing is left behind"
echo "1..$n"
exit $failed
