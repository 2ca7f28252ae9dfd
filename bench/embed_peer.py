# embed_peer.py - sentence-transformers, onnxruntime and model2vec beside tamis embed.
# SPDX-License-Identifier: Apache-2.0
"""Embeds the texts of DOCS.jsonl with MODEL (a folder) into OUT.npy. Arguments: torch|onnx|model2vec MODEL DOCS.jsonl OUT.npy."""
import json
import os
import sys

kind, model, docs, out = sys.argv[1:5]
threads = int(os.environ.get("THREADS", "2"))
texts = [json.loads(line)["text"] for line in open(docs)]
import numpy

BATCH = 32                                            # sentence-transformers' own


def torch_rows():
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    return SentenceTransformer(model, device="cpu").encode(texts, batch_size=BATCH, normalize_embeddings=True)


def model2vec_rows():
    from model2vec import StaticModel

    return StaticModel.from_pretrained(model).encode(texts, max_length=None)     # as tamis: the whole text


def export(path):
    import torch
    from transformers import AutoModel

    class Hidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(model, attn_implementation="eager").eval()

        def forward(self, ids, mask):
            return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    some = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "batch", 1: "length"} for name in ("ids", "mask", "hidden")}
    torch.onnx.export(Hidden(), (some, some), path, input_names=["ids", "mask"], output_names=["hidden"], dynamic_axes=axes, dynamo=False)


def onnx_rows():
    import onnxruntime
    from tokenizers import Tokenizer

    path = out + ".onnx"
    if not os.path.exists(path):
        export(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options)
    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))      # as sentence-transformers: alike lengths together
    rows = [None] * len(texts)
    for i in range(0, len(order), BATCH):
        some = order[i : i + BATCH]
        encoded = tokenizer.encode_batch([texts[j] for j in some])
        ids, mask = numpy.array([e.ids for e in encoded]), numpy.array([e.attention_mask for e in encoded])
        hidden = session.run(["hidden"], {"ids": ids, "mask": mask})[0]
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        for j, row in zip(some, mean):
            rows[j] = row / numpy.linalg.norm(row)
    return numpy.array(rows)


if kind == "export":
    export(out + ".onnx")
else:
    numpy.save(out, {"torch": torch_rows, "onnx": onnx_rows, "model2vec": model2vec_rows}[kind]())
