"""A question, from when it is heard until its answer stands where it was asked."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.conversation import words
from bot.conversation.asking import Place, carried
from bot.conversation.memory import Posted, new_key
from bot.discord.client import PullquoteBot
from bot.discord.delivery import InteractionReply, MessageReply, Reply, insist, refused
from bot.discord.views import layout, notice
from bot.render import discord as render
from index.errors import PullquoteError
from index.records import Answer, Filters

if TYPE_CHECKING:
    from discord.abc import Messageable, MessageableChannel


NAME = 100
"""Characters that the name of a thread may have."""
TYPING_S = 8.0
"""Discord shows that someone types for ten seconds."""

log = logging.getLogger(__name__)


async def answer(
    bot: PullquoteBot,
    reply: Reply,
    place: Place,
    question: str,
    *,
    asker: int,
    filters: Filters = Filters(),  # noqa: B008 - frozen
    earlier: Posted | None = None,
) -> None:
    """Look for the answer and say it; remember it, for its buttons and for what follows.

    ``asker`` may delete it.
    """
    begun = time.monotonic()
    if earlier:
        filters = carried(question, filters, earlier)
    try:
        result = await bot.asking.ask(
            place,
            question,
            filters=filters,
            earlier=earlier,
            told=lambda number: reply.say(layout(render.busy(number))),
        )
    except PullquoteError as exc:
        await reply.say(notice(words.of_fault(exc)))
        bot.dispatch("unanswered", exc, time.monotonic() - begun)
        return
    here = replace(filters, collections=place.collections)
    asked = Posted(place.server, reply.channel, question, (), 0, filters=here)
    posted = remember(bot, asked, result, bot.memory.key_for(asker))
    message = await reply.say(layout(render.answer(result, posted.key, private=reply.private)))
    if message is None:
        bot.memory.forget(posted.key)
    elif not reply.private:  # what only one person sees can neither be replied to nor corrected
        bot.memory.sent(posted.key, message.channel.id, message.id)
    bot.dispatch("answered", posted, result, time.monotonic() - begun)


def remember(bot: PullquoteBot, question: Posted, result: Answer, key: str | None = None) -> Posted:
    """Keep an answer under a new key, for its buttons and for what follows."""
    posted = replace(
        question,
        receipts=tuple(str(quote.receipt) for quote in result.quotes),
        revision=result.revision,
        understood_as=result.understood_as,
        message=None,
        key=key or new_key(),
    )
    bot.memory.remember(posted)
    return posted


async def to_message(
    bot: PullquoteBot,
    message: discord.Message,
    question: str,
    earlier: Posted | None,
    reply: MessageReply | None = None,
) -> MessageReply:
    """Answer a message, in a thread made from it if the server wants that.

    A ``reply`` that was given to it before says the answer instead.
    """
    place = await bot.asking.place(message.guild.id if message.guild else None)
    if reply is None:
        where: MessageableChannel = message.channel
        if place.settings.thread:
            where = await _thread(message, question) or where
        reply = MessageReply(message, where)
    async with _typing(reply.where):
        asker = message.author.id
        await answer(bot, reply, place, question, asker=asker, earlier=earlier)
    return reply


async def to_interaction(
    bot: PullquoteBot,
    interaction: discord.Interaction[PullquoteBot],
    question: str,
    filters: Filters = Filters(),  # noqa: B008 - frozen
) -> None:
    """Answer an interaction where it was made, or in a thread if the server wants that."""
    place = await bot.asking.place(interaction.guild_id)
    if not may_speak(place, interaction.channel):
        await interaction.response.send_message(view=notice(words.NOT_HERE), ephemeral=True)
        return
    here = InteractionReply(interaction, private=place.settings.private)
    if not await here.acknowledge():
        return
    reply: Reply = here
    if place.settings.thread and not here.private:
        message = await here.say(layout(render.question(question)))
        thread = await _thread(message, question) if message else None
        if message and thread:
            reply = MessageReply(message, thread)
    await answer(bot, reply, place, question, asker=interaction.user.id, filters=filters)


def unaddressed(bot: PullquoteBot, text: str, guild: discord.Guild | None = None) -> str:
    """A text without the mentions of the bot, and of its role in a server."""
    own = f"<@!?{bot.user.id}>" if bot.user else "(?!)"
    if guild is not None and (role := guild.self_role) is not None:
        own += f"|<@&{role.id}>"
    return re.sub(own, " ", text).strip()


def may_speak(place: Place, channel: object) -> bool:
    """Whether the server lets the bot speak in a channel, or in the one that a thread hangs on."""
    if place.settings.channels is None:
        return True
    ids = {getattr(channel, "id", None), getattr(channel, "parent_id", None)}
    return bool(ids & place.settings.channels)


async def _thread(message: discord.Message, question: str) -> discord.Thread | None:
    """A thread made from a message; None where there can be none."""
    if not isinstance(message.channel, discord.TextChannel):
        return None
    name = " ".join(question.split())
    name = name if len(name) <= NAME else name[: NAME - 1] + "…"
    channel = message.channel.get_partial_message(message.id)  # one of an interaction can't
    try:
        return await insist(lambda: channel.create_thread(name=name))
    except discord.HTTPException as exc:
        refused(exc, "a thread", message.channel.id)
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        log.error("a thread in %s was lost: %s", message.channel.id, type(exc).__name__)
    return None


@asynccontextmanager
async def _typing(where: Messageable) -> AsyncIterator[None]:
    """Show that the bot types, for as long as it takes; an answer never waits for that."""
    task = asyncio.create_task(_type(where))
    try:
        yield
    finally:
        task.cancel()


async def _type(where: Messageable) -> None:
    try:
        while True:
            await where.typing()
            await asyncio.sleep(TYPING_S)
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
        log.debug("not shown as typing: %s", type(exc).__name__)
