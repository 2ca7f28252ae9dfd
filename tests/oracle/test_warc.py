#!/usr/bin/env python3
# test_warc.py - every file of the WARC collection: no crash, no hang, sums that balance; as many pages as warcio and FastWARC find.
# SPDX-License-Identifier: Apache-2.0
#
#   tests/oracle/test_warc.py [--table]      --table: also a line a file (pages, records by type, rejects)
import collections, glob, json, os, subprocess, sys, tempfile

archive = "../shared/data/warc/warc-dev.tar.zst"
if not os.path.exists(archive):
    print("1..0 # SKIP no " + archive)
    sys.exit()
sys.path += glob.glob("build/peers/lib/python3*/site-packages")
try:
    from fastwarc.warc import ArchiveIterator
    from warcio.archiveiterator import ArchiveIterator as Warcio
except ImportError:
    ArchiveIterator = None

PAGES, OTHERS = ("response", "resource", "conversion"), ("revisit", "request", "metadata", "warcinfo", "continuation", "other")

def lines(path):
    return [json.loads(line) for line in open(path, errors="replace")] if os.path.exists(path) else []

def ours(path, tmp):
    files = [f"{tmp}/{n}" for n in ("out", "drops", "rejects", "manifest")]
    for f in files:
        if os.path.exists(f): os.remove(f)
    r = subprocess.run(["tamis", "extract", "-q", "--max-bad", "1", path, "-o", files[0], "--drops", files[1], "--rejects", files[2],
                        "--manifest", files[3]], capture_output=True, timeout=20)
    if r.returncode == 1 and b"none of" in r.stderr:
        return None, r.returncode
    drops, docs, rejects = collections.Counter(d["reason"] for d in lines(files[1])), len(lines(files[0])), lines(files[2])
    stage = json.load(open(files[3]))["stages"][0] if os.path.exists(files[3]) else None
    balanced = stage and stage["in"] == docs + sum(drops.values()) + len(rejects) and stage["out"] == docs
    pages = docs + sum(n for reason, n in drops.items() if reason not in OTHERS)
    return dict(docs=docs, pages=pages, drops=drops, rejects=collections.Counter(x["reason"] for x in rejects), balanced=balanced), r.returncode

def count(iterate):
    try:
        n = collections.Counter(iterate())
        return sum(n[k] for k in PAGES)
    except Exception:
        return None

with tempfile.TemporaryDirectory() as tmp:
    subprocess.run(f"zstd -dcq {archive} | tar x -C {tmp}", shell=True, check=True)
    files = [f for f in sorted(glob.glob(f"{tmp}/**/*", recursive=True)) if os.path.isfile(f) and os.path.getsize(f)
             and any(k in os.path.basename(f) for k in (".warc", ".arc", ".wat", ".wet", ".wacz"))]
    bad, unequal, compared, total = [], [], 0, collections.Counter()
    for f in files:
        name = f[len(tmp) + 6:]
        got, status = ours(f, tmp)
        if status not in (0, 1) or (got and not got["balanced"]):
            bad.append(f"{name}: exit {status}")
        if got:
            total.update(docs=got["docs"], pages=got["pages"], rejects=sum(got["rejects"].values()), files=1)
        else:
            total.update(unreadable=1)
        if "--table" in sys.argv:
            print("#", name, "nothing in it can be read" if not got else
                  f"{got['docs']} docs, {got['pages']} pages, {dict(got['drops'])}, rejects {dict(got['rejects'])}")
        if not ArchiveIterator or ".wacz" in f:
            continue
        fast = count(lambda: (str(r.record_type).split(".")[-1] for r in ArchiveIterator(open(f, "rb"), parse_http=False)))
        io = count(lambda: (r.rec_type for r in Warcio(open(f, "rb"), arc2warc=True)))
        if fast is not None and fast == io:                  # both read it, to the same end
            compared += 1
            if (got["pages"] if got else 0) != fast:
                unequal.append(f"{name}: {got and got['pages']}, the peers {fast}")
print("1..2")
for x in bad + unequal: print("#", x)
print(f"{'not ' if bad else ''}ok 1 - {len(files)} files end well and balance: {dict(total)}")
print(f"{'not ' if unequal else ''}ok 2 - as many pages as both peers in {compared - len(unequal)} of {compared} files" + ("" if ArchiveIterator else " # SKIP no peers"))
