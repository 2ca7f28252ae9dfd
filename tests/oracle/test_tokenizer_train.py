#!/usr/bin/env python3
"""test_tokenizer_train.py - merges and vocabulary equal Hugging Face's, and its library reads our file.
SPDX-License-Identifier: Apache-2.0
Sizes and corpora: 8k on three small ones; TAMIS_LONG=1 adds domains.jsonl and 32k."""
import glob, io, json, os, subprocess, sys, tarfile, tempfile

def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)

for site in glob.glob("build/peers/lib/python3*/site-packages"):
    sys.path.insert(0, site)
try:
    from tokenizers import Tokenizer, Regex, models, pre_tokenizers, trainers
except ImportError:
    skip("no tokenizers in build/peers")
DATA = "../shared/data/"
if not os.path.exists(DATA + "tokenizer/tokenizer-dev.tar.zst"):
    skip("no ../shared/data")

TAMIS = os.environ.get("BIN", "bin") + "/tamis"
LONG = bool(os.environ.get("TAMIS_LONG"))
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

def unpack(path):
    return subprocess.run(["zstd", "-dcq", "--long=27", path], stdout=subprocess.PIPE, check=True).stdout

def corpora():
    tar = tarfile.open(fileobj=io.BytesIO(unpack(DATA + "tokenizer/tokenizer-dev.tar.zst")))
    for m in tar.getmembers():
        if m.name.endswith(".txt") and "vocab" not in m.name:
            yield os.path.basename(m.name), tar.extractfile(m).read().decode("utf-8", "replace").splitlines(True)
    yield "tinyshakespeare", unpack(DATA + "text/tinyshakespeare.txt.zst").decode().splitlines(True)
    if LONG:
        yield "domains", [json.loads(l)["text"] for l in unpack(DATA + "text/domains.jsonl.zst").decode().splitlines()]

def theirs(texts, size, split):
    t = Tokenizer(models.BPE())
    if split == "gpt2":
        t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, min_frequency=2, special_tokens=["<|endoftext|>"], show_progress=False,
                                                     initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return t

def ours(texts, size, split, folder):
    docs, out = folder + "/docs.jsonl", folder + "/tokenizer.json"
    with open(docs, "w") as f:
        for text in texts:
            f.write(json.dumps({"text": text}) + "\n")
    subprocess.run([TAMIS, "tokenizer", "train", "-q", "-V", str(size), "--split", split, "--digits", "free", "--normalise", "none", "--whitespace-runs", "0", "-o", out, docs], check=True)
    return out

n = bad = 0
def ok(good, name):
    global n, bad
    n += 1
    bad += not good
    print(("ok" if good else "not ok") + f" {n} - {name}")

for name, texts in corpora():
    for size in ([8000, 32000] if LONG else [8000]):
        for split in ("gpt2", "llama3"):
            with tempfile.TemporaryDirectory() as folder:
                t, path = theirs(texts, size, split), ours(texts, size, split, folder)
                a, b = json.loads(t.to_str())["model"], json.load(open(path))["model"]
                ok(a["vocab"] == b["vocab"] and a["merges"] == b["merges"], f"{name} {size} {split}: the same {len(b['merges'])} merges and {len(b['vocab'])} tokens")
                back = Tokenizer.from_file(path)
                some = texts[:: max(1, len(texts) // 500)]
                ok(all(t.encode(x).ids == back.encode(x).ids for x in some), f"{name} {size} {split}: Hugging Face reads our file and encodes the same")
print(f"1..{n}")
sys.exit(bad > 0)
