"""Follows up before it has acknowledged, and leaves the question waiting."""

from __future__ import annotations

import discord
from common import SmallBot, run

bot = SmallBot()


@bot.ask
async def ask(interaction: discord.Interaction, question: str) -> None:
    """Send the answer to a webhook that is not there yet."""
    await interaction.followup.send(question)


if __name__ == "__main__":
    run(bot)
