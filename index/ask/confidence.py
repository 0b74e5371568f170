"""Signals of a sentence among those read -> an order, and the chance that it answers.

A generalised additive model, fitted on questions whose articles were kept from training
(``bench/reader/measure.py``): a weighted sum of named signals, which orders, and a rising line
through a few points from that sum to a probability (docs/model-card.md).
"""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"\w+")
_VAGUE = frozenset(
    ("a", "an", "the", "at", "least", "more", "than", "about", "over", "some", "nearly", "around")
)


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a sentence that was read.

    ``reader`` is its log-odds against "no answer here"; ``share`` the logarithm of its probability
    among "no answer" and the sentences that say otherwise; ``span`` that of its short answer;
    ``cosine``, ``coverage`` and ``context`` are the search's (``records.Candidate``).
    """

    reader: float
    share: float
    span: float
    cosine: float
    coverage: float
    context: float


NAMES = Signals.__slots__


@dataclass(frozen=True, slots=True)
class Calibration:
    """How signals become a confidence.

    ``weights`` has one number for each signal, none below 0: a sentence is never less likely to
    answer because one of them is higher. ``points`` are (sum, probability), both rising; between
    them the line is straight, beyond them level.
    """

    weights: Mapping[str, float]
    points: Sequence[tuple[float, float]]

    @classmethod
    def parse(cls, record: Mapping[str, Any]) -> Calibration:
        """Read a calibration from a manifest.

        Raises:
            ValueError: a signal has no weight, or the points do not rise.
        """
        try:
            weights = {name: float(record["weights"][name]) for name in NAMES}
            points = tuple((float(x), float(y)) for x, y in record["points"])
        except (KeyError, TypeError, ValueError) as exc:
            raise ValueError(f"not a calibration: {exc!r}") from exc
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in itertools.pairwise(points))
        if not points or not rising:
            raise ValueError("not a calibration: its points do not rise")
        return cls(weights, points)

    def rank(self, signals: Signals) -> float:
        """Return the weighted sum of the signals: the higher, the likelier to answer."""
        return sum(self.weights[name] * float(getattr(signals, name)) for name in NAMES)

    def confidence(self, rank: float) -> float:
        """Return the chance (0 to 1) that a sentence of this rank answers, when it is shown first.

        >>> Calibration({}, [(-1.0, 0.25), (1.0, 0.75)]).confidence(0.5)
        0.625
        """
        place = bisect_right(self.points, (rank, math.inf))
        if place == 0:
            return self.points[0][1]
        if place == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[place - 1 : place + 1]
        return y0 + (y1 - y0) * (rank - x0) / (x1 - x0)


def log_shares(scores: Sequence[float], answers: Sequence[str]) -> list[float]:
    """The log-probability of each sentence among "no answer" and those that say otherwise.

    Those that give the same short answer do not take confidence from each other: when ten outlets
    report 300 dead, that is no reason to doubt the first.

    >>> shares = log_shares([2.0, 2.0, 2.0], ["300", "at least 300", "45"])
    >>> [round(math.exp(share), 2) for share in shares]
    [0.47, 0.47, 0.32]
    """
    top = max(0.0, *scores) if scores else 0.0  # taken off, so that nothing overflows
    null, odds = math.exp(-top), [math.exp(score - top) for score in scores]
    words = [frozenset(_WORD.findall(text.casefold())) - _VAGUE for text in answers]
    shares = []
    for i, own in enumerate(odds):
        rivals = (odds[j] for j in range(len(odds)) if j != i and not _agree(words[i], words[j]))
        shares.append(scores[i] - top - math.log(null + own + sum(rivals)))
    return shares


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two short answers are the same, or one is the other with more to it."""
    return bool(one) and bool(other) and (one <= other or other <= one)
