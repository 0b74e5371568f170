"""The network: MiniLM's six layers; a score for every sentence of a window, a span over its tokens.

Written out instead of taken from transformers because seven tenths of a training step are
matrix products over tokens, and what is padding need not be multiplied.
"""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

HIDDEN, HEADS, LAYERS, WIDE, VOCABULARY, POSITIONS = 384, 12, 6, 1536, 30522, 512
SCALE = (HIDDEN // HEADS) ** -0.5
STEPS = 127  # of 8 bits, either way from 0
TYPES = 3  # question and title, sentences, the marker before each sentence


Product: TypeAlias = Callable[[nn.Linear, Tensor], Tensor]


def exact(layer: nn.Linear, x: Tensor) -> Tensor:
    """The product as it is."""
    out: Tensor = layer(x)
    return out


def rounded(layer: nn.Linear, x: Tensor) -> Tensor:
    """The product with the weights as they will be shipped, in ``STEPS`` steps either way.

    Gradients pass as if nothing were rounded (straight-through estimator, Bengio et al. 2013), so
    that training ends with weights that bear it.
    """
    with torch.no_grad():
        step = layer.weight.abs().amax(1, keepdim=True).clamp(min=1e-8) / STEPS
        error = (layer.weight / step).round() * step - layer.weight
    return F.linear(x, layer.weight + error, layer.bias)


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

    def forward(self, x: Tensor, bias: Tensor | None, product: Product) -> Tensor:
        """``x`` is (windows, tokens, hidden); ``bias`` is added to the attention's logits."""
        windows, tokens, _ = x.shape
        qkv = product(self.qkv, x).view(windows, tokens, 3, HEADS, HIDDEN // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mask = None if bias is None else bias.to(q.dtype)
        # Written out: the backward pass of PyTorch's own took half of a step in bfloat16.
        logits = torch.matmul(q * SCALE, k.transpose(-2, -1))
        weights = (logits if mask is None else logits + mask).softmax(-1)
        mixed = torch.matmul(weights.to(v.dtype), v)
        mixed = mixed.transpose(1, 2).reshape(windows, tokens, HIDDEN)
        x = self.norm1(x + product(self.out, mixed))
        wide = F.gelu(product(self.up, x))
        out: Tensor = self.norm2(x + product(self.down, wide))
        return out


class ReaderModel(nn.Module):
    """Windows of sentences -> a score for each sentence, start and end logits for each token.

    Scores are natural logarithms of odds against "no answer here", which is 0. The score of a
    sentence reads the window's first token, the sentence's marker and the mean over its tokens.
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN, padding_idx=0)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.types = nn.Embedding(TYPES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.hidden = nn.Linear(3 * HIDDEN, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)
        self.span = nn.Linear(HIDDEN, 2)
        self.product: Product = exact

    def encode(self, ids: Tensor, types: Tensor, mask: Tensor | None) -> Tensor:
        """Return the last hidden states, (windows, tokens, hidden); ``mask`` is true for tokens."""
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]] + self.types(types))
        bias = None if mask is None else (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias, self.product)
        return x

    def judge(self, first: Tensor, marker: Tensor, mean: Tensor) -> Tensor:
        """Return a score for each row of the three, all (sentences, hidden)."""
        read = F.gelu(self.hidden(torch.cat([first, marker, mean], -1)))
        out: Tensor = self.score(read).squeeze(-1)
        return out.float()

    def forward(
        self, ids: Tensor, types: Tensor, window: Tensor, marker: Tensor, owner: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the scores (sentences,) and the span logits (windows, tokens, 2).

        Sentence ``s`` stands in window ``window[s]``, its marker at token ``marker[s]``; ``owner``
        is the number of each token's sentence, or -1.
        """
        x = self.encode(ids, types, ids != 0)
        flat, own = x.reshape(-1, HIDDEN), owner.reshape(-1)
        inside = own >= 0
        count = torch.zeros(len(window), dtype=x.dtype).index_add(
            0, own[inside], torch.ones(int(inside.sum()), dtype=x.dtype)
        )
        total = torch.zeros(len(window), HIDDEN, dtype=x.dtype)
        total = total.index_add(0, own[inside], flat[inside])
        mean = total / count.clamp(min=1)[:, None]
        scores = self.judge(x[window, 0], x[window, marker], mean)
        return scores, self.span(x).float()


def bf16() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32; AVX2 emulates it."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def from_minilm(folder: Path) -> ReaderModel:
    """Return a reader with all-MiniLM-L6-v2's weights and new heads."""
    torch.manual_seed(0)
    model = ReaderModel()
    old = load_file(folder / "model.safetensors")
    old = {name.removeprefix("bert."): tensor for name, tensor in old.items()}
    new = model.state_dict()
    embeddings = {"words": "word_embeddings", "positions": "position_embeddings"}
    for mine, theirs in embeddings.items():
        new[f"{mine}.weight"] = old[f"embeddings.{theirs}.weight"]
    new["types.weight"] = _with_marker(old["embeddings.token_type_embeddings.weight"])
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


def from_reader(graph: Path) -> ReaderModel:
    """Return a reader with the weights of an exported one, whose matrices have 8 bits.

    A product knows its layer by the name of its node, a table of vectors by its own.
    """
    import onnx
    from onnx import numpy_helper

    model = ReaderModel()
    proto = onnx.load(graph).graph
    kept = {t.name.removeprefix("model."): numpy_helper.to_array(t) for t in proto.initializer}
    new = {name: torch.tensor(kept[name]) for name in model.state_dict() if name in kept}
    for name in ("words", "positions", "hidden"):
        new[f"{name}.weight"] = _widened(kept, f"{name}.weight")
    for node in proto.node:
        if node.op_type == "MatMul" and node.input[1].startswith("onnx::"):
            name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            table = node.input[1]
            weight = torch.tensor(kept[table]) if table in kept else _widened(kept, table)
            new[f"{name}.weight"] = weight.T.contiguous()
    model.load_state_dict(new)
    return model


def _widened(kept: Mapping[str, np.ndarray], name: str) -> Tensor:  # type: ignore[type-arg]
    return torch.tensor(kept[f"{name}_int8"].astype(np.float32) * kept[f"{name}_scale"])


def _with_marker(types: Tensor) -> Tensor:
    """Add a type for markers, which begins as that of the sentences."""
    return torch.cat([types[:2], types[1:2]])
