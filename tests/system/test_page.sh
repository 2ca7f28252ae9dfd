#!/usr/bin/env bash
# test_page.sh - a report in a browser: no word on its console, every chart there and named, nothing wider than a phone, light and dark.
# SPDX-License-Identifier: Apache-2.0
root=$(cd "$(dirname "$0")/../.." && pwd) tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
browser=$(command -v chromium) || { echo "1..0 # SKIP no chromium"; exit 0; }
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
[ -z "$BIN" ] || [ "$BIN" = "$root/bin" ] || { echo "1..0 # SKIP the pipelines run bin/"; exit 0; }
"$root/tests/slurm/crawl" "$tmp/crawl" >/dev/null 2>&1 || { echo "1..0 # SKIP warc-wrap"; exit 0; }
page=$tmp/run/report.html
look() { HOME=$tmp timeout 60 "$browser" --headless --no-sandbox --disable-gpu --enable-logging=stderr --v=0 --user-data-dir="$tmp/profile" "$@" 2>"$tmp/said"; }
n=0 failed=0
say() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }

CLUSTERS=8 VOCAB=1000 WEIGHTS=unimax "$root/pipelines/curate.sh" "$tmp/crawl" "$tmp/run" >"$tmp/log" 2>&1; say $? "a run has a report" || sed 's/^/# /' "$tmp/log"
# what a browser makes of it, and how wide that is
sed 's|</body>|<script>document.title = "wide " + document.documentElement.scrollWidth + " of " + innerWidth</script></body>|' "$page" >"$tmp/measured.html"
look --window-size=500,900 --dump-dom "file://$tmp/measured.html" >"$tmp/dom"; say $? "a browser reads it"
[ -s "$tmp/dom" ] && ! grep CONSOLE "$tmp/said"; say $? "its console stays empty"
sed -n 's|.*<title>wide \([0-9]*\) of \([0-9]*\)</title>.*|\1 \2|p' "$tmp/dom" | { read -r wide of && [ "$wide" -le "$of" ]; }; say $? "nothing is wider than a phone"
for id in funnel values borders clusters weights shards cost; do grep -q "<h2 id=\"$id\"" "$tmp/dom"; say $? "the section $id is there"; done
[ "$(grep -o '<svg' "$tmp/dom" | wc -l)" -ge 5 ] && ! grep -o '<svg[^>]*>' "$tmp/dom" | grep -v 'role="img" aria-label="[^"]'; say $? "every chart has a name"
for how in light dark; do
    look --window-size=1200,3000 --hide-scrollbars $([ $how = dark ] && echo --force-dark-mode) --screenshot="$tmp/$how.png" "file://$page" >/dev/null
    [ "$(stat -c %s "$tmp/$how.png" 2>/dev/null || echo 0)" -gt 30000 ]; say $? "it can be drawn, $how"
done
! cmp -s "$tmp/light.png" "$tmp/dark.png"; say $? "light and dark differ"
[ -z "$KEEP" ] || cp "$tmp"/*.png "$page" "$KEEP"
echo "1..$n"
exit $failed
