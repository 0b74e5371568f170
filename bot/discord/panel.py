"""What one person is shown to choose from, or to fill in; it ends, and says what goes wrong."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.discord.client import PullquoteBot
from bot.render.discord import SURE

PANEL_S = 14 * 60
"""How long a panel works: the interaction that shows it lives for 15 minutes."""


class Panel(ui.LayoutView):
    """A card with menus and buttons, which change what it shows at once."""

    def __init__(self, bot: PullquoteBot, title: str) -> None:
        super().__init__(timeout=PANEL_S)
        self._bot = bot
        self._card: ui.Container[ui.LayoutView] = ui.Container(accent_colour=SURE)
        self.add_item(self._card)
        self._add(f"**{title}**")

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Tell who chose alone."""
        await self._bot.explain(interaction, error)

    def _add(self, text: str, *items: ui.Item[Any]) -> None:
        self._card.add_item(ui.TextDisplay(text))
        if items:
            self._card.add_item(ui.ActionRow(*items))


class Form(ui.Modal):
    """What is filled in; ``title`` says what for."""

    def __init__(self, bot: PullquoteBot, title: str) -> None:
        super().__init__(title=title, timeout=PANEL_S)
        self._bot = bot

    async def on_error(  # type: ignore[override]  # of a modal there is no item
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Tell who filled it in alone."""
        await self._bot.explain(interaction, error)
