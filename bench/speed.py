"""How fast articles are indexed and questions answered: Reuters -> docs/speed.md.

    python -m bench.speed              # everything; the first time it builds the index
    python -m bench.speed asking       # one part: encoding, building, adding, asking

``encoding`` compares the encoder with sentence-transformers' own ``encode`` in float32, chunk by
chunk in turn, and measures a whole small index. ``building`` indexes all articles; cut short, it
goes on where it was. ``adding`` puts one more article into that index, ``asking`` asks it.
"""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from bench.cold import COMMAND, Run, measure
from bench.data import RESULTS, keep, options, records
from bench.stopwatch import now, while_asking
from index import Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.encoder import export
from index.encoder.encode import ExportedEncoder, Matrix
from index.english.segment import segment

ARTICLES = "news-reuters21578.jsonl.gz"
PARTS = ("encoding", "building", "adding", "asking")
SENTENCES = 6000  # of the comparison with sentence-transformers
CHUNK = 500
ADDED = 5
ASKED = 310
WARM = 10  # questions before the first that counts
NEIGHBOURS = 10
REST, WHOLE = "the rest", "the whole answer"


class Clock:
    """Wall and CPU time of what is called through it."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __call__(self, encode: Callable[[list[str]], Matrix], texts: list[str]) -> Matrix:
        wall, cpu = time.perf_counter(), time.process_time()
        vectors = encode(texts)
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        return vectors


def overlap(ours: Matrix, theirs: Matrix) -> float:
    """The share of each text's first ten neighbours that are the same."""
    both = []
    for vectors in (ours, theirs):
        scores = vectors @ vectors.T
        np.fill_diagonal(scores, -np.inf)
        both.append(np.argpartition(-scores, NEIGHBOURS, axis=1)[:, :NEIGHBOURS])
    same = [len(set(a) & set(b)) for a, b in zip(*both, strict=True)]
    return float(np.mean(same)) / NEIGHBOURS


def encoding(data: Path, work: Path) -> dict[str, Any]:
    """Sentences a second: sentence-transformers, our encoder, and a whole index of the same."""
    sentences: dict[str, None] = {}
    taken = []
    for record in records(data / ARTICLES):
        taken.append(record)
        text = record["text"]
        sentences |= dict.fromkeys(text[start:end] for start, end, _ in segment(text))
        if len(sentences) >= SENTENCES:
            break
    texts = list(sentences)
    models = work / "reuters" / "models"
    source = export.locate(None)
    fast = ExportedEncoder(export.export(source, models, texts[:512]), fast=True)
    model = _sentence_transformer(source.folder)
    clocks = {"sentence-transformers": Clock(), "pullquote": Clock()}
    encoders: dict[str, Callable[[list[str]], Matrix]] = {
        "sentence-transformers": lambda chunk: np.asarray(
            model.encode(chunk, normalize_embeddings=True, show_progress_bar=False)
        ),
        "pullquote": fast.encode,
    }
    for encode in encoders.values():
        encode(texts[:64])  # opened and warm
    vectors: dict[str, list[Matrix]] = {name: [] for name in encoders}
    for start in range(0, len(texts), CHUNK):
        for name, encode in encoders.items():
            vectors[name].append(clocks[name](encode, texts[start : start + CHUNK]))
    ours, theirs = (
        np.concatenate(vectors[name]) for name in ("pullquote", "sentence-transformers")
    )
    small = work / "small"
    shutil.rmtree(small, ignore_errors=True)
    shutil.copytree(models, small / "models")
    file = work / "small.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in taken), "utf-8")
    wall, cpu = time.perf_counter(), time.process_time()
    report = Library(small).sync([file])
    whole = time.perf_counter() - wall, time.process_time() - cpu
    slow, quick = clocks["sentence-transformers"], clocks["pullquote"]
    return {
        "sentences": len(texts),
        "per second": {name: round(len(texts) / clock.wall, 1) for name, clock in clocks.items()},
        "per CPU second": {name: round(len(texts) / c.cpu, 1) for name, c in clocks.items()},
        "times faster, wall": round(slow.wall / quick.wall, 2),
        "times faster, CPU": round(slow.cpu / quick.cpu, 2),
        "overlap of the first ten": round(overlap(ours, theirs), 4),
        "least cosine": round(float((ours * theirs).sum(axis=1).min()), 5),
        "whole index": {
            "articles": report.new,
            "sentences": report.sentences,
            "embedded": report.embedded,
            "sentences per second": round(report.sentences / whole[0], 1),
            "sentences per CPU second": round(report.sentences / whole[1], 1),
        },
    }


