"""A revision in a folder -> entities in a Milvus: what came, what went, in how many a term stands.

All of it is written under a number that is not live yet, so that nobody who asks meets it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

import numpy as np

from index.records import Progress
from index.store import context
from index.store.engine import Filed
from index.store.local import LocalRevision
from index.store.milvus import layout
from index.store.milvus.client import BATCH, Client, Column, Row, batched
from index.store.milvus.layout import FOREVER, Switch

CHUNK = 500
"""Articles written between two looks at the progress."""
ALIVE = f"died == {FOREVER}"


class Writer:
    """Writes what of a revision differs from the one that is live, under the number of ``switch``.

    The collections are there.
    """

    def __init__(self, revision: LocalRevision, client: Client, switch: Switch) -> None:
        self._revision = revision
        self._catalog = revision.catalog
        self._client = client
        self._number = switch.number
        self._articles = switch.name("articles")
        self._sentences = switch.name("sentences")
        self._terms = switch.name("terms")

    def add(self, last: int, progress: Progress) -> list[int]:
        """Write the articles filed after one, with their sentences; return their numbers."""
        total = self._revision.last_filed - last
        added: list[int] = []
        for part in batched(self._catalog.filed_after(last), CHUNK):
            progress("publishing", len(added), total)
            pieces = (row for filed in part for row in self._pieces(filed))
            self._client.write(self._articles, pieces, layout.ARTICLES)
            alive = [filed for filed in part if filed.live and filed.sentences]
            if alive:
                self._client.write(self._sentences, self._entities(alive), layout.SENTENCES)
            added += (filed.id for filed in part)
        progress("publishing", total, total)
        return added

    def bury(self, last: int) -> list[int]:
        """Mark the articles filed up to one that live no more; return their numbers.

        Call it when all that is new is written: it begins by counting.
        """
        heads = f"{ALIVE} and piece == 0"
        excess = self._client.count(self._articles, heads) - self._catalog.counts()[0]
        buried: list[int] = []
        # A catalog that was salvaged need not know all that went: then every article is looked at.
        parts = chain(self._retired(last), self._lost())
        while len(buried) < excess and (part := next(parts, None)) is not None:
            buried += self._mark(part)
        return buried

    def _mark(self, articles: list[int]) -> list[int]:
        """Mark those of the articles that live; return their numbers."""
        keys = [number * layout.PIECES for number in articles]
        heads = self._client.get(self._articles, keys, ["article", "died"])
        alive = sorted(int(head["article"]) for head in heads if int(head["died"]) == FOREVER)
        if alive:
            where = f"article in {alive} and {ALIVE}"
            set_died(self._client, self._articles, layout.ARTICLES, where, self._number)
            if self._catalog.dim() is not None:
                set_died(self._client, self._sentences, layout.SENTENCES, where, self._number)
        return alive

    def count_terms(self, articles: Collection[int], oldest: int) -> None:
        """Write in how many sentences the terms of these articles stand now.

        ``oldest`` is the first revision that a reader may still hold.
        """
        terms: set[str] = set()
        for part in batched(articles, CHUNK):
            for filed in self._catalog.articles_of(part).values():
                terms.update(self._revision.terms(f"{filed.article.title}\n{filed.article.text}"))
        self._client.write(self._terms, self._counted(sorted(terms), oldest), layout.TERMS)

    def _counted(self, terms: list[str], oldest: int) -> Iterator[Row]:
        """The entities of terms with what they count now before what they counted so far."""
        lexical = self._revision.lexical
        for part in batched(terms, BATCH):
            rows = self._client.get(self._terms, part, ["counts"])
            before = {row["id"]: layout.counts(row) for row in rows}
            for term in part:
                having = (lexical.having(name, term) for name in layout.LENGTHS)
                now = layout.Count(self._number, *having)
                yield layout.term(term, [now, *before.get(term, ())], oldest)

    def _retired(self, last: int) -> Iterator[list[int]]:
        """The articles that the catalog retired, the newest first."""
        return batched(sorted(self._catalog.retired(last), reverse=True), CHUNK)

    def _lost(self) -> Iterator[list[int]]:
        """The articles of which the catalog knows nothing more."""
        rows = self._client.scan(self._articles, f"{ALIVE} and piece == 0", ["article"])
        for part in batched([int(row["article"]) for row in rows], CHUNK):
            known = self._catalog.articles_of(part)
            yield [number for number in part if not (number in known and known[number].live)]

    def _pieces(self, filed: Filed) -> Iterator[Row]:
        return layout.pieces(filed, self._number, FOREVER if filed.live else self._number)

    def _entities(self, articles: list[Filed]) -> Iterator[Row]:
        """The entities of the sentences of articles."""
        vectors = (row for _, rows in context.rows(self._catalog, articles) for row in rows)
        sentences = context.sentences(self._catalog, articles)
        places = (
            (filed, ordinal, *span)
            for filed in articles
            for ordinal, span in enumerate(self._catalog.spans(filed))
        )
        for sentence, vector, place in zip(sentences, vectors, places, strict=True):
            filed, ordinal, start, end, paragraph, key = place
            yield {
                "id": sentence.id,
                "article": filed.id,
                "born": self._number,
                "died": FOREVER,
                "published": layout.day(sentence.published),
                "outlet": (sentence.outlet or "").casefold(),
                "name": sentence.name,
                "collection": sentence.collection,
                "ordinal": ordinal,
                "start": start,
                "end": end,
                "paragraph": paragraph,
                "key": key.hex(),
                "vector": vector.astype(np.float16).astype(np.float32).tolist(),
                "words": layout.words(
                    {
                        "body": self._revision.terms(sentence.body),
                        "passage": self._revision.terms(sentence.passage),
                    }
                ),
            }


def set_died(client: Client, name: str, columns: tuple[Column, ...], where: str, died: int) -> None:
    """Write rows again with another end of their life; Milvus has no update of a field."""
    fields = [column.name for column in columns]
    keys = [int(row["id"]) for row in client.scan(name, where, ["id"])]
    for part in batched(keys, CHUNK):
        rows = client.get(name, part, fields[1:])
        client.write(name, ({**row, "died": died} for row in rows), columns)
