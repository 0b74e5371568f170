"""Question and passages -> does the sentence answer, how surely, and where.

The sole user of the reader's model: a small cross-encoder that was trained and exported by
``bench/reader`` (docs/model-card.md). Only here is known how question and passage are put
together for it, and what its numbers mean.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.encoder.runtime import onnxruntime
from index.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FORMAT = 1
"""Bump when the graph's inputs or outputs, ``pack`` or the manifest's fields change."""

FOLDER = Path(__file__).parent.parent / "models" / "reader"

# In word pieces. Longer parts are cut at their end; of the sentences of the news that
# happens to about one in a hundred.
MAX_QUESTION, MAX_TITLE, MAX_BEFORE, MAX_SENTENCE = 32, 12, 24, 100
SHORT = 124  # pieces in all beyond which the context gives way to the sentence
MAX_SPAN = 30  # pieces of a short answer

_CLS, _SEP = 101, 102
_WORD = re.compile(r"\w+")
_VAGUE = frozenset(
    ("a", "an", "the", "at", "least", "more", "than", "about", "over", "some", "nearly", "around")
)

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with what helps to understand it: the article's title, the sentence before."""

    title: str
    before: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of one passage.

    ``score`` is the log of how much likelier this sentence is than "no answer here": above 0
    it answers, below it does not. ``span`` is the short answer, in code points of the
    sentence. Both are the same whatever else is read along with it.
    """

    score: float
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reading among the others: ``confidence`` is 0 to 1; ``score``, its log-odds, ranks."""

    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become a confidence; fitted on articles kept from training.

    The confidence is the logistic function of ``bias``, plus ``reader`` and ``search`` times
    those two scores, plus ``share`` times the probability of the passage among those that were
    read (see ``shares``). The same sum is what ranks.
    """

    reader: float
    search: float
    share: float
    bias: float

    def judge(
        self, readings: Sequence[Reading], fused: Sequence[float], said: Sequence[str]
    ) -> list[Verdict]:
        """Return a verdict for each reading.

        ``fused`` are the search's scores, ``said`` the short answers (see ``shares``).
        """
        scores = [reading.score for reading in readings]
        verdicts = []
        for score, found, share in zip(scores, fused, shares(scores, said), strict=True):
            logit = self.bias + self.reader * score + self.search * found + self.share * share
            confidence = 0.5 + 0.5 * math.tanh(logit / 2)  # the logistic function
            verdicts.append(Verdict(logit, confidence))
        return verdicts


def shares(scores: Sequence[float], said: Sequence[str]) -> list[float]:
    """The probability of each passage among "no answer" and the passages that say otherwise.

    Those that give the same answer do not take confidence from each other: when ten outlets
    report 300 dead, that is no reason to doubt the first.

    >>> [round(share, 2) for share in shares([2.0, 2.0, 2.0], ["300", "at least 300", "45"])]
    [0.47, 0.47, 0.32]
    """
    top = max(0.0, *scores) if scores else 0.0  # taken off, so that nothing overflows
    none, odds = math.exp(-top), [math.exp(score - top) for score in scores]
    words = [frozenset(_WORD.findall(text.casefold())) - _VAGUE for text in said]
    found = []
    for i, own in enumerate(odds):
        others = (odds[j] for j in range(len(odds)) if j != i and not _agree(words[i], words[j]))
        found.append(own / (none + own + sum(others)))
    return found


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two short answers are the same, or one is the other with more to it."""
    return bool(one) and bool(other) and (one <= other or other <= one)


