# test_embed.py - static vectors against numpy and Hugging Face's tokenizer; k-means labels and prototypes against numpy.
# SPDX-License-Identifier: Apache-2.0
import glob, json, os, subprocess, sys, tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
data = os.path.join(root, "..", "shared", "data")
sys.path[:0] = glob.glob(os.path.join(root, "build/peers/lib/python3*/site-packages"))
try:
    import numpy
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer
except ImportError as e:
    print(f"1..0 # SKIP {e}")
    sys.exit(0)
if not os.path.exists(data):
    print("1..0 # SKIP no ../shared/data")
    sys.exit(0)

tamis, failed = os.path.join(os.environ.get("BIN", os.path.join(root, "bin")), "tamis"), 0


def run(*args):
    subprocess.run([tamis, *args], check=True, stdout=subprocess.DEVNULL)


def ok(number, good, what):
    global failed
    failed += not good
    print(("ok" if good else "not ok"), number, "-", what)


print("1..3")
with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    subprocess.run(["tar", "--zstd", "-xf", f"{data}/models/potion-base-4m-int8.tar.zst"], check=True)
    model = os.path.dirname(glob.glob("**/model.safetensors", recursive=True)[0])
    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    vocabulary = tokenizer.get_vocab()
    run("docs", "-q", "--sample", "0.04", f"{data}/text/domains.jsonl.zst", "-o", "in.jsonl")
    run("embed", "-q", "-m", model, "--type", "float32", "--matrix", "v.npy", "in.jsonl", "-o", "rows.jsonl")
    table, got = load_file(f"{model}/model.safetensors")["embeddings"].astype(numpy.float64), numpy.load("v.npy")
    want = []
    for line in open("in.jsonl"):
        ids = [i for i in tokenizer.encode(json.loads(line)["text"], add_special_tokens=False).ids if i != vocabulary["[UNK]"]]
        mean = table[ids].mean(0)
        want.append(mean / numpy.linalg.norm(mean))
    ok(1, len(want) > 200 and (numpy.array(want) * got).sum(1).min() > 0.99999, "static vectors are model2vec's")

    run("kmeans", "-q", "-k", "12", "--centroids", "c.npy", "--labels", "l.npy", "v.npy")
    run("kmeans", "apply", "-q", "-m", "v.npy", "--centroids", "c.npy", "rows.jsonl", "-o", "clusters.jsonl")
    scores = got.astype(numpy.float64) @ numpy.load("c.npy").astype(numpy.float64).T
    documents = [json.loads(line) for line in open("clusters.jsonl")]
    labels = numpy.array([d["cluster"] for d in documents])
    near = scores.max(1) - scores[numpy.arange(len(labels)), labels]
    same = (labels == numpy.load("l.npy").ravel()).all()
    ok(2, same and near.max() < 1e-5 and abs(numpy.array([d["distance"] for d in documents]) - (1 - scores.max(1))).max() < 1e-5, "labels and distances are numpy's")

    run("prototype", "-q", "--keep", "0.7", "clusters.jsonl", "-o", "kept.jsonl")
    order = numpy.argsort([d["distance"] for d in documents], kind="stable")
    stay = sorted(order[len(order) - round(0.7 * len(order)):])
    ok(3, [json.loads(line)["row"] for line in open("kept.jsonl")] == [documents[i]["row"] for i in stay], "prototypes are numpy's")
sys.exit(failed > 0)
