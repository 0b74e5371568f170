"""Vectors -> sentences, by inner product; the sole user of faiss.

A row is a sentence in its context: the sum of its own vector and its neighbours', brought back to
length 1, so that "He vetoed it" is found by what "he" and "it" are. Rows lie in immutable
*segments*, in ascending order of sentence id; adding an article writes a small segment and leaves
the others as they are. Small segments are merged, as a binary counter carries.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.encode import Matrix
from index.errors import StoreDamagedError

Ids = NDArray[np.int64]
Ranges = Sequence[tuple[int, int]]
"""Ids as ascending ranges [first, end)."""

CONTEXT = (1.0, 0.4, 0.3)
"""Weights of a sentence, of its direct neighbours, and of theirs (fitted on SQuAD train by
``bench/fusion.py``). Other weights mean another index: bump ``catalog.FORMAT``."""
SEGMENT_ROWS = 131_072
"""Rows of a segment at the most: 100 MB, what a merge may have to write."""
DEAD = "dead.npy"


def in_context(vectors: Matrix, weights: Sequence[float] = CONTEXT) -> Matrix:
    """Mix each row with its neighbours: sentences of one article, in order, to rows of length 1."""
    mixed = weights[0] * vectors
    for distance, weight in enumerate(weights[1:], start=1):
        mixed[distance:] += weight * vectors[:-distance]
        mixed[:-distance] += weight * vectors[distance:]
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    result: Matrix = mixed / np.maximum(lengths, np.finfo(np.float32).tiny)
    return result


class Segment:
    """Immutable rows on disk: ``<name>.faiss`` and the ids of its rows in ``<name>.npy``."""

    def __init__(self, folder: Path, name: str) -> None:
        import faiss

        self.folder = folder
        self.name = name
        path = folder / f"{name}.faiss"
        try:
            # Mapped, not read: opening costs the same for any size.
            self.flat: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as exc:
            raise StoreDamagedError(path, f"not readable ({exc})") from exc
        self.ids = _load_ids(folder / f"{name}.npy", mmap_mode="r")
        if self.flat.ntotal != len(self.ids):
            raise StoreDamagedError(path, f"{self.flat.ntotal} rows, but {len(self.ids)} ids")

    def __len__(self) -> int:
        return len(self.ids)


class DenseIndex:
    """The vectors of one revision, opened for reading."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.segments = [Segment(folder, name) for name in names]
        self.dead = _load_ids(folder / DEAD)
        self._alive = [~np.isin(segment.ids, self.dead) for segment in self.segments]

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments) - len(self.dead)

    def search(self, vector: Matrix, k: int, allowed: Ranges | None = None) -> tuple[Ids, Matrix]:
        """Ids of the nearest ``k`` rows and their inner products, best first.

        ``vector`` has shape (dim,). ``allowed`` restricts the search before ranking. Exact: the
        scores are the products of the vector with the rows in half precision.
        """
        import faiss

        # One question is work for one thread: to wake the others takes longer than the search.
        faiss.omp_set_num_threads(1)
        ids, scores = [], []
        for segment, alive in zip(self.segments, self._alive, strict=True):
            wanted = alive if allowed is None else alive & _within(segment.ids, allowed)
            parameters = None
            if not wanted.all():
                bits = np.packbits(wanted, bitorder="little")
                parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
            found = min(k, int(np.count_nonzero(wanted)))
            if found:
                products, rows = segment.flat.search(vector[None, :], found, params=parameters)
                ids.append(segment.ids[rows[0]])
                scores.append(products[0])
        if not ids:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
        best = np.argsort(-all_scores, kind="stable")[:k]
        return all_ids[best], all_scores[best]

    def scores(self, vector: Matrix, ids: Ids) -> Matrix:
        """Inner products of the vector with the rows of these ids, in their order."""
        products = np.zeros(len(ids), dtype=np.float32)
        for segment in self.segments:
            rows = np.searchsorted(segment.ids, ids)
            here = np.flatnonzero(segment.ids[np.minimum(rows, len(segment) - 1)] == ids)
            if len(here):
                products[here] = segment.flat.reconstruct_batch(rows[here]) @ vector
        return products


