"""What grows with the archive: 20,000 to 1,000,000 sentences -> docs/scale.md.

    python -m bench.scale                                   # every size and part; takes hours
    python -m bench.scale build --sizes 20000 100000        # one part, some sizes
    python -m bench.scale --embeddings-from OTHER/catalog.db

``build`` makes the articles and the index, ``open`` opens it, ``ask`` asks it, ``add`` puts one
more article into it. Each size and part is a process of its own; what was measured is kept below
the work folder and not measured again. Articles are Reuters, then BBC, then SQuAD's paragraphs;
beyond those, articles of eight to twelve of their sentences, each from another article.

``--embeddings-from`` copies the embeddings of another index's catalog, and the encoder beside it,
into each new index: an embedding belongs to the words, so nothing else differs, and only the time
to embed isn't measured (``bench/speed.py`` measures it). Articles with a sentence that was not
embedded there are left out.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cache
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.cold import COMMAND, measure
from bench.data import keep, options, questions, records
from bench.stopwatch import Laps, Stopwatch, now, rounded, while_asking
from index import Filters, Library
from index.ask import search
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.encoder import export
from index.encoder.encode import ExportedEncoder
from index.english.segment import segment
from index.ingest import sync
from index.store import dense, lexical
from index.store.catalog import Catalog
from index.store.engine import embedding_key
from index.store.local import read_manifest
from index.store.revisions import Store

SIZES = (20_000, 100_000, 500_000, 1_000_000)
PARTS = ("build", "open", "ask", "add")
REAL = (
    "news-reuters21578.jsonl.gz",
    "news-bbc2225.jsonl.gz",
    "squad-train-paragraphs.jsonl.gz",
    "squad-dev-paragraphs.jsonl.gz",
)
ASKED = 60  # of headlines, and as many of SQuAD's questions
WARM = 10  # questions before the first that counts
OPENED = 7
ADDED = 5
EVERYTHING = [(0, 2**62)]  # a filter that all pass: an exact search
Record = dict[str, Any]


# Articles


def real(data: Path) -> Iterator[Record]:
    """The articles that people wrote; a date only where it is one."""
    for name in REAL:
        for record in records(data / name):
            kept = {field: record[field] for field in ("id", "title", "text", "source", "date")
                    if record.get(field)}  # fmt: skip
            if len(kept.get("date", "")) != len("1987-02-26"):
                kept.pop("date", None)
            yield kept


def recombined(articles: list[Record]) -> Iterator[Record]:
    """Sentences of the articles, shuffled, in new articles: a line each, none from the same one.

    Only sentences that are one sentence also when they stand alone: what is embedded is then what
    was embedded before. Title and date are those of the article that the first one is from.
    """
    pool = []
    for donor, record in enumerate(articles):
        for start, end, _ in segment(record["text"]):
            text = record["text"][start:end]
            if [span[:2] for span in segment(text)] == [(0, len(text))]:
                pool.append((donor, text))
    chance = random.Random(6)
    number = count()
    while True:
        chance.shuffle(pool)
        lines: dict[int, str] = {}
        wanted = chance.randint(8, 12)
        for donor, text in pool:
            lines.setdefault(donor, text)
            if len(lines) == wanted:
                first = articles[next(iter(lines))]
                named = {"id": f"recombined-{next(number)}", "text": "\n".join(lines.values())}
                yield {**first, **named}
                lines, wanted = {}, chance.randint(8, 12)


def articles_of(data: Path, size: int, embeddings: Path | None) -> Iterator[Record]:
    """Articles until they have ``size`` sentences."""
    taken = list(real(data))
    if embeddings:
        with closing(sqlite3.connect(embeddings)) as catalog:
            known = {digest for (digest,) in catalog.execute("SELECT digest FROM embedding")}
        taken = [record for record in taken if known.issuperset(_keys(record["text"]))]
    sentences = 0
    for record in chain(taken, recombined(taken)):
        yield record
        sentences += len(segment(record["text"]))
        if sentences >= size:
            return


def _keys(text: str) -> list[bytes]:
    name = _encoder_name()
    return [embedding_key(name, text[start:end]) for start, end, _ in segment(text)]


@cache
def _encoder_name() -> str:
    return export.locate(None).name


# Parts


def build(data: Path, folder: Path, size: int, embeddings: Path | None) -> dict[str, Any]:
    """Index the articles; what is spent on what."""
    news = folder / "articles.jsonl"
    with news.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in articles_of(data, size, embeddings))
    index = folder / "index"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir()
    if embeddings:
        _seed(index, news, embeddings)
    watch = Stopwatch()
    for owner, name, stage in (
        (sync, "_fill", "read the articles"),
        (sync, "_spans", "split sentences"),
        (sync, "_embed", "embed, or find embedded"),
        (Catalog, "insert", "file in the catalog"),
        (lexical, "update", "index words"),
        (dense, "update", "index vectors"),
        (dense.Segment, "code", "make codes of vectors"),
        (Store, "prepare", "digests, flush to disk"),
    ):
        watch.wrap(owner, name, stage)
    begun = now()
    report = Library(index).sync([news], progress=_say)
    whole = now() - begun
    stages = watch.take(whole, "commit and the rest")
    live = max((index / "revisions").glob("[0-9]*"))
    segments = [
        {"rows": len(np.load(live / "dense" / f"{part.name}.npy", mmap_mode="r"))}
        | {"candidates": part.candidates, "recall": part.recall}
        for part in read_manifest(live).segments
    ]
    return {
        "articles": report.new,
        "sentences": report.sentences,
        "embedded": report.embedded,
        "failed": len(report.failed),
        "wall and CPU seconds": rounded(stages | {"whole": whole}),
        "peak_mb": round(_status("VmHWM")),
        "segments": segments,
        "disk_mb": _disk(index, live),
    }


def open_(folder: Path) -> dict[str, Any]:
    """Open the index, without a question: time and memory."""
    Reader().load()
    store = Store(folder / "index")
    encoder = _encoder(store)
    encoder.encode(["warm"])
    before = _memory()
    opened = []
    for _ in range(OPENED):
        store.close()
        begun = time.perf_counter()
        with store.reading() as revision:
            opened.append(time.perf_counter() - begun)
            rows = len(revision.dense)
    after = _memory()
    return {
        "rows": rows,
        "median_ms": round(statistics.median(opened) * 1000, 1),
        "first_ms": round(opened[0] * 1000, 1),
        "memory before_mb": before,
        "memory after_mb": after,
    }


def ask(data: Path, folder: Path) -> dict[str, Any]:
    """Warm questions by stage, the memory after them, and how much of the nearest is found."""
    titles = [record.get("title", "").capitalize() for record in islice(real(data), 3300)]
    headlines = [title for title in titles if title][:: 3000 // ASKED][:ASKED]
    squad = [each.text for each in questions(data / "squad-dev-questions.jsonl.gz")]
    asked = [
        each
        for pair in zip(headlines, squad[:: len(squad) // ASKED], strict=False)
        for each in pair
    ]
    watch = while_asking()
    index = folder / "index"
    library = Library(index, judge=ReaderJudge(Reader()))
    stages: dict[str, list[Laps]] = {}
    for number, question in enumerate(asked):
        begun = now()
        library.ask(question)
        whole = now() - begun
        spent = watch.take(whole, "the rest") | {"the whole answer": whole}
        if number >= WARM:
            for stage, taken in spent.items():
                stages.setdefault(stage, []).append(taken)
    memory = _memory()
    store = Store(index)
    encoder = _encoder(store)
    with store.reading() as revision:
        nearness = _nearness(revision.dense, [encoder.encode([each])[0] for each in asked])
        covers = revision.catalog.dates()
        if covers:  # the whole archive passes, and every row must be looked up
            stages["ids that pass a date filter"] = _timed(
                lambda _: revision.catalog.ranges(Filters(since=covers[0], until=covers[1])),
                asked[:7],
            )
    # Last, because its memory and its threads would be counted as ours.
    stages["encode with sentence-transformers"] = _peer(asked)
    wall = {name: np.array(laps)[:, 0] for name, laps in stages.items()}
    cpu = {name: np.array(laps)[:, 1] for name, laps in stages.items()}
    whole, read, alone = (
        {"wall": np.median(wall[name]), "CPU": np.median(cpu[name])}
        for name in ("the whole answer", "read", "encode with sentence-transformers")
    )
    return {
        "questions": len(wall["the whole answer"]),
        "milliseconds": {
            name: {
                "median": milli(np.median(wall[name])),
                "p95": milli(np.quantile(wall[name], 0.95)),
                "median CPU": milli(np.median(cpu[name])),
            }
            for name in stages
        },
        "times sentence-transformers": {
            "the whole answer": {by: round(float(whole[by] / alone[by]), 2) for by in alone},
            "without reading": {
                by: round(float((whole[by] - read[by]) / alone[by]), 2) for by in alone
            },
        },
        "vectors": nearness,
        "memory_mb": memory,
        "load": os.getloadavg()[1],
    }


def milli(seconds: float) -> float:
    return round(float(seconds) * 1000, 2)


def _nearness(index: dense.DenseIndex, vectors: list[np.ndarray]) -> dict[str, Any]:
    """What the search finds of the nearest rows, and what an exact search takes."""
    ten, hundred = [], []
    for vector in vectors:
        exact, products = index.search(vector, search.DEPTH, EVERYTHING)
        _, found = index.search(vector, search.DEPTH)
        # By product: of copies of a sentence each is as near.
        ten.append(np.mean(found[:10] >= products[9] - 1e-6))
        hundred.append(np.mean(found >= products[-1] - 1e-6))
        assert len(exact) == len(found)
    half = [(at, at + 500_000) for at in range(0, 3_000_000, 1_000_000)]
    few = [(at, at + 100) for at in range(0, 3_000_000, 10_000)]
    laps = {
        "as it is": _timed(lambda each: index.search(each, search.DEPTH), vectors),
        "exact": _timed(lambda each: index.search(each, search.DEPTH, EVERYTHING), vectors),
        "exact, half of the rows": _timed(
            lambda each: index.search(each, search.DEPTH, half), vectors
        ),
        "exact, 1 % of the rows": _timed(
            lambda each: index.search(each, search.DEPTH, few), vectors
        ),
    }
    return {
        "recall of 10": round(float(np.mean(ten)), 4),
        "recall of 100": round(float(np.mean(hundred)), 4),
        "median ms, wall and CPU": {
            name: [milli(each) for each in np.median(of, axis=0)] for name, of in laps.items()
        },
    }


def _timed(call: Callable[[Any], object], values: Sequence[Any]) -> list[Laps]:
    laps = []
    for value in values:
        begun = now()
        call(value)
        laps.append(now() - begun)
    return laps


def _peer(asked: list[str]) -> list[Laps]:
    """The time that sentence-transformers takes to encode a question, and nothing else."""
    os.environ |= {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
    from sentence_transformers import SentenceTransformer

    folder = str(export.locate(None).folder)
    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    return _timed(
        lambda each: model.encode([each], normalize_embeddings=True, show_progress_bar=False), asked
    )[WARM:]


def add(folder: Path) -> dict[str, Any]:
    """One more article, in a folder beside the large file: the whole process, several times."""
    news = folder / "more"
    shutil.rmtree(news, ignore_errors=True)
    news.mkdir()
    command = [str(COMMAND), "--index", str(folder / "index"), "index", "--json"]
    subprocess.run([*command, str(news)], check=True, stdout=subprocess.DEVNULL)
    runs, embedded = [], []
    stamp = time.time_ns()
    for number in range(ADDED):
        lines = [f"Added article {stamp + number}"]
        lines += [f"Sentence {n} of {stamp + number} was never read before." for n in range(20)]
        (news / f"{number}.txt").write_text("\n".join(lines) + "\n", "utf-8")
        before = _embeddings(folder / "index")
        runs.append(measure([*command, str(news)]))
        embedded.append(_embeddings(folder / "index") - before)
    starts = [measure([str(COMMAND), "--version"]) for _ in range(ADDED)]
    # Once more within this process: what goes on in it, without a start.
    watch = Stopwatch()
    for owner, name, stage in (
        (sync, "open_indexes", "open what is live"),
        (sync, "_embed", "open the encoder, embed"),
        (lexical, "update", "index words"),
        (dense, "update", "index vectors"),
        (Store, "prepare", "link, digest, flush to disk"),
    ):
        watch.wrap(owner, name, stage)
    (news / "last.txt").write_text(f"Last\nThe last sentence is {stamp}.\n", "utf-8")
    begun = now()
    Library(folder / "index").sync()
    within = now() - begun
    stages = watch.take(within, "the rest") | {"whole": within}
    whole, start = (statistics.median(run.wall_s for run in of) for of in (runs, starts))
    return {
        "embedded each time": embedded,
        "process_s": round(whole, 2),
        "slowest process_s": round(max(run.wall_s for run in runs), 2),
        "start alone_s": round(start, 2),
        "beyond start_s": round(whole - start, 2),
        "cpu_s": round(statistics.median(run.cpu_s for run in runs), 2),
        "peak_mb": round(max(run.peak_mb for run in runs)),
        "one more within a process, wall and CPU seconds": rounded(stages),
    }


# What is measured


def _seed(index: Path, news: Path, other: Path) -> None:
    """Copy the embeddings of the articles, and the encoder, from another index."""
    shutil.copytree(other.parent / "models", index / "models")
    Catalog(index / "catalog.db", create=True).close()
    with closing(sqlite3.connect(index / "catalog.db")) as database, database, news.open() as lines:
        database.execute("ATTACH ? AS other", (str(other),))
        for line in lines:
            database.executemany(
                "INSERT OR IGNORE INTO embedding (digest, vector)"
                " SELECT digest, vector FROM other.embedding WHERE digest = ?",
                [(key,) for key in _keys(json.loads(line)["text"])],
            )


def _encoder(store: Store) -> ExportedEncoder:
    return ExportedEncoder(export.folder_of(store.models, _encoder_name()))


def _embeddings(index: Path) -> int:
    with closing(sqlite3.connect(index / "catalog.db")) as catalog:
        return int(catalog.execute("SELECT count(*) FROM embedding").fetchone()[0])


def _memory() -> dict[str, int]:
    """Megabytes: all that is mapped and touched, and what of it is no file and can't be dropped."""
    lines = Path("/proc/self/smaps_rollup").read_text("utf-8").splitlines()[1:]
    kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines}
    return {name[:-1]: round(kilobytes[name] / 1024) for name in ("Rss:", "Pss:", "Anonymous:")}


