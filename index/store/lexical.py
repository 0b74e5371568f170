"""Words -> sentences, ranked by BM25; the sole user of tantivy.

A document is a sentence. Its ``body`` is the sentence, its ``passage`` the title and the sentence
with its neighbours, so that a sentence whose subject stands one line above is found too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import StoreDamagedError
from index.records import Filters
from index.store.context import IndexedSentence
from index.store.engine import Floats, Ids, Weights

if TYPE_CHECKING:
    import tantivy

BODY_BOOST = 0.7
"""Weight of a word in the sentence itself beside the same word in its passage (fitted on
SQuAD train by ``bench/fusion.py``)."""
HEAP_BYTES = 64_000_000
STEP = 2.0**-12
"""What weights are rounded to for tantivy, which adds them as 32-bit floats: so the order in which
it comes upon them, which depends on how the index grew, does not change a sum."""
EPOCH = date(1, 1, 1)


class Analyzer:
    """Text -> index terms: lower case, without accents, stop words and endings.

    >>> Analyzer().terms("The ceasefires were vetoed")
    ['ceasefir', 'were', 'veto']
    """

    def __init__(self) -> None:
        import tantivy

        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for step in (
            tantivy.Filter.remove_long(64),
            tantivy.Filter.lowercase(),
            tantivy.Filter.ascii_fold(),
            tantivy.Filter.stopword("english"),
            tantivy.Filter.custom_stopword(["s", "t", "who", "whom", "what", "when", "where"]),
            tantivy.Filter.custom_stopword(["which", "why", "how", "whose", "do", "does", "did"]),
            tantivy.Filter.stemmer("english"),
        ):
            builder = builder.filter(step)
        self.tantivy: tantivy.TextAnalyzer = builder.build()

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order, with repetitions."""
        terms: list[str] = self.tantivy.analyze(text)
        return terms


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Inside, what tantivy has against the files of ``folder`` is a ``StoreDamagedError``."""
    try:
        yield
    except BaseException as exc:
        # Over a file altered in its place it panics, with a class that only it can name.
        if not isinstance(exc, (ValueError, OSError)) and type(exc).__name__ != "PanicException":
            raise
        raise StoreDamagedError(folder, f"not a readable lexical index ({exc})") from exc


class LexicalIndex:
    """The words of one revision, opened for reading."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        import tantivy

        self._tantivy = tantivy
        self._folder = folder
        self.analyzer = analyzer
        with _translated(folder):
            index = tantivy.Index.open(str(folder))
            # A revision never changes: nothing to watch for.
            index.config_reader("manual", 1)
            self._searcher = index.searcher()
        self._schema = index.schema
        # Tantivy's own counts include documents that were deleted and not merged away yet.
        self._deletions = _deletions(folder)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def rarity(self, term: str) -> float:
        """Inverse document frequency over sentences, as in BM25; never negative."""
        having = self.having("body", term)
        return math.log(1 + (len(self) - min(having, len(self)) + 0.5) / (having + 0.5))

    def has(self, term: str, filters: Filters) -> bool:
        """Whether the term stands in any sentence or title that passes the filters."""
        return bool(len(self.search([term], 1, filters)))

    def search(self, terms: Sequence[str], k: int, filters: Filters) -> Ids:
        """Ids of the best ``k`` sentences that hold any of the terms, best first."""
        if not terms or not len(self):
            return np.empty(0, dtype=np.int64)
        ids, _ = self._hits(self._query(terms, filters), k)
        return ids

    def known(self, terms: Iterable[str], k: int) -> list[str]:
        """The ``k`` of the terms that stand in most sentences, most first; none that is in none."""
        with _translated(self._folder):
            found = {term: self._searcher.doc_freq("body", term) for term in terms}
        return sorted((term for term in found if found[term]), key=lambda t: (-found[t], t))[:k]

    def coverage(self, field: str, weights: Weights, ids: Ids) -> Floats:
        """The share of the weighted terms that each sentence's ``field`` holds, 0 to 1.

        ``field`` is "body" or "passage"; ``ids`` ascend. Read from the index: analysing the texts
        anew took longer than all the rest of a question.
        """
        shares = np.zeros(len(ids))
        if not weights or not len(ids):
            return shares
        query, occur = self._tantivy.Query, self._tantivy.Occur
        # A union of terms opens in a fifth of the time of tantivy's set of terms.
        wanted = [
            (occur.Should, query.term_query(self._schema, "sentence", id_, "basic"))
            for id_ in ids.tolist()
        ]
        clauses = [(occur.Must, query.const_score_query(query.boolean_query(wanted), 0.0))]
        exact = {term: math.ceil(weight / STEP) * STEP for term, weight in weights.items()}
        for term, weight in exact.items():
            held = query.term_query(self._schema, field, term, "basic")
            clauses.append((occur.Should, query.const_score_query(held, weight)))
        found, scores = self._hits(query.boolean_query(clauses), len(ids))
        if not np.isin(found, ids).all():
            raise StoreDamagedError(self._folder, "names other sentences than it was asked for")
        shares[np.searchsorted(ids, found)] = scores
        return shares / sum(exact.values())

    def _hits(self, query: Any, k: int) -> tuple[Ids, Floats]:
        """Ids and scores of the best ``k`` sentences that match a query, best first."""
        with _translated(self._folder):
            hits = self._searcher.search(query, k, count=False).hits
            addresses = [address for _, address in hits]
            ids = self._searcher.fast_field_values("sentence", addresses) if hits else []
        return np.asarray(ids, dtype=np.int64), np.asarray([score for score, _ in hits])

    def having(self, field: str, term: str) -> int:
        """In how many sentences a field ("body" or "passage") holds a term."""
        with _translated(self._folder):
            if self._deletions:
                query = self._tantivy.Query.term_query(self._schema, field, term, "basic")
                found: Any = self._searcher.search(query, 1, count=True)
                return int(found.count)
            return int(self._searcher.doc_freq(field, term))

    def _query(self, terms: Sequence[str], filters: Filters) -> Any:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        words = []
        for term in dict.fromkeys(terms):
            body = query.term_query(self._schema, "body", term, "freq")
            words.append((occur.Should, query.boost_query(body, BODY_BOOST)))
            passage = query.term_query(self._schema, "passage", term, "freq")
            words.append((occur.Should, passage))
        return self._filtered(query.boolean_query(words), filters)

    def _filtered(self, wanted: Any, filters: Filters) -> Any:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        clauses = [(occur.Must, wanted)]
        since, until = _day(filters.since or date.min), _day(filters.until or date.max)
        if filters.undated:  # whatever is not dated before or after: also what has no date
            if filters.since:
                clauses.append((occur.MustNot, self._range("published", 0, since - 1)))
            if filters.until:
                clauses.append((occur.MustNot, self._range("published", until + 1, 2**62)))
        elif filters.since or filters.until:
            days = self._range("published", since, until)
            clauses.append((occur.Must, query.const_score_query(days, 0.0)))
        outlets = filters.outlets and [outlet.casefold() for outlet in filters.outlets]
        for field, terms in (
            ("outlet", outlets),
            ("name", None if filters.article is None else [filters.article]),
            ("collection", filters.collections),
        ):
            if terms is not None:
                any_of = query.term_set_query(self._schema, field, list(terms))
                clauses.append((occur.Must, query.const_score_query(any_of, 0.0)))
        if filters.filed_after is not None:
            later = self._range("article", filters.filed_after + 1, 2**62)
            clauses.append((occur.Must, query.const_score_query(later, 0.0)))
        return query.boolean_query(clauses)

    def _range(self, field: str, first: int, last: int) -> Any:
        integer = self._tantivy.FieldType.Integer
        return self._tantivy.Query.range_query(self._schema, field, integer, first, last)


