"""A question -> candidates: dense and lexical search, fused into one comparable score.

Each search names the sentences it finds; every sentence that either names is then scored alike, so
that a score does not depend on who found it: by the cosine of question and sentence in context,
and by the share of the question's words, weighted by rarity, that the sentence holds and that its
passage holds. Filters apply before ranking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoder.encode import Encoder, Matrix
from index.errors import StoreDamagedError
from index.records import Candidate, Filters, Sentence
from index.store.catalog import Filed
from index.store.dense import Ids
from index.store.lexical import NEIGHBOURS, LexicalIndex
from index.store.revisions import Revision

DEPTH = 100
"""Sentences that each of the two searches names."""
WEIGHTS = (13.3, 4.5, 8.7)
"""Of the cosine, of the coverage by the sentence and of that by its passage: a logistic regression
over the candidates of a question, fitted on SQuAD train by ``bench/fusion.py``."""
WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with what is needed to quote it: its article and the sentences around it."""

    candidate: Candidate
    id: int
    filed: Filed
    around: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        sentence = self.candidate.sentence
        return self.filed.article.text[sentence.start : sentence.end]

    @property
    def words(self) -> str:
        """The sentence without regard to case and white space: the same for copies of it."""
        return " ".join(self.text.casefold().split())


def search(text: str, revision: Revision, encoder: Encoder, filters: Filters) -> list[Found]:
    """The sentences that come nearest to answering, best first; at most ``DEPTH``."""
    ids, signals = weigh(text, encoder.encode([text])[0], revision, filters)
    scores = signals @ WEIGHTS
    best = np.lexsort((ids, -scores))[:DEPTH]
    rows = np.column_stack([signals, scores])[best].tolist()
    found = [
        Found(Candidate(around[at], *row), id_, filed, around)
        for (id_, filed, around, at), row in zip(
            _fetch(ids[best].tolist(), revision), rows, strict=True
        )
    ]
    return sorted(found, key=_order)


def _order(found: Found) -> tuple[float, str, int]:
    """Copies score alike: by name, for ids depend on the order in which the articles came."""
    return -found.candidate.score, found.filed.article.id, found.candidate.sentence.ordinal


def weigh(
    text: str, vector: Matrix, revision: Revision, filters: Filters, depth: int = DEPTH
) -> tuple[Ids, NDArray[np.float64]]:
    """Ids of the sentences that either search names, ascending, and their signals.

    The signals have shape (ids, 3): the cosine of question and sentence in context, the coverage
    of the question by the sentence, and that by its passage.
    """
    weights = question_weights(text, revision.lexical)
    allowed = revision.catalog.ranges(filters) if filters else None
    near, _ = revision.dense.search(vector, depth, allowed)
    ids = np.union1d(near, revision.lexical.search(list(weights), depth, filters))
    signals = (
        revision.dense.scores(vector, ids),
        revision.lexical.coverage("body", weights, ids),
        revision.lexical.coverage("passage", weights, ids),
    )
    return ids, np.stack(signals, axis=1).astype(np.float64)


def question_weights(text: str, lexical: LexicalIndex) -> dict[str, float]:
    """The terms of a question, each with its rarity in the index."""
    return {term: lexical.rarity(term) for term in lexical.analyzer.terms(text)}


def missing_words(text: str, lexical: LexicalIndex, filters: Filters) -> tuple[str, ...]:
    """The words of a question that stand nowhere in what was searched, as they were written."""
    missing: dict[str, None] = {}
    for word in WORD.findall(text):
        terms = lexical.analyzer.terms(word)
        if terms and not any(lexical.has(term, filters) for term in terms):
            missing[word] = None
    return tuple(missing)


def _fetch(
    ids: list[int], revision: Revision
) -> list[tuple[int, Filed, tuple[Sentence, ...], int]]:
    """For each sentence its article, the sentences of its passage, and where among them it is."""
    steps = range(-NEIGHBOURS, NEIGHBOURS + 1)
    sentences = revision.catalog.sentences(id_ + step for id_ in ids for step in steps)
    if not sentences.keys() >= set(ids):
        folder = revision.dense.folder.parent
        raise StoreDamagedError(folder, "names sentences that the catalog does not hold")
    articles = revision.catalog.articles_of({sentences[id_][0] for id_ in ids})
    fetched = []
    for id_ in ids:
        article, sentence = sentences[id_]
        near = (sentences.get(id_ + step) for step in steps)
        around = tuple(each[1] for each in near if each and each[0] == article)
        fetched.append((id_, articles[article], around, around.index(sentence)))
    return fetched
