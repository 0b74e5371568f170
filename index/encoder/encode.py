"""Texts -> unit vectors, by an exported encoder: ONNX Runtime to ask, OpenVINO to index.

Only ``export.py`` knows sentence-transformers; what it leaves in a folder is opened here by a small
runtime, without torch. The two runtimes read the same file: ONNX Runtime opens it in a tenth of a
second and is exact, which suits one question; OpenVINO computes in bfloat16 where the processor
can, which suits many sentences: where it was the faster one when the encoder was exported.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.encoder.runtime import onnxruntime
from index.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Matrix = NDArray[np.float32]

GRAPH = "encoder.onnx"
TOKENIZER = "tokenizer.json"
CARD = "encoder.json"
CARD_FORMAT = 2  # bump when the files of an exported encoder change their meaning

BATCH_TOKENS = 4096
"""Tokens in one batch, padding included: large enough for full speed, small enough for 100 MB."""
BUCKET = 8
"""Batches are padded to a multiple of this many tokens, so that few shapes occur."""


class Encoder(Protocol):
    """Texts to vectors; ``name`` says which model, so that an index is never read with another."""

    @property
    def name(self) -> str:
        """The model and the digest of its weights."""

    @property
    def dim(self) -> int:
        """The number of dimensions of a vector."""

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Return float32, shape ``(len(texts), dim)``, every row of length 1."""


@dataclass(frozen=True, slots=True)
class Card:
    """What an exported encoder says of itself.

    ``name`` is the model and the digest of its weights, ``fast`` whether OpenVINO was faithful and
    faster when it was checked, ``sizes`` the bytes of each file, ``digests`` their SHA-256.
    """

    name: str
    dim: int
    max_tokens: int
    fast: bool
    sizes: dict[str, int]
    digests: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> Card:
        """Read the card and check that the files it names are whole.

        Raises:
            EncoderError: the card is missing, of another format, or a file has another size.
        """
        mend = "run `pullquote index --rebuild`"
        try:
            card = json.loads((folder / CARD).read_text("utf-8"))
            if card.pop("format") != CARD_FORMAT:
                raise EncoderError(f"{folder}: exported by another version of Pullquote; {mend}")
            loaded = cls(**card)
            sizes = {name: (folder / name).stat().st_size for name in loaded.sizes}
        except (OSError, ValueError, TypeError, KeyError) as exc:
            raise EncoderError(f"{folder}: no whole exported encoder here ({exc}); {mend}") from exc
        if sizes != loaded.sizes:
            raise EncoderError(f"{folder}: a file of the encoder was truncated or changed; {mend}")
        return loaded

    def altered(self, folder: Path) -> list[str]:
        """The files that are not what was exported, by their digests."""
        return [name for name, digest in self.digests.items() if _digest(folder / name) != digest]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ExportedEncoder:
    """An exported encoder on one of the two runtimes; opened at the first text.

    ``fast`` asks for OpenVINO, where it pays for many texts; ``threads`` are as many as
    suit this machine, where not given.
    """

    def __init__(self, folder: Path, *, fast: bool = False, threads: int | None = None) -> None:
        self.folder = folder
        self._threads = threads
        self._card = Card.load(folder)
        self._fast = fast and self._card.fast

    @property
    def name(self) -> str:
        """The model and the digest of its weights."""
        return self._card.name

    @property
    def dim(self) -> int:
        """The number of dimensions of a vector."""
        return self._card.dim

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Return float32, shape ``(len(texts), dim)``, every row of length 1."""
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        for rows, width in batches([len(encoding.ids) for encoding in encodings]):
            ids = np.zeros((len(rows), width), dtype=np.int64)
            mask = np.zeros_like(ids)
            for line, row in enumerate(rows):
                tokens = encodings[row].ids
                ids[line, : len(tokens)] = tokens
                mask[line, : len(tokens)] = 1
            vectors[rows] = self._run(ids, mask)
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._card.max_tokens)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        graph = str(self.folder / GRAPH)
        opened = _open_openvino if self._fast else _open_onnxruntime
        return opened(graph, self._threads)

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Matrix:
        if self._fast:
            result: Matrix = self._session([ids, mask])[0]
        else:
            (result,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return result


def batches(lengths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Group rows of like length: (rows, padded width), every row once, longest first.

    >>> list(batches([3, 20, 5]))
    [([1], 24), ([2, 0], 8)]
    """
    rows: list[int] = []
    width = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        padded = -(-lengths[row] // BUCKET) * BUCKET
        if rows and (padded != width or (len(rows) + 1) * width > BATCH_TOKENS):
            yield rows, width
            rows = []
        width = padded
        rows.append(row)
    if rows:
        yield rows, width


def _open_onnxruntime(graph: str, threads: int | None) -> Any:
    runtime = onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or min(4, os.cpu_count() or 1)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # shapes change from batch to batch
    options.log_severity_level = 3
    return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _open_openvino(graph: str, threads: int | None) -> Any:
    # Its telemetry reports to a web service as soon as it is imported; without it there is a stub.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    core = openvino.Core()
    config: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}
    if threads:  # several processes side by side: pinned, all would be on the first core
        config |= {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    return core.compile_model(core.read_model(graph), "CPU", config)
