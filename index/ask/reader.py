"""Question and windows -> does each sentence answer, how surely, and where.

The sole user of the reader's model: a small cross-encoder that was trained and exported by
``bench/reader`` (docs/model-card.md). It reads a window of consecutive sentences at once
(``windows.pack``), so that a sentence is judged in its context.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.ask.windows import Packed, cover, pack
from index.encoder.runtime import onnxruntime
from index.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FORMAT = 2
"""Bump when the graph's inputs or outputs, ``windows.pack`` or the manifest's fields change."""

FOLDER = Path(__file__).parent.parent / "models" / "reader"
MAX_SPAN = 30  # pieces of a short answer

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive sentences of an article, with its title.

    ``wanted`` are the places of those that must be judged, the most promising first; the others
    are there to understand them by, and those that fit are judged as well.
    """

    title: str
    sentences: tuple[str, ...]
    wanted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of one sentence.

    ``score`` is the natural logarithm of how much likelier this sentence is than "no answer here":
    above 0 it answers, below it does not. ``span`` is the short answer, in code points of the
    sentence; None where the whole sentence is. ``sureness`` is the natural logarithm of the
    probability of that span among all of the sentence. They are the same whatever other windows
    are read along.
    """

    score: float
    span: tuple[int, int] | None
    sureness: float


class Reader:
    """Reads windows for an answer. Cheap to make; the model is loaded when first needed."""

    def __init__(self, folder: Path = FOLDER, threads: int | None = None) -> None:
        """Take the model from ``folder`` and read ``threads`` windows at a time."""
        self._folder = folder
        self._threads = threads or min(4, _cores())

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What stands beside the weights: format, digests, and how scores become a confidence.

        Raises:
            ModelError: it is missing, can't be read, or is of another format.
        """
        path = self._folder / "reader.json"
        try:
            manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as exc:
            raise ModelError(f"{path}: {exc}; install pullquote again") from exc
        if manifest.get("format") != FORMAT:
            raise ModelError(
                f"{path}: the reader has format {manifest.get('format')}, this version reads "
                f"{FORMAT}; install pullquote again"
            )
        return manifest

    @cached_property
    def name(self) -> str:
        """The weights' digest, shortened: what measured figures belong to."""
        return self._digest("reader.onnx")[:12]

    def load(self) -> None:
        """Load the model now: a second thread can do it while the question is searched for.

        Raises:
            ModelError: a file is missing, altered, or of another format.
        """
        _ = self._tokenizer, self._session

    def read(self, question: str, stretches: Sequence[Stretch]) -> list[dict[int, Reading]]:
        """Return for each stretch a reading of every sentence that is wanted or beside one.

        Every window is run alone: nothing is spent on padding, and a score cannot depend
        on the company, as it would with 8-bit arithmetic over a batch. Where windows overlap, that
        of the more promising sentence counts.

        Raises:
            ModelError: a file of the model is missing, altered, or of another format.
        """
        if not stretches:
            return []
        texts = [question]
        for stretch in stretches:
            texts += [stretch.title, *stretch.sentences]
        encoded = iter(self._tokenizer.encode_batch(texts, add_special_tokens=False))
        asked = next(encoded).ids
        jobs = []
        for number, stretch in enumerate(stretches):
            title = next(encoded).ids
            sentences = [next(encoded) for _ in stretch.sentences]
            for window in cover([len(each.ids) for each in sentences], stretch.wanted):
                inside = [sentences[place] for place in window]
                packed = pack(asked, title, [each.ids for each in inside])
                jobs.append((number, window, packed, [each.offsets for each in inside]))
        self.load()
        # The longest first, so that no thread ends long after the others.
        order = sorted(range(len(jobs)), key=lambda i: -len(jobs[i][2].ids))
        with ThreadPoolExecutor(self._threads) as pool:
            done = dict(zip(order, pool.map(lambda i: self._run(*jobs[i][2:]), order), strict=True))
        readings: list[dict[int, Reading]] = [{} for _ in stretches]
        for i, (number, window, _, _) in enumerate(jobs):
            for place, reading in zip(window, done[i], strict=True):
                readings[number].setdefault(place, reading)
        return readings

    def _run(self, packed: Packed, offsets: Sequence[Sequence[tuple[int, int]]]) -> list[Reading]:
        scores, logits = self._session.run(None, inputs(packed))
        readings = []
        for i, (marker, end) in enumerate(zip(packed.markers, packed.ends, strict=True)):
            first, last, sureness = best_span(*logits[0, marker:end].T)
            span = (offsets[i][first - 1][0], offsets[i][last - 1][1]) if first else None
            readings.append(Reading(float(scores[i]), span, sureness))
        return readings

    def _digest(self, name: str) -> str:
        try:
            return str(self.manifest["files"][name])
        except (KeyError, TypeError) as exc:
            raise ModelError(
                f"{self._folder / 'reader.json'} names no {name}; install pullquote again"
            ) from exc

    def _checked(self, name: str) -> bytes:
        """Return a file's bytes, which are those that the manifest names."""
        digest, path = self._digest(name), self._folder / name
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise ModelError(f"{path}: {exc.strerror}; install pullquote again") from exc
        if hashlib.sha256(content).hexdigest() != digest:
            raise ModelError(f"{path}: not the file it should be; install pullquote again")
        return content

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._checked("tokenizer.json").decode())
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        runtime = onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1  # the windows are what runs side by side
        options.inter_op_num_threads = 1
        return runtime.InferenceSession(
            self._checked("reader.onnx"), options, providers=["CPUExecutionProvider"]
        )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def inputs(packed: Packed) -> dict[str, NDArray[Any]]:
    """Return what the model's graph takes for one window.

    ``ids`` and ``types`` are (1, tokens), ``markers`` (sentences,); row ``i`` of ``members``
    (sentences, tokens) is the mean over the tokens of sentence ``i``.
    """
    members = np.zeros((len(packed.markers), len(packed.ids)), np.float32)
    for row, marker, end in zip(members, packed.markers, packed.ends, strict=True):
        row[marker + 1 : end] = 1 / max(1, end - marker - 1)
    return {
        "ids": np.array([packed.ids], np.int64),
        "types": np.array([packed.types], np.int64),
        "markers": np.array(packed.markers, np.int64),
        "members": members,
    }


def best_span(start: Logits, end: Logits, longest: int = MAX_SPAN) -> tuple[int, int, float]:
    """Return first and last piece of a sentence's best span, and the logarithm of its probability.

    Piece 0 is the sentence's marker, alone it stands for the whole sentence: (0, 0). Other spans
    do not hold it, do not end before they start, and have at most ``longest`` pieces.

    >>> best_span(np.array([0.0, 0, 9, 1]), np.array([0.0, 8, 0, 1]))[:2]
    (2, 3)
    """
    sums = start[:, None] + end[None, :]  # (first, last)
    ones = np.ones_like(sums, bool)
    allowed = np.triu(ones) & ~np.triu(ones, longest)
    allowed[0, 1:] = False
    sums = np.where(allowed, sums, -np.inf)
    first, last = np.unravel_index(sums.argmax(), sums.shape)
    top = sums[first, last]
    sureness = -float(np.log(np.exp(sums - top).sum(dtype=np.float64)))
    return int(first), int(last), sureness