def _status(field: str) -> float:
    """Megabytes from the kernel's account of this process."""
    text = Path("/proc/self/status").read_text("utf-8")
    return int(text.partition(f"{field}:")[2].split()[0]) / 1024


def _disk(index: Path, live: Path) -> dict[str, int]:
    parts = {
        "catalog": [index / "catalog.db"],
        "words": [*(live / "lexical").iterdir()],
        "vectors": [*(live / "dense").glob("*.faiss"), *(live / "dense").glob("*[0-9].npy")],
        "codes": [*(live / "dense").glob("*.codes.npy")],
        "encoder": [path for path in (index / "models").rglob("*") if path.is_file()],
    }
    return {
        name: round(sum(path.stat().st_size for path in paths) / 1e6)
        for name, paths in parts.items()
    }


def _say(what: str, done: int, total: int) -> None:
    if done % 20_480 == 0:
        print(f"{time.strftime('%H:%M:%S')} {what} {done} of {total}", flush=True)


def run(part: str, data: Path, folder: Path, size: int, embeddings: Path | None) -> None:
    """Measure one part of one size and keep it."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "build": lambda: build(data, folder, size, embeddings),
        "open": lambda: open_(folder),
        "ask": lambda: ask(data, folder),
        "add": lambda: add(folder),
    }
    figures = parts[part]()
    print(json.dumps(figures, indent=1))
    (folder / f"{part}.json").write_text(json.dumps(figures), "utf-8")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all unless named")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--embeddings-from", type=Path, metavar="CATALOG")
    parser.add_argument("--again", action="store_true", help="also what was measured before")
    parser.add_argument("--here", action="store_true", help="in this process (used by itself)")
    given = parser.parse_args()
    work: Path = given.work / "scale"
    for size in given.sizes:
        for part in given.parts or PARTS:
            folder = work / str(size)
            if given.here:
                run(part, given.data, folder, size, given.embeddings_from)
            elif given.again or not (folder / f"{part}.json").exists():
                own = ["--data", given.data, "--work", given.work, "--sizes", str(size), "--here"]
                if given.embeddings_from:
                    own += ["--embeddings-from", given.embeddings_from]
                own.append(part)
                subprocess.run([sys.executable, "-m", "bench.scale", *own], check=True)
    if not given.here:
        keep("scale", {"sizes": {
            folder.name: {
                part: json.loads((folder / f"{part}.json").read_text("utf-8"))
                for part in PARTS
                if (folder / f"{part}.json").exists()
            }
            for folder in sorted(work.iterdir(), key=lambda each: int(each.name))
        }})  # fmt: skip


if __name__ == "__main__":
    main()
