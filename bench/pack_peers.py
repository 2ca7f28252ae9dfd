# pack_peers.py - JSON lines to token files by datatrove, and as Megatron-LM's tools/preprocess_data.py does it (which is no package:
# a pool of processes that encode, one that writes by Megatron's own IndexedDatasetBuilder; its end-of-text appended, dtype uint16).
# SPDX-License-Identifier: Apache-2.0
# usage: pack_peers.py datatrove|megatron DOCS.jsonl TOKENIZER.json OUT_FOLDER WORKERS
import json, multiprocessing, os, sys

END = "<|endoftext|>"


def datatrove(docs, tokenizer, out, workers):
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.tokens import DocumentTokenizer
    steps = [JsonlReader(docs), DocumentTokenizer(out, tokenizer, eos_token=END, shuffle_documents=False)]          # docs: a folder of `workers` files
    LocalPipelineExecutor(pipeline=steps, tasks=workers, workers=workers, logging_dir=f"{out}/logs").run()


def begin(path):
    global tokenizer, end
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(path)
    end = tokenizer.token_to_id(END)


def encode(line):
    return tokenizer.encode(json.loads(line)["text"], add_special_tokens=False).ids + [end]


def megatron(docs, path, out, workers):
    import numpy, torch
    from megatron.core.datasets.indexed_dataset import IndexedDatasetBuilder
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    builder = IndexedDatasetBuilder(f"{out}/data.bin", dtype=numpy.uint16)
    with multiprocessing.Pool(workers, begin, (path,)) as pool, open(docs, encoding="utf-8") as f:
        for ids in pool.imap(encode, f, 32):
            builder.add_document(torch.IntTensor(ids), [len(ids)])
    builder.finalize(f"{out}/data.idx")


if __name__ == "__main__":
    how, docs, path, out, workers = sys.argv[1:6]
    os.makedirs(out, exist_ok=True)
    {"datatrove": datatrove, "megatron": megatron}[how](docs, path, out, int(workers))
