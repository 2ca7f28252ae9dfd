# proxy_torch.py - the proxy transformer (model/gpt.h) in PyTorch, for comparison: tests/oracle/test_proxy.py, bench/gpt_peer.py.
# SPDX-License-Identifier: Apache-2.0
import json

import torch
import torch.nn.functional as F
from torch import nn


class Layer(nn.Module):
    def __init__(self, dim, inner, heads, eps):
        super().__init__()
        self.heads = heads
        self.norm, self.norm_mid = nn.RMSNorm(dim, eps), nn.RMSNorm(dim, eps)
        self.qkv, self.out = nn.Linear(dim, 3 * dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.gate, self.up, self.down = (nn.Linear(*s, bias=False) for s in ((dim, inner), (dim, inner), (inner, dim)))

    def forward(self, x, cos, sin):
        B, T, d = x.shape
        q, k, v = self.qkv(self.norm(x)).view(B, T, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        q, k = turn(q, cos, sin), turn(k, cos, sin)
        att = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(att.transpose(1, 2).reshape(B, T, d))
        h = self.norm_mid(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


def turn(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


class Gpt(nn.Module):
    def __init__(self, vocab, layers, heads, dim, inner, length, base=10000.0, eps=1e-5):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.layers = nn.ModuleList(Layer(dim, inner, heads, eps) for _ in range(layers))
        self.norm = nn.RMSNorm(dim, eps)
        half = dim // heads // 2
        angle = torch.arange(length, dtype=torch.float64)[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
        self.register_buffer("cos", angle.cos().float())
        self.register_buffer("sin", angle.sin().float())

    def hidden(self, tokens):
        x = self.embed(tokens)
        T = tokens.shape[1]
        for layer in self.layers:
            x = layer(x, self.cos[:T], self.sin[:T])
        return self.norm(x)

    def forward(self, tokens):
        return F.linear(self.hidden(tokens), self.embed.weight)

    def loss(self, rows):
        """(B, T) nats of rows (B, T + 1)"""
        logits = self(rows[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten(), reduction="none").view(rows.shape[0], -1)


def load(folder):
    from safetensors.torch import load_file
    c, w = json.load(open(f"{folder}/config.json")), load_file(f"{folder}/model.safetensors")
    g = Gpt(c["vocab_size"], c["num_hidden_layers"], c["num_attention_heads"], c["hidden_size"], c["intermediate_size"], c["max_position_embeddings"],
            c["rope_theta"], c["rms_norm_eps"])
    state = {"embed.weight": w["model.embed_tokens.weight"], "norm.weight": w["model.norm.weight"], "cos": g.cos, "sin": g.sin}
    for i in range(c["num_hidden_layers"]):
        a, to = f"model.layers.{i}.", f"layers.{i}."
        state[to + "qkv.weight"] = torch.cat([w[f"{a}self_attn.{x}_proj.weight"] for x in "qkv"])
        for ours, theirs in (("out", "self_attn.o_proj"), ("gate", "mlp.gate_proj"), ("up", "mlp.up_proj"), ("down", "mlp.down_proj"),
                             ("norm", "input_layernorm"), ("norm_mid", "post_attention_layernorm")):
            state[f"{to}{ours}.weight"] = w[f"{a}{theirs}.weight"]
    g.load_state_dict(state)
    return g


def groups(model, decay):
    matrices, norms = [p for p in model.parameters() if p.dim() > 1], [p for p in model.parameters() if p.dim() == 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": norms, "weight_decay": 0.0}]
