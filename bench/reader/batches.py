"""Questions and their neighbours -> padded batches of groups, the same in every run.

A group is a question with the sentence that answers it and hard negatives, or with none
that answers: retrieval's best after the answering sentence was taken out, or the question
altered so that its own sentence no longer answers it.
"""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.reader import dress
from bench.reader.alter import Alterer
from bench.reader.corpus import SEED, Corpus, Line, Question, find, words
from bench.reader.dress import Passage
from index.ask.reader import pack

NEGATIVES = 4
UNANSWERED = 0.1  # of the groups lose the sentence that answers
ALTERED = 0.3  # of the questions are asked a second time, altered
FOREIGN = 0.4  # of the answering sentences are shown to another question of their article
DRAWS = 12  # sentences or questions of the article from which the most alike is taken
BATCH, CHUNK = 12, 16  # questions in a batch; batches that are sorted by length together


_COUNTING = frozenset({"many", "much", "when", "year", "old", "date", "percentage", "long"})
_NUMBER = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|hundred|million)\b")
_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z]")


@dataclass(frozen=True, slots=True)
class Group:
    """A question and passages; ``gold`` is the place of the one that answers, or None."""

    question: str
    passages: tuple[Passage, ...]
    gold: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """``group[i]`` is the group of row ``i``; ``gold[g]`` a row, or -1 for none."""

    ids: Tensor
    types: Tensor
    group: Tensor
    gold: Tensor
    spans: Tensor  # (gold rows with a span, 3): row, first and last token


