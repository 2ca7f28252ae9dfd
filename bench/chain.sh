# chain.sh - the first half of the main job beside datatrove doing the same steps on the same crawl file, one process, one thread each.
# SPDX-License-Identifier: Apache-2.0
#
# The crawl file is LibreOffice's English help as tools/demo wraps it: DEMO=small make demo leaves it under build/demo.
crawl=$(ls build/demo*/crawl/libreoffice-help-en-us.warc.gz 2>/dev/null | head -1)
lid=../shared/data/langid/lid.176.ftz

if [ -n "$crawl" ] && [ -f "$lid" ]; then
    compare "extract, lang, dedup, fuzzy, rules" "$(zcat "$crawl" | wc -c)" "$(tamis extract "$crawl" -q | wc -l)"
    links="! lang -m $lid ! dedup ! fuzzy ! rules --like gopher-repetition"
    ours "tamis -j1" "tamis run extract $crawl $links -j1 -q -o $tmp/out.jsonl.zst"
    ours "tamis -j2" "tamis run extract $crawl $links -j2 -q -o $tmp/out.jsonl.zst"
    ours "extract alone -j1" "tamis extract $crawl -j1 -q -o $tmp/out.jsonl.zst"
    peer datatrove "rm -rf $tmp/peer && $PEERS/python bench/chain_peer.py $crawl $lid $tmp/peer" "$PEERS/pip show datatrove | grep ^Version"
else
    echo "  chain: no crawl file under build/demo, or no $lid: left out"
fi
