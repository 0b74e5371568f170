"""A model in training -> a few figures on held-out articles, in half a minute."""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from bench.reader.corpus import SEED, Question
from bench.reader.groups import Batch, Group, Source, Texts, batch
from bench.reader.model import ReaderModel, bf16

OTHERS = 4  # windows beside the question's own


def auroc(positive: list[float], negative: list[float]) -> float:
    """Return the chance that a positive scores above a negative.

    >>> auroc([2.0, 1.0], [0.0, 1.0])
    0.875
    """
    a, b = np.asarray(positive)[:, None], np.asarray(negative)[None]
    return float(((a > b) + 0.5 * (a == b)).mean())


class Quick:
    """Scores a model: is an answering sentence first, is there an answer, where does it stand."""

    def __init__(self, texts: Texts, questions: int) -> None:
        self._texts = texts
        rng = random.Random(SEED)
        every = texts.corpus.questions
        some = rng.sample(range(len(every)), min(questions, len(every)))
        asked = [every[n] for n in some]
        near = texts.near([question.text for question in asked])
        source = Source(texts, None)
        self._groups = [
            _group(source, question, row.tolist(), rng)
            for question, row in zip(asked, near, strict=True)
        ]

    @torch.no_grad()
    def __call__(self, model: ReaderModel) -> dict[str, float]:
        """Return the figures; the model is left in training mode."""
        model.eval()
        first: list[bool] = []
        overlap: list[float] = []
        answered: list[float] = []
        unanswered: list[float] = []
        bare: list[float] = []
        for group in self._groups:
            made = batch(self._texts, [group])
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16()):
                scores, logits = model(made.ids, made.types, made.window, made.marker, made.owner)
            right = made.label == 1
            if not right.any():
                unanswered.append(scores.max().item())
                continue
            scores = scores.masked_fill(made.label == -1, -1e4)
            answered.append(scores.max().item())
            first.append(bool(right[scores.argmax()]))
            bare.append(scores[made.label == 0].max().item())
            overlap += _overlaps(made, logits)
        model.train()
        figures = {
            "first": float(np.mean(first)),
            "taken out": auroc(answered, bare),
            "span f1": float(np.mean(overlap)),
        }
        if unanswered:
            figures["answered"] = auroc(answered, unanswered)
        return {name: round(figure, 3) for name, figure in figures.items()}


def _group(source: Source, question: Question, near: list[int], rng: random.Random) -> Group:
    """Return the question's own window and those of the likest sentences elsewhere."""
    own = question.gold[0] if question.gold else question.tempting
    assert own is not None
    windows = [source.window(question, question.article, own, rng)]
    for row in near:
        article, number = source.texts.place(row)
        held = any(number in w.sentences and article == w.article for w in windows)
        if not held and len(windows) <= OTHERS:
            windows.append(source.window(question, article, number, rng))
    at = own if question.gold else None
    answer = source.answer_in(question, own) if question.gold else None
    return Group(question.text, tuple(windows), at, answer)


def _overlaps(made: Batch, logits: Tensor) -> Iterator[float]:
    """Yield the F1, in tokens, of each answer's best span within its sentence."""
    for window, first, last in made.spans.tolist():
        if first == last and first in made.marker[made.window == window]:
            continue  # the whole sentence
        inside = made.owner[window] == made.owner[window, first]
        own = logits[window].masked_fill(~inside[:, None], -1e4)
        start = own[:, 0].argmax().item()
        stop = start + own[start:, 1].argmax().item()
        common = min(stop, last) - max(start, first) + 1
        yield max(0, 2 * common / (stop - start + last - first + 2))