@dataclass(frozen=True)
class Source:
    """What groups are made of; row ``i`` of ``near`` holds neighbours of question ``i``."""

    corpus: Corpus
    extra: Sequence[Line]
    asked: Sequence[tuple[Question, int]]
    near: NDArray[np.int32]
    alterer: Alterer

    def line(self, row: int) -> Line:
        """Return a sentence of the corpus or, behind its end, of the extra ones."""
        own = self.corpus.lines
        return own[row] if row < len(own) else self.extra[row - len(own)]

    def groups(self, number: int) -> list[Group]:
        """Return the groups made of question ``number``: one, or two with an altered one."""
        rng = random.Random(f"{SEED} {number}")
        question, gold = self.asked[number]
        answer = question.answers[0]
        beside = [
            row
            for row in self.corpus.rows(question.paragraph)
            if row != gold and answer.lower() not in self.corpus.texts[row].lower()
        ]
        beside += self._kindred(question, gold, rng)
        near = [int(row) for row in self.near[number] if row >= 0 and row not in beside]
        # Mostly what retrieval ranks highest, for that is what the reader will be shown.
        rows = rng.sample(beside, min(len(beside), rng.choice((1, 1, 2))))
        while near and len(rows) < NEGATIVES:
            rows.append(near.pop(min(int(rng.expovariate(0.4)), len(near) - 1)))
        answered = rng.random() >= UNANSWERED
        shown = [*rows, gold] if answered else rows
        rng.shuffle(shown)
        made = [
            Group(
                dress.question(question.text, rng),
                tuple(self._passage(row, answer if row == gold else None, rng) for row in shown),
                shown.index(gold) if answered else None,
            )
        ]
        if rng.random() < ALTERED:
            context = f"{self.line(gold).before} {self.line(gold).text}"
            altered = self.alterer.alter(question.text, context, rng)
            if altered:
                asked = dress.question(altered[0], rng)
                shown = [gold, *rows[:1]]
                made.append(
                    Group(asked, tuple(self._passage(row, None, rng) for row in shown), None)
                )
        if rng.random() < FOREIGN:
            foreign = self._foreign(question, gold, rng)
            if foreign:
                asked = dress.question(foreign.text, rng)
                made.append(Group(asked, (self._passage(gold, None, rng),), None))
        return made

    def _kindred(self, question: Question, gold: int, rng: random.Random) -> list[int]:
        """Return a sentence of the article that has what such a question asks for, if any.

        It is what fools a reader: "how many" against any number beside the right name.
        """
        asked = set(words(question.text))
        sign = _NUMBER if asked & _COUNTING else _CAPITAL
        rows = self._article_rows[self.corpus.lines[gold].title]
        answer = question.answers[0].lower()
        fit = [
            row
            for row in rng.sample(rows, min(len(rows), DRAWS))
            if row != gold
            and sign.search(self.corpus.texts[row])
            and answer not in self.corpus.texts[row].lower()
        ]
        fit.sort(key=lambda row: -len(asked & set(words(self.corpus.texts[row]))))
        return fit[:1]

    def _foreign(self, question: Question, gold: int, rng: random.Random) -> Question | None:
        """Return another question of the article that begins alike and is not answered here."""
        line = self.corpus.lines[gold]
        others = self._article_questions[line.title]
        start = words(question.text)[:1]
        text = line.text.lower()
        fit = [
            other
            for other in rng.sample(others, min(len(others), 5 * DRAWS))
            if other.paragraph != question.paragraph
            and words(other.text)[:1] == start
            and other.answers[0].lower() not in text
        ]
        held = set(words(line.text))
        return max(fit, key=lambda other: len(held & set(words(other.text)))) if fit else None

    @cached_property
    def _article_rows(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, line in enumerate(self.corpus.lines):
            rows.setdefault(line.title, []).append(row)
        return rows

    @cached_property
    def _article_questions(self) -> dict[str, list[Question]]:
        asked: dict[str, list[Question]] = {}
        for question in self.corpus.questions:
            asked.setdefault(self.corpus.titles[question.paragraph], []).append(question)
        return asked

    def _passage(self, row: int, answer: str | None, rng: random.Random) -> Passage:
        line = self.line(row)
        headline = line.title
        if line.paragraph >= 0:
            headline = self.corpus.texts[self.corpus.rows(line.paragraph)[0]]
        span = find(line.text, answer) if answer else None
        return dress.passage(Passage(line.title, line.before, line.text, span), headline, rng)


class Packer:
    """Groups -> padded tensors."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def batch(self, groups: Sequence[Group]) -> Batch:
        """Return one batch, rows in the order of the groups."""
        flat = [(g, i) for g, group in enumerate(groups) for i in range(len(group.passages))]
        texts: list[str] = []
        for g, i in flat:
            passage = groups[g].passages[i]
            texts += [groups[g].question, passage.title, passage.before, passage.sentence]
        encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        ids, types, spans = [], [], []
        gold = torch.full((len(groups),), -1)
        for row, (g, i) in enumerate(flat):
            parts = encoded[4 * row : 4 * row + 4]
            packed = pack(*(part.ids for part in parts))
            ids.append(packed[0])
            types.append(packed[1])
            if i != groups[g].gold:
                continue
            gold[g] = row
            span = groups[g].passages[i].span
            first = packed[1].index(1)
            tokens = _tokens(parts[3].offsets[: sum(packed[1])], span) if span else None
            if tokens:
                spans.append((row, first + tokens[0], first + tokens[1]))
        return Batch(
            padded(ids),
            padded(types),
            torch.tensor([g for g, _ in flat]),
            gold,
            torch.tensor(spans, dtype=torch.long).view(-1, 3),
        )


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Return rows of ids as one matrix, filled up with zeros."""
    longest = max(map(len, rows))
    out = torch.zeros(len(rows), longest + -longest % 8, dtype=torch.long)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row)
    return out


def _tokens(offsets: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    """Return the first and last token that touch the span, or None if it was cut off."""
    inside = [i for i, (a, b) in enumerate(offsets) if a < span[1] and b > span[0]]
    return (inside[0], inside[-1]) if inside else None


def ordered(source: Source, start: int, stop: int) -> Iterator[tuple[int, list[Group]]]:
    """Yield (questions done, groups) for questions ``start`` to ``stop`` of this run.

    Chunks of batches are sorted by length; the order of batches within one is random.
    """
    step = BATCH * CHUNK
    for first in range(start - start % step, stop, step):
        numbers = range(first, min(first + step, stop))
        made = {n: source.groups(n % len(source.asked)) for n in numbers}
        by_length = sorted(numbers, key=lambda n: max(len(p.sentence) for p in made[n][0].passages))
        batches = [by_length[i : i + BATCH] for i in range(0, len(by_length), BATCH)]
        random.Random(first).shuffle(batches)
        done = first
        for batch in batches:
            done += len(batch)
            if done > start:
                yield done, [group for n in batch for group in made[n]]
