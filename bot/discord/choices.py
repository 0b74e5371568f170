"""What Discord offers while an option is typed."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.conversation import words
from bot.discord.client import PullquoteBot
from index.errors import PullquoteError

CHOICES, CHOICE = 25, 100
"""Choices that Discord shows, and the characters of one."""


async def outlets(
    bot: PullquoteBot, interaction: discord.Interaction[PullquoteBot], typed: str
) -> list[app_commands.Choice[str]]:
    """The outlets of the place that hold what was typed so far."""
    try:
        place = await bot.asking.place(interaction.guild_id)
        names = await bot.asking.outlets(place, typed)
    except PullquoteError as exc:
        words.of_fault(exc)
        return []
    fits = [name for name in names if len(name) <= CHOICE]
    return [app_commands.Choice(name=name, value=name) for name in fits[:CHOICES]]
