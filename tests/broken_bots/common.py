"""What the small bots of these tests share: a client that finds the double, and how it starts."""

from __future__ import annotations

import logging
import os

import discord
from discord import app_commands
from discord.ext import commands

NOBODY = discord.AllowedMentions.none()


class SmallBot(commands.AutoShardedBot):
    """Answers who mentions it; without privileged intents, and pinging nobody."""

    def __init__(self, intents: discord.Intents | None = None, **options: object) -> None:
        options = {"allowed_mentions": NOBODY, "proxy": os.environ["PULLQUOTE_PROXY"], **options}
        own = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(commands.when_mentioned, intents=intents or own, **options)

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        """Answer those who mention it or write to it directly."""
        if message.author.bot or not message.content:
            return
        await self.answer(message)

    async def answer(self, message: discord.Message) -> None:
        """Answer one message."""
        await message.reply(f"> {message.content}")

    def ask(self, callback: app_commands.commands.CommandCallback) -> None:
        """Make a coroutine of an interaction and a question the command ``/ask``."""
        command = app_commands.Command(name="ask", description="Ask", callback=callback)
        self.tree.add_command(command)


def run(bot: SmallBot) -> None:
    """Run a bot until it is told to end."""
    bot.run(os.environ["PULLQUOTE_DISCORD_TOKEN"], log_level=logging.INFO)
