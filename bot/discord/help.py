"""/help and /privacy: what can be asked, and what is kept; told to who asks alone."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.tidying import kept_days
from bot.discord.client import PullquoteBot
from bot.discord.questions import anywhere, everywhere
from bot.discord.views import layout
from bot.render import discord as render


class Help(commands.Cog):
    """Says what the bot does and keeps."""

    def __init__(self, bot: PullquoteBot, correction_days: float) -> None:
        self._bot = bot
        self._days = kept_days(correction_days)

    @app_commands.command()
    @anywhere
    @everywhere
    async def help(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """What I can be asked, and how."""
        await interaction.response.send_message(view=_shown(words.HELP), ephemeral=True)

    @app_commands.command()
    @anywhere
    @everywhere
    async def privacy(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """What I keep, for how long, and how to have it deleted."""
        told = words.privacy(self._days, names=self._bot.memory.names)
        await interaction.response.send_message(view=_shown(told), ephemeral=True)


def _shown(markdown: str) -> discord.ui.LayoutView:
    return layout(render.Message((render.Text(markdown),)))
