"""Kills of the writer and of the server while two readers ask: no answer may mix revisions.

    python -m bench.kills [--writer N] [--server N] [--out FILE]

The archive is one file of three dozen small articles. Each edition of it replaces all of them, adds
some or drops some, and says in every sentence which edition it is. A writer indexes one edition
after the other, and publishes each to a milvus-lite on the loopback, in a process of its own. It is
killed at a random moment of a publication, again and again; then the server is, at any moment.
(Kills while it indexes are those of ``tests/test_kill.py``.) Meanwhile two readers ask, and see
that all of an answer is of one edition, always the same of one revision, and that every quote is a
slice of its article. At the end the store must hold what the file holds.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.lite import LiteServer
from index import Library
from index.ask.judge import FusionJudge
from index.encoder.encode import Matrix
from index.errors import StoreError
from index.records import Filters
from index.store.milvus.client import Address
from index.store.milvus.compare import compare
from index.store.milvus.engine import MilvusEngine
from index.store.revisions import Store

SEED = 19530
WORDS = ("ferry", "strike", "harbour", "storm", "council", "budget", "bridge", "ceasefire")
ARTICLES, SENTENCES = 36, 4
BEYOND = 1.5
"""A process is killed within so many times as long as a publication takes."""


REST_S = 0.5
"""A reader rests between two questions: milvus-lite serves one call at a time."""


class Letters:
    """An encoder that needs no model: how often each letter stands in a text."""

    name = "letters@1"
    dim = 27

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Return float32, shape ``(len(texts), dim)``, every row of length 1."""
        counts = np.ones((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.casefold():
                counts[row, min(max(ord(letter) - 96, 0), 26)] += 1
        unit: Matrix = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit


def library(folder: Path, uri: str) -> Library:
    """The library of a folder over the Milvus."""
    return Library(folder, encoder=Letters(), judge=FusionJudge(), store=Address(uri))


# The writer


def print_edition(file: Path, number: int) -> None:
    """Replace the archive by another edition, at once."""
    rng = random.Random(number)
    articles = [
        {
            "id": f"article-{at}",
            "title": f"Report {at}",
            "text": " ".join(
                f"Edition e{number} reports the {rng.choice(WORDS)} and {rng.choice(WORDS)} {at}."
                for _ in range(SENTENCES)
            ),
        }
        for at in range(ARTICLES + number % 7)
    ]
    draft = file.with_suffix(".new")
    draft.write_text("".join(json.dumps(each) + "\n" for each in articles), "utf-8")
    draft.replace(file)


def write(folder: Path, file: Path, uri: str) -> None:
    """Print editions, index each, and publish it, until killed."""
    number = int(file.with_suffix(".number").read_text()) if file.exists() else 0
    indexer = Library(folder, encoder=Letters(), judge=FusionJudge())
    with indexer, library(folder, uri) as publisher:
        while True:
            number += 1
            file.with_suffix(".number").write_text(str(number))
            print_edition(file, number)
            indexer.sync([file])
            print("begins", flush=True)
            try:
                publisher.publish()
                print("published", flush=True)
            except StoreError as exc:
                print(f"failed: {exc}", flush=True)
                time.sleep(REST_S)


class Writer:
    """The writer in a process of its own."""

    def __init__(self, folder: Path, file: Path, uri: str) -> None:
        self._order = [str(folder), str(file), uri]
        self.told: Counter[str] = Counter()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it begins to publish."""
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "bench.kills", "--write", *self._order],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            self.told[line.split(":")[0].strip()] += 1

    def wait(self, publications: int) -> None:
        """Wait until it has published so often."""
        while self.told["published"] < publications:
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


# The readers


class Reader(threading.Thread):
    """Asks until told to stop; keeps what is wrong, and which edition each revision was."""

    def __init__(self, folder: Path, uri: str, stop: threading.Event) -> None:
        super().__init__()
        self._folder, self._uri, self._stop_ = folder, uri, stop
        self.count: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.editions: dict[int, str] = {}

    def run(self) -> None:
        """Ask."""
        rng = random.Random(self._folder.name)
        engine = MilvusEngine(Address(self._uri))
        with library(self._folder, self._uri) as own:
            while not self._stop_.is_set():
                question = f"who reports the {rng.choice(WORDS)}?"
                try:
                    self._ask(own, question)
                    self._stop_.wait(REST_S)
                    self._hold(engine, question, rng.uniform(0, 2))
                except StoreError:
                    self.count["store not there"] += 1
                    self._stop_.wait(0.1)
        engine.close()

    def _ask(self, own: Library, question: str) -> None:
        """One answer."""
        answer = own.ask(question, top=10, threshold=0)
        self.count["answers"] += 1
        self._see(answer.revision, [quote.text for quote in answer.quotes], question)
        for quote in answer.quotes:
            self.count["quotes"] += 1
            if quote.article.text[quote.start : quote.end] != quote.text:
                self.wrong.append(f"{quote.receipt}: not in its article")

    def _hold(self, engine: MilvusEngine, question: str, wait_s: float) -> None:
        """One revision, held while the writer goes on."""
        with engine.reading() as revision:
            vector = Letters().encode([question])[0]
            ids, _ = revision.candidates(question, vector, 50, Filters())
            self._stop_.wait(wait_s)
            texts = [each.text for each in revision.located(ids.tolist())]
            self._see(revision.number, texts, question)
            found = sum(1 for _ in revision.articles(Filters()))
            if found != revision.counts(Filters())[0]:
                self.wrong.append(f"revision {revision.number}: {found} articles")
            self.count["revisions held"] += 1

    def _see(self, number: int, texts: Sequence[str], question: str) -> None:
        editions = {each for text in texts for each in re.findall(r"e\d+", text)}
        expected = self.editions.setdefault(number, next(iter(editions), ""))
        if editions != {expected} or not expected:
            self.wrong.append(f"revision {number}, {question}: {sorted(editions)}, not {expected}")


@contextmanager
def asking(folder: Path, uri: str) -> Iterator[list[Reader]]:
    """Two readers that ask meanwhile."""
    stop = threading.Event()
    readers = [Reader(folder / f"reader-{number}", uri, stop) for number in (1, 2)]
    for reader in readers:
        reader.start()
    yield readers
    stop.set()
    for reader in readers:
        reader.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writer", type=int, default=10, help="Kills of the writer.")
    parser.add_argument("--server", type=int, default=3, help="Kills of the server.")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        index, file, uri = given.write
        write(Path(index), Path(file), uri)
        return
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.writer, given.server)
    print(text := json.dumps(figures, indent=1))
    if given.out:
        given.out.write_text(text + "\n", "utf-8")
    sys.exit(bool(figures["wrong"] or figures["differences at the end"]))


def measure(folder: Path, of_writer: int, of_server: int) -> dict[str, object]:
    """Kill, ask, compare."""
    rng, start = random.Random(SEED), time.monotonic()
    index, file = folder / "index", folder / "archive.jsonl"
    server = LiteServer(folder / "milvus")
    server.start()
    writer = Writer(index, file, server.uri)
    writer.start()
    writer.wait(1)
    with asking(folder, server.uri) as readers:
        writer.kill()
        writer.start()
        begun = time.monotonic()
        writer.wait(2)
        longest_s = BEYOND * (time.monotonic() - begun)
        print(f"killed within {longest_s:.1f} s", file=sys.stderr, flush=True)
        for number in range(of_writer):
            time.sleep(rng.uniform(0, longest_s))
            writer.kill()
            print(f"writer {number + 1}", dict(writer.told), file=sys.stderr, flush=True)
            writer.start()
        for number in range(of_server):
            time.sleep(rng.uniform(0, longest_s) + 1)
            server.kill()
            server.start()
            print(f"server {number + 1}", dict(writer.told), file=sys.stderr, flush=True)
        time.sleep(longest_s)
        writer.kill()
    with library(index, server.uri) as own:
        own.sync([file])
    store, engine = Store(index), MilvusEngine(Address(server.uri))
    with store.reading() as revision:
        differences = list(compare(revision, engine))
        articles = revision.counts(Filters())[0]
    server.kill()
    both = [(n, e) for reader in readers for n, e in reader.editions.items()]
    mixed = [n for n, times in Counter(n for n, _ in set(both)).items() if times > 1]
    return {
        "kills of the writer": of_writer,
        "kills of the server": of_server,
        "killed within s": round(longest_s, 1),
        "publications": writer.told["published"],
        "publications that failed": writer.told["failed"],
        **sum((reader.count for reader in readers), Counter()),
        "revisions seen": len({n for n, _ in both}),
        "wrong": [wrong for reader in readers for wrong in reader.wrong]
        + [f"revision {number} was of two editions" for number in mixed],
        "articles at the end": articles,
        "differences at the end": differences,
        "seconds": round(time.monotonic() - start),
    }


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # a server that is killed is no news
    main()
