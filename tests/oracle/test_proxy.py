#!/usr/bin/env python3
# test_proxy.py - the proxy transformer against the same model in PyTorch: from the same weights, over the same rows, 50 steps.
# SPDX-License-Identifier: Apache-2.0
import glob, json, math, os, subprocess, sys, tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = glob.glob(os.path.join(root, "build/peers/lib/python3*/site-packages"))
try:
    import numpy
    import torch
    from proxy_torch import groups, load
except ImportError as why:
    print(f"1..0 # SKIP no PyTorch: {why}")
    sys.exit()

torch.set_num_threads(1)
tamis = os.path.join(os.environ.get("BIN", os.path.join(root, "bin")), "tamis")
STEPS, BATCH, LENGTH, SEED, RATE, WARMUP = 50, 4, 48, 7, 3e-3, 10
MASK = (1 << 64) - 1
failed = n = 0

def say(ok, what):
    global n, failed
    n += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {n} - {what}", flush=True)

# ---- core/rng.h and proxy/corpus.h, as they say they are ----

def mix(x):
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)

def rng_at(seed, id, k):
    return mix((mix((mix((seed + 0x9E3779B97F4A7C15) & MASK) + id) & MASK) + (k + 1) * 0x9E3779B97F4A7C15) & MASK)

def rows(stream, step):
    begins = [rng_at(SEED, step, 2 * i + 1) * len(stream) >> 64 for i in range(BATCH)]
    return torch.tensor([[stream[(b + k) % len(stream)] for k in range(LENGTH + 1)] for b in begins])

def rate(step):
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    return RATE * (0.1 + 0.9 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP))) / 2)

def train(model, stream):
    model = model.float()
    optimizer = torch.optim.AdamW(groups(model, 0.1), betas=(0.9, 0.95), eps=1e-8)
    for step in range(STEPS):
        tokens = rows(stream, step)
        loss = model.loss(tokens).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.step()
        optimizer.zero_grad()
        yield loss.item(), norm.item()

with tempfile.TemporaryDirectory() as w:
    texts = ["".join(chr(97 + rng_at(1, i, j // 3) % 26) for j in range(300)) + " the end of text %d" % i for i in range(40)]
    with open(f"{w}/in.jsonl", "w") as f:
        for i, t in enumerate(texts):
            print(json.dumps({"id": str(i), "text": t}), file=f)
    stream = [b for t in texts for b in list(t.encode()) + [256]]
    options = [tamis, "proxy", "train", "-q", "-j2", "--seed", str(SEED), "--batch", str(BATCH), "-L", str(LENGTH), "--held", "0", "--warmup", str(WARMUP),
               "--eval", "0", "--device", "cpu", f"{w}/in.jsonl"]
    subprocess.run(options + ["--steps", "1", "--rate", "0", "-o", f"{w}/start"], check=True)
    subprocess.run(options + ["--steps", str(STEPS), "--rate", str(RATE), "-o", f"{w}/end"], check=True)
    ours = [json.loads(line) for line in open(f"{w}/end/log.jsonl") if '"loss"' in line]
    theirs = list(train(load(f"{w}/start"), stream))
    worst = max(abs(a["loss"] - b[0]) for a, b in zip(ours, theirs))
    norms = max(abs(a["norm"] / b[1] - 1) for a, b in zip(ours, theirs))
    print(f"# loss {ours[0]['loss']:.4f} -> {ours[-1]['loss']:.4f}; furthest apart: {worst:.2e} nats, norms {norms:.2e} of one")
    say(len(ours) == len(theirs) == STEPS and worst < 1e-3, "50 losses are PyTorch's within 1e-3")
    say(norms < 1e-2, "and the norms of the gradients within a hundredth")
    say(ours[-1]["loss"] < ours[0]["loss"] - 1, "while they fall")

    def eval_loss(model):
        with torch.no_grad():
            t = torch.tensor(stream)
            sums = [model.loss(t[i:i + LENGTH + 1][None]).sum().item() for i in range(0, len(stream) - 1, LENGTH)]
        return sum(sums) / (len(stream) - 1)
    out = subprocess.run([tamis, "proxy", "eval", "-m", f"{w}/end", "--device", "cpu", f"{w}/in.jsonl"], check=True, capture_output=True, text=True).stdout
    mine = json.loads(out.splitlines()[-1])["loss"]
    say(abs(mine - eval_loss(load(f"{w}/end"))) < 1e-4, "the loss of proxy eval is PyTorch's of the written model")

    subprocess.run([tamis, "embed", "-q", "-m", f"{w}/end", "--device", "cpu", "--type", "float32", "--matrix", f"{w}/v.npy", f"{w}/in.jsonl", "-o", f"{w}/rows"], check=True)
    vectors = torch.from_numpy(numpy.load(f"{w}/v.npy"))
    with torch.no_grad():
        begins = torch.tensor([[256] + list(t.encode())[:LENGTH - 1] for t in texts])
        means = load(f"{w}/end").hidden(begins)[:, 1:].mean(1)
    far = (vectors - means / means.norm(dim=1, keepdim=True)).abs().max().item()
    say(vectors.shape == means.shape and far < 1e-5, "embed gives the mean last hidden state, of length 1")

    if os.environ.get("TAMIS_LONG"):                 # the import alone takes half a minute
        from transformers import AutoModelForCausalLM
        model = AutoModelForCausalLM.from_pretrained(f"{w}/end").eval()
        with torch.no_grad():
            t = torch.tensor(stream[:LENGTH])[None]
            far = (model(t).logits - load(f"{w}/end")(t)).abs().max().item()
        say(far < 1e-4, "Hugging Face's Llama reads the folder and gives the same logits")
print(f"1..{n}")
sys.exit(failed > 0)
