"""Confidences and verdicts -> the figures that judge them; pure.

Pairs are the confidence of a question's best quote and whether it is right. A question that nothing
answers is never right.
"""

from __future__ import annotations

import re
import string
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from index.errors import PrecisionError

STEPS = 10
"""Bins of the reliability table, and steps of the curve of risk against coverage."""
FEWEST = 5
"""Answered questions below which a precision says nothing."""
PERHAPS = 0.6
"""Share of the quotes shown as *perhaps* that must be right."""


@dataclass(frozen=True, slots=True)
class Level:
    """What is answered, and right, when the best confidence must reach a threshold."""

    threshold: float
    answered: int
    right: int
    of: int

    @property
    def coverage(self) -> float:
        """Share of all questions that is answered."""
        return self.answered / self.of

    @property
    def precision(self) -> float:
        """Share of the answered that is right; 1 minus it is the risk."""
        return self.right / self.answered


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions whose best confidence lies in [low, high), the last bin with its end."""

    low: float
    high: float
    questions: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least confidence that keeps a precision, what it does here, and the ways not taken.

    ``perhaps`` is what the second bar does for those below the first; None: nothing is *perhaps*.
    """

    chosen: Level
    perhaps: Level | None
    levels: tuple[Level, ...]


def levels(pairs: Iterable[tuple[float, bool]]) -> list[Level]:
    """What each distinct confidence would do as a threshold, from the highest to the lowest."""
    ordered = sorted(pairs, reverse=True)
    found: list[Level] = []
    answered = right = 0
    for confidence, group in groupby(ordered, key=lambda pair: pair[0]):
        rights = [each for _, each in group]
        answered += len(rights)
        right += sum(rights)
        found.append(Level(confidence, answered, right, len(ordered)))
    return found


def steps(by_confidence: Sequence[Level]) -> tuple[Level, ...]:
    """The first levels that cover a tenth of the questions, two tenths, ... all of them."""
    wanted = [Fraction(step, STEPS) for step in range(1, STEPS + 1)]
    reached = [
        next(each for each in by_confidence if Fraction(each.answered, each.of) >= share)
        for share in wanted
    ]
    return tuple(dict.fromkeys(reached))


def aurc(by_confidence: Sequence[Level]) -> float:
    """Area under the risk-coverage curve: the mean risk of the k surest, over every k from 1.

    The risk is the share of wrong ones among them. Equal confidences count as in random order.
    (El-Yaniv and Wiener, 2010; Geifman and El-Yaniv, "Selective Classification for Deep Neural
    Networks", 2017.)
    """
    total = 0.0
    answered, wrong = 0, 0
    for level in by_confidence:
        fresh = level.answered - answered
        slope = (level.answered - level.right - wrong) / fresh
        total += sum((wrong + slope * k) / (answered + k) for k in range(1, fresh + 1))
        answered, wrong = level.answered, level.answered - level.right
    return total / answered


def auroc(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """Chance that one of the true ones has the higher score of two; equal scores count half.

    The area under the receiver operating characteristic, as the Mann-Whitney statistic (Hanley and
    McNeil, 1982). None unless there are both kinds.
    """
    true = [score for score, kind in pairs if kind]
    false = sorted(score for score, kind in pairs if not kind)
    if not true or not false:
        return None
    above = sum(bisect_left(false, score) + bisect_right(false, score) for score in true)
    return above / 2 / len(true) / len(false)


def reliability(pairs: Iterable[tuple[float, bool]]) -> list[Bin]:
    """The reliability table: mean confidence and share of right ones in bins of equal width.

    Empty bins are left out. The expected calibration error is the mean distance of the two,
    weighted by the questions in each bin (Guo et al., "On Calibration of Modern Neural Networks",
    2017).
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:
        bins.setdefault(min(int(confidence * STEPS), STEPS - 1), []).append((confidence, right))
    return [
        Bin(
            number / STEPS,
            (number + 1) / STEPS,
            len(group),
            sum(confidence for confidence, _ in group) / len(group),
            sum(right for _, right in group) / len(group),
        )
        for number, group in sorted(bins.items())
    ]


def fit_threshold(pairs: Iterable[tuple[float, bool]], precision: float) -> Threshold:
    """Find the least confidence from which the answered keep a precision, and that of *perhaps*.

    At least ``FEWEST`` questions must be answered.

    Raises:
        PrecisionError: no threshold keeps it; the error names the best that one does.
        ValueError: there are no pairs, or ``precision`` is not in (0, 1].
    """
    if not 0 < precision <= 1:
        raise ValueError("a precision lies between 0 and 1")
    judged = list(pairs)
    every = levels(judged)
    if not every:
        raise ValueError("nothing to fit a threshold to")
    enough = [each for each in every if each.answered >= FEWEST]
    kept = [each for each in enough if each.precision >= precision]
    if not kept:
        best = max((each.precision for each in enough), default=None)
        raise PrecisionError(precision, best, every[-1].of)
    below = levels(pair for pair in judged if pair[0] < kept[-1].threshold)
    useful = [each for each in below if each.answered >= FEWEST and each.precision >= PERHAPS]
    return Threshold(kept[-1], useful[-1] if useful else None, steps(every))


def f1(said: str, answer: str) -> float:
    """Harmonic mean of precision and recall of the words said (SQuAD 1.1; Rajpurkar et al., 2016).

    >>> f1("the ceasefire on Monday", "Monday")
    0.5
    """
    ours, theirs = normalised(said).split(), normalised(answer).split()
    if not ours or not theirs:
        return float(ours == theirs)
    common = (Counter(ours) & Counter(theirs)).total()
    return 2 * common / (len(ours) + len(theirs))


def exact(said: str, answer: str) -> bool:
    """Whether two answers are the same but for case, punctuation and articles (SQuAD 1.1)."""
    return normalised(said) == normalised(answer)


def normalised(text: str) -> str:
    """Bring to lower case, without punctuation, English articles and surplus spaces (SQuAD 1.1).

    Punctuation is that of ASCII and of Unicode: news is set with curly quotes.
    """
    kept = (
        sign
        for sign in text.lower()
        if sign not in string.punctuation and not unicodedata.category(sign).startswith("P")
    )
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", "".join(kept)).split())


def mean(values: Iterable[float]) -> float | None:
    """Arithmetic mean; None of nothing."""
    found = list(values)
    return sum(found) / len(found) if found else None
