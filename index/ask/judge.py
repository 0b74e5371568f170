"""Candidates -> judgements: how surely each answers the question, and where the answer stands.

The reader judges the best of what was searched, and the sentences around them. Where there is no
reader, as in most tests, the fused score alone judges: it orders quotes well, and tells badly
whether anything answers.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from index.ask.confidence import Calibration, Signals, log_shares
from index.ask.reader import Reader, Reading, Stretch
from index.ask.search import Hit, Question, beside
from index.errors import ModelError
from index.records import Judgement
from index.store.engine import Revision

Judged: TypeAlias = list[tuple[Hit, Judgement]]

READ_LEAST, READ, READ_WITHIN = 6, 16, 3.5
"""Candidates that the reader reads: those whose fused score is so near to the best one's, at least
and at most so many."""
BEFORE, BEHIND = 7, 4
"""Sentences around a candidate that its window may hold."""
NEAR = 0.35
"""Cosine from which a sentence that shares no word with the question may still answer."""
SLOPE, OFFSET = 0.368, -6.77
"""Fused score to the chance that the first quote answers: Platt scaling, fitted on SQuAD train by
``bench/fusion.py``."""


class Judge(Protocol):
    """Judges candidates; quotes below its ``threshold`` of confidence are no answer."""

    @property
    def threshold(self) -> float:
        """The confidence from which a quote is shown unless the index has a threshold fitted."""

    @property
    def perhaps(self) -> float:
        """The confidence from which a quote is worth a look where nothing is sure."""

    def prepare(self) -> None:
        """Begin to load what judging needs, while the question is searched for."""

    def judge(
        self, question: Question, found: Sequence[Hit], top: int, revision: Revision, /
    ) -> Judged:
        """Judge the candidates, which come best first; what is behind ``top`` may be left out."""


class FusionJudge:
    """Judges by the fused score; refuses what neither shares a word nor means something alike."""

    threshold = perhaps = 1e-6

    def prepare(self) -> None:
        """Nothing is to be loaded."""

    def judge(
        self, question: Question, found: Sequence[Hit], top: int, revision: Revision, /
    ) -> Judged:
        """Judge every candidate; one that does not come near has confidence 0."""
        return [(each, Judgement(self.confidence(each))) for each in found]

    def confidence(self, found: Hit) -> float:
        """The chance that a candidate answers, by its fused score."""
        if not found.candidate.coverage and found.candidate.cosine < NEAR:
            return 0.0
        return 1 / (1 + math.exp(-(SLOPE * found.candidate.score + OFFSET)))


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence that was read, and what is known of it."""

    found: Hit
    reading: Reading
    signals: Signals


class ReaderJudge:
    """Judges by the trained reader, which also finds the short answer."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._loading: threading.Thread | None = None

    @property
    def threshold(self) -> float:
        """The confidence from which an answer is *sure*; ``docs/model-card.md`` says how sure."""
        return float(self._measured("sure"))

    @property
    def perhaps(self) -> float:
        """The confidence from which a quote *perhaps* answers."""
        return float(self._measured("perhaps"))

    @cached_property
    def calibration(self) -> Calibration:
        """What turns signals into an order and a confidence."""
        try:
            return Calibration.parse(self._measured("calibration"))
        except ValueError as exc:
            raise ModelError(f"the reader's manifest: {exc}; install pullquote again") from exc

    def prepare(self) -> None:
        """Begin to load the model in a thread of its own."""
        if self._loading is None:
            # No daemon: a process that ends while a model is being loaded would be aborted.
            self._loading = threading.Thread(target=self._load)
            self._loading.start()

    def judge(
        self, question: Question, found: Sequence[Hit], top: int, revision: Revision, /
    ) -> Judged:
        """Judge the candidates that are worth reading, and those beside them; not the rest.

        Of copies with the same words one is read, and they share its judgement: a report that ten
        outlets reprinted does not crowd out what else there is.
        """
        copies: dict[str, list[Hit]] = {}
        for each in found:
            copies.setdefault(each.words, []).append(each)
        judged: Judged = []
        for read in self.read(question, [group[0] for group in copies.values()], top, revision):
            confidence = self.calibration.confidence(self.calibration.rank(read.signals))
            for each in copies.get(read.found.words, [read.found]):
                highlight = _highlight(read.reading.span, read.found, each)
                judged.append((each, Judgement(confidence, highlight, read.reading.score)))
        return judged

    def read(
        self, question: Question, found: Sequence[Hit], top: int, revision: Revision
    ) -> list[Read]:
        """Read the candidates that are worth it, with the sentences around them.

        ``found`` come best first and are no copies of each other.
        """
        chosen = found[: worth_reading([each.candidate.score for each in found], top)]
        runs = _runs(beside(question, chosen, range(-BEFORE, BEHIND + 1), revision))
        rank = {each.id: place for place, each in enumerate(chosen)}
        if self._loading is not None:
            self._loading.join()
        read = self._reader.read(question.text, [_stretch(run, rank) for run in runs])
        distinct: dict[str, tuple[Hit, Reading]] = {}
        for run, readings in zip(runs, read, strict=True):
            for place, reading in readings.items():
                distinct.setdefault(run[place].words, (run[place], reading))
        sentences = list(distinct.values())
        answers = [
            each.text[slice(*reading.span)] if reading.span else each.text
            for each, reading in sentences
        ]
        shares = log_shares([reading.score for _, reading in sentences], answers)
        return [
            Read(each, reading, _signals(each, reading, share))
            for (each, reading), share in zip(sentences, shares, strict=True)
        ]

    def _measured(self, name: str) -> Any:
        try:
            return self._reader.manifest[name]
        except KeyError as exc:
            raise ModelError(f"the reader has no {name}; install pullquote again") from exc

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


def _runs(found: Iterable[Hit]) -> list[list[Hit]]:
    """Sentences in the order of their ids, cut where the next one is not behind the last."""
    runs: list[list[Hit]] = []
    for each in found:
        last = runs[-1][-1] if runs else None
        if last and last.id == each.id - 1 and last.filed.id == each.filed.id:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _stretch(run: Sequence[Hit], rank: Mapping[int, int]) -> Stretch:
    """What the reader is given of a run; ``rank`` is that of the sentences it must judge."""
    wanted = [place for place, each in enumerate(run) if each.id in rank]
    wanted.sort(key=lambda place: rank[run[place].id])
    title = run[0].filed.article.title
    return Stretch(title, tuple(each.text for each in run), tuple(wanted))


def _signals(found: Hit, reading: Reading, share: float) -> Signals:
    candidate = found.candidate
    return Signals(
        reader=reading.score,
        share=share,
        span=reading.sureness,
        cosine=candidate.cosine,
        coverage=candidate.coverage,
        context=candidate.context,
    )


def _highlight(span: tuple[int, int] | None, read: Hit, copy: Hit) -> tuple[int, int] | None:
    """The short answer in a copy of the sentence that was read, in offsets of its article."""
    if span is None:
        return None
    answer = read.text[slice(*span)]
    at = span[0] if copy.text == read.text else copy.text.find(answer)
    start = copy.candidate.sentence.start + at
    return (start, start + len(answer)) if at >= 0 else None
