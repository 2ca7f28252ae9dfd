# chain_peer.py - datatrove doing what bench/chain.sh has tamis do, in one process, as its examples put it together.
# SPDX-License-Identifier: Apache-2.0
#
#   chain_peer.py FILE.warc.gz LID.ftz OUT
#
# WARC, trafilatura, fastText's labels, exact duplicates by text, MinHash (5-grams, 14 x 8), Gopher's repetition rules. Its rules and
# MinHash cut words with spaCy's blank English; fastText's model is read by fasttext-predict.
import logging, os, sys
from pathlib import Path

logging.disable(logging.CRITICAL)
from loguru import logger
logger.remove()
import fasttext
from datatrove.pipeline.dedup import minhash as mh
from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig, ExactDedupFilter, ExactDedupSignature, ExactFindDedups
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import GopherRepetitionFilter, LambdaFilter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

warc, model_file, out = sys.argv[1:]
model = fasttext.load_model(model_file)


def label(doc):
    labels, scores = model.predict(doc.text.replace("\n", " "), k=1)
    doc.metadata["lang"], doc.metadata["lang_score"] = labels[0].removeprefix("__label__"), float(scores[0])
    return True


def run(*steps):
    data = None
    for s in steps:
        data = s.run(data, 0, 1)
    n = 0
    for _ in data or []:
        n += 1
    return n


read = lambda name: JsonlReader(f"{out}/{name}", doc_progress=False)
write = lambda name: JsonlWriter(f"{out}/{name}", compression=None)
exact = ExactDedupConfig(content_getter=lambda doc: doc.text)
folder, name = os.path.split(os.path.abspath(warc))
texts = run(WarcReader(folder, glob_pattern=name, doc_progress=False), Trafilatura(favour_precision=True, timeout=10), LambdaFilter(label), write("1"))
run(read("1"), ExactDedupSignature(f"{out}/sig", exact))
ExactFindDedups(f"{out}/sig", f"{out}/dups", exact).run()
run(read("1"), ExactDedupFilter(f"{out}/dups", exact), write("2"))
run(read("2"), mh.MinhashDedupSignature(f"{out}/minhash"))
for band in range(14):
    mh.MinhashDedupBuckets(f"{out}/minhash", f"{out}/buckets").run(rank=band, world_size=14)
mh.MinhashDedupCluster(f"{out}/buckets", f"{out}/ids").run()
kept = run(read("2"), mh.MinhashDedupFilter(f"{out}/ids"), GopherRepetitionFilter(), write("3"))
print(texts, kept, sum(1 for p in Path(out, "3").glob("*") for _ in open(p)))
