"""/settings: what a server chose, as a panel of menus that only its managers see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation.memory import ServerSettings
from bot.discord.admin import NOT_ALLOWED, check_manager, is_manager
from bot.discord.client import PullquoteBot
from bot.discord.panel import Panel
from bot.discord.views import notice

CHOICES = 25
"""What a menu can list."""
SPEAKS_IN = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
]


class SettingsCommand(commands.Cog):
    """Shows and changes the settings of a server."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot

    @app_commands.command()
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.guild_install()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """Choose what I answer from, where, and who sees it."""
        check_manager(interaction, self._bot.memory)
        visible = await asyncio.to_thread(self._bot.scope.visible, interaction.guild_id)
        panel = SettingsPanel(self._bot, interaction, visible)
        await interaction.response.send_message(view=panel, ephemeral=True)


class SettingsPanel(Panel):
    """The settings as menus and switches; each change counts at once."""

    def __init__(
        self, bot: PullquoteBot, interaction: discord.Interaction[Any], visible: Sequence[str]
    ) -> None:
        super().__init__(bot, "How I answer in this server")
        if interaction.guild is None:
            raise TypeError("a panel is of a server")
        self._visible = visible
        self._guild = interaction.guild
        now = bot.memory.settings_for(interaction.guild.id)
        reply = now.correction_reply
        labels = sorted(visible)[:CHOICES]
        if labels:
            self._add("**Collections** to answer from. None chosen: all.", _Sources(labels, now))
        guild = interaction.guild
        channels = _Channels("channels", now.channels, guild, "All channels", SPEAKS_IN)
        self._add("**Channels** where I may speak. None chosen: all.", channels)
        role = _Role(now, interaction.guild, fixed=not interaction.permissions.manage_guild)
        self._add("**Role** that may manage me, beside Manage Server.", role)
        self._add(
            "**Where** answers go, and **who** sees them. Press to change.",
            _Switch("thread", ("In the channel", "In a thread of their own"), now.thread),
            _Switch("private", ("Everyone sees them", "Only the asker sees them"), now.private),
        )
        self._add(
            "**Corrections** of quoted articles stand in the answer; they can be told, too.",
            _Switch("correction_reply", ("In the answer alone", "As a reply, too"), reply),
        )
        kinds = [discord.ChannelType.forum]
        forums = _Channels("forums", now.forums, guild, "No forum", kinds)
        self._add("**Forums** where I answer each new post by its title, unasked.", forums)
        news = _News(now, interaction.guild)
        self._add("**Channel** where corrections are posted, too. None: none.", news)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let nobody change anything who lost the right to since."""
        if not is_manager(interaction, self._bot.memory):
            view = notice(NOT_ALLOWED)
            await interaction.response.send_message(view=view, ephemeral=True)
            return False
        return True

    async def change(self, interaction: discord.Interaction[Any], **changes: Any) -> None:
        """Keep changed settings, and show them."""
        kept = replace(self._bot.memory.settings_for(self._guild.id), **changes)
        self._bot.memory.set_settings(self._guild.id, kept)
        self.stop()
        panel = SettingsPanel(self._bot, interaction, self._visible)
        await interaction.response.edit_message(view=panel)


class _Sources(discord.ui.Select[SettingsPanel]):
    def __init__(self, labels: list[str], now: ServerSettings) -> None:
        chosen = now.collections or ()
        super().__init__(
            placeholder="All collections",
            min_values=0,
            max_values=len(labels),
            options=[
                # A label is the name of a folder and may be longer than what Discord takes.
                discord.SelectOption(label=label[:100], value=str(number), default=label in chosen)
                for number, label in enumerate(labels)
            ],
        )
        self._labels = labels

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self.view:
            labels = tuple(self._labels[int(value)] for value in self.values)
            await self.view.change(interaction, collections=labels or None)


class _Channels(discord.ui.ChannelSelect[SettingsPanel]):
    """Channels to choose; ``setting`` is the name of what is chosen."""

    def __init__(
        self,
        setting: str,
        chosen: frozenset[int] | None,
        guild: discord.Guild,
        none: str,
        kinds: list[discord.ChannelType],
    ) -> None:
        self._setting = setting
        # Discord refuses a menu with a channel that is gone.
        known = sorted(id_ for id_ in chosen or () if guild.get_channel(id_))
        super().__init__(
            placeholder=none,
            channel_types=kinds,
            min_values=0,
            max_values=CHOICES,
            default_values=[discord.Object(id_, type=discord.TextChannel) for id_ in known],
        )

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self.view:
            ids = frozenset(channel.id for channel in self.values)
            await self.view.change(interaction, **{self._setting: ids or None})


class _News(discord.ui.ChannelSelect[SettingsPanel]):
    """The channel in which corrections are posted, too."""

    def __init__(self, now: ServerSettings, guild: discord.Guild) -> None:
        channel = now.correction_channel
        known = [channel] if channel and guild.get_channel(channel) else []
        super().__init__(
            placeholder="No channel",
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            min_values=0,
            max_values=1,
            default_values=[discord.Object(id_, type=discord.TextChannel) for id_ in known],
        )

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self.view:
            channel = self.values[0].id if self.values else None
            await self.view.change(interaction, correction_channel=channel)


class _Role(discord.ui.RoleSelect[SettingsPanel]):
    """The managing role; whoever has only that can't pass the right on: it is ``fixed``."""

    def __init__(self, now: ServerSettings, guild: discord.Guild, *, fixed: bool) -> None:
        role = now.manager_role and guild.get_role(now.manager_role)
        super().__init__(
            placeholder="No role",
            min_values=0,
            max_values=1,
            disabled=fixed,
            default_values=[role] if role else [],
        )

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if not interaction.permissions.manage_guild:
            view = notice(NOT_ALLOWED)
            await interaction.response.send_message(view=view, ephemeral=True)
        elif self.view:
            role = self.values[0].id if self.values else None
            await self.view.change(interaction, manager_role=role)


class _Switch(discord.ui.Button[SettingsPanel]):
    """A button that says what holds now, and changes it."""

    def __init__(self, setting: str, off_on: tuple[str, str], now: bool) -> None:
        style = discord.ButtonStyle.primary if now else discord.ButtonStyle.secondary
        super().__init__(label=off_on[now], style=style)
        self._setting = setting
        self._now = now

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self.view:
            await self.view.change(interaction, **{self._setting: not self._now})
