"""What the bot says first in a server that lets it in, with three buttons to try."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from bot.conversation import words
from bot.conversation.asking import has_words
from bot.discord import answering
from bot.discord.client import PullquoteBot
from bot.discord.delivery import insist, refused
from bot.discord.panel import Form
from bot.discord.views import layout
from bot.render import discord as render
from index.errors import PullquoteError

LONGEST = 500
"""Characters of a question that is typed in."""
_ID = "pqt:{}"
TRY = {"ask": "Ask a question", "holds": "What I answer from", "help": "What I can do"}

log = logging.getLogger(__name__)


def card() -> render.Message:
    """The first message."""
    buttons = tuple(render.Button(label, _ID.format(name)) for name, label in TRY.items())
    return render.Message((render.Text(words.WELCOME),), buttons, render.SURE)


class Welcome(commands.Cog):
    """Greets a server that it joins, once each time."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot

    async def cog_load(self) -> None:
        """Hear the buttons of the greeting, also after a restart."""
        self._bot.add_dynamic_items(TryButton)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet where the server welcomes people, else in the first channel that takes it."""
        where = _first_channel(guild)
        if where is None:
            log.info("no channel to greet in", extra={"guild": guild.id})
            return
        try:
            await insist(lambda: where.send(view=layout(card()), nonce=guild.id))
        except discord.HTTPException as exc:
            refused(exc, "a greeting", where.id)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("a greeting in %s was lost: %s", where.id, type(exc).__name__)


def _first_channel(guild: discord.Guild) -> discord.TextChannel | None:
    first = [guild.system_channel] if guild.system_channel else []
    for channel in (*first, *guild.text_channels):
        rights = channel.permissions_for(guild.me)
        if rights.view_channel and rights.send_messages:
            return channel
    return None


class TryButton(ui.DynamicItem[ui.Button[Any]], template=rf"pqt:(?P<what>{'|'.join(TRY)})"):
    """One of the three buttons; what it shows is for who pressed it."""

    def __init__(self, item: ui.Button[Any], what: str) -> None:
        super().__init__(item)
        self._what = what

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> TryButton:
        """Read the id."""
        if not isinstance(item, ui.Button):
            raise TypeError(f"{match[0]} is the id of a button, not of {item!r}")
        return cls(item, match["what"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show a form to ask with, what there is, or the help."""
        bot: PullquoteBot = interaction.client
        try:
            if self._what == "ask":
                await interaction.response.send_modal(Question(bot))
            elif self._what == "help":
                view = layout(render.Message((render.Text(words.HELP),)))
                await interaction.response.send_message(view=view, ephemeral=True)
            else:
                await interaction.response.defer(thinking=True, ephemeral=True)
                place = await bot.asking.place(interaction.guild_id)
                status = await asyncio.to_thread(bot.library.status, place.collections)
                view = layout(render.status(status))
                await insist(lambda: interaction.edit_original_response(view=view))
        except Exception as exc:  # noqa: BLE001 - the last resort, which says so
            await bot.explain(interaction, exc)


class Question(Form):
    """Asks for a question, and answers it."""

    def __init__(self, bot: PullquoteBot) -> None:
        super().__init__(bot, TRY["ask"])
        self._text: ui.TextInput[Question] = ui.TextInput(custom_id="question", max_length=LONGEST)
        self.add_item(ui.Label(text="Who, what, when, where, why, how many?", component=self._text))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Answer as /ask does."""
        with self._bot.underway():
            self._bot.turns.take(interaction.user.id)
            question = self._text.value.strip()
            if not has_words(question):
                raise PullquoteError(words.HOW_TO_ASK)
            await answering.to_interaction(self._bot, interaction, question)
