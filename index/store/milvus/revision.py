"""Questions to a revision -> calls to Milvus; scores are computed from what comes back.

Milvus names sentences: the nearest by vector, the best by words. What they score is worked out
here as on one machine, so that an approximate index changes which sentences are looked at and
nothing else. All that is asked of a revision is filtered by its number.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from index.encoder.encode import Matrix
from index.errors import StoreDamagedError
from index.records import Failure, Filters, Sentence
from index.store.context import NEIGHBOURS
from index.store.engine import Filed, Floats, Ids, Located, Weights
from index.store.lexical import STEP, Analyzer
from index.store.milvus import layout
from index.store.milvus.client import Client, Clock, Row, literal
from index.store.milvus.layout import Switch, condition
from index.store.milvus.summary import GROUP_FIELDS, Group, Summary

NO_IDS: Ids = np.empty(0, dtype=np.int64)
PIECE_FIELDS = (
    *("article", "piece", "born", "died", "published", "pieces", "first", "sentences"),
    *("digest", "body"),
)


@dataclass(slots=True)
class Kept:
    """What was learned of a revision: it never changes, so it is asked for once."""

    switch: Switch
    clock: Clock = field(default_factory=Clock)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    summary: Summary | None = None


class MilvusRevision:
    """One revision in a Milvus: everything in it agrees."""

    def __init__(self, kept: Kept, client: Client, analyzer: Analyzer) -> None:
        self._kept = kept
        self._client = client
        self._analyzer = analyzer
        self._switch = switch = kept.switch
        self.number = switch.number
        self.encoder = switch.encoder
        self.sentences = switch.sentences
        self.threshold, self.perhaps = switch.threshold, switch.perhaps
        self.last_filed = switch.last_filed
        self.place = str(client.address)

    # Words

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order, with repetitions."""
        return self._analyzer.terms(text)

    def rarity(self, terms: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of each term over all sentences."""
        return {term: self._rarity(body) for term, (body, _) in self._counted(terms).items()}

    def missing(self, words: Collection[str], filters: Filters) -> frozenset[str]:
        """Those of the words none of whose terms stands in a sentence or title that passes."""
        terms = {word: self.terms(word) for word in words}
        counted = self._counted(term for its in terms.values() for term in its)
        known = [term for term, (_, passages) in counted.items() if passages]
        if filters and known:
            found = self.holding([[term] for term in known], 1, filters)
            known = [term for term, ids in zip(known, found, strict=True) if len(ids)]
        return frozenset(word for word, its in terms.items() if its and set(known).isdisjoint(its))

    def commonest(self, terms: Collection[str], most: int) -> list[str]:
        """Those of the terms that stand in most sentences, most first."""
        found = {term: body for term, (body, _) in self._counted(terms).items() if body}
        return sorted(found, key=lambda term: (-found[term], term))[:most]

    def _rarity(self, having: int) -> float:
        return math.log(1 + (self.sentences - having + 0.5) / (having + 0.5))

    def _counted(self, terms: Iterable[str]) -> dict[str, tuple[int, int]]:
        """In how many sentences each term stands, and in how many passages."""
        counts, wanted = self._kept.counts, dict.fromkeys(terms)
        if unknown := [term for term in wanted if term not in counts]:
            name, settled = self._switch.name("terms"), self._kept.clock.settled
            rows = self._client.get(name, unknown, ["counts"], settled=settled)
            counts |= dict.fromkeys(unknown, (0, 0))
            for row in rows:
                its = (count for count in layout.counts(row) if count.number <= self.number)
                if count := next(its, None):
                    counts[row["id"]] = (count.body, count.passage)
        return {term: counts[term] for term in wanted}

    # Sentences

    def candidates(
        self, text: str, vector: Matrix, depth: int, filters: Filters
    ) -> tuple[Ids, Floats]:
        """Ids of the sentences that either search names, ascending, and their signals."""
        terms = self.terms(text)
        near = self._search("vector", [vector.tolist()], depth, filters)[0]
        ids = np.union1d(near, self.holding([terms], depth, filters)[0])
        return ids, self.signals(text, vector, ids)

    def signals(self, text: str, vector: Matrix, ids: Ids) -> Floats:
        """The signals of other sentences, as those of ``candidates``."""
        weights = self.rarity(self.terms(text))
        rows = self._sentences(ids, ["vector", "words"])
        vectors = np.asarray([row["vector"] for row in rows], dtype=np.float32)
        signals = (
            vectors.reshape(len(ids), -1) @ vector if len(ids) else np.empty(0),
            _covered("body", weights, rows),
            _covered("passage", weights, rows),
        )
        return np.stack(signals, axis=1).astype(np.float64)

    def holding(self, asked: Sequence[Sequence[str]], most: int, filters: Filters) -> list[Ids]:
        """For each list of terms the best sentences that hold any of them, best first."""
        counted = self._counted(term for terms in asked for term in terms)
        vectors = [
            layout.asked(
                {
                    name: {term: self._rarity(counted[term][at]) for term in terms}
                    for at, name in enumerate(layout.LENGTHS)
                }
            )
            for terms in asked
        ]
        found = iter(self._search("words", [each for each in vectors if each], most, filters))
        return [next(found) if vector else NO_IDS for vector in vectors]

    def coverage(self, asked: Sequence[tuple[Weights, Ids]]) -> list[Floats]:
        """The share of the weighted terms that each sentence's passage holds."""
        ids = np.unique(np.concatenate([NO_IDS, *(ids for _, ids in asked)]))
        rows = dict(zip(ids.tolist(), self._sentences(ids, ["words"]), strict=True))
        return [
            _covered("passage", weights, [rows[id_] for id_ in its.tolist()])
            for weights, its in asked
        ]

    def located(self, ids: Sequence[int]) -> list[Located]:
        """Sentences in their articles, in the order of the ids."""
        if not ids:
            return []
        steps = range(-NEIGHBOURS, NEIGHBOURS + 1)
        near = sorted({id_ + step for id_ in ids for step in steps})
        fields = ["article", "ordinal", "start", "end", "paragraph", "name"]
        found = {int(row["id"]): row for row in self._rows(near, fields)}
        if not found.keys() >= set(ids):
            raise StoreDamagedError(self.place, "names sentences that it does not hold")
        articles = self._articles({int(found[id_]["article"]) for id_ in ids})
        places = []
        for id_ in ids:
            article = int(found[id_]["article"])
            around = {
                id_ + step: _sentence(row)
                for step in steps
                if (row := found.get(id_ + step)) and int(row["article"]) == article
            }
            places.append(Located(id_, articles[article], tuple(around.values()), around[id_]))
        return places

    def keys(self, ids: Sequence[int]) -> list[bytes]:
        """The keys under which the texts of sentences were embedded."""
        found = {int(row["id"]): row["key"] for row in self._rows(ids, ["key"])}
        return [bytes.fromhex(found.get(id_, "")) for id_ in ids]

    def _search(
        self, column: str, vectors: Sequence[Any], most: int, filters: Filters
    ) -> list[Ids]:
        where = condition(filters, self.number)
        if where is None or not vectors or not self.sentences:
            return [NO_IDS for _ in vectors]
        settled = self._kept.clock.settled
        name = self._switch.name("sentences")
        found = self._client.search(name, column, vectors, most, where, settled=settled)
        nearest = -np.inf if column == "vector" else 0.0
        return [
            np.asarray([id_ for id_, score in each if score > nearest], dtype=np.int64)
            for each in found
        ]

    def _sentences(self, ids: Ids, fields: Sequence[str]) -> list[Row]:
        """Fields of sentences, in the order of the ids.

        Raises:
            StoreDamagedError: one of them is not there.
        """
        found = {int(row["id"]): row for row in self._rows(ids.tolist(), fields)}
        if len(found) < len(ids):
            raise StoreDamagedError(self.place, "names sentences that it does not hold")
        return [found[id_] for id_ in ids.tolist()]

    def _rows(self, ids: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """Those of the sentences that live in this revision."""
        if not ids or not self.sentences:
            return []
        rows = self._client.get(
            self._switch.name("sentences"),
            ids,
            ["born", "died", *fields],
            settled=self._kept.clock.settled,
        )
        return [row for row in rows if int(row["born"]) <= self.number < int(row["died"])]

    # Articles

    def article(self, name: str, digest: str | None = None) -> Filed | None:
        """The live article of this name, or the newest version of it with this digest."""
        ids = [
            int(head["article"])
            for head in self._versions(name)
            if (int(head["died"]) > self.number if digest is None else head["digest"] == digest)
        ]
        return self._articles({max(ids)})[max(ids)] if ids else None

    def versions(self, name: str) -> list[str]:
        """The digests of all versions that are kept of the article of this name, each once."""
        return sorted({head["digest"] for head in self._versions(name)})

    def _versions(self, name: str) -> list[Row]:
        same = f"name == {literal(name)} and piece == 0 and born <= {self.number}"
        wanted = ["article", "died", "digest"]
        return self._client.query(self._switch.name("articles"), same, wanted)

    def articles(self, filters: Filters) -> Iterator[Filed]:
        """All live articles that pass, in the order of their sentences."""
        where = condition(filters, self.number)
        if where is None:
            return
        rows = self._client.scan(self._switch.name("articles"), where, PIECE_FIELDS)
        for _, its in groupby(rows, key=lambda row: int(row["article"])):
            yield self._joined(list(its))

    def counts(self, filters: Filters) -> tuple[int, int]:
        """The number of articles that pass, and of their sentences."""
        groups = self._groups(filters)
        return sum(group.articles for group in groups), sum(group.sentences for group in groups)

    def dates(self, filters: Filters) -> tuple[date, date] | None:
        """The first and the last date of publication of what passes."""
        groups = self._groups(filters)
        first = [group.first for group in groups if group.first]
        last = [group.last for group in groups if group.last]
        return (min(first), max(last)) if first and last else None

    def outlets(self, filters: Filters) -> list[str]:
        """The outlets of what passes, in order."""
        return sorted({group.outlet for group in self._groups(filters) if group.outlet})

    def _articles(self, ids: Collection[int]) -> dict[int, Filed]:
        """Articles by number, also those that live no more."""
        heads = self._pieces([id_ * layout.PIECES for id_ in ids])
        rows = {int(head["article"]): [head] for head in heads}
        if rows.keys() != set(ids):
            raise StoreDamagedError(self.place, "names articles that it does not hold")
        others = self._pieces(
            [int(head["id"]) + piece for head in heads for piece in range(1, int(head["pieces"]))]
        )
        for row in others:
            rows[int(row["article"])].append(row)
        return {id_: self._joined(its) for id_, its in rows.items()}

    def _pieces(self, keys: Collection[int]) -> list[Row]:
        """Those of the pieces that were there in this revision."""
        if not keys:
            return []
        settled = self._kept.clock.settled
        rows = self._client.get(self._switch.name("articles"), keys, PIECE_FIELDS, settled=settled)
        return [row for row in rows if int(row["born"]) <= self.number]

    def _joined(self, pieces: Sequence[Row]) -> Filed:
        """The article of these pieces.

        Raises:
            StoreDamagedError: one of them is not there.
        """
        if len(pieces) != int(pieces[0]["pieces"]):
            raise StoreDamagedError(self.place, "holds an article without all of its text")
        return layout.joined(pieces, self.number)

    def _groups(self, filters: Filters) -> list[Group]:
        """What passes, counted: as the writer did, or of each article for other filters."""
        if filters == Filters(outlets=filters.outlets, collections=filters.collections):
            return self._summary().passing(filters)
        where = condition(filters, self.number)
        if where is None:
            return []
        heads = self._client.scan(
            self._switch.name("articles"), f"{where} and piece == 0", GROUP_FIELDS
        )
        return [Group.of(head) for head in heads]

    # What it is made from

    def roots(self) -> dict[str, str]:
        """The folders and files that are followed, where the articles are: path to label."""
        return dict(self._summary().roots)

    def readers(self) -> dict[str, frozenset[int] | None]:
        """Who may read what is followed, by label; all, if None."""
        return dict(self._summary().readers)

    def failures(self) -> tuple[Failure, ...]:
        """Every file and record that could not be taken."""
        return self._summary().failures

    def _summary(self) -> Summary:
        """What the writer counted, and what the revision is made from."""
        if self._kept.summary is None:
            rows = self._client.get(layout.STATE, self._switch.summary_rows, ["record"])
            if len(rows) != self._switch.pieces:
                raise StoreDamagedError(self.place, "holds no summary of its live revision")
            rows.sort(key=lambda row: int(row["id"]))
            self._kept.summary = Summary.load("".join(row["record"] for row in rows))
        return self._kept.summary


def _covered(name: str, weights: Weights, rows: Sequence[Row]) -> Floats:
    """The share of the weighted terms that each sentence's ``name`` holds, as on one machine."""
    shares = np.zeros(len(rows))
    if not weights:
        return shares
    # Rounded as the other engine must round them, so that both give the same numbers.
    exact = {term: math.ceil(weight / STEP) * STEP for term, weight in weights.items()}
    wanted = [(layout.dimension(name, term), weight) for term, weight in exact.items()]
    for at, row in enumerate(rows):
        words = row["words"]
        shares[at] = sum(weight for dimension, weight in wanted if dimension in words)
    return shares / sum(exact.values())


def _sentence(row: Row) -> Sentence:
    places = (int(row[name]) for name in ("ordinal", "start", "end", "paragraph"))
    return Sentence(row["name"], *places)
