"""A revision on Milvus against the same one on this disk: whether they answer alike, and how fast.

    python -m bench.engines INDEX QUESTIONS [--articles N] [--out FILE]

INDEX is an index in a folder, QUESTIONS a file with one question a line. The index is published to
milvus-lite, as a server on the loopback, and each question is asked of both, with the reader as the
judge. Differences are written to FILE, a line of JSON each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.lite import LiteServer
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.library import Library
from index.records import Answer
from index.store.milvus.client import Address, Client


class Stopwatch:
    """How long each kind of call to Milvus took, by wrapping the client's methods."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(list)

    def around(self, name: str) -> None:
        whole: Callable[..., Any] = getattr(Client, name)

        def timed(client: Client, *args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return whole(client, *args, **kwargs)
            finally:
                what = f"{name} {args[1]}" if name == "search" else name
                self.spent[what].append(time.perf_counter() - start)

        setattr(Client, name, timed)


def told(answer: Answer) -> dict[str, Any]:
    """What a person sees of an answer."""
    return {
        "refused": answer.refusal is not None,
        "quotes": [[str(quote.receipt), quote.text, quote.confidence] for quote in answer.quotes],
        "reason": answer.refusal.reason if answer.refusal else None,
        "candidates": len(answer.candidates),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--lite", type=Path, help="Where milvus-lite keeps what was published.")
    given = parser.parse_args()
    questions = given.questions.read_text("utf-8").splitlines()[: given.most]
    judge = ReaderJudge(Reader())
    with tempfile.TemporaryDirectory() as folder:
        server = LiteServer(given.lite or Path(folder) / "milvus")
        server.start()
        try:
            compare(given, questions, judge, server)
        finally:
            server.kill()


def compare(
    given: argparse.Namespace, questions: list[str], judge: ReaderJudge, server: LiteServer
) -> None:
    local = Library(given.index, judge=judge)
    remote = Library(given.index, judge=judge, store=Address(server.uri))
    start = time.perf_counter()
    done = remote.publish()
    took = time.perf_counter() - start
    print(f"published {done.added} articles in {took:.1f} s", file=sys.stderr, flush=True)
    same = dict.fromkeys(("refusal", "first quote", "receipts"), 0)
    both = 0
    times: dict[str, list[float]] = {"local": [], "milvus": []}
    watch = Stopwatch()
    for name in ("query", "search"):
        watch.around(name)
    out = given.out.open("w", encoding="utf-8") if given.out else None
    for number, question in enumerate(questions, start=1):
        answers = {}
        for name, library in (("local", local), ("milvus", remote)):
            start = time.perf_counter()
            answers[name] = library.ask(question, trace=True)
            times[name].append(time.perf_counter() - start)
        here, there = told(answers["local"]), told(answers["milvus"])
        same["refusal"] += here["refused"] == there["refused"]
        firsts = [each["quotes"][:1] for each in (here, there)]
        alike = [f[0][:2] if f else None for f in firsts]
        same["first quote"] += alike[0] == alike[1]
        if firsts[0] and firsts[1]:
            both += 1
            opened = [
                str(library.source(f[0][0]).article.text)
                for library, f in ((remote, firsts[0]), (local, firsts[1]))
            ]
            quoted = [opened[n][slice(*_span(firsts[n][0][0]))] for n in (0, 1)]
            same["receipts"] += quoted == [firsts[0][0][1], firsts[1][0][1]]
        if out and alike[0] != alike[1]:
            line = {"question": question, "local": here, "milvus": there}
            print(json.dumps(line, ensure_ascii=False), file=out, flush=True)
        if number % 50 == 0:
            print(number, {k: v / number for k, v in same.items()}, file=sys.stderr, flush=True)
    figures = {
        "articles": done.added,
        "questions": len(questions),
        "same refusal": same["refusal"] / len(questions),
        "same first quote": same["first quote"] / len(questions),
        "same receipt text": same["receipts"] / both if both else None,
        "published_s": took,
    }
    figures |= {f"{name}_median_s": statistics.median(t) for name, t in times.items()}
    figures |= {
        f"{what}: calls a question, median_s": [len(t) / len(questions), statistics.median(t)]
        for what, t in watch.spent.items()
    }
    print(json.dumps(figures, indent=1))


def _span(receipt: str) -> tuple[int, int]:
    start, end = receipt.rpartition("@")[0].rpartition(":")[2].split("-")
    return int(start), int(end)


if __name__ == "__main__":
    main()
