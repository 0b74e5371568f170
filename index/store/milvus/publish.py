"""The index in a folder -> the same revision in a Milvus, whole or not at all.

What is new is written with the number of the revision that it will live from, what is gone is
marked with the one that it dies in, and then one entity is written: the switch. Killed before it,
nothing has happened for those who ask, and the next publication undoes the rest. So publishing
again what is published changes nothing.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from index.errors import StoreError, StoreFormatError, StoreMissingError
from index.records import Filters
from index.store import context
from index.store.engine import Filed
from index.store.local import LocalRevision
from index.store.milvus import layout
from index.store.milvus.client import Column, Row, batched, literal
from index.store.milvus.layout import FOREVER, STATE, Retired, Switch
from index.store.milvus.revision import MilvusEngine
from index.store.revisions import Store

Progress = Callable[[str, int, int], None]

OWNER = "owner"
"""Where the catalog keeps the name by which a store knows it."""
GRACE_S = 3600.0
"""How long who asks may hold a revision that is live no more."""
CHUNK = 500
"""Articles written between two looks at the progress."""
DENSE = "AUTOINDEX"
"""The index over the vectors; docs/cluster.md says which to choose by size."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did: its revision, and how many articles came and went."""

    revision: int
    added: int
    removed: int


def check_owner(store: Store, engine: MilvusEngine) -> None:
    """See that the store holds nothing, or what was published from this folder.

    Raises:
        StoreError: it holds another index, or can't be asked.
    """
    if live := engine.switch():
        _refuse_others(live, store.meta(OWNER), engine.place, store)


def publish(
    store: Store,
    engine: MilvusEngine,
    *,
    anew: bool = False,
    wait_s: float = 0.0,
    grace_s: float = GRACE_S,
    progress: Progress = lambda *_: None,
) -> Published:
    """Make the live revision of a folder the live one of a Milvus.

    ``anew`` writes everything, also over the articles of another index. ``grace_s`` is how long who
    asks may hold a revision that is live no more.

    Raises:
        StoreError: nothing was indexed, another process writes, the store does not answer, or it
            holds another index, or a later revision of this one.
    """
    with store.writing(wait_s) as catalog:
        if not catalog.revision:
            raise StoreMissingError(store.folder)
        owner = catalog.meta(OWNER)
        if owner is None:
            owner = secrets.token_hex(8)
            with catalog.writing():
                catalog.set_meta(OWNER, owner)
        live = engine.switch()
        if live and not anew:
            _refuse_others(live, owner, engine.place, store)
            _refuse_later(live, catalog.revision, engine.place, store)
        with store.reading() as revision:
            basis = live if live and not anew and live.encoder == revision.encoder else None
            return _Publication(revision, engine, owner, live, basis, grace_s, progress).run()


def _refuse_others(live: Switch, owner: str | None, place: str, store: Store) -> None:
    if live.owner != owner:
        raise StoreError(
            f"{place}: holds the articles of another index than {store.folder}; set "
            "PULLQUOTE_STORE to another database, or run `pullquote publish --anew` to replace them"
        )


def _refuse_later(live: Switch, number: int, place: str, store: Store) -> None:
    if live.number > number:
        raise StoreFormatError(
            f"{place}: holds revision {live.number} of this index, the folder {store.folder} only "
            f"{number}: an older copy? Run `pullquote publish --anew` if it is the right one"
        )


