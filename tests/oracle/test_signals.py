#!/usr/bin/env python3
# test_signals.py - tamis signals against the records of RedPajama-v2's own program, value by value. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys
import tarfile
import tempfile

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
archive = os.path.join(root, "..", "shared", "data", "signals", "golden.tar.zst")
tamis = os.path.join(os.environ.get("BIN", os.path.join(root, "bin")), "tamis")

if not os.path.exists(archive):
    print("1..0 # SKIP no ../shared/data/signals/golden.tar.zst")
    sys.exit()

SCALARS = ["length", "original_length", "nlines", "original_nlines", "language_score", "perplexity"]
BUCKETS = {0.0: "head", 1.0: "middle", 2.0: "tail", None: "all"}


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def unpack(to):
    raw = subprocess.run(["zstd", "-qdc", archive], stdout=subprocess.PIPE, check=True).stdout
    with open(os.path.join(to, "g.tar"), "wb") as f:
        f.write(raw)
    tarfile.open(os.path.join(to, "g.tar")).extractall(to, filter="data") if sys.version_info >= (3, 11, 4) else tarfile.open(os.path.join(to, "g.tar")).extractall(to)
    g = os.path.join(to, "golden", "rpv2")
    lists = os.path.join(g, "artifacts", "bad_urls", "blacklists")      # UT1 has these as links
    for new, old in (("porn", "adult"), ("violence", "agressif")):
        if not os.path.exists(os.path.join(lists, new)):
            os.symlink(old, os.path.join(lists, new))
    return g


def document(doc, record):
    """The input that made this record: its ccnet fields come back out of it."""
    q, m = record["quality_signals"], record["metadata"]
    d = {"id": record["id"], "text": doc["text"], "bucket": BUCKETS[q["ccnet_bucket"][0][2]]}
    for name in SCALARS:
        d[name] = q["ccnet_" + name][0][2]
    d.update({k: m[k] for k in ("cc_segment", "url", "source_domain", "language")})
    return d


def tolerance(name):
    return 1e-6 if "importance" in name else 5e-6 if "_ml_" in name else 0


def same(name, got, want):
    if len(got) != len(want):
        return False
    for a, b in zip(got, want):
        if a[:2] != b[:2] or (a[2] is None) != (b[2] is None) or type(a[2]) is not type(b[2]):
            return False
        if a[2] is not None and abs(a[2] - b[2]) > tolerance(name):
            return False
    return True


def main():
    with tempfile.TemporaryDirectory() as tmp:
        g = unpack(tmp)
        docs = {d["id"]: d for d in lines(os.path.join(g, "dev", "docs.jsonl"))}
        golden = [x for x in lines(os.path.join(g, "dev", "signals.jsonl")) if x["id"] in docs]
        data = "".join(json.dumps(document(docs[x["id"]], x["record"]), ensure_ascii=False) + "\n" for x in golden)
        out = subprocess.run([tamis, "signals", "-q", "--artifacts", os.path.join(g, "artifacts"), "--format", "rpv2"],
                             input=data.encode(), stdout=subprocess.PIPE, check=True).stdout
        got = [json.loads(line) for line in out.decode().splitlines() if line]
    print("1..4")
    print("%sok 1 - a record for every document" % ("" if len(got) == len(golden) and golden else "not "))
    heads = sum(a["id_int"] == x["record"]["id_int"] and a["metadata"] == x["record"]["metadata"] for a, x in zip(got, golden))
    print("%sok 2 - ids and metadata of %d of %d are equal" % ("" if heads == len(golden) else "not ", heads, len(golden)))
    names = [list(a["quality_signals"]) == list(x["record"]["quality_signals"]) for a, x in zip(got, golden)]
    print("%sok 3 - names and order" % ("" if all(names) else "not "))
    total = bad = 0
    for a, x in zip(got, golden):
        for name, want in x["record"]["quality_signals"].items():
            total += 1
            if not same(name, a["quality_signals"][name], want):
                bad += 1
                if bad < 20:
                    print("# %s %s: %s, not %s" % (x["id"], name, str(a["quality_signals"][name])[:100], str(want)[:100]))
    print("%sok 4 - %d of %d signals are equal" % ("" if not bad else "not ", total - bad, total))
    sys.exit(bool(bad) or heads != len(golden) or not all(names))


main()
