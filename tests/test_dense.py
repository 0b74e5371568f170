"""Vectors: FAISS finds what NumPy finds, scores included, in any number of segments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Library
from index.ask.judge import FusionJudge
from index.encoder.encode import Matrix
from index.errors import StoreDamagedError
from index.store import dense
from index.store.context import CONTEXT, in_context
from index.store.dense import DenseIndex, Part
from index.store.engine import Ids

DIM = 8


class Oracle:
    """The rows of an index in half precision, searched by a plain matrix product."""

    def __init__(self) -> None:
        self.ids: Ids = np.empty(0, dtype=np.int64)
        self.rows: Matrix = np.empty((0, DIM), dtype=np.float32)

    def update(self, ids: Ids, rows: Matrix, dead: Ids) -> None:
        """Add rows, take the dead away."""
        ids, half = np.append(self.ids, ids), rows.astype(np.float16).astype(np.float32)
        rows = np.concatenate([self.rows, half])
        alive = ~np.isin(ids, dead)
        self.ids, self.rows = ids[alive], rows[alive]

    def search(self, vector: Matrix, k: int, allowed: dense.Ranges | None) -> dict[int, float]:
        """The best ``k`` scores by id."""
        scores = self.rows @ vector
        for row, id_ in enumerate(self.ids):
            if allowed is not None and not any(first <= id_ < end for first, end in allowed):
                scores[row] = -np.inf
        best = [row for row in np.argsort(-scores, kind="stable")[:k] if scores[row] > -np.inf]
        return {int(self.ids[row]): float(scores[row]) for row in best}


def unit(rng: np.random.Generator, count: int) -> Matrix:
    """Random rows of length 1."""
    rows = rng.normal(size=(count, DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def grow(
    folder: Path, previous: DenseIndex | None, ids: Ids, rows: Matrix, dead: Ids | None = None
) -> DenseIndex:
    """Write the next index below ``folder`` and open it."""
    target = folder / f"{len(list(folder.iterdir()))}"
    target.mkdir()
    gone = np.empty(0, dtype=np.int64) if dead is None else dead
    added = [(ids, rows)] if len(ids) else []
    return DenseIndex(target, dense.write(target, previous, added, gone))


def agree(index: DenseIndex, oracle: Oracle, vector: Matrix, k: int, allowed=None) -> None:
    """The same ids with the same scores, best first."""
    ids, scores = index.search(vector, k, allowed)
    expected = oracle.search(vector, k, allowed)
    assert sorted(ids.tolist()) == sorted(expected)
    assert sorted(scores.tolist(), reverse=True) == scores.tolist()
    np.testing.assert_allclose(
        scores, [expected[id_] for id_ in ids.tolist()], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(index.scores(vector, ids), scores, rtol=1e-5, atol=1e-6)


@settings(max_examples=25, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=1, max_size=7),
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=4),
    st.integers(1, 60),
    st.integers(0, 2**32 - 1),
)
def test_search_agrees_with_a_matrix_product(tmp_path_factory, steps, gaps, k, seed):
    """After any additions and deletions, with any filter, FAISS returns NumPy's ids and scores."""
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("dense")
    oracle, index, first = Oracle(), None, 1
    for add, remove in steps:
        ids, rows = np.arange(first, first + add), unit(rng, add)
        dead = rng.permutation(oracle.ids)[:remove]
        index = grow(folder, index, ids, rows, dead)
        oracle.update(ids, rows, dead)
        first += add
        assert len(index) == len(oracle.ids)
    allowed, at = [], 1
    for gap, width in gaps:
        allowed.append((at + gap, at + gap + width))
        at += gap + width
    vector = unit(rng, 1)[0]
    agree(index, oracle, vector, k)
    agree(index, oracle, vector, k, allowed)


def test_an_index_of_full_segments_agrees_with_a_matrix_product(tmp_path):
    """Many chunks of many rows come out as segments that together hold every row."""
    rng = np.random.default_rng(5)
    oracle, index = Oracle(), None
    for first in (1, 6001, 9001):
        ids, rows = np.arange(first, first + 3000), unit(rng, 3000)
        dead = oracle.ids[::7].copy()
        index = grow(tmp_path, index, ids, rows, dead)
        oracle.update(ids, rows, dead)
    vector = unit(rng, 1)[0]
    for k in (1, 10, 1000):
        agree(index, oracle, vector, k)
        agree(index, oracle, vector, k, [(10, 11), (2990, 6100), (20_000, 30_000)])


def test_nothing_allowed_finds_nothing(tmp_path):
    """A filter that no sentence passes gives no rows."""
    index = grow(tmp_path, None, np.arange(1, 4), unit(np.random.default_rng(0), 3))
    ids, scores = index.search(np.ones(DIM, dtype=np.float32), 5, [])
    assert len(ids) == len(scores) == 0


