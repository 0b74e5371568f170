"""Questions and their neighbours -> groups of windows, and these -> tensors.

A group is a question with the window that answers it and a hard negative one, or with two that
do not answer: the tempting sentence of a question that nothing answers, retrieval's best after
the answering sentences were taken out, or the question altered.
"""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.reader import dress
from bench.reader.alter import Alterer
from bench.reader.corpus import SEED, Corpus, Question, find
from bench.reader.rank import Lexical, best
from index.ask.windows import MAX_SENTENCE, ROOM, pack

NEAR, CONTEXT = 14, 0.3  # neighbours of a question; weight of the sentences around one
REMOVED = 0.1  # of the answered groups lose their answering sentences
ALTERED = 0.1  # of SQuAD's questions are altered
NEWS = 3  # every third question is of the news
BATCH, CHUNK = 16, 12  # questions in a batch; batches whose neighbours are looked for together


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive sentences of an article; ``labels``: 1 answers, 0 does not, -1 may."""

    article: int
    sentences: range
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A question and windows; ``answer`` are words of sentence ``at`` of the first one.

    An empty answer is the whole sentence; None: none is to be pointed at.
    """

    question: str
    windows: tuple[Window, ...]
    at: int | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows are sentences: ``window``, ``marker``, ``group`` and ``label`` have one number each.

    ``ids``, ``types`` and ``owner`` are (windows, tokens); ``spans`` (spans, 3) has window, first
    and last token of each answer.
    """

    ids: Tensor
    types: Tensor
    owner: Tensor
    window: Tensor
    marker: Tensor
    group: Tensor
    label: Tensor
    spans: Tensor
    groups: int


class Texts:
    """A corpus as word pieces, and which of its sentences are near a question.

    Row ``starts[a] + i`` is sentence ``i`` of article ``a``.
    """

    def __init__(self, corpus: Corpus, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self.corpus = corpus
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        lengths = [len(article.sentences) for article in corpus.articles]
        self.starts = [0, *accumulate(lengths)]
        self.article_of = np.repeat(np.arange(len(lengths)), lengths)
        self.texts = [text for article in corpus.articles for text in article.sentences]
        self.titles = self._pieces([article.title for article in corpus.articles])
        self.pieces = self._pieces(self.texts)
        self._lexical = Lexical(self.texts)
        self._around = Lexical([self._context(row) for row in range(len(self.texts))])

    def encode(self, text: str) -> list[int]:
        """Return a text's word pieces."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where each word piece of a text stands in it."""
        found: list[tuple[int, int]] = self._tokenizer.encode(
            text, add_special_tokens=False
        ).offsets
        return found

    def near(self, questions: Sequence[str]) -> NDArray[np.int64]:
        """Return for each question the rows of the sentences that are likest it."""
        scores = self._lexical.score(questions) + CONTEXT * self._around.score(questions)
        return best(scores, NEAR)

    def place(self, row: int) -> tuple[int, int]:
        """Return the article and the sentence of a row."""
        article = int(self.article_of[row])
        return article, row - self.starts[article]

    def cost(self, article: int, sentence: int) -> int:
        """Return how many word pieces a sentence takes in a window."""
        return 1 + min(len(self.pieces[self.starts[article] + sentence]), MAX_SENTENCE)

    def _pieces(self, texts: Sequence[str]) -> list[NDArray[np.uint16]]:
        encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [np.array(each.ids, np.uint16) for each in encoded]

    def _context(self, row: int) -> str:
        article, number = self.place(row)
        own = self.corpus.articles[article]
        return " ".join((own.title, *own.sentences[max(0, number - 2) : number + 3]))


class Turns:
    """Questions over and over, each time round in another order."""

    def __init__(self, questions: Sequence[Question], name: str) -> None:
        self._questions, self._name = questions, name
        self._turn, self._order = -1, [0]

    def __getitem__(self, number: int) -> Question:
        turn, place = divmod(number, len(self._questions))
        if turn != self._turn:
            rng = random.Random(f"{SEED} {self._name} {turn}")
            self._turn, self._order = (
                turn,
                rng.sample(range(len(self._questions)), len(self._questions)),
            )
        return self._questions[self._order[place]]


