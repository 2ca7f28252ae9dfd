# embed_quality.py - Spearman on STS-b dev, and purity of k-means (k = 10) on ten labelled domains, for each model beside its peer.
# SPDX-License-Identifier: Apache-2.0
"""Arguments: MINILM POTION DOCS.jsonl (with "domain" and "text"). Prints a table."""
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy

minilm, potion, docs = (os.path.abspath(p) for p in sys.argv[1:4])
here = os.path.dirname(os.path.abspath(__file__))
tamis = os.path.join(here, "..", "bin", "tamis")
pairs = list(csv.reader(open(os.path.join(here, "..", "..", "shared", "data", "neardup", "stsb-en-dev.csv"))))
SEEDS = 5


def run(*args):
    subprocess.run([tamis, *args], check=True, stdout=subprocess.DEVNULL)


def ranks(x):
    order, rank = numpy.argsort(x, kind="stable"), numpy.empty(len(x))
    rank[order] = numpy.arange(len(x))
    for v in numpy.unique(x):                         # equal values share their mean rank
        rank[x == v] = rank[x == v].mean()
    return rank


def spearman(rows):
    rows = rows.astype(numpy.float64)
    rows /= numpy.linalg.norm(rows, axis=1, keepdims=True) + 1e-12
    return numpy.corrcoef(ranks((rows[0::2] * rows[1::2]).sum(1)), ranks(numpy.array([float(p[2]) for p in pairs])))[0, 1]


def purity(matrix):
    domains, found = [json.loads(line)["domain"] for line in open(docs)], []
    for seed in range(SEEDS):
        run("kmeans", "-q", "-k", "10", "--seed", str(seed), "--centroids", "c.npy", "--labels", "l.npy", matrix)
        groups = collections.defaultdict(collections.Counter)
        for domain, label in zip(domains, numpy.load("l.npy").ravel()):
            groups[label][domain] += 1
        found.append(sum(max(g.values()) for g in groups.values()) / len(domains))
    return numpy.mean(found)


def ours(model, file, to):
    run("embed", "-q", "-m", model, "--type", "float32", "--matrix", to, file, "-o", "/dev/null", "--no-manifest")
    return numpy.load(to)


def peer(kind, model, file, to):
    subprocess.run([sys.executable, os.path.join(here, "embed_peer.py"), kind, model, file, to], check=True, capture_output=True)
    return numpy.load(to)


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    with open("sts.jsonl", "w") as f:
        f.writelines(json.dumps({"text": t}) + "\n" for p in pairs for t in p[:2])
    run("embed", "train", "-q", docs, "-o", "lsa")
    print(f"{'model':10} {'STS-b dev Spearman':>20} {'its peer':>10} {'purity, k 10, mean of 5 seeds':>30}")
    for name, model, kind in (("lsa", "lsa", None), ("MiniLM", minilm, "torch"), ("potion", potion, "model2vec")):
        sts = spearman(ours(model, "sts.jsonl", "s.npy"))
        theirs = f"{spearman(peer(kind, model, 'sts.jsonl', 'p.npy')):.4f}" if kind else "-"
        ours(model, docs, "v.npy")
        print(f"{name:10} {sts:20.4f} {theirs:>10} {purity('v.npy'):30.3f}", flush=True)
