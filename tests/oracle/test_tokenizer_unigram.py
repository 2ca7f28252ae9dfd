#!/usr/bin/env python3
"""test_tokenizer_unigram.py - our unigram models are as likely as spm_train's: both scored by SentencePiece.
SPDX-License-Identifier: Apache-2.0
Log-likelihood of a character of the best segmentation, at the same vocabulary; at most 0.5 % less. TAMIS_LONG=1: also Japanese, 8000."""
import glob, io, json, os, subprocess, sys, tarfile, tempfile

def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)

for site in glob.glob("build/peers/lib/python3*/site-packages"):
    sys.path.insert(0, site)
try:
    import sentencepiece
except ImportError:
    skip("no sentencepiece in build/peers")
DATA = "../shared/data/tokenizer/tokenizer-dev.tar.zst"
if not os.path.exists(DATA):
    skip("no ../shared/data")

TAMIS = os.environ.get("BIN", "bin") + "/tamis"
CASES = [("taylorswift.txt", 2000), ("botchan.txt", 4000)] + ([("wagahaiwa_nekodearu.txt", 8000)] if os.environ.get("TAMIS_LONG") else [])

def likelihood(path, lines):
    m = sentencepiece.SentencePieceProcessor(model_file=path)
    score = [m.get_score(i) for i in range(m.get_piece_size())]
    unknown = min(score) - 10
    log_all = sum(unknown if m.is_unknown(i) else score[i] for line in lines for i in m.encode(line))
    return log_all / sum(map(len, lines))

tar = tarfile.open(fileobj=io.BytesIO(subprocess.run(["zstd", "-dcq", "--long=27", DATA], stdout=subprocess.PIPE, check=True).stdout))
texts = {os.path.basename(m.name): m for m in tar.getmembers()}
bad = 0
print(f"1..{len(CASES)}")
for n, (name, size) in enumerate(CASES, 1):
    lines = [l for l in tar.extractfile(texts[name]).read().decode("utf-8", "replace").replace("\r", "").split("\n") if l.strip()]
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/in.txt", "w").write("\n".join(lines) + "\n")
        with open(folder + "/in.jsonl", "w") as f:
            for l in lines:
                f.write(json.dumps({"text": l}) + "\n")
        sentencepiece.SentencePieceTrainer.train(input=folder + "/in.txt", model_prefix=folder + "/theirs", model_type="unigram", vocab_size=size, normalization_rule_name="identity",
            remove_extra_whitespaces=False, split_by_unicode_script=False, split_by_number=False, split_digits=True, character_coverage=1.0, max_sentence_length=10000000, minloglevel=2)
        subprocess.run([TAMIS, "tokenizer", "train", "-q", "-V", str(size), "-a", "unigram", "--normalise", "none", "--byte-fallback", "no", "--coverage", "1", "--whitespace-runs", "0",
                        "--format", "sentencepiece", "-o", folder + "/ours.model", folder + "/in.jsonl"], check=True)
        a, b = likelihood(folder + "/theirs.model", lines), likelihood(folder + "/ours.model", lines)
        good = b >= a * 1.005
        bad += not good
        print(("ok" if good else "not ok") + f" {n} - {name} {size}: {b:.4f} a character, spm_train {a:.4f}")
sys.exit(bad > 0)
