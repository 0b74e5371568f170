"""Lists of articles -> what Discord is sent, a page at a time; pure.

The id of a button that turns the page is ``pql:<which list>:<page>:<words>``.
"""

from __future__ import annotations

from bot.conversation.shelf import Change, Held
from bot.render.discord import FAIR, SURE, UNSURE, Button, Message, Text
from bot.render.discord_text import day, line
from index.records import Article

OWN, ALL = LISTS = ("own", "all")
"""The lists: what the server added, and all that it sees."""
PAGE = 8
"""Articles of a page."""
WORDS = 40
"""Characters of what is searched for: all of it must fit into the id of a button."""
_TITLE, _NAME, _TITLES, _REASON = 120, 60, 5, 200


def listing(held: list[Held], which: str, page: int, words: str = "") -> Message:
    """A page of a list, with the buttons to the pages beside it."""
    last = max(0, (len(held) - 1) // PAGE)
    page = min(page, last)
    found = held[page * PAGE : (page + 1) * PAGE]
    title = f"Articles with “{line(words, WORDS)}”" if words else "Added to this server"
    texts = [Text(f"**{title}**"), *(Text(_entry(each)) for each in found)]
    if not found:
        told = "No title, outlet or author holds these words." if words else NOTHING
        return Message((texts[0], Text(told)), accent=UNSURE)
    texts.append(Text(f"-# {_count(len(held))} · page {page + 1} of {last + 1}"))
    turns = [(page - 1, "Newer")] * (page > 0) + [(page + 1, "Older")] * (page < last)
    buttons = tuple(
        Button(label, f"pql:{which}:{number}:{words[:WORDS]}") for number, label in turns
    )
    return Message(tuple(texts), buttons, SURE)


NOTHING = "This server added none yet; /articles add does."


def change(change: Change) -> Message:
    """What became of a server's articles: titles, and numbers of what it sees."""
    titles = [f"- {_title(each)}" for each in change.fresh[:_TITLES]]
    if len(change.fresh) > _TITLES:
        titles.append(f"- and {len(change.fresh) - _TITLES:,} more")
    failed = [f"Left out: {line(each, _REASON)}" for each in change.failed]
    if change.gone:
        head = f"**Removed**: {_count(change.gone)}"
    elif change.fresh:
        head = f"**New or changed**: {_count(len(change.fresh))}"
    else:
        head = "**Nothing new**"
    small = f"-# This server is answered from {_count(change.articles)} now."
    texts = [Text("\n".join([head, *titles, *failed])), Text(small)]
    return Message(tuple(texts), accent=FAIR if failed else SURE)


def _entry(held: Held) -> str:
    facts = [held.article.outlet and line(held.article.outlet, _NAME), _day(held.article)]
    if held.added:
        facts.append(f"added by <@{held.added.person}> <t:{int(held.added.at)}:D>")
    told = " · ".join(filter(None, facts))
    return f"{_title(held.article)}\n-# {told}"


def _title(article: Article) -> str:
    return line(article.title, _TITLE) or line(article.id, _TITLE)


def _day(article: Article) -> str:
    return day(article.published) if article.published else "undated"


def _count(number: int) -> str:
    return "1 article" if number == 1 else f"{number:,} articles"
