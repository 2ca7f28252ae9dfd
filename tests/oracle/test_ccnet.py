#!/usr/bin/env python3
# test_ccnet.py - line dedup and its normaliser against what cc_net itself computed.
# SPDX-License-Identifier: Apache-2.0
import json, os, subprocess, sys, tempfile

golden = "../shared/data/signals/golden.tar.zst"
if not os.path.exists(golden):
    print("1..0 # SKIP no " + golden)
    sys.exit()
with tempfile.TemporaryDirectory() as tmp:
    subprocess.run(f"zstd -dcq {golden} | tar x -C {tmp} --wildcards '*ccnet/dev/dedup.jsonl'", shell=True, check=True)
    rows = [json.loads(line) for line in open(f"{tmp}/golden/ccnet/dev/dedup.jsonl")]
    with open(f"{tmp}/in.jsonl", "w") as f:
        for r in rows:
            print(json.dumps({"id": r["id"], "raw_content": r["raw_content"]}), file=f)
    tests = [("two_pass", ["--keep", "none"]), ("one_pass_keep_first", [])]
    print(f"1..{2 * len(tests)}")
    n = 0
    for want, options in tests:
        for threads in "14":
            cmd = ["tamis", "dedup", "--by", "line", "--normalise", "ccnet", "--text-field", "raw_content", "-j", threads, *options, f"{tmp}/in.jsonl"]
            got = {d["id"]: d for d in map(json.loads, subprocess.run(cmd, check=True, capture_output=True, encoding="utf-8").stdout.strip("\n").split("\n"))}
            bad = []
            for r in rows:
                w, g = r[want], got.get(r["id"])
                fields = ("raw_content", "length", "nlines", "original_nlines", "line_ids")
                if (w is None) != (g is None) or w and any(w[k] != g[k] for k in fields):
                    bad.append(r["id"])
            n += 1
            for b in bad[:5]:
                print("# differs:", b)
            print(f"{'not ' if bad else ''}ok {n} - {want} -j{threads}: {len(rows) - len(bad)} of {len(rows)} documents equal")
