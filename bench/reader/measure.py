"""Records -> the calibration, and the figures of docs/model-card.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.reader.collect import Record
from bench.reader.quick import auroc
from index.ask.reader import Calibration, Reading, shares

PRECISION = 0.95
SHOWN_PRECISION = 0.8  # of the quotes that are shown: a wrong one is soon seen to be wrong
PRIOR = {"asked": 4 / 6, "removed": 1 / 6, "altered": 1 / 6}
"""How often questions of each kind are taken to be asked: a third has no answer."""
START = Calibration(reader=1.0, search=0.5, share=0.0, bias=0.0)

Sure = tuple[float, bool, float]  # confidence, whether right, weight


def weights(records: Sequence[Record]) -> list[float]:
    """Return a weight for each record, so that the kinds have the shares of ``PRIOR``."""
    kinds = [record.kind.partition(":")[0] for record in records]
    return [PRIOR[kind] / kinds.count(kind) for kind in kinds]


def fit(records: Sequence[Record]) -> Calibration:
    """Fit the chance that the quote shown first is right.

    What is shown first depends on the calibration, so that it is fitted a few times, each time
    to the quotes that the last one shows first.
    """
    calibration = START
    weight = np.array(weights(records))
    for _ in range(4):
        rows, labels = [], []
        for record in records:
            first = _order(record, calibration)[0]
            share = shares(record.scores, record.said)[first]
            rows.append((record.scores[first], record.fused[first], share, 1.0))
            labels.append(record.right[first])
        calibration = Calibration(*logistic(np.array(rows), np.array(labels, float), weight))
    return calibration


def threshold(records: Sequence[Record], calibration: Calibration) -> float:
    """Return the confidence above which quotes are right with ``SHOWN_PRECISION``."""
    return round(share_at_precision(sure(records, calibration), SHOWN_PRECISION)[1], 3)


def logistic(
    x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, ...]:
    """Return the weights of the most likely logistic model, slightly held towards 0."""

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w
        return float(weight @ (np.logaddexp(0, z) - y * z) + 1e-4 * w @ w)

    return tuple(round(float(w), 4) for w in minimize(loss, np.zeros(x.shape[1])).x)


def _order(record: Record, calibration: Calibration) -> NDArray[np.int64]:
    scores = np.array(record.scores)
    logit = calibration.reader * scores + calibration.search * np.array(record.fused)
    logit += calibration.share * np.array(shares(record.scores, record.said))
    return np.argsort(-logit, kind="stable")


def ranking(asked: Iterable[Record], calibration: Calibration | None) -> dict[str, float]:
    """Return first, first 5 and MRR; without a calibration, of the order of the search."""
    ranks = []
    for record in asked:
        order = np.arange(len(record.rows))
        if calibration:
            order = _order(record, calibration)
        places = np.flatnonzero(np.array(record.right)[order])
        ranks.append(places[0] + 1 if len(places) else np.inf)
    found = np.array(ranks)
    return {
        "first": float(np.mean(found == 1)),
        "first 5": float(np.mean(found <= 5)),
        "mrr": float(np.mean(1 / found)),
    }


def sure(records: Sequence[Record], calibration: Calibration) -> list[Sure]:
    """Return the confidence of each first quote, whether it is right, and the record's weight."""
    return [
        (*shown(record, calibration), weight)
        for record, weight in zip(records, weights(records), strict=True)
    ]


def shown(record: Record, calibration: Calibration) -> tuple[float, bool]:
    """Return the confidence of the quote shown first, and whether it is right."""
    readings = [Reading(score, None) for score in record.scores]
    verdicts = calibration.judge(readings, record.fused, record.said)
    first = max(range(len(verdicts)), key=lambda i: verdicts[i].score)
    return verdicts[first].confidence, record.right[first]


def share_at_precision(sure: Sequence[Sure], precision: float = PRECISION) -> tuple[float, float]:
    """Return the largest share that is answered, rightly or not, at a precision; and from where."""
    best, lowest, right, all_ = 0.0, 1.0, 0.0, 0.0
    for confidence, is_right, weight in sorted(sure, reverse=True):
        right += is_right * weight
        all_ += weight
        if right / all_ >= precision:
            best, lowest = all_, confidence
    return best / sum(weight for _, _, weight in sure), lowest


def reliability(sure: Sequence[Sure]) -> tuple[float, list[dict[str, float]]]:
    """Return the expected calibration error over ten bins, and the bins."""
    confidence, right, weight = (np.array(column, float) for column in zip(*sure, strict=True))
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


def figures(records: Sequence[Record], calibration: Calibration, level: float) -> dict[str, Any]:
    """Return everything that the issue asks for; ``level`` is the threshold of confidence."""
    asked, removed, altered = (
        [r for r in records if r.kind.startswith(kind)] for kind in ("asked", "removed", "altered")
    )
    by_kind = {"asked": asked, "removed": removed, "altered": altered}
    judged = {kind: [shown(r, calibration) for r in some] for kind, some in by_kind.items()}
    confidence = {kind: [c for c, _ in pairs] for kind, pairs in judged.items()}
    pairs = {r.id for r in altered}
    originals = [c for r, c in zip(asked, confidence["asked"], strict=True) if r.id in pairs]
    everything = sure(records, calibration)
    error, bins = reliability(everything)
    alone = [(c, right, 1.0) for c, right in judged["asked"]]
    return {
        "questions": len(asked),
        "found among candidates": float(np.mean([any(r.right) for r in asked])),
        "search alone": ranking(asked, None),
        "reader alone": ranking(asked, Calibration(1.0, 0.0, 0.0, 0.0)),
        "both": ranking(asked, calibration),
        "span f1": float(np.mean([r.f1 for r in asked])),
        "span exact": float(np.mean([r.exact for r in asked])),
        "auroc removed": auroc(confidence["asked"], confidence["removed"]),
        "auroc altered": auroc(originals, confidence["altered"]),
        "altered": len(altered),
        "auroc altered by kind": {
            kind: auroc(originals, [shown(r, calibration)[0] for r in altered if r.kind == kind])
            for kind in sorted({r.kind for r in altered})
        },
        "answered at 95 % precision, all answerable": share_at_precision(alone),
        "answered at 95 % precision, a third not answerable": share_at_precision(everything),
        "ece": error,
        "ece all answerable": reliability(alone)[0],
        "reliability": bins,
        "shown from the threshold on": {
            kind: float(np.mean(np.array(values) >= level)) for kind, values in confidence.items()
        },
        "right of those shown, all answerable": float(
            np.mean([right for c, right in judged["asked"] if c >= level])
        ),
        "ms median": float(np.median([r.ms for r in asked if r.ms is not None])),
    }
