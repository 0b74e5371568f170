"""Standing questions: asked again of whatever arrives, and posted when that answers them anew.

All are looked at together; only those that something new comes near to are asked, and read for.

A post is remembered in one transaction with how far the articles were read, and *then* sent, under
a key by which the chat service knows it again for some minutes. So nothing is posted twice,
wherever the bot is killed; only if it stays away for longer than those minutes right there, the
post is lost.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from enum import Enum
from typing import Protocol, TypeAlias

from bot.conversation.asking import SHOWN, Place
from bot.conversation.memory import Memory, Posted, Standing
from index.ask.source import SourceView
from index.english.copies import same_words
from index.english.segment import segment
from index.errors import PullquoteError, ReceiptError
from index.records import Answer, Filters, Quote

MOST = 25
"""Standing questions of a channel: as many as a menu can list."""
LOOKED_AT = 10
"""Quotes that are asked for, to find some that were not posted yet."""
CORRECTED = 0.7
"""Share of the words of two versions of a sentence from which one corrects the other."""
AGAIN_S = 120.0
"""How long a post is sent again: its key is known "in the past few minutes"."""

log = logging.getLogger(__name__)


class Undelivered(Enum):
    """Why there is no message: the service said no, or nobody knows whether it came through."""

    REFUSED = "refused"
    UNKNOWN = "unknown"


Post: TypeAlias = Callable[[Posted, Answer], Awaitable[int | Undelivered]]
"""Sends an answer to its channel, under its key as the nonce; returns the id of the message."""


class Asks(Protocol):
    """The part of ``Asking`` that is needed here."""

    async def place(self, server: int | None) -> Place:
        """What counts in a server, or in a direct message."""

    async def ask(self, place: Place, question: str, *, filters: Filters, top: int) -> Answer:
        """Answer from the collections of the place."""

    async def worth_asking(self, asked: Sequence[tuple[Place, str, Filters]]) -> list[int]:
        """Which of the questions anything may answer, by position, nearest first."""


class Filing(Protocol):
    """The part of ``Library`` that is needed here."""

    @property
    def revision(self) -> int:
        """The number of the live revision."""

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last."""

    def rebuilt_since(self, number: int) -> bool:
        """Whether every article was filed anew since the one of this number."""

    def earlier_texts(self, article: str, number: int) -> list[str]:
        """The texts of the versions of an article that were filed up to a number."""

    def source(self, receipt: str) -> SourceView:
        """Open the article that a receipt names."""


