"""The daily digest: what came since the last one, for a channel that wants it.

How far it told is kept before it is posted, so that nothing is told twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.conversation.asking import Place
from bot.conversation.memory import DAY_S, Memory
from index.records import Article, Filters


@dataclass(frozen=True, slots=True)
class Digest:
    """That a channel wants a digest of articles filed after ``after``, next at ``due``."""

    channel: int
    server: int
    after: int
    due: float


Post: TypeAlias = Callable[[Digest, list[Article]], Awaitable[bool]]
"""Posts the articles; whether the channel takes digests still."""


class Filing(Protocol):
    """The part of ``Library`` that is needed here."""

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last."""

    def rebuilt_since(self, number: int) -> bool:
        """Whether every article was filed anew since the one of this number."""

    def articles(self, filters: Filters) -> Iterable[Article]:
        """All articles that pass."""


class Digests:
    """The channels that want a digest; ``clock`` is seconds since 1970."""

    def __init__(
        self,
        memory: Memory,
        library: Filing,
        place: Callable[[int | None], Awaitable[Place]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._memory = memory
        self._library = library
        self._place = place
        self._clock = clock

    async def switch(self, server: int, channel: int) -> bool:
        """Begin with a channel, a day from now for the first time, or end; whether it began.

        Raises:
            PullquoteError: the index can't be read.
        """
        if self.end(channel):
            return False
        last = await asyncio.to_thread(lambda: self._library.last_filed)
        with self._memory.writing() as db:
            row = (channel, server, last, self._clock() + DAY_S)
            db.execute("REPLACE INTO digest VALUES (?, ?, ?, ?)", row)
        return True

    def end(self, channel: int) -> bool:
        """End with a channel; whether it had a digest."""
        with self._memory.writing() as db:
            return bool(db.execute("DELETE FROM digest WHERE channel = ?", (channel,)).rowcount)

    async def step(self, post: Post) -> None:
        """Post what is due; a channel with nothing new, or that was missed, waits another day.

        Raises:
            PullquoteError: the index can't be read.
        """
        now = self._clock()
        query = "SELECT channel, server, after, due FROM digest WHERE due <= ?"
        for each in [Digest(*row) for row in self._memory.rows(query, (now,))]:
            seen = (await self._place(each.server)).collections
            last, fresh = await asyncio.to_thread(self._since, each, seen)
            due = each.due + DAY_S * (1 + (now - each.due) // DAY_S)
            with self._memory.writing() as db:
                kept = (last, due, each.channel)
                db.execute("UPDATE digest SET after = ?, due = ? WHERE channel = ?", kept)
            if fresh and not await post(each, fresh):
                self.end(each.channel)

    def _since(self, digest: Digest, seen: tuple[str, ...] | None) -> tuple[int, list[Article]]:
        """How far the articles go now, and those that are new."""
        filters = Filters(collections=seen, filed_after=digest.after)
        while True:  # until none was filed meanwhile, which would be told again the next day
            last = self._library.last_filed
            if self._library.rebuilt_since(digest.after):  # old ones under new numbers: no news
                return last, []
            fresh = list(self._library.articles(filters))
            if self._library.last_filed == last:
                return last, fresh
