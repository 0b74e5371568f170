"""``Message`` -> discord.py's view of it, and the JSON that Discord is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import discord

from bot.render import discord as render
from bot.render.discord import Button, Message, Text

Item: TypeAlias = discord.ui.Item[discord.ui.LayoutView]


def layout(message: Message) -> discord.ui.LayoutView:
    """The view to send; made inside a loop.

    It is finished, so that discord.py forgets it: a press on one of its buttons is heard by
    ``buttons``, which knows them by their ids, also after a restart.
    """
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(_card(message))
    view.stop()
    return view


def notice(words: str) -> discord.ui.LayoutView:
    """Words of the bot itself."""
    return layout(render.notice(words))


def payload(message: Message) -> dict[str, Any]:
    """The JSON of a message, as the client sends it: nobody is pinged."""
    return {
        "flags": discord.MessageFlags(components_v2=True).value,
        "components": [_card(message).to_component_dict()],
        "allowed_mentions": discord.AllowedMentions.none().to_dict(),
    }


def _card(message: Message) -> discord.ui.Container[discord.ui.LayoutView]:
    return discord.ui.Container(*_inside(message), accent_colour=message.accent)


def _inside(message: Message) -> Iterator[Item]:
    yield from map(_text, message.texts)
    for row in message.rows:
        yield discord.ui.ActionRow(*map(_button, row))


def _button(button: Button) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=button.label, custom_id=button.custom_id)


def _text(text: Text) -> Item:
    display: discord.ui.TextDisplay[discord.ui.LayoutView] = discord.ui.TextDisplay(text.markdown)
    if text.link is None:
        return display
    return discord.ui.Section(
        display, accessory=discord.ui.Button(label=render.OPEN, url=text.link)
    )
