"""The seam: what a revision of the articles can be asked, whatever engine holds it.

``ask/`` and ``library.py`` know these protocols and records and nothing of what answers them. Each
question can be answered in one or two round trips: whatever is asked of several words or sentences
is asked of all of them together. ``tests/engine_contract.py`` says what every engine must answer;
``local.py`` is the one on this disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.encoder.encode import Matrix
from index.records import Article, Failure, Filters, Sentence

Ids: TypeAlias = NDArray[np.int64]
"""Numbers of sentences; a number is never used twice."""
Floats: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = Mapping[str, float]
"""Terms, each with how much it counts."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A version of an article: its ``id``, its file, its sentences' ids, its digests as filed.

    ``facts_digest`` is None where an engine keeps none.
    """

    id: int
    file: str
    article: Article
    digest: str
    first: int
    sentences: int
    live: bool = True
    facts_digest: str | None = None

    @property
    def whole(self) -> bool:
        """Whether the text, and all that is shown beside it, is still what was filed."""
        facts = self.facts_digest in (None, self.article.facts_digest)
        return facts and self.article.digest == self.digest


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence with its article and the sentences ``around`` it, in order; it is one of them."""

    id: int
    filed: Filed
    around: tuple[Sentence, ...]
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.filed.article.text[self.sentence.start : self.sentence.end]


def embedding_key(encoder: str, text: str) -> bytes:
    """16 bytes that name the embedding of a text by an encoder (BLAKE2b of name, NUL, text)."""
    return hashlib.blake2b(f"{encoder}\0{text}".encode(), digest_size=16).digest()


class Revision(Protocol):
    """One revision, for the length of a question: all its answers agree with each other.

    Everything but ``articles`` is cheap. Filters apply before ranking, always.

    Raises:
        StoreDamagedError: any question may meet what is not as it was written.
    """

    @property
    def number(self) -> int:
        """The number of the revision, from 1."""

    @property
    def place(self) -> Path | str:
        """Where it lies, for messages."""

    @property
    def encoder(self) -> str:
        """The name of the encoder whose vectors it holds."""

    @property
    def sentences(self) -> int:
        """The number of its sentences."""

    @property
    def threshold(self) -> float | None:
        """The confidence below which to refuse that was fitted to these articles, if one was."""

    @property
    def perhaps(self) -> float | None:
        """The confidence from which a quote *perhaps* answers, if that was fitted, too."""

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last; numbers are never used twice."""

    # Words

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order, with repetitions; no round trip."""

    def rarity(self, terms: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of each term over sentences, as in BM25; never negative."""

    def missing(self, words: Collection[str], filters: Filters) -> frozenset[str]:
        """Those of the words that stand nowhere in what passes: no term of theirs in a sentence.

        Titles count as their sentences do. A word without a term, such as "the", is never missing.
        """

    def commonest(self, terms: Collection[str], most: int) -> list[str]:
        """Those of the terms that stand in most sentences, most first; none that is in none."""

    # Sentences

    def candidates(
        self, text: str, vector: Matrix, depth: int, filters: Filters
    ) -> tuple[Ids, Floats]:
        """Ids of the sentences that may answer, ascending, and three signals of each.

        They are the ``depth`` nearest to ``vector``, shape (dim,), and the best ``depth`` by words.
        The signals have shape (ids, 3), and do not depend on which search named a sentence: the
        cosine of the vector and the sentence in its context, the coverage of the text's terms by
        the sentence, and that by its passage.
        """

    def signals(self, text: str, vector: Matrix, ids: Ids) -> Floats:
        """The signals of other sentences, as those of ``candidates``; the ids ascend."""

    def holding(self, asked: Sequence[Sequence[str]], most: int, filters: Filters) -> list[Ids]:
        """For each list of terms the best sentences that hold any of them, by BM25, best first."""

    def coverage(self, asked: Sequence[tuple[Weights, Ids]]) -> list[Floats]:
        """For each pair the share of the weighted terms that each sentence's passage holds, 0 to 1.

        The ids of a pair ascend.
        """

    def located(self, ids: Sequence[int]) -> list[Located]:
        """Sentences in their articles, in the order of the ids."""

    def keys(self, ids: Sequence[int]) -> list[bytes]:
        """The ``embedding_key`` of each sentence as it was filed: proof of what its words were."""

    # Articles

    def article(self, name: str, digest: str | None = None) -> Filed | None:
        """The live article of this name, or the newest version of it with this digest."""

    def versions(self, name: str) -> list[str]:
        """The digests of all versions that are kept of the article of this name, each once."""

    def articles(self, filters: Filters) -> Iterator[Filed]:
        """All live articles that pass, in the order of their sentences."""

    def counts(self, filters: Filters) -> tuple[int, int]:
        """The number of articles that pass, and of their sentences."""

    def dates(self, filters: Filters) -> tuple[date, date] | None:
        """The first and the last date of publication of what passes."""

    def outlets(self, filters: Filters) -> list[str]:
        """The outlets of what passes, in order."""

    # What it is made from

    def roots(self) -> dict[str, str]:
        """The folders and files that are followed: path to label."""

    def failures(self) -> tuple[Failure, ...]:
        """What could not be taken."""


class Engine(Protocol):
    """What holds revisions; one serves any number of threads."""

    def revision(self) -> int:
        """The number of the live revision; 0 before the first."""

    def reading(self) -> AbstractContextManager[Revision]:
        """The newest whole revision, for the length of the block, whatever a writer does.

        Raises:
            StoreMissingError: nothing was indexed yet.
            StoreError: it can't be used.
        """

    def close(self) -> None:
        """Close what is open; it can be used again."""
