"""/follow and /following: the questions that a channel follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.asking import has_words
from bot.conversation.memory import Memory, Standing
from bot.conversation.standing import follow
from bot.discord import answering
from bot.discord.admin import is_manager
from bot.discord.client import PullquoteBot
from bot.discord.panel import Panel
from bot.discord.views import layout, notice
from bot.render import discord as render
from bot.render.discord_text import line, shown, size
from index.errors import PullquoteError

LONGEST = 500
"""Characters of a question that is typed in."""
LISTED, LABEL = 120, 100
"""Characters of a question in the list, and in the menu to remove it."""
OTHERS = "Those of others are removed by them, or by whoever may manage the server."
NO_RIGHT = "I may not write in this channel; give me Send Messages here, then ask again."

guild_or_dm = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)


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
        place = await self._bot.asking.place(interaction.guild_id)
        channel = interaction.channel_id
        if channel is None or not answering.may_speak(place, interaction.channel):
            await interaction.response.send_message(view=notice(words.NOT_HERE), ephemeral=True)
            return
        if interaction.guild_id and not may_write(interaction):
            raise PullquoteError(NO_RIGHT)
        if not has_words(question):
            raise PullquoteError(words.NO_WORD)
        await interaction.response.defer(thinking=True)
        new = await follow(
            self._bot.memory,
            self._bot.library,
            interaction.guild_id,
            channel,
            question,
            interaction.user.id,
        )
        done = "Following from now on" if new else "Followed here already"
        head = f"**{done}**\n{line(question, LONGEST)}"
        text = f"{head}\n-# /following lists, and removes your own."
        await interaction.edit_original_response(view=layout(render.Message((render.Text(text),))))

    @app_commands.command()
    @app_commands.guild_install()
    @guild_or_dm
    async def following(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """List the questions that are followed here, and remove your own."""
        if interaction.channel_id is None:
            raise PullquoteError(words.NOT_HERE)
        view = FollowedPanel(self._bot, interaction.channel_id, interaction)
        await interaction.response.send_message(view=view, ephemeral=True)


def may_write(interaction: discord.Interaction[Any]) -> bool:
    """Whether the bot may post in the channel, or thread, of an interaction."""
    rights = interaction.app_permissions
    if isinstance(interaction.channel, discord.Thread):
        return rights.view_channel and rights.send_messages_in_threads
    return rights.view_channel and rights.send_messages


class FollowedPanel(Panel):
    """The questions of a channel, with a menu to remove one of those that its reader may."""

    def __init__(self, bot: PullquoteBot, channel: int, reader: discord.Interaction[Any]) -> None:
        super().__init__(bot, "Followed in this channel")
        self._memory = memory = bot.memory
        self._channel = channel
        questions = memory.following(channel)
        listed = [f"- {line(each.question, LISTED)}" for each in questions]
        text = "\n".join(listed) or "No question is followed here; /follow does."
        own = [each for each in questions if _may_remove(each, reader, memory)]
        self._add(text, *([_Menu(own)] if own else []))
        if len(own) < len(questions):
            self._add(f"-# {OTHERS}")

    async def remove(self, interaction: discord.Interaction[Any], standing: int) -> None:
        """Follow a question no more, if whoever chose it still may, and show the others."""
        for each in self._memory.following(self._channel):
            if each.id == standing and _may_remove(each, interaction, self._memory):
                self._memory.unfollow(standing, self._channel)
        self.stop()
        left = FollowedPanel(self._bot, self._channel, interaction)
        await interaction.response.edit_message(view=left)


def _may_remove(standing: Standing, reader: discord.Interaction[Any], memory: Memory) -> bool:
    """Whether it is the reader's own, who manages the server, or alone with the bot."""
    if standing.owner == reader.user.id or reader.guild_id is None:
        return True
    return is_manager(reader, memory)


class _Menu(discord.ui.Select[FollowedPanel]):
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
