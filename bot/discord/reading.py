"""A message -> the words in it, wherever a server holds them.

They are what a person typed, else what was forwarded, else the texts of embeds and components, in
which links are previewed and bots speak. A message that is but a link has its preview's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import discord

from bot.conversation import words
from bot.discord.answering import unaddressed
from bot.discord.client import PullquoteBot
from index.errors import PullquoteError

_LINK = re.compile(r"<?https?://\S+")


class Holding(Protocol):
    """What a message and a forwarded one have in common."""

    content: str
    embeds: list[discord.Embed]
    components: list[Any]


async def text_of(bot: PullquoteBot, message: discord.Message) -> str:
    """The text in a message, without the mentions of the bot; of the bot's own answer, the quote.

    Raises:
        PullquoteError: there is none.
    """
    own = await _quoted(bot, message)
    if own is not None:
        return own
    holding: list[Holding] = [message, *message.message_snapshots]
    typed = (unaddressed(bot, each.content) for each in holding)
    shown = (_shown(each) for each in holding)
    text = next((each for each in (*typed, *shown) if _LINK.sub("", each).strip()), None)
    if text is None:
        raise PullquoteError(words.NO_TEXT)
    return text


async def _quoted(bot: PullquoteBot, message: discord.Message) -> str | None:
    """The quote of an answer that the bot remembers; of a refusal, the question."""
    posted = bot.memory.posted_as(message.id)
    here = message.guild.id if message.guild else None
    if posted is None or posted.server != here:
        return None
    if not posted.receipts:
        return posted.question
    view = await bot.asking.source(await bot.asking.place(here), posted.receipts[0])
    return view.article.text[view.start : view.end]


def _shown(holding: Holding) -> str:
    """The texts of embeds and components, without their Markdown."""
    texts = [text for each in holding.embeds for text in _of_embed(each)]
    texts += _of_components(holding.components)
    return "\n".join(discord.utils.remove_markdown(each) for each in texts).strip()


def _of_embed(embed: discord.Embed) -> Iterator[str]:
    if embed.description or embed.fields:  # a headline alone is read only where there is no more
        yield from filter(None, [embed.description, *(field.value for field in embed.fields)])
    elif embed.title:
        yield embed.title


def _of_components(components: Iterable[Any]) -> Iterator[str]:
    """The texts of components, also of those inside others."""
    for each in components:
        if isinstance(each, discord.TextDisplay):
            yield each.content
        yield from _of_components(getattr(each, "children", ()))
