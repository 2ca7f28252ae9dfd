#!/usr/bin/env bash
# commoncrawl.sh - some files of a Common Crawl, fetched and curated.
# SPDX-License-Identifier: Apache-2.0
#
#   pipelines/commoncrawl.sh CRAWL RANGE OUT [OPTION of curate.sh]...
#   pipelines/commoncrawl.sh CC-MAIN-2024-22 0-9 run        ten files, about 10 GB, into run/crawl; the rest as curate.sh has it, in run
#
# BASE_URL names a mirror. What was fetched is not fetched again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 3 ]; then sed -n 's/^#   //p' "$0" | head -1 >&2; exit 2; fi
crawl=$1 range=$2 out=$3; shift 3
mkdir -p "$out/crawl"
"$here/../bin/tamis" fetch --crawl "$crawl" --range "$range" ${BASE_URL:+--base-url "$BASE_URL"} -o "$out/crawl"
exec "$here/curate.sh" "$@" "$out/crawl" "$out"
