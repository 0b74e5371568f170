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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss  # noqa: TID253 - there is nothing here but FAISS
import numpy as np
import psutil

from index.encoder import export
from index.encoder.encode import ExportedEncoder, Matrix
from index.records import Filters
from index.store import context
from index.store.revisions import Store

DEPTH = 100
LISTS = 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """An index: Milvus's name for it, FAISS's recipe, and how far it searches."""

    milvus: str
    recipe: str
    search: dict[str, int]
    mapped: bool = False


KINDS = (
    Kind("FLAT", "Flat", {}),
    Kind("FLAT, float16", "SQfp16", {}),
    Kind("HNSW_SQ, SQ8", "HNSW32_SQ8", {"efSearch": 128}),
    Kind("HNSW_SQ, SQ8", "HNSW32_SQ8", {"efSearch": 512}),
    Kind("IVF_SQ8", f"IVF{LISTS},SQ8", {"nprobe": 64}),
    Kind("IVF_RABITQ, refined by SQ8", f"IVF{LISTS},RaBitQ,Refine(SQ8)", {"nprobe": 64}),
    Kind("IVF_RABITQ, refined by SQ8", f"IVF{LISTS},RaBitQ,Refine(SQ8)", {"nprobe": 128}),
    Kind("on disk (mmap): IVF_SQ8", f"IVF{LISTS},SQ8", {"nprobe": 64}, mapped=True),
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


def aim(index: Any, kind: Kind) -> None:
    """Set how far it searches, below whatever refines it."""
    inner = faiss.downcast_index(index)
    if isinstance(inner, faiss.IndexRefine):
        inner.k_factor = 4
        inner = faiss.downcast_index(inner.base_index)
    if isinstance(inner, faiss.IndexPreTransform):
        inner = faiss.downcast_index(inner.index)
    if "efSearch" in kind.search:
        inner.hnsw.efSearch = kind.search["efSearch"]
    if "nprobe" in kind.search:
        inner.nprobe = kind.search["nprobe"]


def measure(kind: Kind, vectors: Matrix, questions: Matrix, nearest: Any) -> dict[str, Any]:
    """Build, ask and weigh one."""
    start = time.perf_counter()
    index = faiss.index_factory(vectors.shape[1], kind.recipe, faiss.METRIC_INNER_PRODUCT)
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index.train(vectors)
    index.add(vectors)
    built = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "index")
        faiss.write_index(index, path)
        size = Path(path).stat().st_size
        before = psutil.Process().memory_info().rss
        if kind.mapped:
            index = faiss.read_index(path, faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        aim(index, kind)
        faiss.omp_set_num_threads(1)
        times, hits = [], 0
        for question, wanted in zip(questions, nearest, strict=True):
            start = time.perf_counter()
            _, found = index.search(question[None], DEPTH)
            times.append(time.perf_counter() - start)
            hits += len(np.intersect1d(found[0], wanted))
        grown = psutil.Process().memory_info().rss - before
    return {
        "milvus": kind.milvus,
        "faiss": kind.recipe,
        **kind.search,
        "bytes a sentence": round(size / len(vectors)),
        "recall@100": round(hits / (DEPTH * len(questions)), 4),
        "median ms": round(1000 * statistics.median(times), 3),
        "seconds to build": round(built, 1),
    } | ({"bytes a sentence in memory": round(grown / len(vectors))} if kind.mapped else {})


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
        kinds.append(measure(kind, vectors, questions, nearest))
        print(json.dumps(kinds[-1]), flush=True)
    figures = {"sentences": len(vectors), "questions": len(questions), "kinds": kinds}
    if given.out:
        given.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
