"""``Message`` -> discord.py's view of it, which comes to the same JSON as ``payload(message)``."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.render import discord as render
from bot.render.discord import Button, Message, Text


def layout(message: Message) -> discord.ui.LayoutView:
    """The view to send; made inside a loop.

    It is finished, so that discord.py forgets it: a press on one of its buttons is heard by
    ``buttons``, which knows them by their ids, also after a restart.
    """
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*_inside(message), accent_colour=message.accent))
    view.stop()
    return view


def notice(words: str) -> discord.ui.LayoutView:
    """Words of the bot itself."""
    return layout(render.notice(words))


def _inside(message: Message) -> Iterator[discord.ui.Item[discord.ui.LayoutView]]:
    yield from map(_text, message.texts)
    for row in message.rows:
        yield discord.ui.ActionRow(*map(_button, row))


def _button(button: Button) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=button.label, custom_id=button.custom_id)


def _text(text: Text) -> discord.ui.Item[discord.ui.LayoutView]:
    display: discord.ui.TextDisplay[discord.ui.LayoutView] = discord.ui.TextDisplay(text.markdown)
    if text.link is None:
        return display
    return discord.ui.Section(
        display, accessory=discord.ui.Button(label=render.OPEN, url=text.link)
    )
