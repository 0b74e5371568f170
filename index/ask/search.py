"""A question -> candidates: dense and lexical search, fused into one comparable score.

Each search names the sentences it finds; every sentence that either names is then scored alike, so
that a score does not depend on who found it: by the cosine of question and sentence in context,
and by the share of the question's words, weighted by rarity, that the sentence holds and that its
passage holds. Filters apply before ranking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.encoder.encode import Encoder, Matrix
from index.english.words import FUNCTION
from index.records import Candidate, Filters, Sentence
from index.store.engine import Filed, Floats, Ids, Revision

DEPTH = 100
"""Sentences that each of the two searches names."""
WEIGHTS = (13.3, 4.5, 8.7)
"""Of the cosine, of the coverage by the sentence and of that by its passage: a logistic regression
over the candidates of a question, fitted on SQuAD train by ``bench/fusion.py``."""
NEAR_FROM = 5.0
"""Score below which nothing is an answer: of the sure answers to the labelled questions over
``seeds/`` none scores 10. Questions about other subjects mostly stay below this."""
WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Hit:
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


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the store is asked it: its words and its vector, shape (dim,)."""

    text: str
    vector: Matrix


def pose(text: str, encoder: Encoder) -> Question:
    """Encode a question."""
    return Question(text, encoder.encode([text])[0])


def search(question: Question, revision: Revision, filters: Filters) -> list[Hit]:
    """The sentences that come nearest to answering, best first; at most ``DEPTH``."""
    ids, signals = revision.candidates(question.text, question.vector, DEPTH, filters)
    scores = signals @ WEIGHTS
    best = np.lexsort((ids, -scores))[:DEPTH]
    return sorted(_located(ids[best], signals[best], revision), key=_order)


def nearest(asked: Sequence[tuple[Question, Filters]], revision: Revision) -> list[int]:
    """Which of the questions anything may answer, by position: first what something is nearest to.

    Where nothing scores ``NEAR_FROM``, no reader would be sure of it, and none need read it.
    """
    scores = {}
    for place, (question, filters) in enumerate(asked):
        _, signals = revision.candidates(question.text, question.vector, DEPTH, filters)
        best = (signals @ WEIGHTS).max(initial=-np.inf)
        if best >= NEAR_FROM:
            scores[place] = best
    return sorted(scores, key=lambda place: -scores[place])


def beside(question: Question, found: Sequence[Hit], steps: range, revision: Revision) -> list[Hit]:
    """The sentences of the same articles that stand so many ``steps`` from those found, and these.

    In the order of their ids, which is that of the articles' texts.
    """
    known = {each.id: each for each in found}
    wanted: set[int] = set()
    for each in found:
        filed = each.filed
        own = range(filed.first, filed.first + filed.sentences)
        wanted.update(set(own).intersection(each.id + step for step in steps))
    others = np.array(sorted(wanted - known.keys()), np.int64)
    signals = revision.signals(question.text, question.vector, others)
    known.update((each.id, each) for each in _located(others, signals, revision))
    return [known[id_] for id_ in sorted(known)]


def _located(ids: Ids, signals: Floats, revision: Revision) -> list[Hit]:
    """Sentences with their articles and what is known of them, in the order of the ids."""
    rows = np.column_stack([signals, signals @ WEIGHTS]).tolist()
    return [
        Hit(Candidate(each.sentence, *row), each.id, each.filed, each.around)
        for each, row in zip(revision.located(ids.tolist()), rows, strict=True)
    ]


def _order(found: Hit) -> tuple[float, str, int]:
    """Copies score alike: by name, for ids depend on the order in which the articles came."""
    return -found.candidate.score, found.filed.article.id, found.candidate.sentence.ordinal


def missing_words(text: str, revision: Revision, filters: Filters) -> tuple[str, ...]:
    """The words of a question that stand nowhere in what was searched, as they were written.

    Of "how much" and "says so" nobody needs to hear.
    """
    words = dict.fromkeys(w for w in WORD.findall(text) if w.casefold() not in FUNCTION)
    missing = revision.missing(words, filters)
    return tuple(word for word in words if word in missing)
