"""/follow and /following, and what the bot sends without being asked at the moment."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.corrections import Corrections
from bot.conversation.standing import Newsroom, Undelivered, follow
from bot.conversation.state import DAY_S, Posted, Standing, State
from bot.conversation.watching import watch
from bot.discord import answering
from bot.discord.delivery import insist, refused
from bot.discord.views import layout, notice
from bot.render import discord as render
from bot.render.discord_text import line, shown, size
from index.errors import PullquoteError
from index.records import Answer

if TYPE_CHECKING:
    from bot.discord.client import Part, PullquoteBot

LONGEST = 500
"""Characters of a question that is typed in."""
LISTED, LABEL = 120, 100
"""Characters of a question in the list, and in the menu to remove it."""
PANEL_S = 14 * 60
"""How long the list works: the interaction that shows it lives for 15 minutes."""
KEPT_DAYS = 90
"""How long an answer's buttons work and it can be followed up."""
NEWS = "-# A new article answers a question that this channel follows."
NO_RIGHT = "I may not write in this channel; give me Send Messages here, then ask again."

guild_or_dm = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)

log = logging.getLogger(__name__)


def services(correction_days: float) -> Part:
    """The part of the bot that posts what answers standing questions, and corrections."""

    async def part(bot: PullquoteBot) -> None:
        await bot.add_cog(Following(bot))
        mail = Mail(bot)
        newsroom = Newsroom(bot.state, bot.library, bot.asking, mail.post)
        corrections = Corrections(
            bot.state, bot.library, bot.asking.place, mail.edit, days=correction_days
        )
        steps = (newsroom.step, corrections.step, Tidying(bot.state, correction_days).step)
        bot.keep(watch(steps, bot.is_ready), "standing questions and corrections")

    return part


class Tidying:
    """Forgets old answers, once a day."""

    def __init__(self, state: State, correction_days: float) -> None:
        self._state = state
        self._days = max(KEPT_DAYS, correction_days)
        self._next = 0.0

    async def step(self) -> None:
        """Forget what is too old, if that was not done today."""
        now = discord.utils.utcnow().timestamp()
        if now >= self._next:
            self._state.prune(self._days)
            self._next = now + DAY_S


class Mail:
    """Posts and edits messages that nobody waits for."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot

    async def post(self, posting: Posted, answer: Answer) -> int | Undelivered:
        """Post what answers a standing question; a channel that is gone follows no more."""
        channel = self._bot.get_channel(posting.channel) or discord.Object(posting.channel)
        if not answering.may_speak(self._bot.asking.place(posting.guild), channel):
            return Undelivered.REFUSED
        said = render.answer(answer, posting.key)
        view = layout(replace(said, texts=(render.Text(NEWS), *said.texts)))
        where = self._bot.get_partial_messageable(posting.channel, guild_id=posting.guild)
        try:
            message = await insist(lambda: where.send(view=view, nonce=posting.key))
        except discord.NotFound as exc:
            if posting.standing is not None:
                self._bot.state.unfollow(posting.standing, posting.channel)
            return _undelivered(exc, posting.channel)
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
            return _undelivered(exc, posting.channel)
        return message.id

    async def edit(self, posted: Posted, message: render.Message) -> int | Undelivered:
        """Put something else in place of what was posted."""
        if posted.message is None:
            return Undelivered.REFUSED
        where = self._bot.get_partial_messageable(posted.channel, guild_id=posted.guild)
        edited = where.get_partial_message(posted.message)
        try:
            nobody = discord.AllowedMentions.none()  # an edit of a view forgets the client's own
            await insist(lambda: edited.edit(view=layout(message), allowed_mentions=nobody))
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
            return _undelivered(exc, posted.channel)
        return posted.message


def _undelivered(exc: Exception, channel: int) -> Undelivered:
    """Log that a message was not taken, and say whether it may have been all the same."""
    if isinstance(exc, discord.HTTPException):
        refused(exc, "post", channel)
        return Undelivered.REFUSED if exc.status < 500 else Undelivered.UNKNOWN
    log.error("a post in %s was lost: %s", channel, type(exc).__name__)
    return Undelivered.UNKNOWN


class Following(commands.Cog):
    """Follows questions in a channel."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot

    @app_commands.command()
    @app_commands.describe(question="What do you want to hear of, as soon as an article says it?")
    @app_commands.guild_install()
    @guild_or_dm
    async def follow(
        self,
        interaction: discord.Interaction[PullquoteBot],
        question: app_commands.Range[str, 1, LONGEST],
    ) -> None:
        """Post here whenever a new article answers a question."""
        place = self._bot.asking.place(interaction.guild_id)
        channel = interaction.channel_id
        if channel is None or not answering.may_speak(place, interaction.channel):
            await interaction.response.send_message(view=notice(words.NOT_HERE), ephemeral=True)
            return
        if interaction.guild_id and not _may_write(interaction):
            raise PullquoteError(NO_RIGHT)
        if not any(sign.isalnum() for sign in question):
            raise PullquoteError(words.NO_WORD)
        await interaction.response.defer(thinking=True)
        new = await follow(
            self._bot.state, self._bot.library, interaction.guild_id, channel, question
        )
        done = "Following from now on" if new else "Followed here already"
        text = f"{done}: {line(question, LONGEST)}\n-# /following lists and removes."
        await interaction.edit_original_response(view=layout(render.Message((render.Text(text),))))

    @app_commands.command()
    @app_commands.guild_install()
    @guild_or_dm
    async def following(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """List the questions that are followed here, and remove them."""
        if interaction.channel_id is None:
            raise PullquoteError(words.NOT_HERE)
        view = Followed(self._bot.state, interaction.channel_id)
        await interaction.response.send_message(view=view, ephemeral=True)


def _may_write(interaction: discord.Interaction[Any]) -> bool:
    rights = interaction.app_permissions
    if isinstance(interaction.channel, discord.Thread):
        return rights.view_channel and rights.send_messages_in_threads
    return rights.view_channel and rights.send_messages


class Followed(discord.ui.LayoutView):
    """The questions of a channel, with a menu to remove one."""

    def __init__(self, state: State, channel: int) -> None:
        super().__init__(timeout=PANEL_S)
        self._state = state
        self._channel = channel
        questions = state.following(channel)
        listed = [f"- {line(each.question, LISTED)}" for each in questions]
        text = "\n".join(listed) or "No question is followed here; /follow does."
        self.add_item(discord.ui.TextDisplay(text))
        if questions:
            self.add_item(discord.ui.ActionRow(_Menu(questions)))

    async def remove(self, interaction: discord.Interaction[Any], standing: int) -> None:
        """Follow a question no more, and show the others."""
        self._state.unfollow(standing, self._channel)
        self.stop()
        await interaction.response.edit_message(view=Followed(self._state, self._channel))


class _Menu(discord.ui.Select[Followed]):
    def __init__(self, questions: Sequence[Standing]) -> None:
        options = [
            discord.SelectOption(label=_label(each.question), value=str(each.id))
            for each in questions
        ]
        super().__init__(placeholder="Follow no more …", options=options)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self.view:
            await self.view.remove(interaction, int(self.values[0]))


def _label(question: str) -> str:
    """A question as plain text, as long as a menu takes."""
    label = shown(question)
    while size(label) > LABEL:
        label = label[: len(label) - max(1, (size(label) - LABEL) // 2)]
    return label