def test_an_index_without_rows_is_searched(tmp_path):
    """An index of no sentences opens, and finds nothing."""
    index = grow(tmp_path, None, np.empty(0, dtype=np.int64), np.empty((0, DIM), np.float32))
    assert len(index) == 0
    assert len(index.search(np.ones(DIM, dtype=np.float32), 5)[0]) == 0


def test_an_index_whose_rows_all_died_begins_again(tmp_path):
    """When the last sentence is withdrawn nothing is found, and new rows are."""
    rng = np.random.default_rng(1)
    index = grow(tmp_path, None, np.arange(1, 4), unit(rng, 3))
    nothing = np.empty(0, dtype=np.int64)
    index = grow(tmp_path, index, nothing, np.empty((0, DIM), np.float32), np.arange(1, 4))
    assert len(index.search(unit(rng, 1)[0], 5)[0]) == 0
    rows = unit(rng, 2)
    index = grow(tmp_path, index, np.arange(4, 6), rows)
    ids, _ = index.search(rows[1], 1)
    assert ids.tolist() == [5]


def test_the_score_of_an_id_that_is_not_there_is_zero(tmp_path):
    """Scores are asked for sentences that the lexical index names; others count nothing."""
    rows = unit(np.random.default_rng(2), 3)
    index = grow(tmp_path, None, np.array([2, 4, 6]), rows)
    scores = index.scores(rows[1], np.array([1, 2, 3, 4, 6, 7]))
    expected = rows.astype(np.float16).astype(np.float32) @ rows[1]
    np.testing.assert_allclose(scores, [0, expected[0], 0, expected[1], expected[2], 0], atol=1e-6)


def test_a_row_is_a_sentence_with_its_neighbours():
    """Worked by hand: three sentences on three axes, mixed by the weights, brought to length 1."""
    one, near, far = CONTEXT
    mixed = np.array([[one, near, far], [near, one, near], [far, near, one]], dtype=np.float32)
    expected = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    np.testing.assert_allclose(in_context(np.eye(3, dtype=np.float32)), expected, atol=1e-7)


def test_a_sentence_alone_is_its_own_vector():
    """A text of one sentence has no neighbours to be mixed with."""
    vector = unit(np.random.default_rng(3), 1)
    np.testing.assert_allclose(in_context(vector), vector, atol=1e-7)


def test_sentences_far_apart_do_not_touch_each_other():
    """The third neighbour has no part in a row."""
    rows = in_context(np.eye(7, dtype=np.float32))
    apart = np.abs(np.subtract.outer(np.arange(7), np.arange(7))) >= len(CONTEXT)
    assert not rows[apart].any()
    assert rows[~apart].all()


def test_vectors_that_cancel_out_stay_finite():
    """Neighbours that point against each other never divide by zero."""
    opposed = np.array([[1, 0], [-1, 0], [0, 0]], dtype=np.float32)
    assert np.isfinite(in_context(opposed)).all()


def test_segments_carry_like_a_binary_counter(tmp_path):
    """Equal additions leave as many segments as their number has ones in base two, or fewer."""
    rng = np.random.default_rng(4)
    index = None
    for number in range(1, 33):
        first = number * 100
        index = grow(tmp_path, index, np.arange(first, first + 10), unit(rng, 10))
        assert len(index.segments) <= number.bit_length()
        assert sorted(np.concatenate([each.ids for each in index.segments]).tolist()) == [
            100 * n + i for n in range(1, number + 1) for i in range(10)
        ]


def test_a_segment_that_stays_is_the_same_file(tmp_path):
    """Adding a little to a lot writes a little: the large segment gets a second name."""
    rng = np.random.default_rng(6)
    large = grow(tmp_path, None, np.arange(1, 501), unit(rng, 500))
    index = grow(tmp_path, large, np.arange(501, 503), unit(rng, 2), np.array([7]))
    (name,) = [segment.name for segment in large.segments]
    for suffix in (".faiss", ".npy"):
        assert (index.folder / (name + suffix)).samefile(large.folder / (name + suffix))
    assert len(index.segments) == 2


def test_a_segment_of_which_a_quarter_is_dead_is_written_anew(tmp_path):
    """Dead rows do not pile up: past a quarter they are left out."""
    rng = np.random.default_rng(7)
    nothing, none = np.empty(0, dtype=np.int64), np.empty((0, DIM), np.float32)
    index = grow(tmp_path, None, np.arange(1, 101), unit(rng, 100))
    index = grow(tmp_path, index, nothing, none, np.arange(1, 26))
    assert (len(index.segments[0]), len(index.dead)) == (100, 25)
    index = grow(tmp_path, index, nothing, none, np.array([26]))
    assert (len(index.segments[0]), len(index.dead)) == (74, 0)


