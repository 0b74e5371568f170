"""A model in training -> a few figures on held-out articles, in half a minute."""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from bench.reader.alter import Alterer
from bench.reader.batches import Group, Packer
from bench.reader.corpus import SEED, Corpus, find, single
from bench.reader.dress import Passage
from bench.reader.model import ReaderModel, from_minilm
from bench.reader.rank import Lexical, best

QUESTIONS, SHOWN = 160, 10


def auroc(positive: list[float], negative: list[float]) -> float:
    """Return the chance that a positive scores above a negative.

    >>> auroc([2.0, 1.0], [0.0, 1.0])
    0.875
    """
    a, b = np.asarray(positive)[:, None], np.asarray(negative)[None]
    return float(((a > b) + 0.5 * (a == b)).mean())


class Quick:
    """Scores a model: first, answerable or not, altered or not, spans."""

    def __init__(self, held_out: Corpus, minilm: Path) -> None:
        self._packer = Packer(minilm / "tokenizer.json")
        rng = random.Random(SEED)
        asked = rng.sample(list(single(held_out)), QUESTIONS)
        words = from_minilm(minilm).words.weight.detach().numpy()
        alterer = Alterer(held_out.texts, minilm / "tokenizer.json", words)
        scores = Lexical(held_out.texts).score([q.text for q, _ in asked])
        self._groups: list[Group] = []
        for (question, gold), row in zip(asked, best(scores, 2 * SHOWN), strict=True):
            answer = question.answers[0]
            other = [r for r in row if answer not in held_out.texts[r]][: SHOWN - 1]
            lines = [held_out.lines[r] for r in (gold, *other)]
            passages = tuple(
                Passage(x.title, x.before, x.text, find(x.text, answer) if i == 0 else None)
                for i, x in enumerate(lines)
            )
            self._groups.append(Group(question.text, passages, 0))
            altered = alterer.alter(question.text, f"{lines[0].before} {lines[0].text}", rng)
            if altered:
                self._groups.append(Group(altered[0], passages[:1], None))

    @torch.no_grad()
    def __call__(self, model: ReaderModel) -> dict[str, float]:
        """Return the figures; the model is left in training mode."""
        model.eval()
        first, overlap, originals = [], [], []
        present: list[float] = []
        absent: list[float] = []
        altered: list[float] = []
        for group in self._groups:
            batch = self._packer.batch([group])
            with torch.autocast("cpu", torch.bfloat16):
                scores, logits = model(batch.ids, batch.types, packed=True)
            if group.gold is None:
                altered.append(scores[0].item())
                continue
            originals.append(scores[0].item())
            first.append(scores.argmax().item() == 0)
            present.append(scores.max().item())
            absent.append(scores[1:].max().item())
            for row, a, b in batch.spans.tolist():
                start = logits[row, :, 0].argmax().item()
                stop = max(logits[row, :, 1].argmax().item(), start)
                common = min(stop, b) - max(start, a) + 1
                overlap.append(max(0, 2 * common / (stop - start + b - a + 2)))
        model.train()
        figures = {
            "first": float(np.mean(first)),
            "answerable": auroc(present, absent),
            "altered": auroc(originals, altered),
            "span f1": float(np.mean(overlap)),
        }
        return {name: round(figure, 3) for name, figure in figures.items()}
