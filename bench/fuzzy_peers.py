# fuzzy_peers.py - MinHash by other tools on the same documents; CPU seconds of each step, one thread.
# SPDX-License-Identifier: Apache-2.0
#
#   fuzzy_peers.py rensa|datasketch|datatrove FILE.jsonl       prints: tool <tab> step <tab> seconds
#   fuzzy_peers.py shingles FILE.jsonl                         prints the shingles of each document, parted by tabs
#   fuzzy_peers.py minima FILE.jsonl                           rensa and datasketch from these ready shingles, five rounds
import json, os, re, sys, tempfile, time

tool, path = sys.argv[1], sys.argv[2]
word = re.compile(r"[^\W_]+")


def say(step, seconds):
    print(f"{tool}\t{step}\t{seconds:.2f}", flush=True)


def documents():
    with open(path) as f:
        return [json.loads(l)["text"] for l in f]


def shingles(text):
    w = word.findall(text.lower())
    return [" ".join(w[i:i + 5]) for i in range(max(1, len(w) - 4))]


def rensa():
    from rensa import RMinHash, RMinHashLSH
    begin = time.process_time()
    sets = [shingles(t) for t in documents()]
    cut = time.process_time()
    signatures = []
    for s in sets:
        m = RMinHash(num_perm=128, seed=42)
        m.update(s)
        m.digest()
        signatures.append(m)
    signed = time.process_time()
    lsh = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    for i, m in enumerate(signatures):
        lsh.insert(i, m)
    pairs = sum(j > i and signatures[i].jaccard(signatures[j]) >= 0.8 for i in range(len(signatures)) for j in lsh.query(signatures[i]))
    say("read and cut", cut - begin)
    say("minima only", signed - cut)
    say("sign", signed - begin)
    say("all", time.process_time() - begin)


def print_shingles():
    for t in documents():
        print("\t".join(shingles(t)))


def minima(rounds=5):
    from datasketch import MinHash
    from rensa import RMinHash
    sets = [shingles(t) for t in documents()]
    begin = time.process_time()
    for _ in range(rounds):
        for s in sets:
            m = RMinHash(num_perm=128, seed=42)
            m.update(s)
            m.digest()
    between = time.process_time()
    encoded = [[s.encode() for s in shingles] for shingles in sets]
    again = time.process_time()
    for s in encoded:
        MinHash(num_perm=128).update_batch(s)
    print(f"rensa\tstrings to minima\t{(between - begin) / rounds:.4f}\ndatasketch\tstrings to minima\t{time.process_time() - again:.4f}", flush=True)


def datasketch():
    from datasketch import MinHash, MinHashLSH
    begin = time.process_time()
    signatures = []
    for t in documents():
        m = MinHash(num_perm=128)
        m.update_batch([s.encode() for s in shingles(t)])
        signatures.append(m)
    say("sign", time.process_time() - begin)
    lsh = MinHashLSH(threshold=0.8, num_perm=128)
    for i, m in enumerate(signatures):
        lsh.query(m)
        lsh.insert(i, m)
    say("all", time.process_time() - begin)


def datatrove():
    import logging
    logging.disable(logging.CRITICAL)
    from loguru import logger
    logger.remove()
    from datatrove.pipeline.dedup import minhash as mh
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter
    if os.environ.get("SPLIT"):      # words parted by white space instead of spaCy's tokenizer
        mh.load_word_tokenizer = lambda language: type("Split", (), {"word_tokenize": staticmethod(str.split)})
    tmp = tempfile.mkdtemp()
    folder, name = os.path.split(os.path.abspath(path))
    read = lambda: JsonlReader(folder, glob_pattern=name, doc_progress=False)
    begin = time.process_time()
    list(_run([read(), mh.MinhashDedupSignature(output_folder=tmp + "/sig")]))
    say("sign", time.process_time() - begin)
    for b in range(14):
        mh.MinhashDedupBuckets(input_folder=tmp + "/sig", output_folder=tmp + "/buckets").run(rank=b, world_size=14)
    mh.MinhashDedupCluster(input_folder=tmp + "/buckets", output_folder=tmp + "/ids").run()
    list(_run([read(), mh.MinhashDedupFilter(input_folder=tmp + "/ids"), JsonlWriter(tmp + "/out", compression=None)]))
    say("all", time.process_time() - begin)


def _run(steps):
    data = None
    for s in steps:
        data = s.run(data, 0, 1) if data is not None else s.run(None, 0, 1)
    return data or []


{"rensa": rensa, "datasketch": datasketch, "datatrove": datatrove, "shingles": print_shingles, "minima": minima}[tool]()
