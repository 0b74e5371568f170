"""What of a Milvus is held: what was left half done is undone, what nobody can ask is collected."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from index.store.milvus import layout
from index.store.milvus.client import Client, Column, batched, literal
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
        client.delete(name, f"number > {number}")
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


def collect(client: Client, switch: Switch, terms: Sequence[str], dim: int | None) -> None:
    """Delete what no revision holds that anyone may still ask; ``terms`` were counted anew."""
    same = [each.number for each in switch.retired if each.generation == switch.generation]
    oldest = min([switch.number, *same])
    if dim is not None:
        client.delete(switch.name("sentences"), f"died <= {oldest}")
    name = switch.name("terms")
    for part in batched(_outdated(client, name, terms, oldest), CHUNK):
        client.delete(name, f"id in [{', '.join(map(literal, part))}]")
    _drop(client, [switch.generation, *(each.generation for each in switch.retired)])
    summary = min([switch.summary, *(each.summary for each in switch.retired)])
    client.delete(STATE, f"id > 0 and id < {summary * layout.PIECES}")


def _outdated(client: Client, name: str, terms: Sequence[str], oldest: int) -> Iterator[str]:
    """The counts of terms in whose place all that is held reads later ones."""
    rows = client.among(name, ("term", terms), "", ["id", "term", "number"])
    newest: dict[str, int] = {}
    for row in rows:
        if (number := int(row["number"])) <= oldest:
            newest[row["term"]] = max(newest.get(row["term"], 0), number)
    for row in rows:
        if int(row["number"]) < newest.get(row["term"], 0):
            yield row["id"]


def _drop(client: Client, held: Collection[int]) -> None:
    """Drop the collections of every generation but those."""
    for name in client.collections(layout.PREFIX):
        generation = name.removeprefix(layout.PREFIX).partition("_")[0]
        if name != STATE and int(generation) not in held:
            client.drop(name)
