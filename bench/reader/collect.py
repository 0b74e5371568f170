"""Questions -> what search and reader make of them, kept for calibrating and measuring.

Each question is asked of the whole corpus: as it is (``asked``), as if its paragraph were
not in the index (``removed``), and altered so that its text no longer answers (``altered``).
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from bench.reader.alter import Alterer
from bench.reader.corpus import SEED, Corpus, Question
from index.ask.judge import READ, worth_reading
from index.ask.reader import Passage, Reader, Reading

DEEP = 48  # candidates asked for, so that enough are left without the paragraph

log = logging.getLogger("reader")
Hits = list[tuple[int, float]]


class Search(Protocol):
    """Question -> rows of the corpus' sentences with fused scores, best first."""

    def __call__(self, question: str, k: int, /) -> Hits: ...


@dataclass(frozen=True)
class Record:
    """A question's candidates in the order of the search; ``right`` marks those that answer."""

    kind: str  # asked, removed, or altered:<how>
    id: str
    question: str
    rows: list[int]
    fused: list[float]
    scores: list[float]
    right: list[bool]
    said: list[str]
    f1: float | None = None  # of the span in the first answering sentence
    exact: float | None = None
    ms: float | None = None


def collect(
    corpus: Corpus,
    search: Search,
    reader: Reader,
    alterer: Alterer,
    count: int,
    altered: int,
) -> Iterator[Record]:
    """Yield the records of ``count`` questions, the first ``altered`` of them altered too."""
    rng = random.Random(SEED)
    chosen = rng.sample([q for q in corpus.questions if corpus.gold(q)], count)
    reader.load()
    for number, question in enumerate(chosen):
        yield from _record(corpus, search, reader, question)
        if number < altered:
            gold = corpus.lines[corpus.gold(question)[0]]
            found = alterer.alter(question.text, f"{gold.before} {gold.text}", rng)
            if found:
                text, kind = found
                hits = _worth_reading(search(text, READ))
                readings = _read(corpus, reader, text, [row for row, _ in hits])
                yield _made(
                    corpus, f"altered:{kind}", question.id, text, hits, readings, frozenset()
                )
        if number % 100 == 99:
            log.info("collected %d of %d", number + 1, count)


def _record(corpus: Corpus, search: Search, reader: Reader, question: Question) -> Iterator[Record]:
    hits = search(question.text, DEEP)
    gold = frozenset(corpus.gold(question))
    own = corpus.rows(question.paragraph)
    there = _worth_reading(hits)
    without = _worth_reading([hit for hit in hits if hit[0] not in own])
    started = time.perf_counter()
    readings = _read(corpus, reader, question.text, [row for row, _ in there])
    ms = 1000 * (time.perf_counter() - started)
    first = min(gold)
    more = {row for row, _ in without} - readings.keys() | ({first} - readings.keys())
    readings |= _read(corpus, reader, question.text, sorted(more))
    f1, exact = overlap(_said(corpus.lines[first].text, readings[first]), question.answers)
    made = _made(corpus, "asked", question.id, question.text, there, readings, gold)
    yield Record(**{**asdict(made), "f1": f1, "exact": exact, "ms": ms})
    yield _made(corpus, "removed", question.id, question.text, without, readings, frozenset())


def _worth_reading(hits: Hits) -> Hits:
    return hits[: worth_reading([score for _, score in hits])]


def _read(corpus: Corpus, reader: Reader, question: str, rows: Sequence[int]) -> dict[int, Reading]:
    lines = [corpus.lines[row] for row in rows]
    passages = [Passage(line.title, line.before, line.text) for line in lines]
    return dict(zip(rows, reader.read(question, passages), strict=True))


def _made(
    corpus: Corpus,
    kind: str,
    name: str,
    question: str,
    hits: Sequence[tuple[int, float]],
    readings: dict[int, Reading],
    gold: frozenset[int],
) -> Record:
    rows = [row for row, _ in hits]
    return Record(
        kind,
        name,
        question,
        rows,
        [score for _, score in hits],
        [readings[row].score for row in rows],
        [row in gold for row in rows],
        [_said(corpus.lines[row].text, readings[row]) for row in rows],
    )


def _said(text: str, reading: Reading) -> str:
    return text[slice(*reading.span)] if reading.span else text


def overlap(said: str, answers: Sequence[str]) -> tuple[float, float]:
    """Return F1 and exact match of the words said, as SQuAD counts them, of the best answer.

    >>> overlap("the Russian Federation", ["Russian Federation and China"])
    (0.6666666666666666, 0.0)
    """
    best = (0.0, 0.0)
    for answer in answers:
        a, b = _plain(said), _plain(answer)
        common = sum((Counter(a) & Counter(b)).values())
        f1 = 2 * common / (len(a) + len(b)) if common else float(a == b)
        best = max(best, (f1, float(a == b)))
    return best


def _plain(text: str) -> list[str]:
    kept = re.sub(r"[^\w\s]|_", "", text.lower())
    return [word for word in kept.split() if word not in {"a", "an", "the"}]


def save(records: Iterator[Record], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def kept(path: Path) -> list[Record]:
    with path.open(encoding="utf-8") as file:
        return [Record(**json.loads(line)) for line in file]
