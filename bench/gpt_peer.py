# gpt_peer.py - training steps of the same transformer in PyTorch on the CPU: gpt_peer.py SIZE VOCAB ROWS LENGTH STEPS THREADS
# SPDX-License-Identifier: Apache-2.0
import os, resource, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/oracle"))
import torch
from proxy_torch import Gpt, groups

shapes = {"nano": (4, 4, 128, 352), "micro": (5, 4, 256, 704), "mini": (8, 6, 384, 1024), "small": (12, 12, 768, 2048)}
size, (vocab, rows, length, steps, threads) = sys.argv[1], map(int, sys.argv[2:7])
torch.set_num_threads(threads)
torch.manual_seed(1)
layers, heads, dim, inner = shapes[size]
model = Gpt(vocab, layers, heads, dim, inner, length)
for p in model.parameters():
    if p.dim() > 1:
        torch.nn.init.normal_(p, std=0.02)
optimizer = torch.optim.AdamW(groups(model, 0.1), lr=1e-3, betas=(0.9, 0.95), eps=1e-8)
tokens = torch.randint(vocab, (rows, length + 1))
for step in range(steps + 1):                        # the first is not counted
    if step == 1:
        wall, cpu = time.perf_counter(), time.process_time()
    loss = model.loss(tokens).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
wall, cpu = (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
print(f"{wall:.4f} {cpu:.4f} {peak}  seconds of wall and of cpu a step of {rows * length} tokens, MiB at most; loss {loss.item():.4f}; torch {torch.__version__}")
