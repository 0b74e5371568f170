"""Fit what the search weighs: SQuAD train -> the constants of ``index/ask/search.py`` and others.

    python -m bench.fusion

Indexes whole titles of SQuAD train with the real library, asks their questions, and fits, never
looking at the dev set: the weights of the three signals (a softmax over the candidates of a
question, in which the sentences that hold the answer share the probability), the weights of a
sentence's neighbours, and how the score becomes the chance that the first quote is right.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logsumexp, softmax

from bench.data import Prepared, answering, keep, options, paragraphs, questions, records
from index import Filters, Library
from index.ask.search import DEPTH
from index.encoder import export
from index.encoder.encode import ExportedEncoder
from index.store.context import CONTEXT, in_context
from index.store.local import LocalRevision
from index.store.revisions import Store

Floats = NDArray[np.float64]
TITLES = "squad-train-paragraphs.jsonl.gz"
QUESTIONS = "squad-train-questions.jsonl.gz"
CONTEXTS = ((1.0,), (1.0, 0.2), (1.0, 0.4), (1.0, 0.3, 0.2), CONTEXT, (1.0, 0.6, 0.4))
FOLDS = 5
NOTHING = -1e9


@dataclass(frozen=True, slots=True)
class Case:
    """A question: its candidates with their signals, which of them answer, which are near."""

    title: str
    vector: NDArray[np.float32]
    ids: NDArray[np.int64]
    signals: Floats
    right: NDArray[np.bool_]
    home: NDArray[np.bool_]  # of the paragraph that answers


def sample(data: Path, file: Path, size: int) -> None:
    """Write the paragraphs of random whole titles."""
    by_title: dict[str, list[dict[str, Any]]] = {}
    for record in records(data / TITLES):
        by_title.setdefault(record["title"], []).append(record)
    titles = np.random.default_rng(1).permutation(sorted(by_title)).tolist()
    chosen: list[dict[str, Any]] = []
    while len(chosen) < size:
        chosen += by_title[titles.pop()]
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in chosen)


def ask(revision: LocalRevision, encoder: Prepared, asked: list[Any], depth: int) -> list[Case]:
    """The candidates of each question, as the search sees them."""
    home = paragraphs(revision.catalog)
    cases = []
    for question in asked:
        filed = home[question.paragraph]
        right = answering(question, filed, revision.catalog)
        if not right:
            continue
        (vector,) = encoder.encode([question.text])
        ids, signals = revision.candidates(question.text, vector, depth, Filters())
        inside = (ids >= filed.first) & (ids < filed.first + filed.sentences)
        title = filed.article.title
        cases.append(Case(title, vector, ids, signals, np.isin(ids, list(right)), inside))
    return cases


def fit(cases: list[Case]) -> Floats:
    """Weights of the signals that make the sentences that answer likeliest."""
    cases = [case for case in cases if case.right.any()]
    width = max(len(case.ids) for case in cases)
    signals = np.zeros((len(cases), width, cases[0].signals.shape[1]))
    every, right = np.full((2, len(cases), width), NOTHING)
    for row, case in enumerate(cases):
        signals[row, : len(case.ids)] = case.signals
        every[row, : len(case.ids)] = 0
        right[row, : len(case.ids)][case.right] = 0

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = signals @ weights
        value = logsumexp(scores + every, axis=1) - logsumexp(scores + right, axis=1)
        excess = softmax(scores + every, axis=1) - softmax(scores + right, axis=1)
        slope = np.einsum("qc,qcs->qs", excess, signals).mean(axis=0)
        return float(value.mean()), slope

    start = np.zeros(signals.shape[2])
    weights: Floats = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return weights


def ranks(cases: list[Case], weights: Floats) -> NDArray[np.int64]:
    """How many candidates stand before the first that answers; large where none does."""
    found = []
    for case in cases:
        order = np.lexsort((case.ids, -(case.signals @ weights)))
        at = np.flatnonzero(case.right[order])
        found.append(int(at[0]) if len(at) else 10**6)
    return np.array(found)


def figures(found: NDArray[np.int64]) -> dict[str, float]:
    shares = {f"@{depth}": float((found < depth).mean()) for depth in (1, 5, 10, 24, 50)}
    shares["MRR@10"] = float(np.where(found < 10, 1 / (found + 1), 0).mean())
    shares["among all"] = float((found < 10**6).mean())
    return {name: round(share, 4) for name, share in shares.items()}


def folds(cases: list[Case]) -> list[tuple[list[Case], list[Case]]]:
    """The cases to fit and the cases to judge; a title is never in both."""
    titles = np.random.default_rng(2).permutation(sorted({case.title for case in cases}))
    parts = [set(titles[number::FOLDS].tolist()) for number in range(FOLDS)]
    return [
        ([c for c in cases if c.title not in part], [c for c in cases if c.title in part])
        for part in parts
    ]


def judged(cases: list[Case]) -> dict[str, float]:
    """The figures on titles that the weights were not fitted on."""
    found = [ranks(held_out, fit(fitted)) for fitted, held_out in folds(cases)]
    return figures(np.concatenate(found))


def in_other_context(
    cases: list[Case], revision: LocalRevision, weights: tuple[float, ...]
) -> list[Case]:
    """The same candidates, their cosines as they were with other weights of the neighbours."""
    rows = np.zeros((1 + max(int(case.ids.max()) for case in cases), cases[0].vector.size), "f4")
    for filed in revision.catalog.articles():
        span = filed.first, filed.first + filed.sentences
        mixed = in_context(revision.catalog.vectors(*span), weights)
        rows[span[0] : span[1]] = mixed[: len(rows) - span[0]]
    return [
        Case(
            case.title,
            case.vector,
            case.ids,
            np.column_stack([rows[case.ids] @ case.vector, case.signals[:, 1:]]),
            case.right,
            case.home,
        )
        for case in cases
    ]


def chance(cases: list[Case], weights: Floats) -> dict[str, float]:
    """Platt scaling of the first candidate's score.

    Each question counts twice: as it is, and with its paragraph taken away, when nothing is right.
    """
    scores, right = [], []
    for case in cases:
        fused = case.signals @ weights
        first = int(fused.argmax())
        scores.append(fused[first])
        right.append(bool(case.right[first]))
        if not case.home.all():
            scores.append(fused[~case.home].max())
            right.append(False)
    x, y = np.array(scores), np.array(right, dtype=float)

    def loss(line: Floats) -> float:
        logits = line[0] * x + line[1]
        return -float((y * log_expit(logits) + (1 - y) * log_expit(-logits)).mean())

    slope, offset = minimize(loss, np.array([0.5, -8.0]), method="BFGS").x
    sure = expit(slope * x + offset)
    bins = np.digitize(sure, np.linspace(0, 1, 11)[1:-1])
    gaps = [
        abs(sure[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in set(bins)
    ]
    return {
        "slope": round(float(slope), 3),
        "offset": round(float(offset), 2),
        "expected calibration error": round(float(sum(gaps)), 4),
        "Brier": round(float(((sure - y) ** 2).mean()), 4),
        "Brier of always saying the mean": round(float(y.var()), 4),
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--paragraphs", type=int, default=2000)
    parser.add_argument("--questions", type=int, default=2500)
    given = parser.parse_args()
    folder, file = given.work / "train", given.work / "train.jsonl"
    if not file.exists():
        given.work.mkdir(parents=True, exist_ok=True)
        sample(given.data, file, given.paragraphs)
    print(Library(folder).sync([file]))
    store = Store(folder)
    with store.reading() as revision:
        home = paragraphs(revision.catalog)
        asked = [each for each in questions(given.data / QUESTIONS) if each.paragraph in home]
        chosen = np.random.default_rng(3).permutation(len(asked))[: given.questions]
        asked = [asked[number] for number in chosen]
        exported = ExportedEncoder(export.folder_of(store.models, revision.encoder))
        encoder = Prepared(exported, [each.text for each in asked])
        result: dict[str, Any] = {"paragraphs": len(home)}
        for depth in (DEPTH // 2, 2 * DEPTH, DEPTH):
            cases = ask(revision, encoder, asked, depth)
            result[f"depth {depth}"] = judged(cases)
            print(f"depth {depth}: {judged(cases)}")
        for weights in CONTEXTS:
            other = in_other_context(cases, revision, weights)
            result[f"context {weights}"] = judged(other)
            print(f"context {weights}: {judged(other)}")
        fitted = fit(cases)
        result["questions"] = len(cases)
        result["left out, no sentence holds an answer"] = len(asked) - len(cases)
        result["weights"] = [round(float(weight), 2) for weight in fitted]
        result["chance"] = chance(cases, fitted)
    print(f"weights {result['weights']}, chance {result['chance']}")
    keep("fusion", result)


if __name__ == "__main__":
    main()
