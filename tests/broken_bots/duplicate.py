"""Gives two buttons the same custom_id."""

from __future__ import annotations

import discord
from common import SmallBot, run


class Duplicate(SmallBot):
    """Names its buttons carelessly."""

    async def answer(self, message: discord.Message) -> None:
        """Answer with two buttons of one name."""
        view = discord.ui.View(timeout=None)
        for label in ("More", "Source"):
            view.add_item(discord.ui.Button(label=label, custom_id="button"))
        await message.reply("> quote", view=view)


bot = Duplicate()

if __name__ == "__main__":
    run(bot)
