#!/usr/bin/env python3
# score_folds.py - AUC of `tamis score train` and of a fastText classifier on the same folds.
# SPDX-License-Identifier: Apache-2.0
#
#     bench/score_folds.py FILE.jsonl.zst     documents with "text" and "label", 0 or 1
#
# The folds are those of score train: rng_at(seed, row, 0) % 5 (core/rng.h). fastText's text is the reference recipe of
# RedPajama's classifiers: one line a document; lr, dim, epochs as given below; its score is p(__label__1).
import json
import os
import subprocess
import sys
import tempfile

M = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
TRIES = [("fastText, defaults", []), ("fastText, lr 0.5, 25 epochs, word pairs", ["-lr", "0.5", "-epoch", "25", "-wordNgrams", "2"])]


def mix(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & M
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & M
    return x ^ (x >> 31)


def fold(row, seed=0):
    return mix((mix((mix((seed + GOLDEN) & M) + row) & M) + GOLDEN) & M) % 5


def auc(pairs):
    good = [p for p, y in pairs if y]
    bad = [p for p, y in pairs if not y]
    return sum((g > b) + (g == b) / 2 for g in good for b in bad) / (len(good) * len(bad))


def fasttext(docs, options, tmp):
    scores, means = {}, []
    for k in range(5):
        rows = [i for i in range(len(docs)) if fold(i) == k]
        with open(os.path.join(tmp, "train"), "w", encoding="utf-8") as f:
            for i, d in enumerate(docs):
                if fold(i) != k:
                    f.write("__label__%d %s\n" % (d["label"], " ".join(d["text"].split())))
        model = os.path.join(tmp, "m")
        subprocess.run(["fasttext", "supervised", "-input", os.path.join(tmp, "train"), "-output", model, "-thread", "1", "-bucket", "200000", *options],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        lines = "".join(" ".join(docs[i]["text"].split()) + "\n" for i in rows)
        out = subprocess.run(["fasttext", "predict-prob", model + ".bin", "-", "2"], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
        for i, line in zip(rows, out.splitlines()):
            words = line.split()
            scores[i] = dict(zip(words[::2], map(float, words[1::2]))).get("__label__1", 0.0)
        means.append(auc([(scores[i], docs[i]["label"]) for i in rows]))
    return sum(means) / 5, auc([(scores[i], d["label"]) for i, d in enumerate(docs)])


raw = subprocess.run(["zstd", "-qdc", sys.argv[1]], stdout=subprocess.PIPE, check=True).stdout
documents = [json.loads(line) for line in raw.decode().strip().split("\n")]
with tempfile.TemporaryDirectory() as folder:
    for features in ("signals", "text", "both"):
        said = subprocess.run(["tamis", "score", "train", "--features", features, sys.argv[1], "-o", os.path.join(folder, "m.json")], stdout=subprocess.PIPE, check=True)
        print("  tamis score train, %s: %s" % (features, said.stdout.decode().splitlines()[1]), flush=True)
    for name, more in TRIES:
        print("  %s: AUC of 5 folds: mean %.4f, pooled %.4f" % (name, *fasttext(documents, more, folder)), flush=True)
