"""Vectors -> sentences, by inner product; the sole user of faiss.

A row is a sentence in its context: the sum of its own vector and its neighbours', brought back to
length 1, so that "He vetoed it" is found by what "he" and "it" are. Rows lie in immutable
*segments*, in ascending order of sentence id; adding an article writes a small segment and leaves
the others as they are. Small segments are merged, as a binary counter carries.

A small index compares a question with every row. In a large one the large segments have *codes*
beside their rows, an eighth of their size, which name the candidates that are then compared; how
many it takes is measured when the codes are made (``docs/decisions/0007-dense-kinds.md``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.encoder.encode import Matrix
from index.errors import StoreDamagedError
from index.store.engine import Ids

Mask = NDArray[np.bool_]
Nearest = tuple[Ids, Matrix]
IDS = np.dtype(np.int64)
Ranges = Sequence[tuple[int, int]]
"""Ids as ascending ranges [first, end)."""

SEGMENT_ROWS = 131_072
"""Rows of a segment at the most: 100 MB, what a merge may have to write."""
DEAD = "dead.npy"
CODES = ".codes.npy"

EXACT_ROWS = 200_000
"""Rows of an index up to which every row is compared: it takes less time than to encode a question,
and the result does not depend on how the index grew (``docs/scale.md``)."""
CODED_ROWS = SEGMENT_ROWS * 2 // 3
"""Rows from which on a segment of a larger index has codes: it is hardly ever merged again."""
RECALL = 0.99
"""What codes must find of the ten nearest rows; a segment whose codes don't has none."""
CANDIDATES = (200, 400, 800, 1600)
"""How many rows the codes may name: twice those that a search is asked for, or more."""
PROBES = 200
"""Questions by which the recall of a segment is measured."""
TRAINED_ROWS = 2048
"""Rows from which the codes of a segment are learned; more found no more."""
BATCH_ROWS = 16_384
BLOCK = 32
"""Rows that FAISS packs together in its codes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as the manifest names it.

    ``candidates`` is how many rows its codes name for a question; 0 if it has no codes, and every
    row is compared. ``recall`` is the share of the ten nearest rows that the codes found when they
    were made; None if none were made.
    """

    name: str
    candidates: int = 0
    recall: float | None = None


