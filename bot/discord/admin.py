"""Who may manage the bot in a server: Manage Server, or the role that was set for it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.conversation.memory import Memory

NOT_ALLOWED = "That needs the permission Manage Server here, or the role that was set for it."


def is_manager(interaction: discord.Interaction[Any], memory: Memory) -> bool:
    """Whether who acts here may manage the bot; in a direct message nobody may."""
    if interaction.guild_id is None or not isinstance(interaction.user, discord.Member):
        return False
    if interaction.permissions.manage_guild:
        return True
    role = memory.settings_for(interaction.guild_id).manager_role
    return role is not None and interaction.user.get_role(role) is not None


def check_manager(interaction: discord.Interaction[Any], memory: Memory) -> None:
    """Let only managers go on.

    Raises:
        discord.app_commands.CheckFailure: this is none.
    """
    if not is_manager(interaction, memory):
        raise app_commands.CheckFailure
