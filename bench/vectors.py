"""Kinds of indexes over the project's own vectors: memory, recall and time of each, with FAISS.

    nice python -m bench.vectors INDEX QUESTIONS [--out FILE]

INDEX is an index in a folder, QUESTIONS a file with one question a line. Each kind is built over
all sentences in context and asked each question on one thread. Recall is the share of the hundred
nearest by exact search that are among the hundred found. These are the equivalents of what Milvus
offers under the names that stand beside them; a Milvus is not measured.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss  # noqa: TID253 - there is nothing here but FAISS
import numpy as np

from index.encoder import export
from index.encoder.encode import ExportedEncoder, Matrix
from index.records import Filters
from index.store import context
from index.store.revisions import Store

DEPTH = 100
LISTS = 1024
REFINED = 4
"""A refined search asks for so many times more, and scores these by the finer codes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """An index: Milvus's name for it, FAISS's recipe, and how far it is searched in turn."""

    milvus: str
    recipe: str
    searches: tuple[dict[str, int], ...] = ({},)
    mapped: bool = False


PROBES = tuple({"nprobe": probes} for probes in (32, 128, 384))
KINDS = (
    Kind("FLAT", "Flat"),
    Kind("FLAT, float16", "SQfp16"),
    Kind("HNSW_SQ, SQ8", "HNSW32_SQ8", tuple({"efSearch": each} for each in (128, 512, 1024))),
    Kind("IVF_SQ8", f"IVF{LISTS},SQ8", PROBES),
    Kind("IVF_SQ8 on disk (mmap)", f"IVF{LISTS},SQ8", PROBES, mapped=True),
    Kind("IVF_RABITQ, refined by SQ8", f"IVF{LISTS},RaBitQ,Refine(SQ8)", PROBES),
)


def read(folder: Path) -> tuple[Matrix, ExportedEncoder]:
    """All sentences in context, shape (sentences, dim), and the encoder of the index."""
    store = Store(folder)
    with store.reading() as revision:
        articles = list(revision.articles(Filters()))
        rows = [rows for _, rows in context.rows(revision.catalog, articles)]
        encoder = ExportedEncoder(export.folder_of(store.models, revision.encoder))
    store.close()
    return np.concatenate(rows).astype(np.float32), encoder


def aim(index: Any, search: dict[str, int]) -> None:
    """Set how far it searches, below whatever refines it."""
    inner = faiss.downcast_index(index)
    if isinstance(inner, faiss.IndexRefine):
        inner.k_factor = REFINED
        inner = faiss.downcast_index(inner.base_index)
    if "efSearch" in search:
        inner.hnsw.efSearch = search["efSearch"]
    if "nprobe" in search:
        inner.nprobe = search["nprobe"]


def measure(
    kind: Kind, vectors: Matrix, questions: Matrix, nearest: Any
) -> Iterator[dict[str, Any]]:
    """Build one, weigh it, and ask it in each way."""
    start = time.perf_counter()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index = faiss.index_factory(vectors.shape[1], kind.recipe, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    built = time.perf_counter() - start
    faiss.omp_set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "index")
        faiss.write_index(index, path)
        about = {
            "milvus": kind.milvus,
            "faiss": kind.recipe,
            "bytes a sentence": round(Path(path).stat().st_size / len(vectors)),
            "seconds to build": round(built, 1),
        }
        if kind.mapped:
            index = faiss.read_index(path, faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        for search in kind.searches:
            aim(index, search)
            yield about | search | asked(index, questions, nearest)


def asked(index: Any, questions: Matrix, nearest: Any) -> dict[str, float]:
    """Recall and time."""
    times, hits = [], 0
    for question, wanted in zip(questions, nearest, strict=True):
        start = time.perf_counter()
        _, found = index.search(question[None], DEPTH)
        times.append(time.perf_counter() - start)
        hits += len(np.intersect1d(found[0], wanted))
    return {
        "recall@100": round(hits / (DEPTH * len(questions)), 4),
        "median ms": round(1000 * statistics.median(times), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--most", type=int, default=300)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    vectors, encoder = read(given.index)
    questions = encoder.encode(given.questions.read_text("utf-8").splitlines()[: given.most])
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)
    _, nearest = exact.search(questions, DEPTH)
    kinds = []
    for kind in KINDS:
        for figures in measure(kind, vectors, questions, nearest):
            kinds.append(figures)
            print(json.dumps(figures), flush=True)
    whole = {"sentences": len(vectors), "questions": len(questions), "kinds": kinds}
    if given.out:
        given.out.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
