#!/usr/bin/env python3
"""test_tokenizer_encode.py - ids equal tiktoken's, SentencePiece's and BERT's, on text and on made-up strings.
SPDX-License-Identifier: Apache-2.0
3,000 strings and the small corpora; TAMIS_LONG=1: a million strings and all text in ../shared/data."""
import base64, glob, io, json, os, random, subprocess, sys, tarfile, tempfile, unicodedata

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
        book = open(f"{folder}/{name}", errors="replace", newline="").read()
        yield from [*book.splitlines(True), book]
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
         "<|endoftext|>[CLS]##s</s><0x41>", "\U0001f600\U0001f468\u200d\U0001f469\ufe0f\U00010400\x00\x7f\u00ad\ufeff", "\u0627\u0644\u0651\u064e\u05d0\u05bc\u200f\u061f",
         "\u1100\u1161\u11a8\uac00\ub098\u0bb5\u0bcd\u0b95\u0bbe", "\U0001f3f4\U000e0067\U000e007f\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd\u20e3", "".join(map(chr, range(33))), "\ud800\udfff\udc80a "]
# Any character that Python's tables (Unicode 14) know: newer ones have other classes in newer tables.
KNOWN = [chr(c) for c in range(0x30000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co") and c != 0x180E]
def made(n, seed=7):
    """Strings of 0 to 60 characters, of one to three scripts, some with runs of up to 40; every eighth has characters of any script."""
    r = random.Random(seed)
    for i in range(n):
        at = r.randrange(len(KNOWN) - 40)
        pools = r.sample(POOLS, r.randint(1, 3)) if i % 8 else [KNOWN[at:at + 40], r.sample(KNOWN, 10)]
        yield "".join(r.choice(r.choice(pools)) * (r.randint(1, 40) if r.random() < .02 else 1) for _ in range(r.randint(0, 60)))

def repaired(s):
    """As a reader of JSON takes it: halves of a pair that meet are a character, others U+FFFD."""
    return s.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

def ours(model, docs, *more):
    p = subprocess.Popen([TAMIS, "tokenizer", "encode", "-q", "-m", model, *more, docs], stdout=subprocess.PIPE)
    for line in p.stdout:
        yield json.loads(line[line.rindex(b'"tokens":') + 9:].rstrip()[:-1])
    if p.wait():
        yield None

n = bad = 0
def ok(good, name):
    global n, bad
    n += 1
    bad += not good
    print(("ok" if good else "not ok") + f" {n} - {name}")

def check(name, model, encode, docs, strings, *more, known=None):
    """known: a text with other characters is passed over, and counted."""
    wrong = total = passed = 0
    for s, got in zip(strings, ours(model, docs, *more), strict=True):
        if known and not known.issuperset(s):
            passed += 1
            continue
        want = encode(s)
        total += len(want)
        if want != got:
            wrong += 1
            if wrong <= 3:
                print("#", ascii(s[:300]), want[:40], got[:40])
    ok(wrong == 0, f"{name}: {len(strings) - passed} texts, {total} ids" + (f", {passed} with characters that the peer does not know" if passed else "") + (f", {wrong} texts differ" if wrong else ""))

def ranks(path):
    return {base64.b64decode(l.split()[0]): int(l.split()[1]) for l in open(path, "rb") if l.strip()}

with tempfile.TemporaryDirectory() as folder:
    tar = tarfile.open(fileobj=io.BytesIO(unpack(DATA + "tokenizer/tokenizer-dev.tar.zst")))
    for m in tar.getmembers():
        if m.isfile():
            open(f"{folder}/{os.path.basename(m.name)}", "wb").write(tar.extractfile(m).read())
    docs, strings = folder + "/docs.jsonl", []
    with open(docs, "w") as f:
        for s in [*texts(folder), *made(1000000 if LONG else 3000)]:
            f.write(json.dumps({"text": s}) + "\n")
            strings.append(repaired(s))
    for name, pattern in (("r50k", GPT2), ("cl100k", CL100K), ("o200k", O200K)):
        path = f"{folder}/{name}_base.tiktoken"
        t = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks(path), special_tokens={})
        check(f"{name} as tiktoken", path, t.encode_ordinary, docs, strings)
    for path in sorted(glob.glob(folder + "/*.model")):
        s = sentencepiece.SentencePieceProcessor(model_file=path)
        check(f"{os.path.basename(path)} as SentencePiece", path, s.encode, docs, strings)
    sentencepiece.SentencePieceTrainer.train(input=folder + "/botchan.txt", model_prefix=folder + "/user", vocab_size=2000, user_defined_symbols=["the", "he", "ab", "aa", "aaa", "s't", "'s"], minloglevel=2)
    s = sentencepiece.SentencePieceProcessor(model_file=folder + "/user.model")
    check("user-defined symbols as SentencePiece", folder + "/user.model", s.encode, docs, strings)
    sentencepiece.SentencePieceTrainer.train(input=folder + "/botchan.txt", model_prefix=folder + "/bpe", model_type="bpe", vocab_size=2000, byte_fallback=True, minloglevel=2)
    s = sentencepiece.SentencePieceProcessor(model_file=folder + "/bpe.model")
    check("BPE with byte fallback as SentencePiece", folder + "/bpe.model", s.encode, docs, strings)
    # Hugging Face's BERT has the punctuation, marks and controls of Unicode 8: later ones are letters there; six have changed their class since
    age8 = set(subprocess.run(["perl", "-CO", "-e", "no warnings; for (0 .. 0x10FFFF) { print chr if chr =~ /\\p{Present_In: 8.0}|\\p{Age: Unassigned}/ && !($_ >= 0xD800 && $_ < 0xE000) }"],
                              stdout=subprocess.PIPE, check=True).stdout.decode()) - set("\u166d\u1734\u1885\u1886\ua9bd\U000111c9")
    for path, lower in (("bert_base_uncased_vocab.txt", True), ("bert_base_cased_vocab.txt", False)):
        b = BertWordPieceTokenizer(f"{folder}/{path}", lowercase=lower)
        b._tokenizer.encode_special_tokens = True            # special tokens named in the text are text
        check(f"{path} as BERT", f"{folder}/{path}", lambda x: b.encode(x).ids, docs, strings, "--frame", known=age8)
        b.save(folder + "/bert.json")
        check(f"{path} as BERT's tokenizer.json", folder + "/bert.json", lambda x: b.encode(x).ids, docs, strings, "--frame", known=age8)
    # our own models, of botchan: SentencePiece reads them, and encodes the same
    some = [s.replace("\r", " ").replace("\n", " ") for s in strings]
    for path, all in ((docs, some), (folder + "/botchan.jsonl", open(folder + "/botchan.txt").read().splitlines())):
        with open(path, "w") as f:
            f.writelines(json.dumps({"text": s}) + "\n" for s in all)
    for kind in ("unigram", "chars"):
        subprocess.run([TAMIS, "tokenizer", "train", "-q", "-V", "4000", "-a", kind, "--normalise", "none", "--format", "sentencepiece", "-o", folder + "/own.model", folder + "/botchan.jsonl"], check=True)
        s = sentencepiece.SentencePieceProcessor(model_file=folder + "/own.model")
        check(f"our {kind} as SentencePiece encodes by it", folder + "/own.model", s.encode, docs, some)
print(f"1..{n}")
sys.exit(bad > 0)
