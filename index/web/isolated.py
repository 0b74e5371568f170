"""The bytes of a feed -> its channel, as ``feeds.parse`` does, but by a process of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from index.isolation import pool
from index.web import feeds
from index.web.feeds import About, Channel, Entry
from index.web.urls import UnfitError

CPU_S = 30


def parse(data: bytes, url: str, content_type: str, today: date) -> Channel:
    """Return what an RSS or Atom feed from ``url`` links to; see ``feeds.parse``.

    Raises:
        UnfitError: it is no feed, or out of all bounds for one.
    """
    packed = base64.b64encode(data).decode()
    arguments = (packed, url, content_type, today.isoformat())
    allowance = pool.Allowance(CPU_S, CPU_S)
    try:
        return _understood(list(pool.run(tell, *arguments, allowance=allowance)))
    except pool.WorkerError as exc:
        raise UnfitError(f"no feed for us: reading it {exc.reason}") from exc


def tell(packed: str, url: str, content_type: str, today: str) -> Iterator[list[Any]]:
    """Parse a feed in this process, and say in JSON what it is: the task of a worker."""
    try:
        data = base64.b64decode(packed)
        channel = feeds.parse(data, url, content_type, date.fromisoformat(today))
    except UnfitError as exc:
        yield ["unfit", exc.reason]
        return
    entries = [[each.url, each.about.packed(), each.stamp] for each in channel.entries]
    yield ["channel", channel.title, entries, channel.odd]


def _understood(told: Any) -> Channel:
    """Take what a worker says, as far as it makes sense.

    Raises:
        UnfitError: it is no feed.
        WorkerError: it makes no sense.
    """
    match told:
        case [["unfit", str(reason)]]:
            raise UnfitError(reason)
        case [["channel", str(title) | (None as title), list(entries), list(odd)]]:
            with suppress(ValueError, TypeError):
                return Channel(
                    title,
                    tuple(
                        Entry(str(url), About.unpacked(about), str(stamp))
                        for url, about, stamp in entries
                    ),
                    tuple((str(link), str(reason)) for link, reason in odd),
                )
    raise pool.WorkerError("made the process that did say what makes no sense")
