"""What of a Milvus is held: what was left half done is undone, what nobody can ask is collected."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

from index.store.milvus import layout
from index.store.milvus.client import Client, Column, batched
from index.store.milvus.layout import FOREVER, STATE, Retired, Switch
from index.store.milvus.writing import CHUNK, set_died

DENSE = "AUTOINDEX"
"""The index over the vectors; docs/cluster.md says which to choose by size."""


def collections(dim: int | None) -> dict[str, tuple[Column, ...]]:
    """The collections of a generation with their columns; no sentences before there are any."""
    named = {"articles": layout.ARTICLES, "terms": layout.TERMS}
    if dim is not None:
        named["sentences"] = tuple(
            replace(each, index=DENSE) if each.kind == "vector" else each
            for each in layout.SENTENCES
        )
    return named


def clear(client: Client, live: Switch | None, coming: Switch, dim: int | None) -> None:
    """Make the collections ready for a revision: all is as it was when ``live`` became so."""
    held = [live.generation, *(each.generation for each in live.retired)] if live else []
    _drop(client, held)
    if STATE not in client.collections(STATE):
        client.create(STATE, layout.RECORDS, 2)
    there = client.collections(coming.name(""))
    for collection, columns in collections(dim).items():
        name = coming.name(collection)
        if name not in there:
            client.create(name, columns, dim or 2)
        elif live and live.generation == coming.generation:
            _undo(client, name, columns, live.number)


def _undo(client: Client, name: str, columns: tuple[Column, ...], number: int) -> None:
    """Take away what a publication wrote that did not reach its switch."""
    if columns is layout.TERMS:
        rows = list(client.scan(name, f"number > {number}", ["id", "counts"]))
        earlier = {
            row["id"]: [count for count in layout.counts(row) if count.number <= number]
            for row in rows
        }
        kept = (layout.term(term, its, 0) for term, its in earlier.items() if its)
        client.write(name, kept, columns)
        for part in batched((term for term, its in earlier.items() if not its), CHUNK):
            client.delete(name, f"id in {layout.listed(part)}")
        return
    client.delete(name, f"born > {number}")
    set_died(client, name, columns, f"died > {number} and died < {FOREVER}", FOREVER)


def retired(live: Switch | None, grace_s: float) -> tuple[Retired, ...]:
    """The revisions that readers may still hold once ``live`` is so no more.

    Of those that follow each other closely only the oldest is kept, as if it had been live as long
    as they: there are never many.
    """
    if live is None:
        return ()
    now = time.time()
    held = [each for each in live.retired if each.since > now - grace_s]
    step = max(grace_s, 1.0) / 100
    last = held.pop() if held else None
    if last is None or (last.generation, last.since // step) != (live.generation, now // step):
        held += [last] if last else []
        last = Retired(live.number, live.generation, live.summary, now)
    held.append(replace(last, since=now))
    return tuple(held)


def collect(client: Client, switch: Switch, dim: int | None) -> None:
    """Delete what no revision holds that anyone may still ask."""
    if dim is not None:
        client.delete(switch.name("sentences"), f"died <= {switch.oldest}")
    _drop(client, [switch.generation, *(each.generation for each in switch.retired)])
    summary = min([switch.summary, *(each.summary for each in switch.retired)])
    client.delete(STATE, f"id > 0 and id < {summary * layout.PIECES}")


def _drop(client: Client, held: Collection[int]) -> None:
    """Drop the collections of every generation but those."""
    for name in client.collections(layout.PREFIX):
        generation = name.removeprefix(layout.PREFIX).partition("_")[0]
        if name != STATE and int(generation) not in held:
            client.drop(name)
