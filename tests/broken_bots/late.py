"""Acknowledges 3.3 seconds after it is asked: too late."""

from __future__ import annotations

import asyncio

import discord
from common import SmallBot, run

bot = SmallBot()


@bot.ask
async def ask(interaction: discord.Interaction, question: str) -> None:
    """Think first, acknowledge afterwards."""
    await asyncio.sleep(3.3)
    await interaction.response.send_message(question)


if __name__ == "__main__":
    run(bot)
