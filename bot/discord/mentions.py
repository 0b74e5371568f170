"""Messages: a mention, a direct message, or a reply that pings is a question; others are let be.

An answer that is deleted is forgotten.
"""

from __future__ import annotations

import asyncio

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
EDITED_S = 60.0
"""For so long after it was asked, a question that is edited is answered anew."""
POST_S = 1.0
"""After a thread, Discord takes the post that it begins with; none may answer before."""
HEARD = 500
"""Questions that are remembered for that."""
HINTED = 1000
"""Channels in which it is remembered that the hint was given."""


class _Heard:
    """A question as it was asked last, and the reply that stands under it; one at a time."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.content: str | None = None
        self.reply: MessageReply | None = None


class Mentions(commands.Cog):
    """Hears messages."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot
        self._heard: dict[int, _Heard] = {}
        self._hinted: dict[int, None] = {}

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer what is meant for the bot, once, also if Discord sends it again."""
        if message.author.bot or message.type not in SAID:
            return
        if not self._is_meant(message):
            await self._hint(message)
        elif not self._bot.memory.seen(message.id):
            with self._bot.underway():
                await self._hear(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, edited: discord.RawMessageUpdateEvent) -> None:
        """Answer a question anew that was edited soon after it was asked, in the same place."""
        message = edited.message
        if message.author.bot or message.type not in SAID or message.edited_at is None:
            return  # an update without an edit, such as of a preview
        after = (message.edited_at - message.created_at).total_seconds()
        if after > EDITED_S or not self._is_meant(message):
            return
        # One that was heard before a restart is let be: who knows what was edited.
        if message.id in self._heard or not self._bot.memory.seen(message.id):
            with self._bot.underway():
                await self._hear(message)

    @commands.Cog.listener()
    async def on_thread_create(self, thread: discord.Thread) -> None:
        """Answer a new post in a forum where the server wants that, by its title.

        Discord shows the bot no more of a post that does not mention it.
        """
        settings = self._bot.memory.settings_for(thread.guild.id)
        me = self._bot.user.id if self._bot.user else None
        if thread.parent_id not in (settings.forums or ()) or thread.owner_id == me:
            return
        if settings.private or not has_words(thread.name):
            return
        place = await self._bot.asking.place(thread.guild.id)
        if not answering.may_speak(place, thread):
            return
        if self._bot.memory.seen(thread.id):
            return
        with self._bot.underway():
            await asyncio.sleep(POST_S)
            try:
                self._bot.turns.take(thread.owner_id)
            except TooOftenError:
                return  # nobody asked, so nobody is told
            reply = MessageReply(thread.get_partial_message(thread.id), thread)
            asker = thread.owner_id
            await answering.answer(self._bot, reply, place, thread.name, asker=asker)

    def _is_meant(self, message: discord.Message) -> bool:
        """Whether a message is for the bot: alone with it, or naming it or its role."""
        if message.guild is None or self._bot.user in message.mentions:
            return True
        role = message.guild.self_role
        return role is not None and role in message.role_mentions

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
        heard = self._heard.setdefault(message.id, _Heard())
        while len(self._heard) > HEARD:
            del self._heard[next(iter(self._heard))]
        async with heard.turn:
            if heard.content == message.content:
                return
            heard.content = message.content
            if heard.reply is not None and heard.reply.said is not None:
                self._forget(heard.reply.said)  # what stands there is answered anew
            heard.reply = await self._answer(message, heard.reply)

    async def _answer(
        self, message: discord.Message, reply: MessageReply | None
    ) -> MessageReply | None:
        """Answer, or say why not; return the reply that stands under the message then."""
        try:
            place = await self._bot.asking.place(message.guild.id if message.guild else None)
            if not answering.may_speak(place, message.channel):
                return reply
            self._bot.turns.take(message.author.id)
            if place.settings.private:
                raise PullquoteError(words.PRIVATE)
            if not message.content and self._bot.user not in message.mentions:
                raise PullquoteError(words.NOT_MY_ROLE)
            question = answering.unaddressed(self._bot, message.content, message.guild)
            if not has_words(question):
                raise PullquoteError(words.HOW_TO_ASK)
        except PullquoteError as exc:
            if isinstance(exc, TooOftenError) and exc.told:
                return reply
            reply = reply or MessageReply(message, message.channel)
            await reply.say(notice(words.of_fault(exc)))
            return reply
        earlier = self._earlier(message)
        return await answering.to_message(self._bot, message, question, earlier, reply)

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