def _sentence_transformer(folder: Path) -> Any:
    """The model as anyone would load it; its threads wait asleep, which is faster for it."""
    os.environ |= {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def building(data: Path, work: Path) -> dict[str, Any]:
    """All articles; what an earlier run embedded is not embedded again."""
    wall, cpu = time.perf_counter(), time.process_time()
    report = Library(work / "reuters").sync([data / ARTICLES], progress=_say)
    status = Library(work / "reuters").status()
    figures = {
        "articles": status.articles,
        "sentences": status.sentences,
        "size_mb": round(status.size_bytes / 1e6),
        "embedded in this run": report.embedded,
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
    }
    before = _kept().get("building")
    if before and report.embedded < before["embedded in this run"]:
        return dict(before) | {name: figures[name] for name in ("articles", "sentences", "size_mb")}
    return figures


def adding(data: Path, work: Path) -> dict[str, Any]:
    """One more article, in a folder beside the big file: the whole process."""
    folder = work / "more"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    index = [str(COMMAND), "--index", str(work / "reuters"), "index", "--json"]
    subprocess.run([*index, str(folder)], check=True, stdout=subprocess.DEVNULL)
    runs: list[Run] = []
    unchanged: list[Run] = []
    embedded = []
    stamp = time.time_ns()
    for number in range(ADDED):
        lines = [f"Added article {stamp + number}"]
        lines += [
            f"Sentence {line} of {stamp + number} was never read before." for line in range(20)
        ]
        unchanged.append(measure([*index, str(folder)]))
        (folder / f"{number}.txt").write_text("\n".join(lines) + "\n", "utf-8")
        vectors = _embeddings(work / "reuters")
        runs.append(measure([*index, str(folder)]))
        embedded.append(_embeddings(work / "reuters") - vectors)
    starts = [measure([str(COMMAND), "--version"]) for _ in range(ADDED)]
    shutil.rmtree(folder)
    folder.mkdir()
    subprocess.run([*index, str(folder)], check=True, stdout=subprocess.DEVNULL)
    whole, start = (statistics.median(run.wall_s for run in of) for of in (runs, starts))
    return {
        "sentences of the article": 21,
        "embedded each time": embedded,
        "process_s": round(whole, 2),
        "slowest process_s": round(max(run.wall_s for run in runs), 2),
        "start alone_s": round(start, 2),
        "beyond start_s": round(whole - start, 2),
        "cpu_s": round(statistics.median(run.cpu_s for run in runs), 2),
        "peak_mb": round(max(run.peak_mb for run in runs)),
        "nothing to add_s": round(statistics.median(run.wall_s for run in unchanged), 2),
    }


def asking(data: Path, work: Path) -> dict[str, Any]:
    """Warm questions, by stage; the headlines of the articles are what is asked."""
    headlines = [record["title"] for record in records(data / ARTICLES)]
    asked = [title.capitalize() for title in headlines[:: len(headlines) // (ASKED + 20)] if title][
        :ASKED
    ]
    folder = work / "reuters"
    stages: dict[str, list[float]] = {}
    watch = while_asking()
    library = Library(folder, judge=ReaderJudge(Reader()))
    for question in asked[:WARM]:
        library.ask(question)
    watch.take(now(), REST)
    memory = dict(
        line.split()[:2] for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    )
    model = _sentence_transformer(export.locate(None).folder)  # for comparison, in the same run
    alone: list[float] = []
    for question in asked:
        begun = time.perf_counter()
        model.encode([question], show_progress_bar=False)
        alone.append(time.perf_counter() - begun)
        begun = now()
        library.ask(question)
        whole = now() - begun
        for stage, (wall, _) in (watch.take(whole, REST) | {WHOLE: whole}).items():
            stages.setdefault(stage, []).append(wall)
    encode = statistics.median(alone)
    return {
        "questions": len(alone),
        "sentence-transformers' encode of the question, ms": round(encode * 1000, 2),
        "times that": round(statistics.median(stages[WHOLE]) / encode, 2),
        "milliseconds": {
            name: {
                "median": round(statistics.median(laps) * 1000, 2),
                "p95": round(float(np.quantile(laps, 0.95)) * 1000, 2),
            }
            for name, laps in stages.items()
        },
        "rss_mb": round(int(memory["Rss:"]) / 1024),
        "pss_mb": round(int(memory["Pss:"]) / 1024),
        "private_mb": round(int(memory["Private_Dirty:"]) / 1024),
    }


def _embeddings(folder: Path) -> int:
    """How many embeddings the catalog keeps."""
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        return int(catalog.execute("SELECT count(*) FROM embedding").fetchone()[0])


def _say(what: str, done: int, total: int) -> None:
    if done % 20_480 == 0:
        print(f"{what} {done} of {total}", flush=True)


def _kept() -> dict[str, Any]:
    path = RESULTS / "speed.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all unless named")
    given = parser.parse_args()
    if len(given.parts) == 1:
        (part,) = given.parts
        figures = globals()[part](given.data, given.work)
        print(json.dumps(figures, indent=1))
        keep("speed", {name: _kept().get(name) for name in PARTS} | {part: figures})
        return
    for part in given.parts or PARTS:  # each in a process of its own, for its memory
        own = ["--data", str(given.data), "--work", str(given.work), part]
        subprocess.run([sys.executable, "-m", "bench.speed", *own], check=True)


if __name__ == "__main__":
    main()