class Segment:
    """Immutable rows on disk: ``<name>.faiss``, the ids of its rows in ``<name>.npy``.

    And in ``<name>.codes.npy``, if it has any, 4 bits for every two numbers of its rows.
    """

    def __init__(self, folder: Path, part: Part) -> None:
        import faiss

        self.folder = folder
        self.part = part
        self.name = part.name
        path = folder / f"{part.name}.faiss"
        try:
            # Mapped, not read: opening costs the same for any size.
            self.flat: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as exc:
            raise StoreDamagedError(path, f"not readable ({exc})") from exc
        self.ids = _load(folder / f"{part.name}.npy", IDS, mmap_mode="r")
        if self.flat.ntotal != len(self.ids):
            raise StoreDamagedError(path, f"{self.flat.ntotal} rows, but {len(self.ids)} ids")
        self._coded = _Coded(self, _load_codes(self)) if part.candidates else None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def files(self) -> list[Path]:
        """What it consists of."""
        suffixes = (".faiss", ".npy", CODES) if self._coded else (".faiss", ".npy")
        return [self.folder / (self.name + suffix) for suffix in suffixes]

    @property
    def due(self) -> bool:
        """Whether it would have codes in a large index, and none were made yet."""
        return self.part.recall is None and len(self) >= CODED_ROWS and self.flat.d % 2 == 0

    def nearest(self, vector: Matrix, k: int, alive: Mask, wanted: Mask | None) -> Nearest:
        """Rows and products of the nearest ``k`` of those alive, or of those ``wanted``.

        Only where nothing is ruled out but the dead do codes choose the candidates.
        """
        if wanted is None and self._coded:
            rows, products = self._coded.nearest(vector, max(self.part.candidates, 2 * k))
            found = alive[rows]
            # Where so many are dead that few candidates are left, every row is compared.
            if np.count_nonzero(found) >= max(k, len(rows) // 2):
                return rows[found][:k], products[found][:k]
        return self._compare(vector, k, alive if wanted is None else wanted)

    def _compare(self, vector: Matrix, k: int, wanted: Mask) -> Nearest:
        import faiss

        parameters = None
        if not wanted.all():
            bits = np.packbits(wanted, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        found = min(k, int(np.count_nonzero(wanted)))
        if not found:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        products, rows = self.flat.search(vector[None, :], found, params=parameters)
        return rows[0], products[0]

    def code(self, folder: Path) -> Part:
        """Write codes for the rows into ``folder`` if they find what is near; say how well."""
        import faiss

        faiss.omp_set_num_threads(1)  # two that wait for each other in turn took ten times as long
        codes = _no_codes(self.flat.d)
        sample = np.linspace(0, len(self) - 1, min(len(self), TRAINED_ROWS)).astype(np.int64)
        codes.train(self.flat.reconstruct_batch(sample))
        for start in range(0, len(self), BATCH_ROWS):
            codes.add(self.flat.reconstruct_n(start, min(BATCH_ROWS, len(self) - start)))
        candidates, recall = self._measure(_Coded(self, codes))
        if candidates:
            learned = faiss.vector_to_array(codes.pq.centroids).astype("<f4").view(np.uint8)
            packed = faiss.vector_to_array(codes.codes)
            np.save(folder / (self.name + CODES), np.concatenate([learned, packed]))
        return Part(self.name, candidates, round(recall, 4))

    def _measure(self, coded: _Coded) -> tuple[int, float]:
        """How many candidates it takes for enough recall (0: more than is worth it), and that.

        Asked is what lies half-way between two rows: further from all rows than questions about
        news were, and so harder (``docs/scale.md``).
        """
        pairs = np.random.default_rng(len(self)).integers(len(self), size=(2, PROBES))
        asked = sum(self.flat.reconstruct_batch(rows) for rows in pairs)
        exact, _ = self.flat.search(asked, 10)
        recall = 0.0
        for candidates in CANDIDATES:
            products = np.stack([coded.nearest(each, candidates)[1][:10] for each in asked])
            # By product, not by row: copies of a sentence are equally near.
            recall = float(np.mean(products >= exact[:, -1:] - 1e-5))
            if recall >= RECALL:
                return candidates, recall
        return 0, recall


class _Coded:
    """The codes of a segment over its rows: the former name candidates, the latter rank them."""

    def __init__(self, segment: Segment, codes: Any) -> None:
        import faiss

        self._joint: Any = faiss.IndexRefine(codes, segment.flat)

    def nearest(self, vector: Matrix, candidates: int) -> Nearest:
        """Rows and products of the candidates, nearest first."""
        count = min(candidates, self._joint.ntotal)
        products, rows = self._joint.search(vector[None, :], count)
        found = rows[0] >= 0
        return rows[0][found], products[0][found]


def _no_codes(dim: int) -> Any:
    import faiss

    return faiss.IndexPQFastScan(dim, dim // 2, 4, faiss.METRIC_INNER_PRODUCT, BLOCK)


def _load_codes(segment: Segment) -> Any:
    """The codes of a segment, which are held in memory.

    Not in FAISS's own format: it believes the sizes in its files, whatever they have become.
    """
    import faiss

    path = segment.folder / (segment.name + CODES)
    data = _load(path, np.dtype(np.uint8))
    codes = _no_codes(segment.flat.d)
    learned = segment.flat.d * codes.ksub * 4
    packed = -(-len(segment) // BLOCK) * BLOCK
    if len(data) != learned + packed * codes.M2 // 2:
        raise StoreDamagedError(path, "not the codes of the rows beside it")
    faiss.copy_array_to_vector(data[:learned].view("<f4").astype(np.float32), codes.pq.centroids)
    codes.codes.resize(packed * codes.M2 // 2)
    faiss.copy_array_to_AlignedTable(data[learned:], codes.codes)
    codes.ntotal, codes.ntotal2, codes.is_trained = len(segment), packed, True
    return codes


class DenseIndex:
    """The vectors of one revision, opened for reading."""

    def __init__(self, folder: Path, parts: Sequence[Part]) -> None:
        self.folder = folder
        self.segments = [Segment(folder, part) for part in parts]
        self.dead = _load(folder / DEAD, IDS)
        self._alive = [~np.isin(segment.ids, self.dead) for segment in self.segments]

    @property
    def dim(self) -> int:
        """The number of dimensions of a row; 0 if there is none."""
        return int(self.segments[0].flat.d) if self.segments else 0

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments) - len(self.dead)

    def search(self, vector: Matrix, k: int, allowed: Ranges | None = None) -> tuple[Ids, Matrix]:
        """Ids of the nearest ``k`` rows and their inner products, best first.

        ``vector`` has shape (dim,). ``allowed`` restricts the search before ranking. The scores
        are the products of the vector with the rows in half precision, always; the search is
        exact with ``allowed``, and without it in segments that have no codes.
        """
        import faiss

        # One question is work for one thread: to wake the others takes longer than the search.
        faiss.omp_set_num_threads(1)
        spans = None if allowed is None else _joined(allowed)
        ids, scores = [], []
        for segment, alive in zip(self.segments, self._alive, strict=True):
            wanted = None if spans is None else alive & _within(segment.ids, spans)
            rows, products = segment.nearest(vector, min(k, len(segment)), alive, wanted)
            ids.append(segment.ids[rows])
            scores.append(products)
        if not ids:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
        best = np.argsort(-all_scores, kind="stable")[:k]
        return all_ids[best], all_scores[best]

    def rows(self, ids: Ids) -> Matrix:
        """The rows of these ids, in their order; zeros where there is none."""
        rows = np.zeros((len(ids), self.dim), dtype=np.float32)
        for here, segment, at in self._places(ids):
            rows[here] = segment.flat.reconstruct_batch(at)
        return rows

    def scores(self, vector: Matrix, ids: Ids) -> Matrix:
        """Inner products of the vector with the rows of these ids, in their order."""
        products = np.zeros(len(ids), dtype=np.float32)
        for here, segment, at in self._places(ids):
            # Not by ``@``: its last digits depend on which rows are asked for together.
            products[here] = (segment.flat.reconstruct_batch(at) * vector).sum(axis=1)
        return products

    def _places(self, ids: Ids) -> Iterator[tuple[Ids, Segment, Ids]]:
        """Which of the ids each segment holds (their places among ``ids``), and in which rows."""
        for segment in self.segments:
            rows = np.searchsorted(segment.ids, ids)
            here = np.flatnonzero(segment.ids[np.minimum(rows, len(segment) - 1)] == ids)
            if len(here):
                yield here, segment, rows[here]


def write(
    folder: Path, previous: DenseIndex | None, added: Iterable[tuple[Ids, Matrix]], dead: Ids
) -> list[Part]:
    """Write the next dense index into ``folder``; return its segments.

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
    fresh = 0
    for ids, rows in added:
        writer.add(ids, rows)
        fresh += len(ids)
    # As a binary counter carries: a segment joins newer rows that are at least half as many.
    while keep and len(keep[-1]) <= min(2 * writer.pending, SEGMENT_ROWS - writer.pending):
        writer.take(keep.pop(), dead)
    writer.flush()
    for segment in keep:
        for path in segment.files:
            link_or_copy(path, folder / path.name)
    kept = np.concatenate([segment.ids for segment in keep]) if keep else dead[:0]
    dead = dead[np.isin(dead, kept)].astype(np.int64)
    np.save(folder / DEAD, dead)
    written = [Segment(folder, Part(name)) for name in writer.names]
    coded: dict[str, Part] = {}
    if sum(map(len, keep + written)) - len(dead) > EXACT_ROWS:
        due = [segment for segment in keep if segment.due]
        # Who adds a little waits for one segment at the most, and never for one just merged.
        due = due[:1] if fresh < CODED_ROWS else due + [each for each in written if each.due]
        coded = {segment.name: segment.code(folder) for segment in due}
    return [coded.get(segment.name, segment.part) for segment in keep + written]


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
        for start in range(0, len(rows), BATCH_ROWS):
            flat.add(rows[start : start + BATCH_ROWS].astype(np.float32))
        name = f"{self._number:08d}"
        try:
            faiss.write_index(flat, str(self._folder / f"{name}.faiss"))
        except RuntimeError as exc:  # a full disk
            raise OSError(str(exc)) from exc
        np.save(self._folder / f"{name}.npy", ids.astype(np.int64))
        self.names.append(name)
        self._number += 1
        self._ids, self._rows, self.pending = [], [], 0


def _load(path: Path, dtype: np.dtype[Any], mmap_mode: Literal["r"] | None = None) -> NDArray[Any]:
    # NumPy parses the header as Python: a damaged one fails in as many ways as Python does.
    damaged = (OSError, ValueError, EOFError, SyntaxError, TokenError, MemoryError, OverflowError)
    try:
        array = np.load(path, mmap_mode=mmap_mode, allow_pickle=False)
    except damaged as exc:
        raise StoreDamagedError(path, f"not readable ({exc})") from exc
    if array.dtype != dtype or array.ndim != 1:
        raise StoreDamagedError(path, f"holds {array.dtype} of shape {array.shape}, not {dtype}")
    return np.asarray(array)


def _joined(ranges: Ranges) -> Ids:
    """Ascending ranges, those that touch joined: shape (ranges, 2)."""
    if not ranges:
        return np.empty((0, 2), dtype=np.int64)
    spans = np.asarray(ranges, dtype=np.int64).reshape(-1, 2)
    apart = spans[1:, 0] > spans[:-1, 1]
    return np.column_stack([spans[np.append(True, apart), 0], spans[np.append(apart, True), 1]])


def _within(ids: Ids, spans: Ids) -> Mask:
    """Which of the ascending ids lie in one of the ascending spans."""
    begun, ended = (
        np.bincount(np.searchsorted(ids, ends), minlength=len(ids) + 1) for ends in spans.T
    )
    inside: Mask = np.cumsum(begun - ended)[:-1] > 0
    return inside
