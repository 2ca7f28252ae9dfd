# test_pack.py - the shards as Megatron-LM's, llm.c's and MosaicML's readers see them, and the shares that mix gives.
# SPDX-License-Identifier: Apache-2.0
# Wants torch, and without what they further ask for (pip install --no-deps): megatron-core, mosaicml-streaming, python-snappy,
# cramjam, zstd, torchvision.
import glob, json, os, subprocess, sys, tempfile, warnings
from collections import Counter

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
data = os.path.join(root, "..", "shared", "data")
sys.path[:0] = glob.glob(os.path.join(root, "build/peers/lib/python3*/site-packages"))
warnings.simplefilter("ignore")
try:
    import numpy
    from megatron.core.datasets.indexed_dataset import IndexedDataset
    from streaming.base.format.index import get_index_basename
    from streaming.base.format import reader_from_json
    from streaming.base.hashing import get_hash
    from tokenizers import Tokenizer
except Exception as e:                                       # peers of versions that do not fit together fail in other ways too
    print(f"1..0 # SKIP {e}")
    sys.exit(0)
if not os.path.exists(data):
    print("1..0 # SKIP no ../shared/data")
    sys.exit(0)

tamis, number, failed = os.path.join(os.environ.get("BIN", os.path.join(root, "bin")), "tamis"), 0, 0
LENGTH, PART = 512, 200_000


def run(*args):
    subprocess.run([tamis, *args], check=True, stdout=subprocess.DEVNULL)


def ok(good, what):
    global number, failed
    number, failed = number + 1, failed + (not good)
    print("ok" if good else "not ok", number, "-", what)


def llmc(prefix):                                            # the header that train_gpt2.c's and train_gpt2.cu's loaders check
    parts = []
    for path in sorted(glob.glob(f"{prefix}_0*.bin")):
        head = numpy.fromfile(path, "<i4", 256)
        assert (head[0], head[1]) == (20240520, 1), head[:2]
        tokens = numpy.fromfile(path, "<u2", offset=1024)
        assert head[2] == len(tokens) <= PART
        parts.append(tokens)
    assert len(parts) > 1
    return numpy.concatenate(parts)


def mds(prefix):                                             # one array a sample, by MosaicML's own reader, after its own check of hashes
    folder, samples = f"{prefix}_mds", []
    index = json.load(open(os.path.join(folder, get_index_basename())))
    assert len(index["shards"]) > 1
    for entry in index["shards"]:
        raw = open(os.path.join(folder, entry["raw_data"]["basename"]), "rb").read()
        assert get_hash("xxh3_64", raw) == entry["raw_data"]["hashes"]["xxh3_64"] and len(raw) == entry["raw_data"]["bytes"]
        reader = reader_from_json(folder, None, entry)
        samples += [reader[i]["tokens"] for i in range(reader.samples)]
    return samples


def some_documents(path):                                    # every 20th of domains.jsonl; their texts, in order
    lines = subprocess.run(["zstd", "-dc", f"{data}/text/domains.jsonl.zst"], check=True, capture_output=True).stdout.splitlines()[::20]
    with open(path, "wb") as f:
        f.write(b"\n".join(lines) + b"\n")
    return [json.loads(line)["text"] for line in lines]


def rows(stream, pad):
    whole = numpy.full(-(-len(stream) // LENGTH) * LENGTH, pad, stream.dtype)
    whole[:len(stream)] = stream
    return whole.reshape(-1, LENGTH)


def readers():
    texts = some_documents("docs.jsonl")
    run("tokenizer", "train", "-V", "5000", "docs.jsonl", "-o", "t.json")
    tokenizer = Tokenizer.from_file("t.json")
    end = tokenizer.token_to_id("<|endoftext|>")
    expected = [numpy.array(x.ids + [end], "<u2") for x in tokenizer.encode_batch(texts, add_special_tokens=False)]
    stream = numpy.concatenate(expected)

    run("pack", "-m", "t.json", "-f", "megatron,llmc,mds,npy", "-L", str(LENGTH), "--shard-tokens", str(PART), "docs.jsonl", "-o", "c")
    run("pack", "-m", "t.json", "-f", "mds,megatron", "--pack", "none", "--shard-tokens", str(PART), "docs.jsonl", "-o", "n")
    dataset = IndexedDataset("c")
    ok(len(dataset) == len(expected) and all(numpy.array_equal(a, b) for a, b in zip(dataset, expected)), "Megatron's IndexedDataset: each document's tokens")
    ok(numpy.array_equal(dataset.document_indices, numpy.arange(len(expected) + 1)), "and its document boundaries")
    ok(numpy.array_equal(llmc("c"), stream), "llm.c's files: the tokens end to end, over several files")
    ok(numpy.array_equal(numpy.stack(mds("c")), rows(stream, end)), "MosaicML's MDS reader: rows of one length")
    ok(numpy.array_equal(numpy.load("c.npy"), rows(stream, end)), "numpy: the same rows")
    ok(all(numpy.array_equal(a, b) for a, b in zip(mds("n"), expected, strict=True)), "MosaicML's MDS reader: documents, each with its own length")


def shares():
    docs, weights = f"{data}/text/domains.jsonl.zst", {"books-de": 1, "books-en": 3, "code-c": 2, "code-python": 2, "docs-cpp": 1.5, "law-de": 0.5, "peps": 2, "recipes": 0.1, "rfcs-rust": 1, "tldr-en": 0.4}
    total = sum(weights.values())
    json.dump(weights, open("w.json", "w"))
    run("mix", "-w", "w.json", "-m", "t.json", docs, "-o", "mixed.jsonl.zst")
    run("pack", "-m", "t.json", "-f", "megatron", "mixed.jsonl.zst", "-o", "m")
    pieces = subprocess.run(["zstd", "-dc", "m.docs.jsonl.zst"], check=True, capture_output=True).stdout.splitlines()
    domain = {}
    for line in subprocess.run(["zstd", "-dc", docs], check=True, capture_output=True).stdout.splitlines():
        d = json.loads(line)
        domain[d["id"]] = d["domain"]
    tokens = Counter()
    for line in pieces:
        p = json.loads(line)
        tokens[domain[p["id"]]] += p["tokens"]
    dataset = IndexedDataset("m")                            # named: its arrays end with it
    assert sum(tokens.values()) == int(dataset.sequence_lengths.sum())
    worst = max(abs(tokens[k] / sum(tokens.values()) - w / total) for k, w in weights.items())
    print(f"# the share farthest from its weight is off by {100 * worst:.4f} %")
    ok(worst < 0.001, "mix and pack give every domain its share of tokens within 0.1 %")


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    readers()
    shares()
print(f"1..{number}")
sys.exit(failed > 0)
