"""Records -> the calibration, the bars, and the figures of docs/model-card.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.reader.collect import Record
from bench.reader.quick import auroc
from index.ask.confidence import NAMES, Calibration, Signals

SURE, REFUSED = 0.84, 0.06
"""Precision of what is above the first bar, on news with a third of the questions unanswered; share
of the answered questions that may fall below the second though the quote is right."""
WANTED = 0.95
"""The precision whose price the figures tell."""
UNANSWERED = 1 / 3
START = Calibration({"reader": 1.0, "share": 0.0, "span": 0.0} | dict.fromkeys(NAMES[3:], 1.0), ())
ROUNDS, BINS = 6, 16

Floats: TypeAlias = NDArray[np.float64]
Shown: TypeAlias = tuple[float, bool, float]
"""The confidence of a question's first quote, whether it is right, and the question's weight."""


def weights(records: Sequence[Record]) -> Floats:
    """Return a weight for each record: a third unanswered in each source, sources alike."""
    parts = [(record.source, record.answerable) for record in records]
    sources = {source for source, _ in parts}
    share = {True: 1 - UNANSWERED, False: UNANSWERED}
    count = {part: parts.count(part) for part in set(parts)}
    return np.array([share[part[1]] / count[part] / len(sources) for part in parts])


def fit(records: Sequence[Record]) -> Calibration:
    """Fit the chance that the quote shown first is right.

    What is shown first depends on the weights, so that they are fitted a few times, each time
    to the quotes that the last ones show first.
    """
    calibration = START
    weight = weights(records)
    for _ in range(ROUNDS):
        rows = [record.signals[first(record, calibration)] for record in records]
        labels = np.array([record.right[first(record, calibration)] for record in records], float)
        found = logistic(np.array(rows), labels, weight)
        calibration = Calibration(dict(zip(NAMES, found.tolist(), strict=True)), ())
    places = [first(record, calibration) for record in records]
    ranks = [ranked(r, calibration)[i] for r, i in zip(records, places, strict=True)]
    right = [record.right[place] for record, place in zip(records, places, strict=True)]
    points = isotonic(np.array(ranks), np.array(right, float), weight)
    return Calibration(calibration.weights, points)


def logistic(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Return the weights, none below 0, of the most likely logistic model; the bias is dropped."""
    scale = x.std(0) + 1e-9
    scaled = np.column_stack([(x - x.mean(0)) / scale, np.ones(len(x))])

    def loss(w: Floats) -> tuple[float, Floats]:
        z = scaled @ w
        chance = 1 / (1 + np.exp(-z))
        value = weight @ (np.logaddexp(0, z) - y * z) + 1e-4 * w[:-1] @ w[:-1]
        slope = scaled.T @ (weight * (chance - y)) + 2e-4 * np.append(w[:-1], 0)
        return float(value), slope

    bounds = [(0.0, None)] * x.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.round(found.x[:-1] / scale, 5)


def isotonic(rank: Floats, right: Floats, weight: Floats) -> tuple[tuple[float, float], ...]:
    """Return points of a rising line from ranks to the share that is right.

    Ranks are put into bins of the same weight; neighbours that do not rise are joined (pool
    adjacent violators, Ayer et al. 1955).
    """
    order = np.argsort(rank)
    edges = np.cumsum(weight[order]) / weight.sum() * BINS
    blocks: list[tuple[float, float, float]] = []  # weight, mean rank, share that is right
    for number in range(BINS):
        own = order[(edges > number) & (edges <= number + 1)]
        if not len(own):
            continue
        total = float(weight[own].sum())
        blocks.append(
            (total, float(weight[own] @ rank[own]) / total, float(weight[own] @ right[own]) / total)
        )
        while len(blocks) > 1 and blocks[-2][2] >= blocks[-1][2]:
            (a, x0, y0), (b, x1, y1) = blocks[-2:]
            blocks[-2:] = [(a + b, (a * x0 + b * x1) / (a + b), (a * y0 + b * y1) / (a + b))]
    return tuple((round(x, 4), round(y, 4)) for _, x, y in blocks)


def bars(records: Sequence[Record], calibration: Calibration) -> dict[str, float]:
    """Return the confidence of each bar, fitted on the questions of the news."""
    news = [record for record in records if record.source == "news"]
    judged = shown(news, calibration)
    answered = sum(record.answerable for record in news)
    right = sorted(confidence for confidence, is_right, _ in judged if is_right)
    return {
        "sure": round(share_at_precision(judged, SURE)[1], 3),
        "perhaps": round(right[int(REFUSED * answered)], 3),
    }


def ranked(record: Record, calibration: Calibration) -> list[float]:
    """Return the rank of each sentence of a record."""
    return [calibration.rank(Signals(*signals)) for signals in record.signals]


