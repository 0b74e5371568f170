"""Thinks on the event loop: no heartbeat leaves it for four seconds."""

from __future__ import annotations

import time

import discord
from common import SmallBot, run


class Blocking(SmallBot):
    """Lets nothing else happen while it thinks."""

    async def answer(self, message: discord.Message) -> None:
        """Block, then answer."""
        time.sleep(4)
        await super().answer(message)


bot = Blocking()

if __name__ == "__main__":
    run(bot)
