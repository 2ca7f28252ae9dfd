# fuzzy_recall.py - what fuzzy finds and removes, against every pair's exact Jaccard similarity.
# SPDX-License-Identifier: Apache-2.0
#
#   fuzzy_recall.py [EVERY [COPIES]]      every EVERY-th document of domains.jsonl, COPIES edited copies
import collections, json, os, subprocess, sys, tempfile

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(root, "tests/oracle"))
import jaccard

every, copies = (list(map(int, sys.argv[1:])) + [1, 2000])[:2]
data = os.path.join(root, "../shared/data/text/domains.jsonl.zst")
docs = jaccard.corpus(data, every, copies)
sets = [jaccard.shingles(d["text"]) for d in docs]
exact = jaccard.all_pairs(sets, 0.4)
print(f"{len(docs)} documents, {sum(len(d['text']) for d in docs) / 1e6:.1f} MB, {len(exact)} pairs of similarity 0.4 and more")
with tempfile.TemporaryDirectory() as tmp:
    path = tmp + "/docs.jsonl"
    with open(path, "w") as f:
        f.writelines(json.dumps(d) + "\n" for d in docs)

    def fuzzy(*args):
        subprocess.run([root + "/bin/tamis", "fuzzy", path, "-o", tmp + "/out.jsonl", "--no-manifest", "-q", *args], check=True)

    def lines(name):
        return [json.loads(l) for l in open(f"{tmp}/{name}")]

    fuzzy("-s", "0.4", "--bands", "18", "--rows", "7", "--pairs", tmp + "/pairs")
    found = {(int(p["a"]), int(p["b"])) for p in lines("pairs")}
    fuzzy("-s", "0.8", "--drops", tmp + "/drops")
    kept, drops = {int(d["id"]) for d in lines("out.jsonl")}, lines("drops")
bins = collections.defaultdict(list)
for pair, s in exact.items():
    bins[min(int(s * 20 + 1e-9), 20)].append((s, pair in found))
print("similarity      pairs   found   theory (18 bands of 7)")
for k in sorted(bins):
    sims = [s for s, _ in bins[k]]
    theory = sum(1 - (1 - s ** 7) ** 18 for s in sims) / len(sims)
    print(f"{k / 20:.2f} to {min(k / 20 + .05, 1):.2f} {len(sims):8d}  {100 * sum(f for _, f in bins[k]) / len(sims):6.2f} %  {100 * theory:6.2f} %")
print("pairs told that are none:", len(found - set(exact)))
false = sum(int(d["twin"]) not in kept or jaccard.jaccard(sets[int(d["id"])], sets[int(d["twin"])]) < 0.8 for d in drops)
missed = {j for (i, j), s in exact.items() if s >= 0.8 and i in kept and j in kept}
print(f"at 0.8: {len(drops)} documents went, {false} of them falsely; {len(missed)} stayed beside a copy of similarity 0.8 or more")