def first(record: Record, calibration: Calibration) -> int:
    """Return the place of the sentence that is shown first."""
    return int(np.argmax(ranked(record, calibration)))


def shown(records: Sequence[Record], calibration: Calibration) -> list[Shown]:
    """Return what is shown first for each question."""
    found = []
    for record, weight in zip(records, weights(records), strict=True):
        ranks = ranked(record, calibration)
        place = int(np.argmax(ranks))
        found.append((calibration.confidence(ranks[place]), record.right[place], float(weight)))
    return found


def share_at_precision(judged: Sequence[Shown], precision: float) -> tuple[float, float]:
    """Return the largest share of the right that is shown at a precision, and from where on."""
    best, lowest, right, total = 0.0, 1.0, 0.0, 0.0
    for confidence, is_right, weight in sorted(judged, reverse=True):
        right += is_right * weight
        total += weight
        if right / total >= precision:
            best, lowest = right, confidence
    return best, lowest


def reliability(judged: Sequence[Shown]) -> tuple[float, list[dict[str, float]]]:
    """Return the expected calibration error over ten bins, and the bins."""
    confidence, right, weight = (np.array(column, float) for column in zip(*judged, strict=True))
    weight /= weight.sum()
    bins, error = [], 0.0
    for low in range(10):
        inside = (confidence * 10).astype(int).clip(max=9) == low
        if inside.any():
            own = weight[inside] / weight[inside].sum()
            said, was = float(own @ confidence[inside]), float(own @ right[inside])
            error += abs(said - was) * float(weight[inside].sum())
            bins.append({"said": said, "was": was, "count": int(inside.sum())})
    return error, bins


def places(records: Iterable[Record], order: Callable[[Record], Sequence[float]]) -> Floats:
    """Return the place of the first right sentence of each record, infinite for none."""
    found = []
    for record in records:
        right = np.array(record.right)[np.argsort(-np.array(order(record)), kind="stable")]
        hits = np.flatnonzero(right)
        found.append(hits[0] + 1 if len(hits) else np.inf)
    return np.array(found)


def figures(
    records: Sequence[Record], calibration: Calibration, sure: float, perhaps: float
) -> Any:
    """Return the figures of one source's questions."""
    answered = [record for record in records if record.answerable]
    unanswered = [record for record in records if not record.answerable]
    judged = shown(records, calibration)
    of_answered, of_unanswered = shown(answered, calibration), shown(unanswered, calibration)
    found = places(answered, lambda record: ranked(record, calibration))
    by_search = places(answered, lambda record: record.fused)
    error, bins = reliability(judged)
    share, bar = share_at_precision(judged, WANTED)
    spans = [record.f1 for record in answered if record.f1 is not None]

    def shares(of: Sequence[Shown], bar: float) -> float:
        return float(np.mean([confidence >= bar for confidence, _, _ in of]))

    return {
        "questions": len(records),
        "answered": len(answered),
        "first, of the search": float(np.mean(by_search == 1)),
        "first": float(np.mean(found == 1)),
        "first 3": float(np.mean(found <= 3)),
        "first 10": float(np.mean(found <= 10)),
        "read at all": float(np.mean(np.isfinite(found))),
        "area, answered or not": auroc(
            [c for c, _, _ in of_answered], [c for c, _, _ in of_unanswered]
        ),
        "shown rightly at 95 %, share of the answered": share / (1 - UNANSWERED),
        "bar of 95 % here": bar,
        "answered, sure": shares(of_answered, sure),
        "answered, at least perhaps": shares(of_answered, perhaps),
        "right of the sure, a third unanswered": _precision(judged, sure),
        "right of perhaps, a third unanswered": _precision(
            [each for each in judged if each[0] < sure], perhaps
        ),
        "unanswered, sure": shares(of_unanswered, sure),
        "unanswered, perhaps": shares(of_unanswered, perhaps) - shares(of_unanswered, sure),
        "unanswered at least perhaps, by kind": {
            kind: shares(shown([r for r in unanswered if r.kind == kind], calibration), perhaps)
            for kind in sorted({record.kind for record in unanswered})
        },
        "refused though right": float(np.mean([r and c < perhaps for c, r, _ in of_answered])),
        "calibration error": error,
        "calibration error, all answered": reliability(of_answered)[0],
        "reliability": bins,
        "span f1": float(np.mean(spans)),
        "span exact": float(np.mean([r.exact for r in answered if r.exact is not None])),
        "reading, ms median": float(np.median([record.ms for record in records])),
    }


def _precision(judged: Sequence[Shown], bar: float) -> float:
    kept = [(right, weight) for confidence, right, weight in judged if confidence >= bar]
    total = sum(weight for _, weight in kept)
    return sum(right * weight for right, weight in kept) / total if total else float("nan")
