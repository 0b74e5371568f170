"""What is said to one asker, where they asked: a second thing said takes the place of the first.

A line that is cut is no reason to lose an answer, and none to give it twice: a message carries a
number by which Discord knows it again, and an edit can be done twice. What Discord refuses for
good (a channel without permission, a message that is gone, an interaction that expired) is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import aiohttp
import discord

if TYPE_CHECKING:
    from discord.abc import MessageableChannel

T = TypeVar("T")
TRIES = 4
PAUSE_S = 0.5
LIMITED_S = 10.0
"""The longest wait that is kept when Discord's guard, Cloudflare, asks for one: a minute's or an
hour's would outlast who waits for the answer."""
LET_GO_S = 1.0
LIMITED = 429
ACKNOWLEDGED = 40060
"""Discord's code for an interaction that was acknowledged already."""

log = logging.getLogger(__name__)


async def insist(send: Callable[[], Awaitable[T]]) -> T:
    """Send, and again when the connection breaks or Cloudflare limits the rate.

    discord.py itself tries again after a 5xx, and after a 429 of Discord's own.
    """
    for tried in range(1, TRIES):
        pause_s = PAUSE_S * tried
        try:
            return await send()
        except discord.HTTPException as exc:
            if exc.status != LIMITED:
                raise
            pause_s = max(pause_s, min(_retry_after(exc), LIMITED_S))
            log.warning("too many requests; again in %.1f s, try %d", pause_s, tried)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.info("connection lost while sending (%s), try %d", type(exc).__name__, tried)
        await asyncio.sleep(pause_s)
    return await send()


def _retry_after(exc: discord.HTTPException) -> float:
    """The seconds that are asked for; none, where that is left out or is a date."""
    seconds = exc.response.headers.get("Retry-After", "")
    return float(seconds) if seconds.replace(".", "", 1).isdecimal() else 0.0


def refused(exc: discord.HTTPException, what: str, where: int | None) -> None:
    """Log what Discord refused: its code, never what was to be said."""
    log.warning("%s in %s refused by Discord: %s (%s)", what, where, exc.status, exc.code)


class First:
    """Lets the acknowledgements go first, of many interactions that come at once.

    Who leaves waits until the others are through, too, for ``LET_GO_S`` at the most.
    """

    def __init__(self) -> None:
        self._pending = 0
        self._none = asyncio.Event()

    async def __aenter__(self) -> None:
        self._pending += 1
        self._none.clear()

    async def __aexit__(self, *_: object) -> None:
        self._pending -= 1
        if not self._pending:
            self._none.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), LET_GO_S)


class Reply(Protocol):
    """One asker; says one thing, and then another in its place."""

    @property
    def channel(self) -> int:
        """The channel, or thread, in which it is said."""

    @property
    def private(self) -> bool:
        """Whether only the asker sees it."""

    async def say(self, view: discord.ui.LayoutView) -> discord.Message | None:
        """Say it; None if Discord refused for good, or the connection is gone."""


class MessageReply:
    """Replies to a message, in its channel or in a thread made from it.

    Of a message that only its id is known of, such as the post that a thread begins with, it is
    no reply but what follows.
    """

    private = False

    def __init__(self, question: discord.PartialMessage, where: MessageableChannel) -> None:
        self.channel = where.id
        self._question = question
        self._where = where
        self._reply: discord.Message | None = None

    @property
    def where(self) -> MessageableChannel:
        """The channel, or thread, that it is said in."""
        return self._where

    @property
    def said(self) -> int | None:
        """The message that stands there now."""
        return self._reply.id if self._reply else None

    async def say(self, view: discord.ui.LayoutView) -> discord.Message | None:
        """Reply; a question that is deleted by then is answered by a plain message."""
        try:
            self._reply = await insist(lambda: self._send(view))
        except discord.HTTPException as exc:
            refused(exc, "reply", self._question.channel.id)
            return None
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("reply in %s lost: %s", self._question.channel.id, type(exc).__name__)
            return None
        return self._reply

    async def _send(self, view: discord.ui.LayoutView) -> discord.Message:
        if self._reply is not None:
            try:
                # Unlike everything else, an edit of a view alone forgets the client's own.
                nobody = discord.AllowedMentions.none()
                return await self._reply.edit(view=view, allowed_mentions=nobody)
            except discord.NotFound:
                self._reply = None
                return await self._where.send(view=view)
        if self._where.id != self._question.channel.id:
            try:
                return await self._where.send(view=view, nonce=self._question.id)
            except discord.Forbidden as exc:
                refused(exc, "an answer in a thread", self._where.id)
                self._where = self._question.channel
        if not isinstance(self._question, discord.Message):
            return await self._where.send(view=view, nonce=self._question.id)
        reference = self._question.to_reference(fail_if_not_exists=False)
        return await self._where.send(
            view=view, reference=reference, mention_author=False, nonce=self._question.id
        )


class InteractionReply:
    """Answers an interaction that was acknowledged with "thinking".

    ``in_place``: what is said takes the place of the message whose button was pressed.
    """

    def __init__(
        self, interaction: discord.Interaction[Any], *, private: bool, in_place: bool = False
    ) -> None:
        self.channel = interaction.channel_id or 0
        # In a server that did not invite it, a person who did speaks with it alone.
        alone = interaction.is_user_integration() and not interaction.is_guild_integration()
        self.private = private or (alone and interaction.guild_id is not None)
        self._interaction = interaction
        self._in_place = in_place

    async def acknowledge(self) -> bool:
        """Acknowledge, with an answer to follow; whether Discord still knew the interaction."""
        response = self._interaction.response
        thinking = not self._in_place
        try:
            async with self._interaction.client.first:
                await insist(lambda: response.defer(thinking=thinking, ephemeral=self.private))
        except discord.HTTPException as exc:
            if exc.code == ACKNOWLEDGED:  # by the try whose answer was lost
                return True
            refused(exc, "acknowledgement", self._interaction.channel_id)
            return False
        return True

    async def say(self, view: discord.ui.LayoutView) -> discord.Message | None:
        """Put it in place of "thinking", or of what was said before."""
        try:
            return await insist(lambda: self._interaction.edit_original_response(view=view))
        except discord.HTTPException as exc:
            refused(exc, "answer", self._interaction.channel_id)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("answer in %s lost: %s", self._interaction.channel_id, type(exc).__name__)
        return None
