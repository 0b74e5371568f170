"""New articles -> the card of a daily digest: their first sentences, by outlet; pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.render.discord import SURE, Message, Text
from bot.render.discord_text import day, line, size
from index.english.segment import segment
from index.records import Article

_ROOM = 3600
"""Of the 4000 characters of a message, escapes included."""
_OUTLET, _TITLE, _SENTENCE, _MOST = 80, 120, 300, 5


def card(articles: Sequence[Article]) -> Message:
    """The first sentences of the newest articles of each outlet, and how many are not shown."""
    count = "1 new article" if len(articles) == 1 else f"{len(articles):,} new articles"
    texts = [Text(f"**{count} since yesterday**")]
    by_outlet: dict[str, list[Article]] = {}
    for article in reversed(articles):
        by_outlet.setdefault(article.outlet or "", []).append(article)
    room, shown = _ROOM, 0
    for outlet, its in sorted(by_outlet.items(), key=lambda each: -len(each[1])):
        entries = [_entry(article) for article in its[:_MOST]]
        told = "\n".join([f"**{line(outlet, _OUTLET) or 'No outlet named'}**", *entries])
        room -= size(told)
        if room < 0:
            break
        texts.append(Text(told))
        shown += len(entries)
    left = len(articles) - shown
    more = f"{left:,} more not shown · " if left else ""
    texts.append(Text(f"-# {more}/digest ends this"))
    return Message(tuple(texts), accent=SURE)


def _entry(article: Article) -> str:
    title = line(article.title or article.id, _TITLE)
    when = day(article.published) if article.published else "undated"
    return f"> {line(_first_sentence(article), _SENTENCE)}\n-# {title} · {when}"


def _first_sentence(article: Article) -> str:
    """The first sentence that is not the title."""
    text = article.text
    sentences = (text[start:end] for start, end, _ in segment(text))
    return next((each for each in sentences if each.strip() != article.title.strip()), text)
