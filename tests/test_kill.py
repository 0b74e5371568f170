"""kill -9 at any moment of indexing: the last revision answers, and nothing is lost."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from encoders import VOCABULARY, WordEncoder
from kill_server import STAGES

from index import Answer, Library
from index.ask.judge import FusionJudge
from index.store.revisions import Store

KILLS = 108
QUESTIONS = ("who vetoed the ceasefire?", "where was the storm?", "did the ferry crew strike?")
LONGEST_S = {"opening": 0.01, "reading": 0.02, "embedding": 0.05, "filing": 0.001}
LONGEST_S |= {"writing": 0.08, "committing": 0.005}
"""Seconds after the beginning of a stage within which its process is killed."""

Words = dict[str, list[tuple[int, int, bytes]]]


@pytest.fixture
def kill(tmp_path: Path) -> Callable[[Path, Path, str, float], dict[str, object]]:
    """Index in another process and kill it: where it was, and whether it came to its end."""
    tests = Path(__file__).parent
    server = subprocess.Popen(
        [sys.executable, tests / "kill_server.py"],
        env={"PYTHONPATH": f"{tests.parent}:{tests}", "PATH": "/usr/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin
    assert server.stdout

    def order(index: Path, articles: Path, stage: str, wait_s: float) -> dict[str, object]:
        wanted = {"index": str(index), "articles": str(articles), "stage": stage}
        print(json.dumps({**wanted, "wait_s": wait_s}), file=server.stdin, flush=True)
        told: dict[str, object] = json.loads(server.stdout.readline())
        return told

    with server:
        yield order
        server.stdin.close()


class Newsroom:
    """A folder of articles that changes as a newsroom's does, and what should be in its index."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder = folder
        self._rng = rng
        self._number = 0
        folder.mkdir()
        for _ in range(12):
            self._add()

    def change(self) -> None:
        """Add some articles, rewrite some, remove some."""
        for _ in range(self._rng.randint(1, 4)):
            self._add()
        for path in self._rng.sample(self._files(), 4):
            self._write(path)
        for path in self._rng.sample(self._files(), len(self._files()) - 12):
            path.unlink()

    def texts(self) -> dict[str, str]:
        """The articles by id."""
        return {f"{self.folder.name}/{path.name}": path.read_text() for path in self._files()}

    def _files(self) -> list[Path]:
        return sorted(self.folder.iterdir())

    def _add(self) -> None:
        self._number += 1
        self._write(self.folder / f"{self._number:03}.txt")

    def _write(self, path: Path) -> None:
        lines = [f"The {' '.join(self._rng.choices(VOCABULARY, k=6))} today." for _ in range(8)]
        path.write_text("\n".join(lines))


def held(folder: Path) -> tuple[int, dict[str, str], Words]:
    """The live revision: its number, its articles, and their sentences with their vectors."""
    store = Store(folder)
    with store.reading() as revision:
        catalog = revision.catalog
        filed = list(catalog.articles())
        words = {}
        for each in filed:
            spans = [(start, end) for start, end, *_ in catalog.spans(each)]
            vectors = catalog.vectors(each.first, each.first + each.sentences)
            words[each.article.id] = [
                (*span, vector.tobytes()) for span, vector in zip(spans, vectors, strict=True)
            ]
        assert len(revision.dense) == len(revision.lexical) == sum(map(len, words.values()))
        number, texts = revision.number, {each.article.id: each.article.text for each in filed}
    store.close()
    return number, texts, words


def embedded(folder: Path) -> int:
    """How many embeddings are kept."""
    database = sqlite3.connect(folder / "catalog.db")
    try:
        return int(database.execute("SELECT count(*) FROM embedding").fetchone()[0])
    finally:
        database.close()


def quoted(folder: Path) -> list[list[tuple[str, int, int, float]]]:
    """The quotes that answer each question, with their confidence."""
    library = Library(folder, encoder=WordEncoder(), judge=FusionJudge())
    answers: list[Answer] = [library.ask(question, top=5) for question in QUESTIONS]
    library.close()
    return [
        [(quote.article.id, quote.start, quote.end, quote.confidence) for quote in answer.quotes]
        for answer in answers
    ]


def test_a_first_run_that_is_killed_is_begun_again(tmp_path, kill):
    """Killed in any stage of its first run, an index is not there yet or there whole."""
    newsroom = Newsroom(tmp_path / "news", random.Random(1))  # noqa: S311
    for stage in STAGES:
        folder = tmp_path / stage
        for _ in range(2):
            kill(folder, newsroom.folder, stage, 0.002)
            library = Library(folder, encoder=WordEncoder(), judge=FusionJudge())
            assert not library.exists() or held(folder)[1] == newsroom.texts()
            library.close()
        library = Library(folder, encoder=WordEncoder(), judge=FusionJudge())
        library.sync([newsroom.folder])
        assert library.verify() == []
        library.close()


def test_a_killed_writer_leaves_the_last_revision_or_the_next_one(tmp_path, kill):
    """Over a hundred kills in every stage lose no article, mix no revisions, repeat no work."""
    rng = random.Random(2016)  # noqa: S311
    newsroom = Newsroom(tmp_path / "news", rng)
    folder = tmp_path / "index"
    encoder = WordEncoder()
    Library(folder, encoder=encoder).sync([newsroom.folder])
    number, texts, _ = held(folder)
    answers, vectors, hits = quoted(folder), embedded(folder), Counter()
    while sum(hits.values()) < KILLS or len(hits) < len(STAGES):
        assert sum(hits.values()) < 2 * KILLS, hits
        newsroom.change()
        stage = STAGES[sum(hits.values()) % len(STAGES)]
        told = kill(folder, newsroom.folder, stage, rng.uniform(0, LONGEST_S[stage]))
        assert not told["failed"]
        hits[told["stage"]] += bool(told["killed"])
        found, now, _ = held(folder)
        kept, said = embedded(folder), quoted(folder)
        if found == number:
            assert (now, said) == (texts, answers)
        else:
            assert (found, now) == (number + 1, newsroom.texts())
            assert told["stage"] in ("writing", "committing")
        # Of what was embedded, no more is lost than the chunk that was cut.
        assert kept >= vectors + int(told["embedding"])
        number, texts, answers, vectors = found, now, said, kept
        if sum(hits.values()) % 12 == 0:
            library = Library(folder, encoder=encoder, judge=FusionJudge())
            assert not [line for line in library.verify() if "altered" in line]
            library.close()
    assert set(hits) == set(STAGES)

    library = Library(folder, encoder=encoder, judge=FusionJudge())
    library.sync([newsroom.folder])
    assert library.verify() == []
    library.close()
    Library(tmp_path / "afresh", encoder=encoder).sync([newsroom.folder])
    assert held(folder)[1:] == held(tmp_path / "afresh")[1:]
    assert quoted(folder)[0][0][:3] == quoted(tmp_path / "afresh")[0][0][:3]
