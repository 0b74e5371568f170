"""Wants to read all messages, which it was not granted."""

from __future__ import annotations

import discord
from common import SmallBot, run

bot = SmallBot(discord.Intents(guilds=True, guild_messages=True, message_content=True))

if __name__ == "__main__":
    run(bot)
