"""Messages: a mention, a direct message, or a reply that pings is a question; others are let be.

An answer that is deleted is forgotten.
"""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.conversation import words
from bot.conversation.asking import has_words
from bot.conversation.memory import Posted
from bot.discord import answering
from bot.discord.client import PullquoteBot
from bot.discord.delivery import MessageReply
from bot.discord.turns import TooOftenError
from bot.discord.views import notice
from index.errors import PullquoteError

SAID = {discord.MessageType.default, discord.MessageType.reply}
"""The messages that people write; Discord writes others in their name, such as a thread's first."""
HINTED = 1000
"""Channels in which it is remembered that the hint was given."""


class Mentions(commands.Cog):
    """Hears messages."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot
        self._hinted: dict[int, None] = {}

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer what is meant for the bot, once, also if Discord sends it again."""
        if message.author.bot or message.type not in SAID:
            return
        if message.guild is not None and self._bot.user not in message.mentions:
            await self._hint(message)
        elif not self._bot.memory.seen(message.id):
            with self._bot.underway():
                await self._hear(message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, deleted: discord.RawMessageDeleteEvent) -> None:
        """Forget an answer that was deleted."""
        self._forget(deleted.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, deleted: discord.RawBulkMessageDeleteEvent) -> None:
        """Forget answers that were deleted."""
        for message in deleted.message_ids:
            self._forget(message)

    def _forget(self, message: int) -> None:
        posted = self._bot.memory.posted_as(message)
        if posted is not None:
            self._bot.memory.deleted(posted.key)

    async def _hear(self, message: discord.Message) -> None:
        try:
            place = await self._bot.asking.place(message.guild.id if message.guild else None)
            if not answering.may_speak(place, message.channel):
                return
            self._bot.turns.take(message.author.id)
            if place.settings.private:
                raise PullquoteError(words.PRIVATE)
            question = answering.unaddressed(self._bot, message.content)
            if not has_words(question):
                raise PullquoteError(words.HOW_TO_ASK)
        except PullquoteError as exc:
            if isinstance(exc, TooOftenError) and exc.told:
                return
            await MessageReply(message, message.channel).say(notice(words.of_fault(exc)))
            return
        await answering.to_message(self._bot, message, question, self._earlier(message))

    def _earlier(self, message: discord.Message) -> Posted | None:
        """The answer that a message replies to, or the last one in its thread."""
        if message.reference is not None and message.reference.message_id is not None:
            posted = self._bot.memory.posted_as(message.reference.message_id)
        elif isinstance(message.channel, discord.Thread):
            posted = self._bot.memory.latest_in(message.channel.id)
        else:
            return None
        here = message.guild.id if message.guild else None
        return posted if posted and posted.server == here else None

    async def _hint(self, message: discord.Message) -> None:
        """Say once where people seem to talk to the bot how they reach it: it can't read them."""
        channel = message.channel
        me = self._bot.user.id if self._bot.user else None
        replied = message.reference.resolved if message.reference else None
        to_me = isinstance(replied, discord.Message) and replied.author.id == me
        in_mine = isinstance(channel, discord.Thread) and channel.owner_id == me
        if message.content or channel.id in self._hinted or not (to_me or in_mine):
            return
        place = await self._bot.asking.place(message.guild.id if message.guild else None)
        if not answering.may_speak(place, channel):
            return
        if len(self._hinted) >= HINTED:
            self._hinted.clear()
        self._hinted[channel.id] = None
        await MessageReply(message, channel).say(notice(words.MENTION_ME))
