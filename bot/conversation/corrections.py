"""Quoted articles that changed -> the messages that quoted them say so.

A message is edited once for each version of its article: what it shows is kept with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.conversation.asking import Place
from bot.conversation.memory import Memory, Posted
from bot.conversation.standing import Undelivered
from index.ask.check import Check, Match
from index.ask.source import SourceView
from index.errors import PullquoteError, ReceiptError
from index.records import Filters, Receipt

AS_QUOTED = "as quoted"
"""What is kept in place of a digest when an article became again what it was."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Correction:
    """A quoted article is not as it was: ``view`` is as it was quoted, and whether it is gone.

    ``now`` is where the article holds the quote today; None if it nowhere nearly does.
    """

    view: SourceView
    now: Match | None


Edit: TypeAlias = Callable[[Posted, Correction], Awaitable[int | Undelivered]]
"""Says a correction in place of what was posted; returns the id of the message."""


class Versions(Protocol):
    """The part of ``Library`` that is needed here."""

    @property
    def revision(self) -> int:
        """The number of the live revision."""

    def source(self, receipt: str) -> SourceView:
        """Open the article that a receipt names."""

    def check(self, text: str, *, filters: Filters) -> Check:
        """Look a quotation up."""


class Corrections:
    """Marks the answers of the last ``days`` whose first quote's article is not as it was.

    ``place`` says what may be seen in a server.
    """

    def __init__(
        self,
        memory: Memory,
        library: Versions,
        place: Callable[[int | None], Awaitable[Place]],
        edit: Edit,
        *,
        days: float,
    ) -> None:
        self._memory = memory
        self._library = library
        self._place = place
        self._edit = edit
        self._days = days
        self._done = 0

    async def step(self) -> None:
        """Compare what was posted with the articles, if these are of a new revision.

        Raises:
            PullquoteError: the index can't be read, or the line to the chat service is cut, now.
        """
        revision = await asyncio.to_thread(lambda: self._library.revision)
        if revision == self._done:
            return
        for posted in self._memory.posted_since(self._days):
            place = await self._place(posted.server)
            difference = await asyncio.to_thread(self._difference, posted, place)
            if difference is None:
                continue
            version, correction = difference
            if await self._edit(posted, correction) is Undelivered.UNKNOWN:
                raise PullquoteError("a correction did not come through")
            self._memory.mark(posted.key, version)
            log.info("marked an answer as changed", extra={"channel": posted.channel})
        self._done = revision

    def _difference(self, posted: Posted, place: Place) -> tuple[str, Correction] | None:
        """The version that the article is in now, and what to say of it; None if that is said."""
        receipt = posted.receipts[0]
        article = Receipt.parse(receipt).article
        try:
            view = self._library.source(receipt)
        except ReceiptError:  # of a version that the index no longer keeps
            return None
        if not place.holds(article):
            return None
        version = "" if view.withdrawn else view.current.digest if view.current else AS_QUOTED
        if version == (AS_QUOTED if posted.marked is None else posted.marked):
            return None
        quote = view.article.text[view.start : view.end]
        now = None
        if not view.withdrawn:
            matches = self._library.check(quote, filters=Filters(article=article)).matches
            now = matches[0] if matches else None
        return version, Correction(view, now)
