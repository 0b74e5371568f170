"""Answers with more text than a message holds."""

from __future__ import annotations

import discord
from common import SmallBot, run


class Overlong(SmallBot):
    """Does not count."""

    async def answer(self, message: discord.Message) -> None:
        """Answer with 2001 characters."""
        await message.reply("x" * 2001)


bot = Overlong()

if __name__ == "__main__":
    run(bot)