class _Publication:
    """One publication; ``basis`` is the live revision if it can be built upon."""

    def __init__(
        self,
        revision: LocalRevision,
        engine: MilvusEngine,
        owner: str,
        live: Switch | None,
        basis: Switch | None,
        grace_s: float,
        progress: Progress,
    ) -> None:
        self._revision = revision
        self._catalog = revision.catalog
        self._client = engine.client
        self._live = live
        self._basis = basis
        self._grace_s = grace_s
        self._progress = progress
        generation = basis.generation if basis else (live.generation + 1 if live else 1)
        self._next = Switch(
            number=revision.number,
            generation=generation,
            owner=owner,
            encoder=revision.encoder,
            threshold=revision.threshold,
            last_filed=revision.last_filed,
            sentences=revision.sentences,
            summary=live.summary + 1 if live else 1,
            pieces=0,
        )

    def run(self) -> Published:
        """Undo what was left half done, write what differs, switch, and collect what is dead."""
        self._clear()
        last = self._basis.last_filed if self._basis else 0
        added = self._add(last)
        removed = self._bury(self._catalog.retired(last)) if self._basis else []
        terms = self._count_terms({*added, *removed})
        for name in self._names():
            self._client.flush(name)
        self._switch()
        self._collect(terms)
        return Published(self._next.number, len(added), len(removed))

    def _names(self) -> set[str]:
        return self._client.collections(f"{layout.PREFIX}{self._next.generation}_")

    # What was left

    def _clear(self) -> None:
        """Take away what a publication left that did not reach its switch."""
        live = self._live
        held = {live.generation, *(each.generation for each in live.retired)} if live else set()
        for name in self._client.collections(layout.PREFIX):
            generation = name.removeprefix(layout.PREFIX).partition("_")[0]
            if name != STATE and int(generation) not in held:
                self._client.drop(name)
        if STATE not in self._client.collections(STATE):
            self._client.create(STATE, layout.RECORDS, 2)
        names = self._names()
        for collection, columns in self._collections():
            name = self._next.name(collection)
            if name not in names:
                self._client.create(name, columns, self._catalog.dim() or 2)
            elif basis := self._basis:
                column = "number" if collection == "terms" else "born"
                self._client.delete(name, f"{column} > {basis.number}")
                if collection != "terms":
                    risen = f"died > {basis.number} and died < {FOREVER}"
                    self._set_died(name, columns, risen, FOREVER)

    def _collections(self) -> Iterator[tuple[str, tuple[Column, ...]]]:
        yield "articles", layout.ARTICLES
        yield "terms", layout.TERMS
        if self._catalog.dim() is not None:
            yield (
                "sentences",
                tuple(
                    replace(each, index=DENSE) if each.kind == "vector" else each
                    for each in layout.SENTENCES
                ),
            )

    # What differs

    def _add(self, last: int) -> list[int]:
        """Write the articles filed after one, with their sentences; return their numbers."""
        total = self._revision.last_filed - last
        added: list[int] = []
        for part in batched(self._catalog.filed_after(last), CHUNK):
            self._progress("publishing", len(added), total)
            self._client.write(
                self._next.name("articles"),
                (row for filed in part for row in self._pieces(filed)),
                layout.ARTICLES,
            )
            alive = [filed for filed in part if filed.live and filed.sentences]
            if alive:
                name = self._next.name("sentences")
                self._client.write(name, self._sentences(alive), layout.SENTENCES)
            added += (filed.id for filed in part)
        self._progress("publishing", total, total)
        return added

    def _pieces(self, filed: Filed) -> Iterator[Row]:
        number = self._next.number
        return layout.pieces(filed, number, FOREVER if filed.live else number)

    def _sentences(self, articles: list[Filed]) -> Iterator[Row]:
        """The entities of the sentences of articles."""
        vectors = (row for _, rows in context.rows(self._catalog, articles) for row in rows)
        entries = context.entries(self._catalog, articles)
        places = (
            (filed, ordinal, *span)
            for filed in articles
            for ordinal, span in enumerate(self._catalog.spans(filed))
        )
        for entry, vector, place in zip(entries, vectors, places, strict=True):
            filed, ordinal, start, end, paragraph, key = place
            yield {
                "id": entry.sentence,
                "article": filed.id,
                "born": self._next.number,
                "died": FOREVER,
                "published": layout.day(entry.published),
                "outlet": (entry.outlet or "").casefold(),
                "name": entry.name,
                "collection": entry.collection,
                "ordinal": ordinal,
                "start": start,
                "end": end,
                "paragraph": paragraph,
                "key": key.hex(),
                "vector": vector.astype(np.float16).astype(np.float32).tolist(),
                "words": layout.words(
                    {
                        "body": self._revision.terms(entry.body),
                        "passage": self._revision.terms(entry.passage),
                    }
                ),
            }

    def _bury(self, retired: Collection[int]) -> list[int]:
        """Mark the articles that live no more, and their sentences; return their numbers."""
        buried: list[int] = []
        for part in batched(retired, CHUNK):
            articles = self._next.name("articles")
            alive = self._client.among(
                articles, ("article", part), f"died == {FOREVER} and piece == 0", ["article"]
            )
            if not alive:
                continue
            gone = sorted(int(row["article"]) for row in alive)
            where = f"article in {gone} and died == {FOREVER}"
            self._set_died(articles, layout.ARTICLES, where, self._next.number)
            if self._catalog.dim() is not None:
                sentences = self._next.name("sentences")
                self._set_died(sentences, layout.SENTENCES, where, self._next.number)
            buried += gone
        return buried

    def _set_died(self, name: str, columns: tuple[Column, ...], where: str, died: int) -> None:
        """Write rows again with another end of their life; Milvus has no update of a field."""
        fields = [column.name for column in columns]
        keys = [int(row["id"]) for row in self._client.scan(name, where, ["id"])]
        for part in batched(keys, CHUNK):
            rows = self._client.among(name, ("id", part), "", fields)
            self._client.write(name, ({**row, "died": died} for row in rows), columns)

    def _count_terms(self, articles: Collection[int]) -> list[str]:
        """Write in how many sentences the terms of these articles stand now; return the terms."""
        terms: set[str] = set()
        for part in batched(articles, CHUNK):
            for filed in self._catalog.articles_of(part).values():
                terms.update(self._revision.terms(f"{filed.article.title}\n{filed.article.text}"))
        number, lexical = self._next.number, self._revision.lexical
        self._client.write(
            self._next.name("terms"),
            (
                {"id": f"{term}@{number}", "term": term, "number": number}
                | {name: lexical.having(name, term) for name in layout.LENGTHS}
                for term in sorted(terms)
            ),
            layout.TERMS,
        )
        return sorted(terms)

    # The switch

    def _switch(self) -> None:
        """Make the revision live."""
        summary = json.dumps(
            {
                "groups": self._catalog.groups(),
                "roots": self._catalog.roots(),
                "failures": [
                    {name: value for name, value in asdict(each).items() if name != "stamp"}
                    | {"name": each.path}
                    for failures in self._catalog.failures().values()
                    for each in failures
                ],
            },
            ensure_ascii=False,
        )
        parts = [summary[at : at + layout.PIECE] for at in range(0, len(summary), layout.PIECE)]
        first = self._next.summary * layout.PIECES
        rows: Iterable[Row] = ({"id": first + at, "record": part} for at, part in enumerate(parts))
        self._client.write(STATE, rows, layout.RECORDS)
        self._next = replace(self._next, pieces=len(parts), retired=self._retired())
        self._client.write(STATE, [{"id": 0, "record": self._next.dump()}], layout.RECORDS)

    def _retired(self) -> tuple[Retired, ...]:
        """The revisions that readers may still hold once this one is live.

        Of those that follow each other closely only the oldest is kept, as if it had been live as
        long as they: there are never many.
        """
        live, now = self._live, time.time()
        if live is None:
            return ()
        held = [each for each in live.retired if each.since > now - self._grace_s]
        step = max(self._grace_s, 1.0) / 100
        last = held.pop() if held else None
        if last is None or (last.generation, last.since // step) != (live.generation, now // step):
            held += [last] if last else []
            last = Retired(live.number, live.generation, live.summary, now)
        held.append(replace(last, since=now))
        return tuple(held)

    # What is dead

    def _collect(self, terms: Sequence[str]) -> None:
        """Delete what no revision holds that anyone may still ask."""
        held = self._next
        oldest = min(
            [held.number]
            + [each.number for each in held.retired if each.generation == held.generation]
        )
        if "sentences" in dict(self._collections()):
            self._client.delete(held.name("sentences"), f"died <= {oldest}")
        rows = self._client.among(held.name("terms"), ("term", terms), "", ["id", "term", "number"])
        newest: dict[str, int] = {}
        for row in rows:
            if (number := int(row["number"])) <= oldest:
                newest[row["term"]] = max(newest.get(row["term"], 0), number)
        dead = [row["id"] for row in rows if int(row["number"]) < newest.get(row["term"], 0)]
        for part in batched(dead, CHUNK):
            self._client.delete(held.name("terms"), f"id in [{', '.join(map(literal, part))}]")
        used = {held.generation, *(each.generation for each in held.retired)}
        for name in self._client.collections(layout.PREFIX):
            generation = name.removeprefix(layout.PREFIX).partition("_")[0]
            if name != STATE and int(generation) not in used:
                self._client.drop(name)
        summary = min([held.summary, *(each.summary for each in held.retired)])
        self._client.delete(STATE, f"id > 0 and id < {summary * layout.PIECES}")


def compare(revision: LocalRevision, engine: MilvusEngine) -> Iterator[str]:
    """Where a Milvus holds something else than the folder that was published to it."""
    mend = "run `pullquote publish --anew`"
    with engine.reading() as there:
        if there.number != revision.number:
            yield (
                f"{engine.place}: holds revision {there.number}, not {revision.number}; run "
                "`pullquote publish`"
            )
            return
        theirs = there.articles(Filters())
        ours = revision.articles(Filters())
        unmatched = {filed.id: filed for filed in ours}
        for filed in theirs:
            own = unmatched.pop(filed.id, None)
            name = filed.article.id
            if own is None:
                yield f"{engine.place}: {name} is not in the index; {mend}"
            elif own.article != filed.article or not filed.whole:
                yield f"{engine.place}: {name} is not as it was indexed; {mend}"
            elif own.sentences:
                ids = range(own.first, own.first + own.sentences)
                if there.keys(ids) != revision.keys(ids):
                    yield f"{engine.place}: {name} has other sentences; {mend}"
        for filed in unmatched.values():
            yield f"{engine.place}: {filed.article.id} is missing; {mend}"
