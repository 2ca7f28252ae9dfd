#!/usr/bin/env python3
# test_kenlm.py - models are lmplz's for every order and pruning; KenLM's binaries score as KenLM's query. Needs tools/peer-kenlm.
# SPDX-License-Identifier: Apache-2.0
import json, os, shutil, subprocess, sys, tempfile

top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
data = top + "/../shared/data/lm/kenlm-5gram.tar.zst"
bin = os.path.abspath(top + "/build/peers/bin") + "/"
if not os.path.exists(data) or not all(shutil.which(bin + p) for p in ("lmplz", "build_binary", "query")):
    print("1..0 # SKIP no ../shared/data/lm, or no KenLM (tools/peer-kenlm)"); sys.exit()
tmp = tempfile.TemporaryDirectory()
os.chdir(tmp.name)
subprocess.run(f"zstd -dqc {data} | tar x", shell=True, check=True)
n = bad = 0

def ok(good, name, detail=""):
    global n, bad
    n += 1; bad += not good
    print(("ok" if good else "not ok"), n, "-", name, ("# " + str(detail)) if detail != "" else "")

def run(command, **more):
    return subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

def arpa(path):
    orders = []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("\\") and line.endswith("-grams:"): orders.append({})
        elif line and orders and not line.startswith("\\"):
            f = line.split("\t")
            orders[-1][f[1]] = float(f[0]), float(f[2]) if len(f) > 2 else 0.0
    return orders

def score(model, lines):
    """(sum of log10 p, words) of every line, by tamis."""
    docs = "".join(json.dumps({"text": l}) + "\n" for l in lines)
    got = run(f"tamis perplexity -m {model}", input=docs.encode())
    if got.returncode: return got.stderr.decode()
    import math
    return [-math.log10(json.loads(l)["perplexity"]) * (len(x.split()) + 1) for l, x in zip(got.stdout.splitlines(), lines)]

open("train.jsonl", "w").write(json.dumps({"text": open("lm/train.txt", encoding="utf-8").read()}) + "\n")
for order, prune in (2, ""), (3, "0 1"), (5, "0 0 1"), (5, "0 1 2 3"), (6, "0 0 0 1"):
    run(f"{bin}lmplz -S 100M -o {order} --discount_fallback {'--prune ' + prune if prune else ''} <lm/train.txt >theirs.arpa").check_returncode()
    run(f"tamis perplexity train -q -n {order} {'--prune ' + prune.replace(' ', ',') if prune else ''} train.jsonl -o ours.arpa").check_returncode()
    a, b = arpa("theirs.arpa"), arpa("ours.arpa")
    far = max(abs(x - y) for p, q in zip(a, b) for k in p for x, y in zip(p[k], q.get(k, (99, 99))))
    ok([p.keys() for p in a] == [q.keys() for q in b] and far < 1e-4, f"order {order}, --prune {prune or 'nothing'}: the model is lmplz's",
       f"{'/'.join(str(len(p)) for p in a)} n-grams, at most {far:.1e}")

lines = open("lm/test.txt", encoding="utf-8").read().splitlines() + ["", "unheardof words only", "  spaces\tand  tabs "]
lines = [l for l in lines if l.strip()]
for prune in "", "--prune 0 0 1":
    run(f"{bin}lmplz -S 100M -o 5 --discount_fallback {prune} <lm/train.txt >m.arpa").check_returncode()
    for kind in "probing", "-p 1.2 probing", "trie", "-q 8 trie", "-q 7 -b 5 trie", "-a 22 trie", "-a 3 trie", "-a 64 -q 8 -b 8 trie":
        run(f"{bin}build_binary {kind} m.arpa m.binary").check_returncode()
        out = run(f"{bin}query m.binary", input="\n".join(lines).encode() + b"\n").stdout.decode()
        totals = [float(l.split("Total: ")[1].split()[0]) for l in out.splitlines() if "Total: " in l and "OOV" in l][:len(lines)]
        got = score("m.binary", lines)
        worst = max(abs(g - t) for g, t in zip(got, totals))
        ok(len(got) == len(totals) == len(lines) and worst < 1e-3, f"build_binary {kind} {prune}: totals are query's", f"{len(lines)} lines, at most {worst:.1e}")
print(f"1..{n}")
sys.exit(bad > 0)
