"""What is sent without being asked at the moment: answers to standing questions, corrections."""

from __future__ import annotations

import logging
from dataclasses import replace

import aiohttp
import discord

from bot.conversation.corrections import Correction
from bot.conversation.memory import Posted
from bot.conversation.standing import Undelivered
from bot.discord import answering
from bot.discord.client import PullquoteBot
from bot.discord.delivery import insist, refused
from bot.discord.views import layout
from bot.render import discord as render
from bot.render.discord_text import line
from index.records import Answer

NEWS = "-# A new article answers a question that this channel follows."
DROPPED = (
    "I may no longer post in <#{channel}>, so I don't follow this question there any more: "
    "{question}\n-# Let me in again, or choose another channel, and use /follow there."
)
LISTED = 500
"""Characters of the question that is dropped."""

log = logging.getLogger(__name__)


class Mail:
    """Posts and edits messages that nobody waits for."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot

    async def post(self, posting: Posted, answer: Answer) -> int | Undelivered:
        """Post what answers a standing question.

        A channel that is gone, or that refuses the bot, follows the question no more; its owner is
        told.
        """
        channel = self._bot.get_channel(posting.channel) or discord.Object(posting.channel)
        if not answering.may_speak(await self._bot.asking.place(posting.server), channel):
            return Undelivered.REFUSED
        message = render.answer(answer, posting.key)
        view = layout(replace(message, texts=(render.Text(NEWS), *message.texts)))
        where = self._bot.get_partial_messageable(posting.channel, guild_id=posting.server)
        try:
            sent = await insist(lambda: where.send(view=view, nonce=posting.key))
        except (discord.NotFound, discord.Forbidden) as exc:
            await self._drop(posting)
            return _undelivered(exc, posting.channel)
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
            return _undelivered(exc, posting.channel)
        return sent.id

    async def _drop(self, posting: Posted) -> None:
        """Follow a question no more, and tell its owner; in the log, if they can't be reached.

        Whoever removes it is the one who tells, so that it is told once.
        """
        memory = self._bot.memory
        known = {each.id: each for each in memory.following(posting.channel)}
        standing = known.get(posting.standing or 0)
        if standing is None or not memory.unfollow(standing.id, standing.channel):
            return
        where = {"guild": standing.server, "channel": standing.channel}
        log.warning("a channel refused a post: a question is dropped", extra=where)
        if standing.server is None or standing.owner is None:
            return  # the channel that refuses is the owner's own, or nobody knows them
        said = DROPPED.format(channel=standing.channel, question=line(standing.question, LISTED))
        view = layout(render.Message((render.Text(said),)))
        try:
            owner = await self._bot.create_dm(discord.Object(standing.owner))
            await insist(lambda: owner.send(view=view))
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.warning("its owner can't be told: %s", type(exc).__name__, extra=where)

    async def edit(self, posted: Posted, correction: Correction) -> int | Undelivered:
        """Put a correction in place of what was posted."""
        if posted.message is None:
            return Undelivered.REFUSED
        view = layout(
            render.corrected(posted.question, posted.key, correction.view, correction.now)
        )
        where = self._bot.get_partial_messageable(posted.channel, guild_id=posted.server)
        message = where.get_partial_message(posted.message)
        try:
            nobody = discord.AllowedMentions.none()  # an edit of a view forgets the client's own
            await insist(lambda: message.edit(view=view, allowed_mentions=nobody))
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
            return _undelivered(exc, posted.channel)
        await self._announce(posted, correction)
        return posted.message

    async def _announce(self, posted: Posted, correction: Correction) -> None:
        """Tell of a correction where the server wants it told; once, if at all."""
        settings = self._bot.memory.settings_for(posted.server)
        told = render.changed(correction.view, correction.now)
        if settings.correction_reply and posted.message is not None:
            where = self._bot.get_partial_messageable(posted.channel, guild_id=posted.server)
            message = where.get_partial_message(posted.message)
            reference = message.to_reference(fail_if_not_exists=False)
            await self._tell(where, render.Message((told.texts[0],)), reference)
        if settings.correction_channel is not None:
            where = self._bot.get_partial_messageable(
                settings.correction_channel, guild_id=posted.server
            )
            small = render.Text(f"-# Of an answer in <#{posted.channel}>")
            await self._tell(where, replace(told, texts=(*told.texts, small)))

    async def _tell(
        self,
        where: discord.PartialMessageable,
        message: render.Message,
        reference: discord.MessageReference | None = None,
    ) -> None:
        view = layout(message)
        try:
            if reference is None:
                await insist(lambda: where.send(view=view))
            else:
                await insist(
                    lambda: where.send(view=view, reference=reference, mention_author=False)
                )
        except discord.HTTPException as exc:
            refused(exc, "a correction", where.id)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("a correction in %s was lost: %s", where.id, type(exc).__name__)


def _undelivered(exc: Exception, channel: int) -> Undelivered:
    """Log that a message was not taken, and say whether it may have been all the same."""
    if isinstance(exc, discord.HTTPException):
        refused(exc, "post", channel)
        return Undelivered.REFUSED if exc.status < 500 else Undelivered.UNKNOWN
    log.error("a post in %s was lost: %s", channel, type(exc).__name__)
    return Undelivered.UNKNOWN
