"""The network: MiniLM's six layers with two heads; padding is never multiplied in training.

Written out instead of taken from transformers because seven tenths of a training step are
matrix products over tokens, and a third of a padded batch is padding.
"""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

HIDDEN, HEADS, LAYERS, WIDE, VOCABULARY, POSITIONS = 384, 12, 6, 1536, 30522, 512


class Layer(nn.Module):
    """Attention and feed-forward, each with a residual and a norm behind it, as in BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, WIDE)
        self.down = nn.Linear(WIDE, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor, real: Tensor | None) -> Tensor:
        """``x`` is (batch, tokens, hidden), or only the real tokens if ``real`` is given."""
        batch, tokens = bias.shape[0], bias.shape[-1]
        qkv = self.qkv(x)
        if real is not None:
            padded = qkv.new_zeros(batch * tokens, 3 * HIDDEN)
            qkv = padded.index_copy(0, real, qkv)
        q, k, v = qkv.view(batch, tokens, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2)) * (HIDDEN // HEADS) ** -0.5 + bias
        mixed = weights.softmax(-1).to(v.dtype) @ v
        mixed = mixed.transpose(1, 2).reshape(batch, tokens, HIDDEN)
        if real is not None:
            mixed = mixed.reshape(batch * tokens, HIDDEN)[real]
        x = self.norm1(x + self.out(mixed))
        out: Tensor = self.norm2(x + self.down(F.gelu(self.up(x))))
        return out


class ReaderModel(nn.Module):
    """(ids, types) -> a score for each row and start and end logits for each token.

    Type 1 marks the sentence's tokens, id 0 is padding. Logits outside the sentence are
    -1e4. The score reads the first token and the mean over the sentence.
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN, padding_idx=0)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.types = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.hidden = nn.Linear(2 * HIDDEN, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)
        self.span = nn.Linear(HIDDEN, 2)

    def forward(self, ids: Tensor, types: Tensor, packed: bool = False) -> tuple[Tensor, Tensor]:
        """Return scores (batch,) and span logits (batch, tokens, 2)."""
        batch, tokens = ids.shape
        mask = ids != 0
        x = self.words(ids) + self.positions.weight[:tokens] + self.types(types)
        real = _real(mask) if packed else None
        if real is not None:
            x = x.view(batch * tokens, HIDDEN)[real]
        x = self.norm(x)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias, real)
        if real is not None:
            x = x.new_zeros(batch * tokens, HIDDEN).index_copy(0, real, x)
            x = x.view(batch, tokens, HIDDEN)
        inside = (types == 1) & mask
        share = inside.to(x.dtype)[..., None]
        mean = (x * share).sum(1) / share.sum(1).clamp(min=1)
        first = torch.cat([x[:, 0], mean], -1)
        score = self.score(F.gelu(self.hidden(first))).squeeze(-1)
        span = self.span(x).float() + (1.0 - inside[..., None].to(torch.float32)) * -1e4
        return score.float(), span


def _real(mask: Tensor) -> Tensor:
    """Return the places of the real tokens, with some padding up to a round number.

    A product of a size never seen before is compiled first, so sizes should recur.
    """
    flat = mask.flatten()
    real = flat.nonzero().squeeze(1)
    spare = (~flat).nonzero().squeeze(1)[: -len(real) % 256]
    return torch.cat([real, spare])


def from_minilm(folder: Path) -> ReaderModel:
    """Return a reader with all-MiniLM-L6-v2's weights and new heads."""
    torch.manual_seed(0)
    model = ReaderModel()
    old = load_file(folder / "model.safetensors")
    old = {name.removeprefix("bert."): tensor for name, tensor in old.items()}
    new = model.state_dict()
    embeddings = {
        "words": "word_embeddings",
        "positions": "position_embeddings",
        "types": "token_type_embeddings",
    }
    for mine, theirs in embeddings.items():
        new[f"{mine}.weight"] = old[f"embeddings.{theirs}.weight"]
    parts = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for kind in ("weight", "bias"):
        new[f"norm.{kind}"] = old[f"embeddings.LayerNorm.{kind}"]
        for i in range(LAYERS):
            source = f"encoder.layer.{i}"
            for mine, theirs in parts.items():
                new[f"layers.{i}.{mine}.{kind}"] = old[f"{source}.{theirs}.{kind}"]
            qkv = [old[f"{source}.attention.self.{n}.{kind}"] for n in ("query", "key", "value")]
            new[f"layers.{i}.qkv.{kind}"] = torch.cat(qkv)
    model.load_state_dict(new)
    return model
