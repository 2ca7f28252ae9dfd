#!/usr/bin/env python3
"""test_tokenizer_encode.py - ids equal tiktoken's, SentencePiece's and BERT's, on text and on made-up strings.
SPDX-License-Identifier: Apache-2.0
3,000 strings and the small corpora; TAMIS_LONG=1: a million strings and all text in ../shared/data."""
import base64, glob, io, json, os, random, subprocess, sys, tarfile, tempfile

def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)

for site in glob.glob("build/peers/lib/python3*/site-packages"):
    sys.path.insert(0, site)
try:
    import sentencepiece, tiktoken
    from tokenizers import BertWordPieceTokenizer
except ImportError:
    skip("no tiktoken, sentencepiece, tokenizers in build/peers")
DATA = "../shared/data/"
if not os.path.exists(DATA + "tokenizer/tokenizer-dev.tar.zst"):
    skip("no ../shared/data")

TAMIS = os.environ.get("BIN", "bin") + "/tamis"
LONG = bool(os.environ.get("TAMIS_LONG"))
GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
O200K = "|".join([r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                  r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                  r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])

def unpack(path):
    return subprocess.run(["zstd", "-dcq", "--long=27", path], stdout=subprocess.PIPE, check=True).stdout

def texts(folder):
    for name in ("botchan.txt", "taylorswift.txt", "wagahaiwa_nekodearu.txt"):
        yield from open(f"{folder}/{name}", errors="replace", newline="").read().splitlines(True)
    if LONG:
        for path in glob.glob(DATA + "**/*.jsonl.zst", recursive=True):
            for line in unpack(path).decode("utf-8", "replace").splitlines():
                try:
                    d = json.loads(line)
                except ValueError:
                    continue
                if isinstance(d, dict) and isinstance(d.get("text"), str):
                    yield d["text"].encode("utf-8", "replace").decode("utf-8", "replace")

POOLS = ["ab cdE'S't'llRE've  \n\r\t.,;!?/", "aAbB' sStTmMdD\u017f\u212a", " \n\r\t\x0b\x0c\x85\u00a0\u2003\u3000\u2581", "0123456789\u0663\u00b2\u2167\u5341",
         "\u00e9e\u0301\u0308\u00c5\ufb01\uff21\u30ab\u3099\u304c\uff76\uff9e\u1e9b\u0323", "\u65e5\u672c\u8a9e\u732b\u3067\u3042\u308b\u3002\u300c", "\u0410\u0431\u0412\u0301 \u01c5\u02b0\u0e40\u0e01\u0e33\u0939\u093f\u200d",
         "<|endoftext|>[CLS]##s</s><0x41>", "\U0001f600\U0001f468\u200d\U0001f469\ufe0f\U00010400\x00\x7f\u00ad\ufeff"]
def made(n, seed=7):
    r = random.Random(seed)
    for _ in range(n):
        pools = r.sample(POOLS, r.randint(1, 3))
        yield "".join(r.choice(r.choice(pools)) * (r.randint(1, 40) if r.random() < .02 else 1) for _ in range(r.randint(0, 60)))

def ours(model, docs, *more):
    p = subprocess.run([TAMIS, "tokenizer", "encode", "-q", "-m", model, *more, docs], stdout=subprocess.PIPE, check=True)
    return (json.loads(l)["tokens"] for l in p.stdout.decode().splitlines())

n = bad = 0
def ok(good, name):
    global n, bad
    n += 1
    bad += not good
    print(("ok" if good else "not ok") + f" {n} - {name}")

def check(name, model, encode, docs, strings, *more):
    wrong = total = 0
    for s, got in zip(strings, ours(model, docs, *more)):
        want = encode(s)
        total += len(want)
        if want != got:
            wrong += 1
            if wrong <= 3:
                print("#", ascii(s[:300]), want[:40], got[:40])
    ok(wrong == 0, f"{name}: {len(strings)} texts, {total} ids" + (f", {wrong} texts differ" if wrong else ""))

def ranks(path):
    return {base64.b64decode(l.split()[0]): int(l.split()[1]) for l in open(path, "rb") if l.strip()}

with tempfile.TemporaryDirectory() as folder:
    tar = tarfile.open(fileobj=io.BytesIO(unpack(DATA + "tokenizer/tokenizer-dev.tar.zst")))
    for m in tar.getmembers():
        if m.isfile():
            open(f"{folder}/{os.path.basename(m.name)}", "wb").write(tar.extractfile(m).read())
    strings = list(texts(folder)) + list(made(1000000 if LONG else 3000))
    docs = folder + "/docs.jsonl"
    with open(docs, "w") as f:
        for s in strings:
            f.write(json.dumps({"text": s}) + "\n")
    for name, pattern in (("r50k", GPT2), ("cl100k", CL100K), ("o200k", O200K)):
        path = f"{folder}/{name}_base.tiktoken"
        t = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks(path), special_tokens={})
        check(f"{name} as tiktoken", path, t.encode_ordinary, docs, strings)
    for path in sorted(glob.glob(folder + "/*.model")):
        s = sentencepiece.SentencePieceProcessor(model_file=path)
        check(f"{os.path.basename(path)} as SentencePiece", path, s.encode, docs, strings)
    sentencepiece.SentencePieceTrainer.train(input=folder + "/botchan.txt", model_prefix=folder + "/bpe", model_type="bpe", vocab_size=2000, byte_fallback=True, minloglevel=2)
    s = sentencepiece.SentencePieceProcessor(model_file=folder + "/bpe.model")
    check("BPE with byte fallback as SentencePiece", folder + "/bpe.model", s.encode, docs, strings)
    for path, lower in (("bert_base_uncased_vocab.txt", True), ("bert_base_cased_vocab.txt", False)):
        b = BertWordPieceTokenizer(f"{folder}/{path}", lowercase=lower)
        b._tokenizer.encode_special_tokens = True            # special tokens named in the text are text
        check(f"{path} as BERT", f"{folder}/{path}", lambda x: b.encode(x).ids, docs, strings, "--frame")
        b.save(folder + "/bert.json")
        check(f"{path} as BERT's tokenizer.json", folder + "/bert.json", lambda x: b.encode(x).ids, docs, strings, "--frame")
    # our own models: SentencePiece and tokenizers read them, and encode the same
    some = [s.replace("\r", " ").replace("\n", " ") for s in strings]
    with open(docs, "w") as f:
        for s in some:
            f.write(json.dumps({"text": s}) + "\n")
    for kind in ("unigram", "chars"):
        subprocess.run([TAMIS, "tokenizer", "train", "-q", "-V", "4000", "-a", kind, "--normalise", "none", "--format", "sentencepiece", "-o", folder + "/own.model", docs], check=True)
        s = sentencepiece.SentencePieceProcessor(model_file=folder + "/own.model")
        check(f"our {kind} as SentencePiece encodes by it", folder + "/own.model", s.encode, docs, some)
print(f"1..{n}")
sys.exit(bad > 0)
