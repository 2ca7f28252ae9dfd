"""tokenizer_peers.py - what bench/tokenizer.sh runs beside us: TASK DOCS [MODEL].
SPDX-License-Identifier: Apache-2.0"""
import base64, json, os, sys

task, docs, model = sys.argv[1], sys.argv[2], (sys.argv + [None])[3]
os.environ["TOKENIZERS_PARALLELISM"] = "true" if task.startswith("train") else "false"
texts = (json.loads(line)["text"] for line in open(docs))                  # read as they are asked for, as ours are
GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"

if task == "train-hf":
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=32000, min_frequency=2, special_tokens=["<|endoftext|>"], show_progress=False,
                                                     initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
elif task == "train-rustbpe":
    import rustbpe
    rustbpe.Tokenizer().train_from_iterator(texts, 32000, pattern=GPT2)
elif task == "encode-tiktoken":
    import tiktoken
    ranks = {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in open(model, "rb") if line.strip()}
    t = tiktoken.Encoding("cl100k", pat_str=CL100K, mergeable_ranks=ranks, special_tokens={})
    for text in texts:
        t.encode_ordinary(text)
elif task == "encode-hf":
    from tokenizers import Tokenizer
    t = Tokenizer.from_file(model)
    for text in texts:
        t.encode(text)