@pytest.mark.parametrize("suffix", [".faiss", ".npy"])
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "foreign"])
def test_a_damaged_segment_is_refused_by_name(tmp_path, suffix, damage):
    """A segment whose file is missing, cut or not its own is one error that names the file."""
    index = grow(tmp_path, None, np.arange(1, 101), unit(np.random.default_rng(8), 100))
    path = index.folder / (index.segments[0].name + suffix)
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        replaced = {"empty": b"", "half": data[: len(data) // 2], "foreign": b"not an index\n" * 99}
        path.write_bytes(replaced[damage])
    with pytest.raises(StoreDamagedError, match=index.segments[0].name):
        DenseIndex(index.folder, [index.segments[0].part])


def test_rows_and_ids_of_different_number_are_refused(tmp_path):
    """Ids that do not belong to the rows beside them are not taken for theirs."""
    index = grow(tmp_path, None, np.arange(1, 11), unit(np.random.default_rng(9), 10))
    np.save(index.folder / f"{index.segments[0].name}.npy", np.arange(9))
    with pytest.raises(StoreDamagedError, match="10 rows, but 9 ids"):
        DenseIndex(index.folder, [index.segments[0].part])


@pytest.fixture
def small_is_large(monkeypatch):
    """An index of more than 1000 rows counts as large, and in it a segment of 400."""
    monkeypatch.setattr(dense, "EXACT_ROWS", 1000)
    monkeypatch.setattr(dense, "CODED_ROWS", 400)
    monkeypatch.setattr(dense, "SEGMENT_ROWS", 600)


def articles(rng: np.random.Generator, count: int) -> Matrix:
    """Rows of length 1 about some hundred matters, as news are."""
    matters = unit(rng, 100)[rng.integers(100, size=count)]
    rows = matters + 0.5 * unit(rng, count)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def large(folder: Path, rng: np.random.Generator, oracle: Oracle) -> DenseIndex:
    """An index of 2400 rows in chunks of 600, made in one go."""
    rows = articles(rng, 2400)
    ids = np.arange(1, 2401)
    oracle.update(ids, rows, ids[:0])
    target = folder / "large"
    target.mkdir()
    chunks = [(ids[at : at + 600], rows[at : at + 600]) for at in range(0, 2400, 600)]
    return DenseIndex(target, dense.write(target, None, chunks, ids[:0]))


def coded(index: DenseIndex) -> list[bool]:
    """Which segments have codes."""
    return [bool(segment.part.candidates) for segment in index.segments]


@pytest.mark.usefixtures("small_is_large")
def test_a_large_index_finds_what_is_near_by_codes(tmp_path):
    """Its segments have codes, whose recall is as it was measured; scores stay exact products."""
    rng, oracle = np.random.default_rng(20), Oracle()
    index = large(tmp_path, rng, oracle)
    assert coded(index) == [True] * 4
    found = 0
    for vector in articles(rng, 100):
        ids, scores = index.search(vector, 10)
        expected = oracle.search(vector, 10, None)
        found += len(expected.keys() & set(ids.tolist()))
        np.testing.assert_allclose(scores, oracle.rows[ids - 1] @ vector, atol=1e-6)
        np.testing.assert_allclose(index.scores(vector, ids), scores, atol=1e-6)
        assert (np.diff(scores) <= 0).all()
    assert found >= 985
    assert all(segment.part.recall >= dense.RECALL for segment in index.segments)


@pytest.mark.usefixtures("small_is_large")
def test_a_filter_is_exact_in_a_large_index(tmp_path):
    """Whatever a filter lets through, what is found is what a matrix product finds."""
    rng, oracle = np.random.default_rng(21), Oracle()
    index = large(tmp_path, rng, oracle)
    for vector in articles(rng, 20):
        for allowed in ([(1, 2401)], [(5, 6)], [(1, 700), (700, 1500), (2000, 2001)], []):
            agree(index, oracle, vector, 10, allowed)


@pytest.mark.usefixtures("small_is_large")
def test_what_is_dead_is_not_found_by_codes(tmp_path):
    """However many of the candidates are dead, as many are found as there are."""
    rng, oracle = np.random.default_rng(22), Oracle()
    index = large(tmp_path, rng, oracle)
    vector = articles(rng, 1)[0]
    nothing, none = np.empty(0, dtype=np.int64), np.empty((0, DIM), np.float32)
    nearest = index.search(vector, 500, [(1, 2401)])[0]
    index = grow(tmp_path, index, nothing, none, nearest)
    oracle.update(nothing, none, nearest)
    assert any(coded(index))
    agree(index, oracle, vector, 10)
    assert len(index.search(vector, 2400)[0]) == 1900


@pytest.mark.usefixtures("small_is_large")
def test_who_adds_a_little_waits_for_one_segment(tmp_path):
    """Past the size, small additions make codes of one older segment each; codes are linked on."""
    rng, index, made = np.random.default_rng(23), None, 0
    for number in range(24):
        first = 1 + number * 150
        index = grow(tmp_path, index, np.arange(first, first + 150), articles(rng, 150))
        before, made = made, sum(coded(index))
        large_index = len(index) > 1000
        assert made - before <= large_index
        for segment in index.segments:
            older = index.folder.parent / str(number - 1) / f"{segment.name}{dense.CODES}"
            if older.exists():
                assert older.samefile(index.folder / older.name)
    assert made >= 3
    assert [len(segment) >= 400 for segment in index.segments].count(True) - made <= 1


@pytest.mark.usefixtures("small_is_large")
def test_a_segment_that_codes_do_not_suit_stays_exact(tmp_path, monkeypatch):
    """Where codes find too little they are not kept, and not tried again."""
    monkeypatch.setattr(dense, "CANDIDATES", (10,))
    rng, oracle = np.random.default_rng(24), Oracle()
    index = large(tmp_path, rng, oracle)
    assert coded(index) == [False] * 4
    assert all(0 < segment.part.recall < dense.RECALL for segment in index.segments)
    assert not list(index.folder.glob("*" + dense.CODES))
    agree(index, oracle, articles(rng, 1)[0], 10)
    later = grow(tmp_path, index, np.array([3000]), unit(rng, 1))
    assert [segment.part for segment in later.segments[:4]] == [s.part for s in index.segments]


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "foreign", "rows", "another's"])
def test_damaged_codes_are_refused_by_name(tmp_path, damage):
    """Codes that are missing, cut, or of other rows are one error that names the file."""
    index = large(tmp_path, np.random.default_rng(25), Oracle())
    segment = index.segments[1]
    path = index.folder / f"{segment.name}{dense.CODES}"
    data = path.read_bytes()
    path.unlink()
    if damage == "rows":
        path.write_bytes((index.folder / f"{segment.name}.faiss").read_bytes())
    elif damage == "another's":
        other = grow(tmp_path, None, np.arange(1, 1202), unit(np.random.default_rng(1), 1201))
        path.write_bytes(next(other.folder.glob("*" + dense.CODES)).read_bytes())
    elif damage != "missing":
        replaced = {"empty": b"", "half": data[: len(data) // 2], "foreign": b"not an index\n" * 99}
        path.write_bytes(replaced[damage])
    with pytest.raises(StoreDamagedError, match=path.name):
        DenseIndex(index.folder, [each.part for each in index.segments])


@pytest.mark.usefixtures("small_is_large")
def test_flipped_bytes_of_codes_never_break_a_search(tmp_path):
    """Wherever codes are altered they are refused, or only other candidates are named."""
    rng = np.random.default_rng(26)
    index = large(tmp_path, rng, Oracle())
    vector = articles(rng, 1)[0]
    parts = [segment.part for segment in index.segments]
    path = index.folder / f"{parts[0].name}{dense.CODES}"
    data, refused = path.read_bytes(), 0
    for at in {*range(160), *range(160, len(data), 97), *range(len(data) - 40, len(data))}:
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            ids, scores = DenseIndex(index.folder, parts).search(vector, 10)
        except StoreDamagedError as exc:
            refused += 1
            assert path.name in str(exc)  # noqa: PT017 - either is right
        else:
            np.testing.assert_allclose(index.scores(vector, ids), scores, atol=1e-6)
    assert refused > 40


def test_the_manifest_keeps_what_recall_was_measured(tmp_path, monkeypatch):
    """A large library names candidates and recall in its manifest, and answers and verifies."""
    monkeypatch.setattr(dense, "EXACT_ROWS", 100)
    monkeypatch.setattr(dense, "CODED_ROWS", 100)
    news = tmp_path / "news"
    news.mkdir()
    text = "\n".join(f"Line {n} about the vote and storm {n * 7919}." for n in range(800))
    (news / "long.txt").write_text(text)
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([news])
    manifest = tmp_path / "index" / "revisions" / "00000001" / "manifest.json"
    (part,) = json.loads(manifest.read_text())["segments"]
    assert part["candidates"] in dense.CANDIDATES
    assert part["recall"] >= dense.RECALL
    assert "dense/00000001.codes.npy" in json.loads(manifest.read_text())["files"]
    assert library.ask("storm 7919").quotes
    assert library.verify() == []
    codes = manifest.parent / "dense" / "00000001.codes.npy"
    data = bytearray(codes.read_bytes())
    data[-1] ^= 0xFF
    codes.write_bytes(data)
    assert str(codes) in "".join(library.verify())
    library.close()


def test_a_small_index_compares_every_row(tmp_path):
    """Below the size at which codes pay, none are made."""
    index = grow(tmp_path, None, np.arange(1, 501), unit(np.random.default_rng(27), 500))
    assert [segment.part for segment in index.segments] == [Part("00000001")]
