"""Quoted articles that changed -> the messages that quoted them say so; nothing here knows Discord.

A message is edited once for each version of its article: what it shows is kept with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol, TypeAlias

from bot.conversation.asking import Place
from bot.conversation.standing import Undelivered
from bot.conversation.state import Posted, State
from bot.render import discord as render
from bot.render.discord import Message
from bot.render.discord_text import line
from index.ask.check import Check
from index.errors import PullquoteError, ReceiptError
from index.library import SourceView
from index.records import Filters, Receipt

AS_QUOTED = "as quoted"
"""What is kept in place of a digest when an article became again what it was."""
QUESTION = 250
"""Characters of the question that a corrected message repeats."""

Edit: TypeAlias = Callable[[Posted, Message], Awaitable[int | Undelivered]]
"""Puts something else in place of what a message says; returns the id of the message."""

log = logging.getLogger(__name__)


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
        state: State,
        library: Versions,
        place: Callable[[int | None], Place],
        edit: Edit,
        *,
        days: float,
    ) -> None:
        self._state = state
        self._library = library
        self._place = place
        self._edit = edit
        self._days = days
        self._done = 0

    async def step(self) -> None:
        """Compare what was posted with the articles, if these are of a new revision.

        Raises:
            PullquoteError: the index can't be read, or the line to Discord is cut, now.
        """
        revision = await asyncio.to_thread(lambda: self._library.revision)
        if revision == self._done:
            return
        for posted in self._state.posted_since(self._days):
            found = await asyncio.to_thread(self._difference, posted)
            if found is None:
                continue
            version, message = found
            edited = await self._edit(posted, message)
            if edited is Undelivered.UNKNOWN:
                raise PullquoteError("a correction did not come through to Discord")
            self._state.mark(posted.key, version)
            log.info("marked an answer as changed", extra={"channel": posted.channel})
        self._done = revision

    def _difference(self, posted: Posted) -> tuple[str, Message] | None:
        """The version that the article is in now, and what to say of it; None if that is said."""
        receipt = posted.receipts[0]
        article = Receipt.parse(receipt).article
        try:
            view = self._library.source(receipt)
        except ReceiptError:  # of a version that the index no longer keeps
            return None
        if not self._place(posted.guild).holds(article):
            return None
        version = "" if view.withdrawn else view.current.digest if view.current else AS_QUOTED
        if version == (AS_QUOTED if posted.marked is None else posted.marked):
            return None
        quote = view.article.text[view.start : view.end]
        now = None
        if not view.withdrawn:
            matches = self._library.check(quote, filters=Filters(article=article)).matches
            now = matches[0] if matches else None
        return version, corrected(posted, render.changed(view, now))


def corrected(posted: Posted, change: Message) -> Message:
    """What takes the place of an answer: the question, what changed, and the way to the source."""
    asked = render.Text(f"-# Asked: {line(posted.question, QUESTION)}")
    source = render.Button("Source", f"pq:{render.SOURCE}:{posted.key}:0")
    return replace(change, texts=(asked, *change.texts), buttons=(source,))
