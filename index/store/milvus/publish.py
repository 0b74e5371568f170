"""The index in a folder -> the same revision in a Milvus, whole or not at all.

What is new is written with the number of the revision that it will live from, what is gone is
marked with the one that it dies in, and then one entity is written: the switch. Killed before it,
nothing has happened for those who ask, and the next publication undoes the rest. So publishing
again what is published changes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from index.errors import StoreError, StoreFormatError, StoreMissingError
from index.records import Progress
from index.store.local import LocalRevision
from index.store.milvus import layout, lifetimes
from index.store.milvus.client import Client
from index.store.milvus.engine import MilvusEngine
from index.store.milvus.layout import STATE, Switch
from index.store.milvus.summary import summarised
from index.store.milvus.writing import Writer
from index.store.revisions import Store

OWNER = "owner"
"""Where the catalog keeps the name by which a store knows it."""
GRACE_S = 3600.0
"""How long who asks may hold a revision that is live no more."""


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
            upon = live if live and not anew and live.encoder == revision.encoder else None
            coming = _coming(revision, owner, live, upon)
            return _publish(revision, engine.client, live, upon, coming, grace_s, progress)


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


def _coming(
    revision: LocalRevision, owner: str, live: Switch | None, upon: Switch | None
) -> Switch:
    """The switch to a revision, but for what is known only when all else is written."""
    return Switch(
        number=revision.number,
        generation=upon.generation if upon else (live.generation + 1 if live else 1),
        owner=owner,
        encoder=revision.encoder,
        threshold=revision.threshold,
        perhaps=revision.perhaps,
        last_filed=revision.last_filed,
        sentences=revision.sentences,
        summary=live.summary + 1 if live else 1,
        pieces=0,
    )


def _publish(
    revision: LocalRevision,
    client: Client,
    live: Switch | None,
    upon: Switch | None,
    coming: Switch,
    grace_s: float,
    progress: Progress,
) -> Published:
    """Undo what was left half done, write what differs, switch, and collect what is dead.

    ``upon`` is the live revision if it can be built upon.
    """
    dim = revision.catalog.dim()
    lifetimes.clear(client, live, coming, dim)
    writer = Writer(revision, client, coming)
    last = upon.last_filed if upon else 0
    added = writer.add(last, progress)
    removed = writer.bury(last) if upon else []
    writer.count_terms({*added, *removed}, upon.oldest if upon else coming.number)
    for name in client.collections(coming.name("")):
        client.flush(name)
    summary = summarised(revision.catalog)
    parts = [summary[at : at + layout.PIECE] for at in range(0, len(summary), layout.PIECE)]
    coming = replace(coming, pieces=len(parts), retired=lifetimes.retired(live, grace_s))
    keyed = zip(coming.summary_rows, parts, strict=True)
    client.write(STATE, ({"id": key, "record": part} for key, part in keyed), layout.RECORDS)
    client.write(STATE, [{"id": 0, "record": coming.dump()}], layout.RECORDS)
    lifetimes.collect(client, coming, dim)
    return Published(coming.number, len(added), len(removed))