class Source:
    """Makes the groups of a run: question ``n`` of it is always the same."""

    def __init__(self, texts: Texts, alterer: Alterer | None) -> None:
        self.texts = texts
        self._alterer = alterer
        squad = [q for q in texts.corpus.questions if q.kind == "squad"]
        news = [q for q in texts.corpus.questions if q.kind != "squad"]
        self._of_squad, self._of_news = Turns(squad, "squad"), Turns(news, "news")

    def question(self, number: int) -> Question:
        """Return question ``number`` of the run."""
        turn, place = divmod(number, NEWS)
        if place == 0:
            return self._of_news[turn]
        return self._of_squad[turn * (NEWS - 1) + place - 1]

    def groups(self, numbers: Sequence[int]) -> list[Group]:
        """Return the groups of these questions of the run."""
        asked = [self.question(number) for number in numbers]
        near = self.texts.near([question.text for question in asked])
        return [
            self.group(question, row.tolist(), random.Random(f"{SEED} {number}"))
            for number, question, row in zip(numbers, asked, near, strict=True)
        ]

    def group(self, question: Question, near: Sequence[int], rng: random.Random) -> Group:
        """Return the group of a question; ``near`` are rows of sentences like it."""
        text = question.text
        if question.kind == "squad":
            gold = question.gold[0]
            altered = None
            if self._alterer and rng.random() < ALTERED:
                sentences = self.texts.corpus.articles[question.article].sentences
                context = " ".join(sentences[max(0, gold - 2) : gold + 3])
                altered = self._alterer.alter(text, context, rng)
            if altered:
                text = dress.question(altered[0], rng)
                near = [row for row in near if self.texts.place(row)[0] != question.article]
                question = Question(text, question.article, (), (), "altered", gold)
            else:
                text = dress.question(text, rng)
        rows = [row for row in near if self._is_other(question, row)]
        windows = []
        at = None
        if question.gold and (rng.random() >= REMOVED or not rows):
            at = rng.choice(question.gold)
            windows.append(self.window(question, question.article, at, rng))
        elif question.tempting is not None:
            windows.append(self.window(question, question.article, question.tempting, rng))
        while rows and len(windows) < 2:
            row = rows.pop(min(int(rng.expovariate(0.4)), len(rows) - 1))
            article, number = self.texts.place(row)
            window = self.window(question, article, number, rng)
            if 1 not in window.labels:
                windows.append(window)
        answer = None
        if at is not None:
            answer = self.answer_in(question, at)
        return Group(text, tuple(windows), at, answer)

    def window(self, question: Question, article: int, number: int, rng: random.Random) -> Window:
        """Return a window around a sentence, which may stand anywhere in it."""
        count = len(self.texts.corpus.articles[article].sentences)
        room = rng.randint(ROOM * 2 // 3, ROOM) - self.texts.cost(article, number)
        first, stop, front = number, number + 1, rng.random()
        while True:
            sides = [
                place
                for place in (first - 1, stop)
                if 0 <= place < count and self.texts.cost(article, place) <= room
            ]
            if not sides:
                break
            place = sides[0] if rng.random() < front else sides[-1]
            room -= self.texts.cost(article, place)
            first, stop = min(first, place), max(stop, place + 1)
        sentences = range(first, stop)
        return Window(
            article, sentences, tuple(self._label(question, article, n) for n in sentences)
        )

    def _label(self, question: Question, article: int, number: int) -> int:
        if article == question.article and number in question.gold:
            return 1
        if not question.answers:
            return 0
        text = self.texts.corpus.articles[article].sentences[number]
        return -1 if any(find(text, answer) for answer in question.answers) else 0

    def _is_other(self, question: Question, row: int) -> bool:
        """Whether a sentence is known not to answer."""
        article, number = self.texts.place(row)
        return self._label(question, article, number) == 0

    def answer_in(self, question: Question, number: int) -> str | None:
        """Return the answer that stands in a gold sentence; empty for the whole of it."""
        if not question.answers:
            return ""
        text = self.texts.corpus.articles[question.article].sentences[number]
        return next((answer for answer in question.answers if find(text, answer)), None)


def batch(texts: Texts, groups: Sequence[Group]) -> Batch:
    """Return the tensors of some groups, their windows in order."""
    ids, types, owners, spans = [], [], [], []
    window, marker, of_group, label = [], [], [], []
    for number, group in enumerate(groups):
        question = texts.encode(group.question)
        for place, each in enumerate(group.windows):
            start = texts.starts[each.article]
            pieces = [texts.pieces[start + n].tolist() for n in each.sentences]
            packed = pack(question, texts.titles[each.article].tolist(), pieces)
            owner = [-1] * len(packed.ids)
            for first, end in zip(packed.markers, packed.ends, strict=True):
                owner[first + 1 : end] = [len(window)] * (end - first - 1)
                window.append(len(ids))
                marker.append(first)
                of_group.append(number)
            label += each.labels
            if place == 0 and group.at is not None and group.answer is not None:
                which = group.at - each.sentences.start
                text = texts.texts[start + group.at]
                tokens = _tokens(texts, text, group.answer)
                if tokens:
                    first = packed.markers[which]
                    spans.append((len(ids), first + tokens[0], first + tokens[1]))
            ids.append(packed.ids)
            types.append(packed.types)
            owners.append(owner)
    return Batch(
        padded(ids, 0),
        padded(types, 0),
        padded(owners, -1),
        torch.tensor(window),
        torch.tensor(marker),
        torch.tensor(of_group),
        torch.tensor(label),
        torch.tensor(spans, dtype=torch.long).view(-1, 3),
        len(groups),
    )


def _tokens(texts: Texts, text: str, answer: str) -> tuple[int, int] | None:
    """Return the tokens of an answer, counted from the marker; the marker is the whole sentence."""
    if not answer:
        return 0, 0
    span = find(text, answer)
    if span is None:
        return None
    offsets = texts.offsets(text)[:MAX_SENTENCE]
    inside = [i for i, (a, b) in enumerate(offsets) if a < span[1] and b > span[0]]
    return (inside[0] + 1, inside[-1] + 1) if inside else None


def padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    """Return rows of numbers as one matrix, filled up with a value."""
    longest = max(map(len, rows))
    out = torch.full((len(rows), longest + -longest % 16), value, dtype=torch.long)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row)
    return out


def ordered(source: Source, start: int, stop: int) -> Iterator[tuple[int, list[Group]]]:
    """Yield (questions done, groups) for questions ``start`` to ``stop`` of a run."""
    step = BATCH * CHUNK
    for first in range(start - start % step, stop, step):
        numbers = range(first, min(first + step, stop))
        if numbers[-1] < start:
            continue
        made = source.groups(numbers)
        for at in range(0, len(made), BATCH):
            done = first + min(at + BATCH, len(made))
            if done > start:
                yield done, made[at : at + BATCH]
