"""A sentence in its context: what any engine is given of new articles, and what a question meets.

A sentence whose subject stands one line above must be found, too. So the words of a sentence are
indexed with those of its passage, and its vector is mixed with its neighbours'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from index.encoder.encode import Matrix
from index.records import Article
from index.store.catalog import Catalog
from index.store.engine import Filed, Ids

NEIGHBOURS = 2
"""Sentences before and after that belong to a passage."""
CONTEXT = (1.0, 0.4, 0.3)
"""Weights of a sentence, of its direct neighbours, and of theirs (fitted on SQuAD train by
``bench/fusion.py``). Other weights mean another index: bump ``local.FORMAT``."""
CHUNK_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class IndexedSentence:
    """What is indexed of a sentence's words, by the number of the sentence."""

    id: int
    article: int
    body: str
    passage: str
    published: date | None
    outlet: str | None
    name: str
    collection: str


def passage_text(article: Article, start: int, end: int) -> str:
    """The title, and the text from the first to the last sentence around another."""
    return f"{article.title}\n{article.text[start:end]}"


def in_context(vectors: Matrix, weights: Sequence[float] = CONTEXT) -> Matrix:
    """Mix each row with its neighbours: sentences of one article, in order, to rows of length 1."""
    mixed = weights[0] * vectors
    for distance, weight in enumerate(weights[1:], start=1):
        mixed[distance:] += weight * vectors[:-distance]
        mixed[:-distance] += weight * vectors[distance:]
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    result: Matrix = mixed / np.maximum(lengths, np.finfo(np.float32).tiny)
    return result


def sentences(catalog: Catalog, added: Iterable[Filed]) -> Iterator[IndexedSentence]:
    """The words of new articles, a sentence at a time."""
    for filed in added:
        article = filed.article
        spans = [(start, end) for start, end, *_ in catalog.spans(filed)]
        for ordinal, (start, end) in enumerate(spans):
            first = spans[max(0, ordinal - NEIGHBOURS)]
            last = spans[min(len(spans) - 1, ordinal + NEIGHBOURS)]
            yield IndexedSentence(
                id=filed.first + ordinal,
                article=filed.id,
                body=article.text[start:end],
                passage=passage_text(article, first[0], last[1]),
                published=article.published,
                outlet=article.outlet,
                name=article.id,
                collection=filed.file.partition("/")[0],
            )


def rows(catalog: Catalog, added: Iterable[Filed]) -> Iterator[tuple[Ids, Matrix]]:
    """The vectors of new articles with the ids of their sentences, in chunks that fit memory."""
    ids: list[Ids] = []
    chunk: list[Matrix] = []
    for filed in added:
        if not filed.sentences:
            continue
        end = filed.first + filed.sentences
        ids.append(np.arange(filed.first, end))
        chunk.append(in_context(catalog.vectors(filed.first, end)))
        if sum(map(len, ids)) >= CHUNK_ROWS:
            yield np.concatenate(ids), np.concatenate(chunk)
            ids, chunk = [], []
    if ids:
        yield np.concatenate(ids), np.concatenate(chunk)
