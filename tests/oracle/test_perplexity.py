#!/usr/bin/env python3
# test_perplexity.py - models and perplexities are KenLM's and cc_net's, on their own outputs.
# SPDX-License-Identifier: Apache-2.0
import json, math, os, subprocess, sys, tempfile

data = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/data")
if not os.path.exists(data + "/lm/kenlm-5gram.tar.zst"):
    print("1..0 # SKIP no ../shared/data/lm"); sys.exit()
tmp = tempfile.TemporaryDirectory()
os.chdir(tmp.name)
for name in "lm/kenlm-5gram", "signals/golden":
    subprocess.run(f"zstd -dqc {data}/{name}.tar.zst | tar x", shell=True, check=True)
n = bad = 0

def ok(good, name, detail=""):
    global n, bad
    n += 1; bad += not good
    print(("ok" if good else "not ok"), n, "-", name, ("# " + str(detail)) if detail != "" else "")

def tamis(*args, docs):
    text = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in docs)
    out = subprocess.run(["tamis", *args], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(l) for l in out.splitlines()] if b"{" in out else []

def arpa(path):
    orders = []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("\\") and line.endswith("-grams:"): orders.append({})
        elif line and orders and not line.startswith("\\"):
            f = line.split("\t")
            orders[-1][f[1]] = float(f[0]), float(f[2]) if len(f) > 2 else 0.0
    return orders

def farthest(a, b):
    return max((abs(x - y) for k in a for x, y in zip(a[k], b.get(k, (9, 9)))), default=0)

train = [{"text": open("lm/train.txt", encoding="utf-8").read()}]
theirs = arpa("lm/kenlm.arpa")
for memory in "1G", "2M":
    tamis("perplexity", "train", "-q", "-n", "5", "--memory", memory, "-o", f"{memory}.arpa", docs=train)
ours = arpa("1G.arpa")
for order, (a, b) in enumerate(zip(theirs, ours), 1):
    ok(a.keys() == b.keys() and farthest(a, b) < 1e-4, f"{order}-grams are lmplz's", f"{len(a)}, at most {farthest(a, b):.1e}")
ok(open("1G.arpa").read() == open("2M.arpa").read(), "the same model in 2 MB of memory")

lines = open("lm/test.txt", encoding="utf-8").read().splitlines()
totals = [float(l.split()[1]) for l in open("lm/test.kenlm.txt") if l.startswith("Total:")][:len(lines)]
tamis("perplexity", "train", "-q", "-n", "5", "-o", "lm.bin", docs=train)
for model in "lm.bin", "lm/kenlm.arpa":
    got = tamis("perplexity", "-m", model, docs=[{"text": l} for l in lines])
    worst = max(abs(-math.log10(g["perplexity"]) * (len(l.split()) + 1) - t) for g, l, t in zip(got, lines, totals))
    ok(len(got) == len(lines) == len(totals) and worst < 1e-3, f"{model}: totals of test.txt are KenLM's", f"at most {worst:.1e}")

texts = {d["id"]: d["text"] for d in map(json.loads, open("golden/rpv2/dev/docs.jsonl"))}
gold = [g for g in map(json.loads, open("golden/ccnet/dev/perplexity.jsonl")) if g["perplexity"] is not None]
for lang in "en", "de":
    want = [g for g in gold if g["language"] == lang]
    models = f"golden/ccnet/models/{lang}"
    for suffix in "arpa.bin", "arpa":
        got = tamis("perplexity", "-m", f"{models}.{suffix}", "--pieces", f"{models}.sp.model", "--like", "ccnet",
                    docs=[{"id": g["id"], "lang": lang, "text": texts[g["id"]]} for g in want])
        same = sum((g["perplexity"], g["bucket"]) == (w["perplexity"], w["bucket"]) for g, w in zip(got, want))
        ok(same == len(want) == len(got) > 0, f"{lang}, {suffix}: perplexities and buckets are cc_net's", f"{same} of {len(want)}")
print(f"1..{n}")
sys.exit(bad > 0)
