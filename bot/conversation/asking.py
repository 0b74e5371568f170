"""A place in a chat service and a question -> an answer from what may be seen there.

Everything that reads articles for a chat service goes through here, so that no server sees a
collection that is private to another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.conversation import words
from bot.conversation.desk import Desk, Told
from bot.conversation.memory import Memory, Posted, ServerSettings
from bot.conversation.scope import Scope
from index.ask.check import Check
from index.ask.source import SourceView
from index.ask.timeline import Timeline
from index.english.dates import day
from index.english.followup import Earlier
from index.errors import PullquoteError, ReceiptError
from index.formats import collection
from index.library import Library
from index.records import Answer, Filters, Quote, Receipt

SHOWN = 5
"""Quotes of an answer: the first is shown, the others stand behind the button More."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is asked: a server or a direct message (None), and what counts there."""

    server: int | None
    settings: ServerSettings
    collections: tuple[str, ...]

    def holds(self, article: str) -> bool:
        """Whether an article, by its id, may be seen here."""
        return collection(article) in self.collections


class Asking:
    """The library as a chat service may use it; what takes long waits its turn at the desk.

    The methods raise ``PullquoteError`` where nothing can be said, for its reason.
    """

    def __init__(self, library: Library, memory: Memory, scope: Scope, desk: Desk) -> None:
        self._library = library
        self._memory = memory
        self._scope = scope
        self._desk = desk

    async def place(self, server: int | None) -> Place:
        """What counts in a server, or in a direct message."""
        settings = self._memory.settings_for(server)
        # Not on the event loop: a store may be on another machine, and gone.
        collections = await asyncio.to_thread(self._scope.collections, server, settings)
        return Place(server, settings, collections)

    async def ask(
        self,
        place: Place,
        question: str,
        *,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        earlier: Posted | None = None,
        top: int = SHOWN,
        told: Told | None = None,
    ) -> Answer:
        """Answer from the collections of the place; after ``earlier``, as a follow-up to it."""
        here = replace(filters, collections=place.collections)
        before = earlier.key if earlier else None
        revision = await asyncio.to_thread(lambda: self._library.revision)
        key = (" ".join(question.split()), here, before, top, revision)

        def work() -> Answer:
            kept = self._earlier(place, earlier) if earlier else None
            return self._library.ask(question, top=top, filters=here, earlier=kept)

        return await self._desk.run(work, key=key, told=told)

    async def worth_asking(self, asked: Sequence[tuple[Place, str, Filters]]) -> list[int]:
        """Which of many questions their places may answer, by position, nearest first."""
        here = [
            (question, replace(filters, collections=place.collections))
            for place, question, filters in asked
        ]
        return await self._desk.run(lambda: self._library.worth_asking(here))

    async def again(self, place: Place, posted: Posted) -> Answer:
        """Ask again what was answered, as it was understood."""
        question = posted.understood_as or posted.question
        return await self.ask(place, question, filters=posted.filters)

    async def timeline(
        self, place: Place, story: str, *, filters: Filters, told: Told | None = None
    ) -> Timeline:
        """A story over time, from the collections of the place."""
        here = replace(filters, collections=place.collections)
        return await self._desk.run(lambda: self._library.timeline(story, filters=here), told=told)

    async def check(self, place: Place, text: str, told: Told | None = None) -> Check:
        """Whether a text stands in the articles of the place."""
        if not has_words(text):
            raise PullquoteError(words.NO_WORD)
        here = Filters(collections=place.collections)
        return await self._desk.run(lambda: self._library.check(text, filters=here), told=told)

    async def source(self, place: Place, receipt: str) -> SourceView:
        """Open the article at a receipt, if it may be seen in the place."""
        return await asyncio.to_thread(self._source, place, receipt)

    async def outlets(self, place: Place, typed: str) -> list[str]:
        """The outlets of the place that hold what was typed, those that begin with it first.

        What stands before a semicolon was chosen already, and stays before each of them.
        """
        names = await asyncio.to_thread(self._library.outlets, place.collections)
        chosen, semicolon, last = typed.rpartition(";")
        before, wanted = f"{chosen}; " if semicolon else "", last.casefold().strip()
        fitting = [name for name in names if wanted in name.casefold()]
        fitting.sort(key=lambda name: not name.casefold().startswith(wanted))
        return [before + name for name in fitting]

    def _source(self, place: Place, receipt: str) -> SourceView:
        try:
            article = Receipt.parse(receipt).article
        except ValueError as exc:
            raise ReceiptError(receipt, str(exc)) from exc
        if not place.holds(article):
            raise PullquoteError("that article is not among those of this server any more.")
        return self._library.source(receipt)

    def _earlier(self, place: Place, posted: Posted) -> Earlier:
        question = posted.understood_as or posted.question
        if not posted.receipts:
            return Earlier(question)
        try:
            view = self._source(place, posted.receipts[0])
        except PullquoteError as exc:  # it may be seen here no more: the question alone must do
            log.info("a follow-up without its quote: %s", type(exc).__name__)
            return Earlier(question)
        words = view.article.text[view.start : view.end]
        return Earlier(question, Quote(view.article, view.start, view.end, words, 0, 0.0))


def carried(question: str, filters: Filters, earlier: Posted) -> Filters:
    """The filters for a question after another: the other's, if it can't stand alone."""
    if Earlier(earlier.understood_as or earlier.question).understood(question) is None:
        return filters
    return replace(earlier.filters, collections=filters.collections, filed_after=None)


def has_words(text: str) -> bool:
    """Whether there is anything in a text to look for."""
    return any(sign.isalnum() for sign in text)


def filters(
    since: str | None, until: str | None, outlet: str | None, *, undated: bool = False
) -> Filters:
    """What was typed into the options of a command; several outlets have semicolons between them.

    Raises:
        PullquoteError: a day that can't be read, or a first day behind the last.
    """
    today = datetime.now(UTC).date()

    def read(text: str | None, *, end: bool) -> date | None:
        if not text:
            return None
        try:
            return day(text, end=end, today=today)
        except ValueError as exc:
            raise PullquoteError(str(exc)) from exc

    outlets = tuple(name for each in (outlet or "").split(";") if (name := each.strip()))
    chosen = Filters(
        read(since, end=False), read(until, end=True), outlets or None, undated=undated
    )
    if chosen.crossed:
        raise PullquoteError(f"since {chosen.since} and until {chosen.until}: no day is both")
    return chosen
