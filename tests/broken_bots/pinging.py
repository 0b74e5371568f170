"""Quotes who names everybody, and leaves the mentions to Discord."""

from __future__ import annotations

import discord
from common import SmallBot, run


class Pinging(SmallBot):
    """Has said nothing about mentions."""

    async def answer(self, message: discord.Message) -> None:
        """Answer with a quote that names everybody."""
        await message.channel.send("The mayor wrote: @everyone come!")


bot = Pinging(allowed_mentions=None)

if __name__ == "__main__":
    run(bot)
