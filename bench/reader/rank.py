"""Questions and sentences -> BM25 scores, of thousands of questions in one go.

Finds hard negatives for training, where ``index.ask.search`` would take too long; the figures
come from the real search.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bench.reader.corpus import words

Matrix = NDArray[np.float32]

_K1, _B = 1.2, 0.75


class Lexical:
    """BM25 over a list of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._ids: dict[str, int] = {}
        rows: list[int] = []
        cols: list[int] = []
        for row, text in enumerate(texts):
            for word in words(text):
                rows.append(row)
                cols.append(self._ids.setdefault(word, len(self._ids)))
        counts = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, cols)), shape=(len(texts), len(self._ids))
        )
        counts.sum_duplicates()
        length = np.asarray(counts.sum(1)).ravel()
        held = np.bincount(counts.indices, minlength=len(self._ids))
        idf = np.log(1 + (len(texts) - held + 0.5) / (held + 0.5))
        norm = _K1 * (1 - _B + _B * length / length.mean())
        per_entry = np.repeat(norm, np.diff(counts.indptr))
        counts.data = idf[counts.indices] * counts.data * (_K1 + 1) / (counts.data + per_entry)
        self._weights = counts.T.tocsr().astype(np.float32)

    def score(self, questions: Sequence[str]) -> Matrix:
        """Return ``(questions, texts)`` scores."""
        rows, cols = [], []
        for row, question in enumerate(questions):
            for word in set(words(question)) & self._ids.keys():
                rows.append(row)
                cols.append(self._ids[word])
        asked = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, cols)), (len(questions), len(self._ids))
        )
        return np.asarray((asked @ self._weights).todense(), dtype=np.float32)


def best(scores: Matrix, k: int) -> NDArray[np.int64]:
    """Return the columns of the ``k`` highest scores of each row, best first."""
    top = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    return np.take_along_axis(top, order, 1).astype(np.int64)