def update(
    folder: Path, previous: DenseIndex | None, added: Iterable[tuple[Ids, Matrix]], dead: Ids
) -> list[str]:
    """Write the next dense index into ``folder``; return the names of its segments.

    ``added`` yields ids and rows; ``dead`` are ids that answer no more. Segments that stay as they
    are become hard links.
    """
    old = previous.segments if previous else []
    if previous:
        dead = np.union1d(previous.dead, dead)
    writer = _Writer(folder, first=1 + max((int(segment.name) for segment in old), default=0))
    keep: list[Segment] = []
    for segment in old:
        if np.isin(segment.ids, dead).sum() * 4 > len(segment):  # a quarter of it is dead
            writer.take(segment, dead)
        else:
            keep.append(segment)
    for ids, rows in added:
        writer.add(ids, rows)
    # As a binary counter carries: a segment joins newer rows that are at least half as many.
    while keep and len(keep[-1]) <= min(2 * writer.pending, SEGMENT_ROWS - writer.pending):
        writer.take(keep.pop(), dead)
    writer.flush()
    for segment in keep:
        for suffix in (".faiss", ".npy"):
            link_or_copy(segment.folder / (segment.name + suffix), folder / (segment.name + suffix))
    kept = np.concatenate([segment.ids for segment in keep]) if keep else dead[:0]
    np.save(folder / DEAD, np.intersect1d(dead, kept).astype(np.int64))
    return [segment.name for segment in keep] + writer.names


def link_or_copy(source: Path, target: Path) -> None:
    """Give an immutable file a second name; copy where the disk knows no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


class _Writer:
    """Rows to segments, at most ``SEGMENT_ROWS`` in each."""

    def __init__(self, folder: Path, *, first: int) -> None:
        self._folder = folder
        self._number = first
        self._ids: list[Ids] = []
        self._rows: list[NDArray[np.float16]] = []
        self.names: list[str] = []
        self.pending = 0

    def add(self, ids: Ids, rows: Matrix) -> None:
        self._ids.append(ids)
        self._rows.append(rows.astype(np.float16))
        self.pending += len(ids)
        if self.pending >= SEGMENT_ROWS:
            self.flush()

    def take(self, segment: Segment, dead: Ids) -> None:
        """Add what is alive of a segment."""
        alive = np.flatnonzero(~np.isin(segment.ids, dead))
        if len(alive):
            self.add(segment.ids[alive], segment.flat.reconstruct_batch(alive))

    def flush(self) -> None:
        if not self.pending:
            return
        import faiss

        ids, rows = np.concatenate(self._ids), np.concatenate(self._rows)
        ascending = np.argsort(ids)
        ids, rows = ids[ascending], rows[ascending]
        flat: Any = faiss.IndexScalarQuantizer(
            rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        flat.train(rows[:1].astype(np.float32))
        for start in range(0, len(rows), 65_536):
            flat.add(rows[start : start + 65_536].astype(np.float32))
        name = f"{self._number:08d}"
        try:
            faiss.write_index(flat, str(self._folder / f"{name}.faiss"))
        except RuntimeError as exc:  # a full disk
            raise OSError(str(exc)) from exc
        np.save(self._folder / f"{name}.npy", ids.astype(np.int64))
        self.names.append(name)
        self._number += 1
        self._ids, self._rows, self.pending = [], [], 0


def _load_ids(path: Path, mmap_mode: Literal["r"] | None = None) -> Ids:
    # NumPy parses the header as Python: a damaged one fails in as many ways as Python does.
    damaged = (OSError, ValueError, EOFError, SyntaxError, TokenError, MemoryError, OverflowError)
    try:
        ids = np.load(path, mmap_mode=mmap_mode, allow_pickle=False)
    except damaged as exc:
        raise StoreDamagedError(path, f"not readable ({exc})") from exc
    if ids.dtype != np.int64 or ids.ndim != 1:
        raise StoreDamagedError(path, f"holds {ids.dtype} of shape {ids.shape}, not ids")
    return np.asarray(ids)


def _within(ids: Ids, ranges: Ranges) -> NDArray[np.bool_]:
    """Which of the ascending ids lie in one of the ascending ranges."""
    if not ranges:
        return np.zeros(len(ids), dtype=bool)
    firsts, ends = np.asarray(ranges, dtype=np.int64).T
    at = np.searchsorted(firsts, ids, side="right") - 1
    inside: NDArray[np.bool_] = (at >= 0) & (ids < ends[np.maximum(at, 0)])
    return inside
