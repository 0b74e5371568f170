"""Vectors: FAISS finds what NumPy finds, scores included, in any number of segments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import dense
from index.dense import CONTEXT, DenseIndex, Ids, in_context
from index.encode import Matrix
from index.errors import StoreDamagedError

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
    return DenseIndex(target, dense.update(target, previous, added, gone))


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
