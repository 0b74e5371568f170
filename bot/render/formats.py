"""Answers and articles -> Markdown for a page, CSV for a spreadsheet."""

from __future__ import annotations

import csv as writing
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.render.as_json import verdict
from bot.render.links import to_file, to_words
from index.records import Answer, Article, Quote

ARTICLE = ("id", "title", "author", "outlet", "published", "url", "path")
"""The columns of a list of articles."""
ANSWER = (
    *("question", "verdict", "number", "confidence", "quote", "answer"),
    *("title", "author", "outlet", "published", "url", "path"),
    *("paragraph", "start", "end", "receipt"),
)
"""The columns of answers: a row for each quote, and one for a refusal."""

_MARKUP = re.compile(r"([\\`*_\[\]<>&~|$])")
_BEGIN = re.compile(r"^(\s*(?:\d+(?=[.)])|(?=[#+=-])))", re.MULTILINE)
"""Where a line of CommonMark would become a list, a heading or a rule."""


def csv(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as RFC 4180 has them, but for the ends of lines, which are those of a terminal."""
    text = io.StringIO()
    writing.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().rstrip("\n")


def rows(answer: Answer) -> Iterator[tuple[Any, ...]]:
    """An answer as rows of ``ANSWER``."""
    shown = answer.quotes or answer.perhaps
    if not shown:
        yield (answer.question, verdict(answer)) + ("",) * (len(ANSWER) - 2)
    for number, each in enumerate(shown, start=1):
        yield (
            *(answer.question, verdict(answer), number, f"{each.confidence:.4f}", each.text),
            each.article.text[slice(*each.highlight)] if each.highlight else "",
            *article(each.article)[1:],
            *(each.paragraph, each.start, each.end, each.receipt),
        )


def article(article: Article) -> tuple[Any, ...]:
    """An article as a row of ``ARTICLE``; empty where it is not known."""
    return tuple(getattr(article, name) or "" for name in ARTICLE)


def markdown(answer: Answer) -> str:
    """An answer as CommonMark: block quotes with the short answer in bold, each with its source."""
    parts = [f"**{escaped(answer.question)}**"]
    if not answer.quotes and answer.refusal:
        perhaps = "Perhaps; nothing is sure enough to be an answer:" if answer.perhaps else None
        parts.append(perhaps or f"No answer found: {escaped(answer.refusal.reason)}.")
    for each in answer.quotes or answer.perhaps:
        parts += [_quoted(each), f"— {_sourced(each)}"]
    return "\n\n".join(parts) + "\n"


def listed(article: Article) -> str:
    """An article as a line of a list."""
    url = to_words(article.url, "") or to_file(article.path)
    known = (article.outlet, article.published.isoformat() if article.published else "undated")
    facts = "".join(f", {escaped(fact)}" for fact in known if fact)
    return f"- {_link(article.title, url)}{facts}, {_code(article.id)}"


def escaped(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> escaped("- *So* it was")
    '\\- \\*So\\* it was'
    """
    return _BEGIN.sub(r"\1\\", _MARKUP.sub(r"\\\1", text))


def _quoted(quote: Quote) -> str:
    first, last = quote.highlight or (quote.start, quote.start)
    body = quote.article.text
    before, short, after = (
        escaped(body[start:end])
        for start, end in ((quote.start, first), (first, last), (last, quote.end))
    )
    words = f"{before}**{short}**{after}" if short else before + after
    return "> " + words.replace("\n", "\n> ")


def _sourced(quote: Quote) -> str:
    article = quote.article
    url = to_words(article.url, quote.text) or to_file(article.path)
    published = article.published.isoformat() if article.published else "undated"
    known = [escaped(fact) for fact in (article.author, article.outlet, published) if fact]
    facts = [_link(article.title, url), *known, f"confidence {quote.confidence:.2f}"]
    return ", ".join([*facts, _code(str(quote.receipt))])


def _link(text: str, url: str | None) -> str:
    return f"[{escaped(text)}](<{url}>)" if url else escaped(text)


def _code(text: str) -> str:
    """Text as it is, between more backticks than stand in it."""
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
