# extract.sh - main text of 581 pages of seven kinds; and where the time goes.
# SPDX-License-Identifier: Apache-2.0
data=../shared/data/html/wcxb-dev.warc.zst
[ -f "$data" ] || { echo "extract: no $data: left out"; return 0; }
file=$IN/wcxb-dev.warc.gz
[ -f "$file" ] || tools/warc-wrap -z "$file" "$data"
py=$PEERS/python

compare "WARC to main text" 158681711 581
ours "tamis -j1" "tamis extract -j1 -q $file >$tmp/ours.jsonl"
peer resiliparse "$py bench/extract_peers.py resiliparse $file >$tmp/peer.jsonl" "$PEERS/pip show resiliparse"
peer trafilatura "$py bench/extract_peers.py trafilatura $file >$tmp/peer.jsonl" "$PEERS/pip show trafilatura"

compare "read the records" 158681711 581
ours "libdeflate alone" "$TOOLS/warc_read inflate $file"
ours "tamis, records" "$TOOLS/warc_read read $file"
ours "tamis, HTTP, charset" "$TOOLS/warc_read http $file"
ours "tamis, tree" "$TOOLS/warc_read parse $file"
ours "tamis, main text" "$TOOLS/warc_read all $file"
peer fastwarc "$py bench/extract_peers.py fastwarc $file >/dev/null" "$PEERS/pip show fastwarc"