class Newsroom:
    """Asks the standing questions of what was filed since; ``clock`` is seconds since 1970."""

    def __init__(
        self,
        memory: Memory,
        library: Filing,
        asking: Asks,
        post: Post,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._memory = memory
        self._library = library
        self._asking = asking
        self._post = post
        self._clock = clock
        self._done = 0

    async def step(self) -> None:
        """Ask every standing question of what came since it was asked last.

        Cheap where nothing came; what is cut short by an error is done at the next call.

        Raises:
            PullquoteError: the index can't be read, or too many others ask now.
        """
        await self._send_again()
        revision = await asyncio.to_thread(lambda: self._library.revision)
        if revision == self._done:
            return
        last = await asyncio.to_thread(lambda: self._library.last_filed)
        due = [each for each in self._memory.following() if each.after != last]
        news = await self._with_news(due)
        self._memory.advance_all({each.id for each in due} - {each.id for each in news}, last)
        for standing in news:
            await self._ask(standing, last)
        self._done = revision

    async def _with_news(self, due: list[Standing]) -> list[Standing]:
        """Those that something new may answer, first what something comes nearest to."""
        rebuilt = {  # old articles under new numbers are no news
            after: await asyncio.to_thread(self._library.rebuilt_since, after)
            for after in {each.after for each in due}
        }
        due = [each for each in due if not rebuilt[each.after]]
        if not due:
            return []
        places = {
            server: await self._asking.place(server) for server in {each.server for each in due}
        }
        asked = [
            (places[each.server], each.question, Filters(filed_after=each.after)) for each in due
        ]
        return [due[place] for place in await self._asking.worth_asking(asked)]

    async def _ask(self, standing: Standing, last: int) -> None:
        filters = Filters(filed_after=standing.after)
        place = await self._asking.place(standing.server)
        answer = await self._asking.ask(place, standing.question, filters=filters, top=LOOKED_AT)
        shown = await asyncio.to_thread(self._quotes_posted, standing)
        fresh = [
            quote
            for quote in answer.quotes
            if not any(same_words(quote.text, earlier) for earlier in shown)
            and not await asyncio.to_thread(self._is_corrected, quote, standing)
        ][:SHOWN]
        if not fresh:
            self._memory.advance(standing.id, last)
            return
        posting = Posted(
            server=standing.server,
            channel=standing.channel,
            question=standing.question,
            receipts=tuple(str(quote.receipt) for quote in fresh),
            revision=answer.revision,
            filters=replace(filters, collections=place.collections),
            standing=standing.id,
            at=self._clock(),
        )
        self._memory.advance(standing.id, last, posting)
        await self._send(posting, answer, fresh)

    async def _send_again(self) -> None:
        """Send what a killed bot, or a broken line, may have left unsent."""
        for posting in self._memory.unsent(AGAIN_S):
            place = await self._asking.place(posting.server)
            filters = replace(posting.filters, collections=None)
            answer = await self._asking.ask(place, posting.question, filters=filters, top=LOOKED_AT)
            same = [quote for quote in answer.quotes if str(quote.receipt) in posting.receipts]
            if same:
                await self._send(posting, answer, same)

    async def _send(self, posting: Posted, answer: Answer, quotes: list[Quote]) -> None:
        sent = await self._post(posting, replace(answer, quotes=tuple(quotes)))
        if isinstance(sent, int):
            self._memory.sent(posting.key, posting.channel, sent)
            log.info("posted for a standing question", extra={"standing": posting.standing})
        elif sent is Undelivered.REFUSED:
            self._memory.forget(posting.key)
        else:
            raise PullquoteError("a post for a standing question did not come through")

    def _is_corrected(self, quote: Quote, standing: Standing) -> bool:
        """Whether an earlier version of the article, known before, said the same or nearly so."""
        texts = self._library.earlier_texts(quote.article.id, standing.after)
        return any(
            nearly_same(quote.text, text[start:end])
            for text in texts
            for start, end, _ in segment(text)
        )

    def _quotes_posted(self, standing: Standing) -> list[str]:
        """The quotes that a channel was shown for its standing question."""
        quotes = []
        for posted in self._memory.posted_for(standing.id):
            for receipt in posted.receipts:
                try:
                    view = self._library.source(receipt)
                except ReceiptError:  # of a version that the index no longer keeps
                    continue
                quotes.append(view.article.text[view.start : view.end])
        return quotes


def nearly_same(sentence: str, earlier: str) -> bool:
    """Whether a sentence is an earlier one with a correction, such as of a figure.

    >>> nearly_same("The fire hurt 47 people.", "The fire hurt 45 people.")
    True
    >>> nearly_same("The fire hurt 47 people.", "The mayor spoke.")
    False
    """
    return SequenceMatcher(None, _words(sentence), _words(earlier)).ratio() >= CORRECTED


async def follow(
    memory: Memory,
    library: Filing,
    server: int | None,
    channel: int,
    text: str,
    owner: int,
) -> bool:
    """Follow a question in a channel from now on for its owner; whether it is new there.

    A question of nearly the same words is the same: see ``alike``.

    Raises:
        PullquoteError: the channel follows ``MOST`` already, or the index can't be read.
    """
    question = " ".join(text.split())
    known = memory.following(channel)
    if any(alike(each.question, question) for each in known):
        return False
    if len(known) >= MOST:
        raise PullquoteError(
            f"this channel follows {MOST} questions already; remove one with /following."
        )
    last = await asyncio.to_thread(lambda: library.last_filed)
    memory.follow(server, channel, question, last, owner)
    return True


def alike(one: str, other: str) -> bool:
    """Whether two questions ask the same, but for case, punctuation, light words and endings.

    >>> alike("Who vetoed the ceasefire?", "who has vetoed a ceasefire")
    True
    >>> alike("Who killed the mayor?", "Who was killed, the mayor?")
    False
    """
    return _words(one) == _words(other) or _weighty(one) == _weighty(other) != []


def _weighty(question: str) -> list[str]:
    """The words that make a question what it is, in order, without their usual endings."""
    words = (word for word in _words(question) if not _LIGHT.fullmatch(word))
    return [_ENDING.sub("", word) for word in words]


# No form of "be" and no "will": who killed is not who was killed, nor what did close what will.
_LIGHT = re.compile("an?|the|th(?:is|at|ese|ose)|ha(?:s|ve|d)|do|does|did")
_ENDING = re.compile(r"(?<=\w{3})(?:ies|es|ed|ing|s|e|y)$")


def _words(question: str) -> list[str]:
    return re.findall(r"\w+", question.casefold())
