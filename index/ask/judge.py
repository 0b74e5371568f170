"""Candidates -> judgements: how surely each answers the question, and where the answer stands.

The reader judges the best of what was searched. Where there is no reader, as in most tests, the
fused score alone judges: it orders quotes well, and tells badly whether anything answers.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, TypeAlias

from index.ask.reader import Passage, Reader
from index.ask.search import Found
from index.errors import ModelError
from index.records import Judgement

Judged: TypeAlias = list[tuple[Found, Judgement]]

READ_LEAST, READ, READ_WITHIN = 6, 16, 3.5
"""Candidates that the reader reads: those whose fused score is so near to the best one's, at least
and at most so many. The answer is among them for 96 %; reading up to 24 took half as long again and
answered no better (``docs/quality.md``)."""
NEAR = 0.35
"""Cosine from which a sentence that shares no word with the question may still answer."""
SLOPE, OFFSET = 0.368, -6.77
"""Fused score to the chance that the first quote answers: Platt scaling, fitted on SQuAD train by
``bench/fusion.py``."""


class Judge(Protocol):
    """Judges candidates; quotes below its ``threshold`` of confidence are refused."""

    @property
    def threshold(self) -> float:
        """The confidence from which a quote is shown unless the index has a threshold fitted."""

    def prepare(self) -> None:
        """Begin to load what judging needs, while the question is searched for."""

    def judge(self, question: str, found: Sequence[Found], top: int, /) -> Judged:
        """Judge the candidates, which come best first; what is behind ``top`` may be left out."""


class FusionJudge:
    """Judges by the fused score; refuses what neither shares a word nor means something alike."""

    threshold = 1e-6

    def prepare(self) -> None:
        """Nothing is to be loaded."""

    def judge(self, question: str, found: Sequence[Found], top: int, /) -> Judged:
        """Judge every candidate; one that does not come near has confidence 0."""
        return [(each, Judgement(self._confidence(each))) for each in found]

    def _confidence(self, found: Found) -> float:
        if not found.candidate.coverage and found.candidate.cosine < NEAR:
            return 0.0
        return 1 / (1 + math.exp(-(SLOPE * found.candidate.score + OFFSET)))


class ReaderJudge:
    """Judges by the trained reader, which also finds the short answer."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._loading: threading.Thread | None = None

    @property
    def threshold(self) -> float:
        """As the reader's own; ``docs/model-card.md`` says for what precision it was fitted."""
        return self._reader.threshold

    def prepare(self) -> None:
        """Begin to load the model in a thread of its own."""
        if self._loading is None:
            # No daemon: a process that ends while a model is being loaded would be aborted.
            self._loading = threading.Thread(target=self._load)
            self._loading.start()

    def judge(self, question: str, found: Sequence[Found], top: int, /) -> Judged:
        """Judge the candidates that are worth reading; the rest is left out.

        Of copies with the same words one is read, and they share its judgement: a report that ten
        outlets reprinted does not crowd out what else there is.
        """
        copies: dict[str, list[Found]] = {}
        for each in found:
            copies.setdefault(each.words, []).append(each)
        scores = [group[0].candidate.score for group in copies.values()]
        groups = list(copies.values())[: worth_reading(scores, top)]
        read = [group[0] for group in groups]
        if self._loading is not None:
            self._loading.join()
        readings = self._reader.read(question, [passage(each) for each in read])
        said = [
            each.text[slice(*reading.span)] if reading.span else each.text
            for each, reading in zip(read, readings, strict=True)
        ]
        verdicts = self._reader.calibration.judge(readings, scores[: len(read)], said)
        return [
            (each, Judgement(verdict.confidence, _highlight(reading.span, group[0], each)))
            for group, reading, verdict in zip(groups, readings, verdicts, strict=True)
            for each in group
        ]

    def _load(self) -> None:
        # What fails here fails again, and is told, where the reader is used.
        with suppress(ModelError):
            self._reader.load()


def worth_reading(scores: Sequence[float], top: int = 1) -> int:
    """How many of the candidates to read, by their fused scores, best first; ``top`` are shown.

    >>> worth_reading([9.0, 8.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5])
    6
    """
    near = sum(score >= scores[0] - READ_WITHIN for score in scores)
    return min(max(near, top, READ_LEAST), READ, len(scores))


def _highlight(span: tuple[int, int] | None, read: Found, copy: Found) -> tuple[int, int] | None:
    """The short answer in a copy of the sentence that was read, in offsets of its article."""
    if span is None:
        return None
    answer = read.text[slice(*span)]
    at = span[0] if copy.text == read.text else copy.text.find(answer)
    start = copy.candidate.sentence.start + at
    return (start, start + len(answer)) if at >= 0 else None


def passage(found: Found) -> Passage:
    """What the reader reads of a candidate: its sentence, the one before, and the title."""
    article, sentence = found.filed.article, found.candidate.sentence
    before = [each for each in found.around if each.ordinal == sentence.ordinal - 1]
    return Passage(
        title=article.title,
        before=article.text[before[0].start : before[0].end] if before else "",
        sentence=article.text[sentence.start : sentence.end],
    )