def write(
    folder: Path, added: Iterable[IndexedSentence], removed: Iterable[int], analyzer: Analyzer
) -> None:
    """Bring the index in ``folder`` up to date: articles ``removed`` go, sentences come."""
    import tantivy

    fresh = not (folder / "meta.json").exists()
    with _written():
        index = tantivy.Index(_schema(), str(folder)) if fresh else tantivy.Index.open(str(folder))
        index.register_tokenizer("words", analyzer.tantivy)
        writer = index.writer(HEAP_BYTES, 1)
    for article in removed:
        with _written():
            writer.delete_documents_by_term("article", article)
    for sentence in added:
        document = _document(sentence)
        with _written():
            writer.add_document(document)
    with _written():
        writer.commit()
        writer.wait_merging_threads()


@contextmanager
def _written() -> Iterator[None]:
    """Inside, what tantivy can't write is an ``OSError``: it opened the files before."""
    try:
        yield
    except ValueError as exc:  # a full disk
        raise OSError(str(exc)) from exc


def _document(sentence: IndexedSentence) -> tantivy.Document:
    import tantivy

    document = tantivy.Document()
    document.add_integer("sentence", sentence.id)
    document.add_integer("article", sentence.article)
    document.add_text("body", sentence.body)
    document.add_text("passage", sentence.passage)
    document.add_text("name", sentence.name)
    document.add_text("collection", sentence.collection)
    if sentence.published:
        document.add_integer("published", _day(sentence.published))
    if sentence.outlet:
        document.add_text("outlet", sentence.outlet.casefold())
    return document


def _deletions(folder: Path) -> bool:
    """Whether any document is deleted and still in its segment."""
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        return any(segment["deletes"] for segment in meta["segments"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise StoreDamagedError(folder / "meta.json", f"not readable ({exc})") from exc


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("sentence", indexed=True, fast=True)
    builder.add_integer_field("article", indexed=True, fast=True)
    builder.add_integer_field("published", indexed=True, fast=True)
    for field in ("body", "passage"):
        builder.add_text_field(field, tokenizer_name="words", index_option="freq")
    for field in ("outlet", "name", "collection"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _day(day: date) -> int:
    return (day - EPOCH).days