class Reader:
    """Reads passages for an answer. Cheap to make; the model is loaded when first needed."""

    def __init__(self, folder: Path = FOLDER, threads: int | None = None) -> None:
        """Take the model from ``folder`` and read ``threads`` passages at a time."""
        self._folder = folder
        self._threads = threads or min(4, _cores())

    @cached_property
    def calibration(self) -> Calibration:
        """What turns readings into an order and a confidence."""
        try:
            return Calibration(**self._manifest["calibration"])
        except (KeyError, TypeError) as exc:
            raise ModelError(f"{self._folder / 'reader.json'}: no calibration: {exc!r}") from exc

    @cached_property
    def threshold(self) -> float:
        """The confidence from which a quote is worth showing: see the manifest's precision."""
        try:
            return float(self._manifest["threshold"])
        except (KeyError, TypeError, ValueError) as exc:
            raise ModelError(f"{self._folder / 'reader.json'}: no threshold: {exc!r}") from exc

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

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return a reading for each passage, in their order.

        Every passage is run alone: nothing is spent on padding, and a score cannot depend
        on the company, as it would with 8-bit arithmetic over a batch.

        Raises:
            ModelError: a file of the model is missing, altered, or of another format.
        """
        if not passages:
            return []
        texts = [question]
        for passage in passages:
            texts += [passage.title, passage.before, passage.sentence]
        encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        jobs = []
        for i in range(len(passages)):
            title, before, sentence = encoded[3 * i + 1 : 3 * i + 4]
            packed = pack(encoded[0].ids, title.ids, before.ids, sentence.ids)
            jobs.append((packed, sentence.offsets))
        self.load()
        # The longest first, so that no thread ends long after the others.
        order = sorted(range(len(jobs)), key=lambda i: -len(jobs[i][0][0]))
        with ThreadPoolExecutor(self._threads) as pool:
            done = dict(zip(order, pool.map(lambda i: self._run(*jobs[i]), order), strict=True))
        return [done[i] for i in range(len(jobs))]

    def _run(
        self, packed: tuple[list[int], list[int]], offsets: Sequence[tuple[int, int]]
    ) -> Reading:
        ids, types = (np.array([part], np.int64) for part in packed)
        score, logits = self._session.run(None, {"ids": ids, "types": types})
        inside = logits[0][types[0] == 1]
        pieces = best_span(inside[:, 0], inside[:, 1])
        span = (offsets[pieces[0]][0], offsets[pieces[1]][1]) if pieces else None
        return Reading(float(score[0]), span)

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
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

    def _digest(self, name: str) -> str:
        try:
            return str(self._manifest["files"][name])
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
        options.intra_op_num_threads = 1  # the passages are what runs side by side
        options.inter_op_num_threads = 1
        return runtime.InferenceSession(
            self._checked("reader.onnx"), options, providers=["CPUExecutionProvider"]
        )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pack(
    question: Sequence[int], title: Sequence[int], before: Sequence[int], sentence: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return ids and types of ``[CLS] question [SEP] title [SEP] before [SEP] sentence [SEP]``.

    Type 1 marks the sentence's pieces and nothing else. Each part is cut to its bound;
    title and sentence before give way when question and sentence are long.

    >>> pack([5], [6], [], [7, 8])
    ([101, 5, 102, 6, 102, 102, 7, 8, 102], [0, 0, 0, 0, 0, 0, 1, 1, 0])
    """
    question = question[:MAX_QUESTION]
    sentence = sentence[:MAX_SENTENCE]
    room = max(0, SHORT - len(question) - len(sentence))
    title = title[: min(MAX_TITLE, room)]
    before = before[: min(MAX_BEFORE, room - len(title))]
    head = [_CLS, *question, _SEP, *title, _SEP, *before, _SEP]
    return [*head, *sentence, _SEP], [0] * len(head) + [1] * len(sentence) + [0]


def best_span(start: Logits, end: Logits, longest: int = MAX_SPAN) -> tuple[int, int] | None:
    """Return first and last piece of the best span: last >= first, at most ``longest`` pieces.

    >>> best_span(np.array([0.0, 9, 1]), np.array([8.0, 0, 1]))  # the end is not before the start
    (1, 2)
    """
    if not len(start):
        return None
    sums = start[:, None] + end[None, :]  # (first, last)
    allowed = np.triu(np.ones_like(sums, bool)) & ~np.triu(np.ones_like(sums, bool), longest)
    first, last = np.unravel_index(np.where(allowed, sums, -np.inf).argmax(), sums.shape)
    return int(first), int(last)
