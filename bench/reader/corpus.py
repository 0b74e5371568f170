"""Data folder -> paragraphs, sentences and questions; knows the files' names and fields.

SQuAD gives an answer's words, not which sentence they stand in: a question's answering
sentences are those of its paragraph that hold one of its answers.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from index.english.segment import segment

HELD_OUT_TITLES = 44  # of 442: about as many sentences as the development set has
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: its row, the row of its paragraph, its text and the sentence before it."""

    paragraph: int
    title: str
    before: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the row of its paragraph and the answers it was given."""

    id: str
    text: str
    paragraph: int
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """Row ``i`` of ``lines`` is sentence ``i``; ``questions`` point to paragraphs by row."""

    titles: tuple[str, ...]
    paragraphs: tuple[str, ...]
    lines: tuple[Line, ...]
    questions: tuple[Question, ...]
    _rows: dict[int, range] = field(repr=False)

    def rows(self, paragraph: int) -> range:
        """Return the rows of a paragraph's sentences."""
        return self._rows[paragraph]

    def gold(self, question: Question) -> list[int]:
        """Return the rows of the sentences that hold an answer."""
        return [
            row
            for row in self.rows(question.paragraph)
            if any(find(self.lines[row].text, answer) for answer in question.answers)
        ]

    @cached_property
    def texts(self) -> list[str]:
        """Every sentence's text."""
        return [line.text for line in self.lines]


def find(text: str, answer: str) -> tuple[int, int] | None:
    """Return where ``answer`` stands in ``text`` as whole words, or None.

    >>> find("In 1973, oil rose.", "1973")
    (3, 7)
    """
    match = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text)
    return match.span() if match else None


def records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def held_out_titles(data: Path) -> frozenset[str]:
    """Return the training articles kept for choosing and calibrating, never trained on."""
    titles = sorted({r["title"] for r in records(data / "squad-train-paragraphs.jsonl.gz")})
    return frozenset(random.Random(SEED).sample(titles, HELD_OUT_TITLES))


def load(data: Path, part: str) -> Corpus:
    """Read one of the parts ``train``, ``held-out`` (articles of train) and ``dev``."""
    name = "dev" if part == "dev" else "train"
    paragraphs: Iterable[dict[str, Any]] = records(data / f"squad-{name}-paragraphs.jsonl.gz")
    if part != "dev":
        out = held_out_titles(data)
        paragraphs = (p for p in paragraphs if (p["title"] in out) == (part == "held-out"))
    kept = list(paragraphs)
    numbers = {p["id"]: i for i, p in enumerate(kept)}
    lines: list[Line] = []
    rows: dict[int, range] = {}
    for i, paragraph in enumerate(kept):
        start = len(lines)
        lines += cut(i, paragraph["title"], paragraph["text"])
        rows[i] = range(start, len(lines))
    questions = tuple(
        Question(
            q.get("id", f"{part}-{n}"),
            q["question"].strip(),
            numbers[q["paragraph_id"]],
            tuple(q["answers"]) if "answers" in q else (q["answer"],),
        )
        for n, q in enumerate(records(data / f"squad-{name}-questions.jsonl.gz"))
        if q["paragraph_id"] in numbers
    )
    titles, texts = (tuple(p[name] for p in kept) for name in ("title", "text"))
    return Corpus(titles, texts, tuple(lines), questions, rows)


def cut(paragraph: int, title: str, text: str) -> list[Line]:
    """Cut a paragraph into sentences that know what stood before them."""
    texts = [text[s.start : s.end] for s in segment(text)]
    return [
        Line(paragraph, title, before, sentence)
        for before, sentence in zip(["", *texts], texts, strict=False)
    ]


def news(data: Path, articles: int) -> list[Line]:
    """Return sentences of BBC news, which serve as negatives only."""
    lines: list[Line] = []
    for n, article in enumerate(records(data / "news-bbc2225.jsonl.gz")):
        if n >= articles:
            break
        lines += cut(-1, article["title"], article["text"])
    return lines


def words(text: str) -> list[str]:
    """Return a text's words in lower case.

    >>> words("Who vetoed it, in 2016?")
    ['who', 'vetoed', 'it', 'in', '2016']
    """
    return re.findall(r"\w+", text.lower())


def single(corpus: Corpus) -> Sequence[tuple[Question, int]]:
    """Return the questions that exactly one sentence answers, with its row."""
    pairs = []
    for question in corpus.questions:
        gold = corpus.gold(question)
        if len(gold) == 1:
            pairs.append((question, gold[0]))
    return pairs
