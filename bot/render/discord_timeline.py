"""Timeline -> the card that Discord is sent: the newest days, as many as there is room for."""

from __future__ import annotations

from bot.render.discord import SURE, UNSURE, Message, Text
from bot.render.discord_text import day, line, size
from index.ask.timeline import Timeline
from index.records import Quote

_ROOM = 3400
"""Of the 4000 characters of a message, escapes included."""
_QUESTION, _QUOTE, _SOURCE, _UNDERSTOOD = 200, 400, 80, 150


def card(timeline: Timeline) -> Message:
    """The quotes of the newest days, oldest first, and how many are not shown."""
    told = f"**Timeline: {line(timeline.question, _QUESTION)}**"
    understood = ", ".join(part for part in (timeline.understood_as, timeline.time) if part)
    head = told + (f"\n-# Understood as: {line(understood, _UNDERSTOOD)}" if understood else "")
    newest = f"-# Newest article: {day(timeline.newest) if timeline.newest else 'none is dated'}"
    if not timeline.quotes:
        none = "**Nothing to tell**: no dated article comes near enough to that."
        return Message((Text(head), Text(none), Text(newest)), accent=UNSURE)
    shown: list[str] = []
    room = _ROOM - size(head) - size(newest)
    for quote in reversed(timeline.quotes):
        entry = _entry(quote)
        room -= size(entry) + 2
        if room < 0:
            break
        shown.insert(0, entry)
    earlier = len(timeline.quotes) - len(shown)
    if earlier:
        newest = f"-# {earlier} earlier not shown: ask for a shorter time · {newest[3:]}"
    return Message((Text(head), Text("\n\n".join(shown)), Text(newest)), accent=SURE)


def _entry(quote: Quote) -> str:
    """A day, its quote and where that is from."""
    article = quote.article
    facts = [line(article.title or article.id, _SOURCE)]
    if article.outlet:
        facts.append(line(article.outlet, _SOURCE))
    if quote.also_in:
        facts.append(f"and in {len(quote.also_in)} more")
    when = day(article.published) if article.published else "undated"
    return f"**{when}**\n> {line(quote.text, _QUOTE)}\n-# {' · '.join(facts)}"
