# test_semdedup.py - semdedup against all pairs in numpy, on real documents with planted paraphrases; recall and false removals over epsilon.
# SPDX-License-Identifier: Apache-2.0
import glob, json, os, random, re, subprocess, sys, tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
data = os.path.join(root, "..", "shared", "data", "text", "domains.jsonl.zst")
sys.path[:0] = glob.glob(os.path.join(root, "build/peers/lib/python3*/site-packages"))
try:
    import numpy
except ImportError as e:
    print(f"1..0 # SKIP {e}")
    sys.exit(0)
if not os.path.exists(data):
    print("1..0 # SKIP no ../shared/data")
    sys.exit(0)

tamis = os.path.join(os.environ.get("BIN", os.path.join(root, "bin")), "tamis")
EPSILON = (0.01, 0.03, 0.07, 0.15, 0.3)
PER_KIND = int(os.environ.get("PER_KIND", "40"))
SYNONYMS = dict(zip(
    "big small large use make show get find give start end help good bad many new old fast file list way often also but shall need begin".split(),
    "huge little great employ create display obtain locate hand begin finish aid fine poor several fresh ancient quick document series manner frequently too yet will require start".split()))


def sentences(text):
    return [s for s in re.split(r"(?<=[.!?\n])\s+", text) if s.strip()]


def drop(share):
    def edit(text, rng):
        kept = [s for s in sentences(text) if rng.random() >= share]
        return " ".join(kept) if kept else text
    return edit


def shuffle(text, rng):
    some = sentences(text)
    rng.shuffle(some)
    return " ".join(some)


def synonyms(text, rng):
    return re.sub(r"[a-z]+", lambda m: SYNONYMS.get(m[0], m[0]), text)


EDITS = {"shuffle": shuffle, "synonyms": synonyms, "drop 10 %": drop(0.1), "drop 20 %": drop(0.2), "drop 40 %": drop(0.4)}


def plant(documents):
    """Documents, with edited copies behind them; the family of each is the number of its original."""
    rng = random.Random(7)
    long = [i for i, d in enumerate(documents) if len(sentences(d["text"])) >= 8]
    out = [dict(d, family=i, edit="") for i, d in enumerate(documents)]
    for edit, (name, fn) in enumerate(EDITS.items()):
        for i in long[edit * PER_KIND : (edit + 1) * PER_KIND]:
            out.append({"id": f"planted{len(out)}", "text": fn(documents[i]["text"], rng), "family": i, "edit": name})
    return out


def oracle(rows, documents, epsilon):
    """Kept ids: from the farthest to the nearest of a cluster, a row goes when a row that stays is too like it. None: a cosine lies on the border."""
    kept = set()
    for c in {d["cluster"] for d in documents}:
        members = sorted((i for i, d in enumerate(documents) if d["cluster"] == c), key=lambda i: (-documents[i]["distance"], i))
        stay = []
        for i in members:
            cosines = rows[[documents[j]["row"] for j in stay]] @ rows[documents[i]["row"]] if stay else numpy.zeros(1)
            if abs(cosines - (1 - epsilon)).min() < 2e-6:
                return None
            if cosines.max() <= 1 - epsilon:
                stay.append(i)
        kept |= {documents[i]["id"] for i in stay}
    return kept


def run(*args):
    return subprocess.run([tamis, *args], check=True, capture_output=True, text=True).stdout


def measure(k, epsilon, documents, rows):
    """Is it the oracle's set; the share of planted copies that lost themselves or their original; removals across families."""
    run("semdedup", "-q", "-m", "v.npy", "--epsilon", str(epsilon), "--drops", "drops.jsonl", f"c{k}.jsonl", "-o", "out.jsonl")
    kept, want = {json.loads(line)["id"] for line in open("out.jsonl")}, oracle(rows, documents, epsilon)
    if want is None:
        return measure(k, epsilon + 1e-5, documents, rows)
    gone = {d["family"] for d in documents if d["id"] not in kept}
    share = {e: numpy.mean([d["family"] in gone for d in documents if d["edit"] == e]) for e in EDITS}
    family = {d["id"]: d["family"] for d in documents}
    drops = [json.loads(line) for line in open("drops.jsonl")]
    return kept == want, share, sum(family[d["id"]] != family[d["twin"]] for d in drops), len(drops)


print(f"1..{2 * len(EPSILON)}")
with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    run("docs", "-q", "--sample", os.environ.get("SAMPLE", "0.12"), "--select", "id,domain,text", data, "-o", "plain.jsonl")
    with open("in.jsonl", "w") as f:
        f.writelines(json.dumps(d) + "\n" for d in plant([json.loads(line) for line in open("plain.jsonl")]))
    run("embed", "train", "-q", "plain.jsonl", "-o", "lsa")
    run("embed", "-q", "-m", "lsa", "--type", "float32", "--matrix", "v.npy", "in.jsonl", "-o", "rows.jsonl")
    rows, test = numpy.load("v.npy").astype(numpy.float64), 0
    for k in (1, 10):
        run("kmeans", "-q", "-k", str(k), "--centroids", "c.npy", "v.npy")
        run("kmeans", "apply", "-q", "-m", "v.npy", "--centroids", "c.npy", "rows.jsonl", "-o", f"c{k}.jsonl")
        documents = [json.loads(line) for line in open(f"c{k}.jsonl")]
        print(f"# {k} cluster(s): epsilon, share of planted pairs that lost one ({', '.join(EDITS)}), removals whose twin is of another family")
        for epsilon in EPSILON:
            same, share, other, n = measure(k, epsilon, documents, rows)
            test += 1
            print(f"#   {epsilon:<5} {' '.join(f'{share[e]:.2f}' for e in EDITS)}   {other} of {n}")
            print("ok" if same else "not ok", test, f"- {k} cluster(s), epsilon {epsilon}: the same documents as all pairs")
