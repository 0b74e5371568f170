"""Acknowledges each interaction twice."""

from __future__ import annotations

import discord
from common import SmallBot, run

bot = SmallBot()


@bot.ask
async def ask(interaction: discord.Interaction, question: str) -> None:
    """Answer, and answer again as if it had not."""
    await interaction.response.send_message(question)
    interaction.response._response_type = None
    await interaction.response.send_message(question)


if __name__ == "__main__":
    run(bot)
