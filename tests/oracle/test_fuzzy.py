#!/usr/bin/env python3
# test_fuzzy.py - signatures against RedPajama-v2's and datatrove's own, removals against exact Jaccard similarity.
# SPDX-License-Identifier: Apache-2.0
import glob, json, os, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
data = os.path.join(root, "..", "shared", "data")
if not os.path.exists(data):
    print("1..0 # SKIP no ../shared/data"); sys.exit(0)
sys.path.insert(0, here)
import jaccard
for site in glob.glob(os.path.join(root, "build/peers/lib/python3*/site-packages")):
    sys.path.append(site)
tmp = tempfile.TemporaryDirectory()
count = 0


def ok(good, name):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}")


def write(name, docs):
    path = os.path.join(tmp.name, name)
    with open(path, "w") as f:
        f.writelines(json.dumps(d, ensure_ascii=False) + "\n" for d in docs)
    return path


def lines(path):
    with open(path) as f:
        return [json.loads(l) for l in f]


def tamis(*args):
    out = subprocess.run(["tamis", *args], capture_output=True, check=True, cwd=tmp.name).stdout.decode()
    return [json.loads(l) for l in out.split("\n") if l]


def rpv2():
    subprocess.run(["tar", "--zstd", "-xf", f"{data}/signals/golden.tar.zst", "-C", tmp.name, "golden/rpv2/dev"], check=True)
    golden = os.path.join(tmp.name, "golden/rpv2/dev/")
    docs = os.path.join(golden, "docs.jsonl")
    want = {d["id"]: d for d in lines(golden + "minhash.jsonl")}
    got = tamis("fuzzy", "--like", "rpv2:0.8", "--signatures-only", docs)
    columns = ["signature_sim1.0", "signature_sim0.9", "signature_sim0.8", "signature_sim0.7"]
    bad = [d["id"] for d in got if d["id"] in want and any(d[c] != want[d["id"]][c] for c in columns)]
    ok(not bad and len(got) >= len(want) > 100, f"RedPajama-v2's signatures on {len(want)} documents {bad[:3] or ''}")

    clusters = json.load(open(golden + "lsh_clusters.json"))
    for t in ("0.7", "0.8", "0.9", "1.0"):
        groups = {}
        for d in tamis("fuzzy", "--like", "rpv2:" + t, "--verify", "none", "--components", "--annotate", docs):
            if "group" in d:
                groups.setdefault(d["group"], set()).add(d["id"])
        ok(sorted(map(sorted, groups.values())) == sorted(sorted(c["ids"]) for c in clusters[t]), f"RedPajama-v2's clusters at {t}")


def datatrove():
    name = "datatrove's signatures, of words parted by white space"
    try:
        import numpy  # noqa: F401
        from datatrove.pipeline.dedup import minhash
        from datatrove.utils.text import simplify_text
        minhash.load_word_tokenizer = lambda language: type("Split", (), {"word_tokenize": staticmethod(str.split)})
        peer = minhash.MinhashDedupSignature(tmp.name)
        peer.get_shingles("it does not run with every version of xxhash")
    except (ImportError, TypeError) as e:
        return skip(name, e)
    texts = [d["text"] for d in lines(os.path.join(tmp.name, "golden/rpv2/dev/docs.jsonl"))]
    texts += [d["text"] for d in jaccard.corpus(f"{data}/text/domains.jsonl.zst", every=40, copies=0)]
    got = tamis("fuzzy", "--like", "datatrove", "--signatures-only", write("dt.jsonl", [{"id": i, "text": t} for i, t in enumerate(texts)]))
    bad = []
    for i, t in enumerate(texts):
        h = peer.get_shingles(t)
        want = [v for band in peer.get_signature(h) for v in band] if h.size else None
        if got[i]["signature"] != want:
            bad.append(i)
    ok(not bad, f"{name}: {len(texts)} texts, {len(bad)} differ {bad[:5] or ''}")
    for i in bad[:3]:
        print("#", repr(simplify_text(texts[i])[:200]))


def truth():
    docs = jaccard.corpus(f"{data}/text/domains.jsonl.zst", every=6, copies=400, most=20000)
    path, sets = write("edits.jsonl", docs), [jaccard.shingles(d["text"]) for d in docs]
    kept = {d["id"] for d in tamis("fuzzy", path, "--drops", "drops", "--pairs", "pairs")}
    drops, pairs = lines(tmp.name + "/drops"), lines(tmp.name + "/pairs")
    exact = jaccard.all_pairs(sets, 0.8)
    false = [d for d in drops if d["twin"] not in kept or jaccard.jaccard(sets[int(d["id"])], sets[int(d["twin"])]) < 0.8]
    ok(drops and not false, f"{len(drops)} documents went, all alike to a copy that stayed {false[:2] or ''}")
    wrong = [d for d in drops if abs(jaccard.jaccard(sets[int(d["id"])], sets[int(d["twin"])]) - d["similarity"]) > 6e-5]
    ok(not wrong, f"their similarities are exact {wrong[:2] or ''}")
    found = {(int(p["a"]), int(p["b"])) for p in pairs}
    ok(found <= set(exact), "all pairs told are pairs")
    ok(len(found) >= 0.99 * len(exact), f"{len(found)} of {len(exact)} pairs were found")
    high = [p for p, s in exact.items() if s >= 0.9]
    ok(set(high) <= found, f"all {len(high)} pairs at 0.9 and more were found")


def planted():
    for n in (1000, 2500):
        path = f"{data}/neardup/articles-{n}.jsonl.zst"
        want = sorted(tuple(sorted(l.split())) for l in open(path.replace("jsonl.zst", "truth")) if l.strip())
        tamis("fuzzy", path, "--pairs", "pairs")
        ok(sorted(tuple(sorted((p["a"], p["b"]))) for p in lines(tmp.name + "/pairs")) == want, f"articles-{n}: its {len(want)} pairs, nothing else")


rpv2()
datatrove()
truth()
planted()
print(f"1..{count}")
