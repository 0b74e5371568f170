"""Answers of a peer -> how often the right sentence is found, and how well it refuses.

A threshold is tuned on one half of the questions and judged on the other, then the other way
round, so that every question is judged once, by a threshold that has not seen it.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

TOP = 10
PRICE = 0.2
SAME_PRICE = "rightly at the same price"
"""What is rightly refused by everyone's threshold that wrongly refuses ``PRICE``."""
SHIPPED = "as shipped"
"""The name under which a peer says whether it showed an answer without any tuning."""


def quality(found: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> Any:
    """How far up a right sentence stands."""
    places = [place(each, question) for each, question in zip(found, asked, strict=True)]
    ranks = np.array(
        [at for at, question in zip(places, asked, strict=True) if question["answerable"]]
    )
    return {
        "first": float(np.mean(ranks == 1)),
        "first 5": float(np.mean(ranks <= 5)),
        "MRR@10": float(np.mean(np.where(ranks <= TOP, 1 / ranks, 0.0))),
    }


def place(found: Mapping[str, Any], question: Mapping[str, Any]) -> float:
    """The place of the first right sentence, counted from 1."""
    return next((n for n, id_ in enumerate(found["ids"], 1) if id_ in question["right"]), np.inf)


@dataclass(frozen=True, slots=True)
class Probe:
    """A question whose first answer is shown if one of its scores is high enough."""

    answerable: bool
    right: bool
    scores: Mapping[str, float]


def refusals(probes: Sequence[Probe]) -> dict[str, float]:
    """What is refused, with the threshold for each half tuned on the other.

    A peer that has several scores is given the one that separates best where it is tuned.
    """
    shown = np.zeros(len(probes), bool)
    rows = np.arange(len(probes)) // 2 % 2  # every second pair of one with an answer, one without
    for half in (0, 1):
        score, least = tuned(
            [probe for probe, row in zip(probes, rows, strict=True) if row != half]
        )
        for number in np.flatnonzero(rows == half).tolist():
            shown[number] = probes[number].scores[score] >= least
    return {
        **refused(probes, shown),
        SAME_PRICE: max(map(at_price, _by_score(probes))),
        "area under ROC": max(map(area, _by_score(probes))),
    }


def refused(probes: Sequence[Probe], shown: Any) -> dict[str, float]:
    """The shares that are refused, and that are handled right: refused, or answered rightly."""
    answerable = np.array([probe.answerable for probe in probes])
    right = np.array([probe.right for probe in probes])
    return {
        "rightly refused": float(np.mean(~shown[~answerable])),
        "wrongly refused": float(np.mean(~shown[answerable])),
        "handled right": float(np.mean(np.where(answerable, shown & right, ~shown))),
    }


def _by_score(probes: Sequence[Probe]) -> list[list[tuple[float, bool]]]:
    names = [name for name in probes[0].scores if name != SHIPPED]
    return [[(probe.scores[name], probe.answerable) for probe in probes] for name in names]


def area(scored: Sequence[tuple[float, bool]]) -> float:
    """The chance that an answerable question scores higher than one that is not."""
    yes, no = (
        [score for score, answerable in scored if answerable == is_] for is_ in (True, False)
    )
    above = np.array(yes)[:, None] - np.array(no)
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def at_price(scored: Sequence[tuple[float, bool]]) -> float:
    """The share that is rightly refused where ``PRICE`` of the answerable ones are refused."""
    yes, no = (
        [score for score, answerable in scored if answerable == is_] for is_ in (True, False)
    )
    return float(np.mean(np.array(no) < np.quantile(yes, PRICE)))


def tuned(probes: Sequence[Probe]) -> tuple[str, float]:
    """The score, and its least value, that gets most of both kinds right."""
    names = [name for name in probes[0].scores if name != SHIPPED]
    every = [
        (balance([(probe.scores[name], probe.answerable) for probe in probes], least), name, least)
        for name in names
        for least in sorted({probe.scores[name] for probe in probes})
    ]
    return max(every)[1:]


def balance(scored: Sequence[tuple[float, bool]], least: float) -> float:
    """The mean of the shares of both kinds that a threshold gets right."""
    hits = [
        [(score >= least) == is_ for score, is_ in scored if is_ is kind] for kind in (True, False)
    ]
    return statistics.mean(statistics.mean(kind) for kind in hits)


def figures(found: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> Any:
    """Everything that is told by the answers."""
    probes = [
        Probe(question["answerable"], place(each, question) == 1, each["scores"])
        for each, question in zip(found, asked, strict=True)
    ]
    result = {"quality": quality(found, asked), "refusals": refusals(probes)}
    if SHIPPED in probes[0].scores:
        shown = np.array([bool(probe.scores[SHIPPED]) for probe in probes])
        result[SHIPPED] = refused(probes, shown)
    return result
