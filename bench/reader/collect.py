"""Questions -> what search and reader make of them, kept for calibrating and measuring.

Each question is asked of the whole corpus through the project's own search and judge. Those of
SQuAD are asked a second time as if their paragraph were not in the index: nothing answers then.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from bench.reader.corpus import SEED, Corpus, Question, find
from index import Library
from index.ask import search
from index.ask.judge import Read, ReaderJudge
from index.encoder import export
from index.encoder.encode import ExportedEncoder
from index.records import Filters
from index.store.engine import Revision
from index.store.revisions import Store

DEEP = 6  # times as many candidates, so that enough are left without the paragraph
log = logging.getLogger("reader")


@dataclass(frozen=True)
class Record:
    """A question and the sentences that were read for it: one row each of the lists.

    ``signals`` are those of ``index.ask.confidence``, ``fused`` the search's score; ``right`` says
    whether the sentence answers. ``f1`` and ``exact`` are of the short answer in the first
    answering sentence that was read; None where there is none to compare with.
    """

    source: str
    kind: str
    question: str
    answerable: bool
    sentences: list[str]
    signals: list[tuple[float, ...]]
    fused: list[float]
    right: list[bool]
    answers: list[str]
    f1: float | None
    exact: float | None
    ms: float


class Shelf:
    """A corpus in an index, asked as the library asks."""

    def __init__(
        self, corpus: Corpus, judge: ReaderJudge, revision: Revision, encoder: ExportedEncoder
    ):
        self._corpus, self._judge = corpus, judge
        self._revision, self._encoder = revision, encoder
        self._numbers = {article.id: n for n, article in enumerate(corpus.articles)}

    def collect(self, source: str, questions: Sequence[Question]) -> Iterator[Record]:
        """Yield the records of some questions."""
        for number, question in enumerate(questions):
            posed = search.pose(question.text, self._encoder)
            found = search.search(posed, self._revision, Filters())
            yield self._record(source, question, question.kind, posed, found)
            if source == "squad":
                name = self._corpus.articles[question.article].id
                left = [each for each in found if self._name(each) != name]
                yield self._record(source, question, "taken out", posed, left)
            if number % 100 == 99:
                log.info("collected %d of %d", number + 1, len(questions))

    def _record(
        self,
        source: str,
        question: Question,
        kind: str,
        posed: search.Question,
        found: Sequence[search.Hit],
    ) -> Record:
        distinct = list({each.words: each for each in reversed(found)}.values())[::-1]
        started = time.perf_counter()
        reads = self._judge.read(posed, distinct, 1, self._revision)
        ms = 1000 * (time.perf_counter() - started)
        answerable = bool(question.gold) and kind != "taken out"
        right = [answerable and self._is_right(question, read) for read in reads]
        answers = [_answer(read) for read in reads]
        f1 = exact = None
        if question.answers and any(right):
            f1, exact = overlap(answers[right.index(True)], question.answers)
        return Record(
            source,
            kind,
            question.text,
            answerable,
            [f"{self._name(r.found)}#{r.found.candidate.sentence.ordinal}" for r in reads],
            [astuple(read.signals) for read in reads],
            [read.found.candidate.score for read in reads],
            right,
            answers,
            f1,
            exact,
            ms,
        )

    def _name(self, found: search.Hit) -> str:
        return found.filed.article.id.rpartition("articles.jsonl#")[2]

    def _is_right(self, question: Question, read: Read) -> bool:
        """Whether it is a named sentence, or one of the article that holds the short answer."""
        if self._numbers[self._name(read.found)] != question.article:
            return False
        named = self._corpus.articles[question.article].sentences
        text = read.found.text
        return any(text == named[n] for n in question.gold) or any(
            find(text, answer) for answer in question.answers
        )


@contextmanager
def shelved(corpus: Corpus, judge: ReaderJudge, work: Path) -> Iterator[Shelf]:
    """Index a corpus in ``work``, or find the index there, and open it."""
    folder, file = work / "store", work / "articles.jsonl"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as lines:
            for article in corpus.articles:
                record = {"id": article.id, "title": article.title, "text": article.text}
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    Library(folder).sync([file])
    store = Store(folder)
    with store.reading() as revision:
        encoder = ExportedEncoder(export.folder_of(store.models, revision.encoder))
        yield Shelf(corpus, judge, revision, encoder)


def some(corpus: Corpus, count: int) -> list[Question]:
    """Return so many questions, drawn with the fixed seed; all of them if there are fewer."""
    every = list(corpus.questions)
    return random.Random(SEED).sample(every, count) if count < len(every) else every


def _answer(read: Read) -> str:
    return read.found.text[slice(*read.reading.span)] if read.reading.span else read.found.text


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
    """Write records as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def kept(path: Path) -> list[Record]:
    """Read records back."""
    with path.open(encoding="utf-8") as file:
        return [Record(**json.loads(line)) for line in file]
