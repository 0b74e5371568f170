"""A revision on Milvus against the same one on this disk: whether they answer alike, and how fast.

    python -m bench.engines INDEX QUESTIONS [--most N] [--lite FOLDER] [--out FILE]

INDEX is an index in a folder, QUESTIONS a file with one question a line. The index is published to
milvus-lite, as a server on the loopback, and each question is asked of both, with the reader as the
judge. OUT gets the figures and what is known of every question whose first quote differs; FOLDER
keeps what was published, so that a second run need not write it again.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.lite import LiteServer
from index import Library
from index.records import Answer, Candidate, Quote
from index.store.milvus import client
from index.store.milvus.client import Address, Client

ENGINES = ("local", "milvus")


class Calls:
    """How long each kind of call to Milvus took, by wrapping the client's methods."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.on = False

    def watch(self, name: str) -> None:
        """Time every call of a method from now on."""
        whole: Callable[..., Any] = getattr(Client, name)

        def timed(own: Client, collection: str, *args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return whole(own, collection, *args, **kwargs)
            finally:
                of = args[0] if name == "search" else collection.rpartition("_")[2]
                if self.on:
                    self.spent[f"{name} {of}"].append(time.perf_counter() - start)

        setattr(Client, name, timed)

    def each(self, questions: int) -> dict[str, dict[str, float]]:
        """Of each kind: calls and milliseconds a question, and the median of a call."""
        return {
            what: {
                "calls a question": round(len(times) / questions, 2),
                "ms a question": round(1000 * sum(times) / questions, 1),
                "median ms a call": round(1000 * statistics.median(times), 1),
            }
            for what, times in sorted(self.spent.items())
        }


@contextmanager
def served(folder: Path | None) -> Iterator[LiteServer]:
    """milvus-lite on the loopback, in a folder that is kept or in one that is not."""
    with tempfile.TemporaryDirectory() as passing:
        server = LiteServer(folder or Path(passing) / "milvus")
        server.start()
        try:
            yield server
        finally:
            server.kill()


def place(quote: Quote | Candidate) -> tuple[str, int]:
    """The sentence that a quote or a candidate begins with."""
    if isinstance(quote, Quote):
        return quote.article.id, quote.start
    return quote.sentence.article, quote.sentence.start


def explained(answers: dict[str, Answer]) -> dict[str, Any]:
    """What is known of two answers whose first quotes differ."""
    scored = {
        name: {place(each): each.score for each in answer.candidates}
        for name, answer in answers.items()
    }
    here, there = scored["local"], scored["milvus"]
    common = here.keys() & there.keys()
    told: dict[str, Any] = {
        "candidates of both": len(common),
        "only local": len(here) - len(common),
        "only milvus": len(there) - len(common),
        "largest difference of a score": max((abs(here[k] - there[k]) for k in common), default=0),
    }
    for name, other in (("local", there), ("milvus", here)):
        first = next(iter(answers[name].quotes), None)
        told[name] = first and {
            "text": first.text,
            "confidence": round(first.confidence, 4),
            "a candidate of the other": place(first) in other,
        }
    return told


def opened(library: Library, quote: Quote) -> str:
    """What a library shows at the receipt of a quote."""
    view = library.source(str(quote.receipt))
    return view.article.text[view.start : view.end]


def compare(
    libraries: dict[str, Library], questions: list[str], calls: Calls
) -> Iterator[dict[str, Any]]:
    """Ask both each question, one after the other, and count what is alike: the figures so far."""
    same = {"refusal": 0, "first quote": 0, "receipt text": 0}
    receipts = 0
    times: dict[str, list[float]] = {name: [] for name in ENGINES}
    differences = []
    for number, question in enumerate(questions, start=1):
        answers = {}
        # In turn first: what the other has warmed helps both alike.
        for name in ENGINES[:: 1 if number % 2 else -1]:
            calls.on, start = True, time.perf_counter()
            answers[name] = libraries[name].ask(question, trace=True)
            times[name].append(time.perf_counter() - start)
            calls.on = False
        here, there = (answers[name] for name in ENGINES)
        same["refusal"] += (here.refusal is None) == (there.refusal is None)
        firsts = [answer.quotes[0] if answer.quotes else None for answer in (here, there)]
        alike = [first and (str(first.receipt), first.text) for first in firsts]
        same["first quote"] += alike[0] == alike[1]
        for first in firsts:  # what either quotes, opened on both
            if first is not None:
                receipts += 1
                shown = {opened(library, first) for library in libraries.values()}
                same["receipt text"] += shown == {first.text}
        if alike[0] != alike[1]:
            differences.append({"question": question} | explained(answers))
        yield {
            "questions": number,
            "same refusal": same["refusal"] / number,
            "same first quote": same["first quote"] / number,
            "receipts opened on both": receipts,
            "same receipt text": same["receipt text"] / max(1, receipts),
            "median ms": {n: round(1000 * statistics.median(each)) for n, each in times.items()},
            "mean ms": {n: round(1000 * statistics.mean(each)) for n, each in times.items()},
            "differences": differences,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--lite", type=Path, help="Where milvus-lite keeps what was published.")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    questions = given.questions.read_text("utf-8").splitlines()[: given.most]
    with (
        served(given.lite) as server,
        Library(given.index) as local,
        Library(given.index, store=Address(server.uri)) as remote,
    ):
        start = time.perf_counter()
        done = remote.publish()
        took = time.perf_counter() - start
        print(f"published {done.added} articles in {took:.1f} s", file=sys.stderr, flush=True)
        client.ANSWER_S = 600  # milvus-lite makes its index of words when first asked
        for library in (local, remote):
            library.ask(questions[-1])
        calls = Calls()
        for name in ("query", "search"):
            calls.watch(name)
        assert server.process is not None
        lite = psutil.Process(server.process.pid)
        status = local.status()
        about = {"articles": status.articles, "sentences": status.sentences}
        about |= {"articles published": done.added, "seconds to publish": round(took, 1)}
        for figures in compare({"local": local, "milvus": remote}, questions, calls):
            number = figures["questions"]
            if number % 25 and number < len(questions):
                continue
            grown = {"MB of milvus-lite": lite.memory_info().rss // 1_000_000}
            whole = about | figures | grown | {"calls": calls.each(number)}
            text = json.dumps(whole, indent=1, ensure_ascii=False)
            print(text, flush=True)
            if given.out:  # also of a run that is cut short
                given.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
