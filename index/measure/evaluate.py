"""Labelled questions -> how well they are answered and refused, and from which confidence on.

A question is judged by its *best* quote: the first one, or the nearest of a refusal, so that the
order is measured apart from the refusing. Only ``read_cases`` touches a file; its format and the
figures are explained in ``docs/evaluating.md``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import QuestionsError
from index.measure import figures
from index.measure.figures import Bin, Level, mean
from index.records import Answer, Quote, Receipt

TOP = 10
"""Quotes to ask for: the figures look at the first ten."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what a right quote holds; with none of it, it must be refused."""

    question: str
    answers: tuple[str, ...] = ()
    quote: str | None = None
    receipt: Receipt | None = None

    @property
    def answerable(self) -> bool:
        """Whether the articles are said to answer it."""
        return bool(self.answers or self.quote or self.receipt)

    def accepts(self, quote: Quote) -> bool:
        """Whether a quote is right.

        It overlaps the receipt; or it holds the ``quote`` and one of the answers, as whole words,
        without regard to case and kind of space, as far as these are given.
        """
        if self.receipt and _overlaps(quote, self.receipt):
            return True
        if not (self.answers or self.quote):
            return False
        text = _folded(quote.text)
        if self.quote and _folded(self.quote) not in text:
            return False
        return not self.answers or any(_holds(text, answer) for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question; ``rank`` is the place of the first right quote, from 1."""

    case: Case
    best: Quote | None
    answered: bool
    rank: int | None

    @property
    def confidence(self) -> float:
        """Of the best quote; 0 where not even a nearest was found."""
        return self.best.confidence if self.best else 0.0

    @property
    def right(self) -> bool:
        """Whether the best quote is right; it never is where nothing answers."""
        return self.rank == 1

    @property
    def pair(self) -> tuple[float, bool]:
        """What the figures of confidence are made of."""
        return self.confidence, self.right

    @property
    def verdict(self) -> str:
        """``right`` or ``wrong`` if answered; else ``missed``, or ``refused`` as it should be."""
        if self.answered:
            return "right" if self.right else "wrong"
        return "missed" if self.case.answerable else "refused"

    @property
    def highlight(self) -> str | None:
        """The words marked in the best quote, if any are."""
        if self.best is None or self.best.highlight is None:
            return None
        return self.best.article.text[slice(*self.best.highlight)]

    @property
    def span(self) -> tuple[float, float] | None:
        """F1 and exact match of the highlight, the best over the answers; None without answers."""
        if not self.case.answers:
            return None
        said = self.highlight or ""
        return max(
            (figures.f1(said, answer), float(figures.exact(said, answer)))
            for answer in self.case.answers
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a set of questions; None where a set has no question that a figure is of."""

    outcomes: tuple[Outcome, ...]
    threshold: float
    first: float | None
    first_3: float | None
    first_10: float | None
    mrr: float | None
    span_f1: float | None
    span_exact: float | None
    answered: float
    precision: float | None
    refusal_precision: float | None
    refusal_recall: float | None
    auroc: float | None
    aurc: float
    ece: float
    curve: tuple[Level, ...]
    reliability: tuple[Bin, ...]

    @property
    def pairs(self) -> list[tuple[float, bool]]:
        """Confidence of the best quote and whether it is right, of each question."""
        return [each.pair for each in self.outcomes]


def read_cases(path: Path) -> list[Case]:
    """Read labelled questions, one JSON object a line; blank lines are passed over.

    Raises:
        QuestionsError: the file can't be read, holds none, or a line is not a question.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise QuestionsError(path, f"can't be read as UTF-8 text ({exc})") from exc
    cases = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line)))
            except json.JSONDecodeError as exc:
                reason = f"line {number}: not JSON ({exc.msg} at character {exc.pos + 1})"
                raise QuestionsError(path, reason) from exc
            except (ValueError, RecursionError) as exc:
                raise QuestionsError(path, f"line {number}: {exc}") from exc
    if not cases:
        raise QuestionsError(path, "holds no questions")
    return cases


def evaluate(
    ask: Callable[[str], Answer], cases: Iterable[Case], threshold: float = 0.0
) -> Evaluation:
    """Ask every question and judge what comes; a best confidence below ``threshold`` is refused.

    ``ask`` should give ``TOP`` quotes. Of a question that it refuses itself only the nearest is
    known, so the order is measured best with an ``ask`` that refuses little.
    """
    return summarise([judge(case, ask(case.question), threshold) for case in cases], threshold)


def judge(case: Case, answer: Answer, threshold: float = 0.0) -> Outcome:
    """Compare an answer with what was expected."""
    nearest = answer.refusal.nearest if answer.refusal else None
    ranked = answer.quotes[:TOP] or ((nearest,) if nearest else ())
    places = (place for place, quote in enumerate(ranked, start=1) if case.accepts(quote))
    return Outcome(
        case,
        ranked[0] if ranked else None,
        bool(answer.quotes) and answer.quotes[0].confidence >= threshold,
        next(places, None),
    )


def summarise(outcomes: Sequence[Outcome], threshold: float = 0.0) -> Evaluation:
    """The figures; raise ``ValueError`` if there are no outcomes."""
    if not outcomes:
        raise ValueError("nothing to summarise")
    answerable = [each for each in outcomes if each.case.answerable]
    answered = [each for each in outcomes if each.answered]
    refused = [each for each in outcomes if not each.answered]
    ranks = [each.rank or math.inf for each in answerable]
    spans = [each.span for each in outcomes if each.span]
    marked = any(each.highlight for each in outcomes)
    pairs = [each.pair for each in outcomes]
    by_confidence = figures.levels(pairs)
    bins = figures.reliability(pairs)
    return Evaluation(
        outcomes=tuple(outcomes),
        threshold=threshold,
        first=mean(rank <= 1 for rank in ranks),
        first_3=mean(rank <= 3 for rank in ranks),
        first_10=mean(rank <= 10 for rank in ranks),
        mrr=mean(1 / rank for rank in ranks),
        span_f1=mean(f1 for f1, _ in spans) if marked else None,
        span_exact=mean(exact for _, exact in spans) if marked else None,
        answered=len(answered) / len(outcomes),
        precision=mean(each.right for each in answered),
        refusal_precision=mean(not each.case.answerable for each in refused),
        refusal_recall=mean(not each.answered for each in outcomes if not each.case.answerable),
        auroc=figures.auroc([(each.confidence, each.case.answerable) for each in outcomes]),
        aurc=figures.aurc(by_confidence),
        ece=sum(each.questions * abs(each.right - each.confidence) for each in bins)
        / len(outcomes),
        curve=figures.steps(by_confidence),
        reliability=tuple(bins),
    )


def _case(record: Any) -> Case:
    """Check one line's object; raise ``ValueError`` that says what is wrong with it."""
    if not isinstance(record, dict):
        raise ValueError('not an object such as {"question": "...", "answers": ["..."]}')
    question = _text(record, "question")
    if question is None:
        raise ValueError('"question" is missing or blank')
    answers = record.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(each, str) for each in answers):
        raise ValueError('"answers" is not a list of strings')
    one, receipt = _text(record, "answer"), _text(record, "receipt")
    every = [each.strip() for each in answers if each.strip()] + ([one] if one else [])
    return Case(
        question,
        tuple(dict.fromkeys(every)),
        _text(record, "quote"),
        Receipt.parse(receipt) if receipt else None,
    )


def _text(record: dict[str, Any], name: str) -> str | None:
    value = record.get(name)
    if not isinstance(value, str | None):
        raise ValueError(f'"{name}" is not a string')
    if value is None or not value.strip():
        return None
    value.encode()  # half of a surrogate pair can be written in JSON, and nowhere else
    return value.strip()


def _overlaps(quote: Quote, receipt: Receipt) -> bool:
    """Whether a quote, or a copy of it in another article, shares words with a receipt."""
    for article in (quote.article, *quote.also_in):
        if article.id == receipt.article and receipt.fits(article.digest):
            start = quote.start if article is quote.article else article.text.find(quote.text)
            if 0 <= start < receipt.end and receipt.start < start + len(quote.text):
                return True
    return False


def _holds(text: str, answer: str) -> bool:
    """Whether a folded text holds an answer, not inside a longer word or number."""
    return re.search(rf"(?a:(?<!\w){re.escape(_folded(answer))}(?!\w))", text) is not None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
