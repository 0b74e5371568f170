"""An article -> what is known of it and where it is, as lines of a terminal with links."""

from __future__ import annotations

from pathlib import Path

from rich.style import Style
from rich.text import Text

from bot.render.layout import Hanging
from bot.render.links import to_file, to_words
from bot.screen import screen
from bot.signs import visible
from index.records import Article


def facts(article: Article, url: str | None, *more: str) -> Text:
    """What an article is: title, author, outlet, day, as far as they are known, and ``more``.

    The title leads to the page, or else to the file.
    """
    published = article.published.isoformat() if article.published else "undated"
    known = (article.author, article.outlet, published, *more)
    title = _linked(visible(article.title), url or to_file(article.path))
    return title.append(visible("".join(f" · {fact}" for fact in known if fact)), "source")


def places(article: Article, indent: Text, span: str = "") -> list[Hanging]:
    """Where an article is: its file with the ``span`` in it, and its page, an address a line."""
    page = to_words(article.url, "")
    place = _linked(visible(location(article)), to_file(article.path) or page)
    lines = [Hanging(indent, place.append(span, "source"), whole=True)]
    if article.path and article.url:
        lines.append(Hanging(indent, _linked(visible(article.url), page), whole=True))
    return lines


def location(article: Article) -> str:
    """Where to find an article: its path, short if it is below this folder, or its URL."""
    if article.path is None:
        return article.url or article.id
    path = Path(article.path)
    here = screen().folder
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    record = article.id.partition("#")[2]
    return f"{shown}#{record}" if record else str(shown)


def _linked(text: str, url: str | None) -> Text:
    """Text of a source, which a terminal that can links to the address."""
    shown = Text().append(text, "source")
    if url:
        shown.stylize(Style(link=url), 0, len(shown))
    return shown
