"""Timeline -> a page of it: text for a terminal, Markdown, HTML, JSON; pure.

The words of the articles are shown as they stand: what would be markup in them is escaped.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from rich.text import Text

from bot.render import as_json
from bot.signs import visible
from index.ask.timeline import Timeline
from index.records import Quote

_MARKS = re.compile(r"[\\`*_{}\[\]|<>~&@]|:(?=\S)")
"""What Markdown reads as its own wherever it stands."""
_LEAD = re.compile(r"^(\d*)([#+\-.)])")
"""And what it does so at the start of a line: a heading, or a list."""
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }}
li {{ margin: 1.5rem 0; list-style: none }}
blockquote {{ margin: .3rem 0 }}
footer, small {{ color: #666 }}
</style>
<h1>{title}</h1>
<ol>
{entries}
</ol>
<footer>{footer}</footer>
</html>"""


def plain(timeline: Timeline) -> Text:
    """A paragraph for each quote: its day, words, source and receipt."""
    text = Text()
    if understood := _understood(timeline):
        text.append(f"{visible(understood)}\n\n", "italic")
    for quote in timeline.quotes:
        text.append(f"{quote.article.published}  ", "bold").append(visible(_words(quote)))
        text.append(f"\n   {visible(_source(quote))}", "italic")
        text.append(f"\n   receipt {visible(str(quote.receipt))}\n\n", "dim")
    return text.append(_footer(timeline), "dim")


def markdown(timeline: Timeline) -> str:
    """A heading, and for each quote its day, words, source and receipt."""
    lines = [f"# {_marked(timeline.question)}", ""]
    if understood := _understood(timeline):
        lines += [_marked(understood), ""]
    for quote in timeline.quotes:
        address = quote.article.url
        source = _marked(_source(quote))
        if address and _is_web(address):
            source = f"[{source}](<{_in_angles(address)}>)"
        lines += [
            f"**{quote.article.published}**",
            "",
            f"> {_marked(_words(quote))}",
            "",
            f"{source}  ",
            f"Receipt: {_code(str(quote.receipt))}",
            "",
        ]
    return "\n".join([*lines, _marked(_footer(timeline))])


def html(timeline: Timeline) -> str:
    """A page by itself, without scripts and without anything from elsewhere."""
    footer = " · ".join(filter(None, (_understood(timeline), _footer(timeline))))
    return _PAGE.format(
        title=_text(timeline.question),
        entries="\n".join(map(_item, timeline.quotes)),
        footer=_text(footer),
    )


def to_json(timeline: Timeline) -> dict[str, Any]:
    """The timeline as ``docs/json.md`` describes it."""
    return {
        "question": timeline.question,
        "understood_as": timeline.understood_as,
        "time": timeline.time,
        "quotes": [as_json.quote(each) for each in timeline.quotes],
        "revision": timeline.revision,
        "newest": timeline.newest.isoformat() if timeline.newest else None,
    }


def _item(quote: Quote) -> str:
    address = quote.article.url
    source = _text(_source(quote))
    if address and _is_web(address):
        source = f'<a href="{_text(address)}" rel="noreferrer">{source}</a>'
    return (
        f'<li><time datetime="{quote.article.published}">{quote.article.published}</time>\n'
        f"<blockquote>{_text(_words(quote))}</blockquote>\n"
        f"{source}<br>\n"
        f"<small>Receipt: {_text(str(quote.receipt))}</small></li>"
    )


def _words(quote: Quote) -> str:
    """The quote in one line: a break of the line is shown as a space."""
    return " ".join(quote.text.split())


def _source(quote: Quote) -> str:
    """Title and outlet, and how many other articles have the same words."""
    article = quote.article
    facts = [article.title or article.id, article.outlet]
    if quote.said_by:
        facts.append(f"said by {article.text[slice(*quote.said_by)]}")
    if quote.also_in:
        facts.append(f"and in {len(quote.also_in)} more")
    return " · ".join(" ".join(fact.split()) for fact in facts if fact)


def _understood(timeline: Timeline) -> str | None:
    parts = [part for part in (timeline.understood_as, timeline.time) if part]
    return f"Understood as: {', '.join(parts)}" if parts else None


def _footer(timeline: Timeline) -> str:
    return f"Newest article: {timeline.newest or 'none is dated'}"


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _in_angles(address: str) -> str:
    r"""An address for Markdown's angle brackets, which neither these nor white space may be in."""
    return re.sub(r"[<>\\\s]", lambda sign: f"%{ord(sign[0]):02X}", address)


def _marked(text: str) -> str:
    r"""Markdown that shows a line of text.

    >>> _marked("1. *no*")
    '1\\. \\*no\\*'
    """
    return _LEAD.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", visible(text)))


def _code(text: str) -> str:
    """Markdown of words to be copied, which nothing in them ends."""
    fence = "`" * (max(map(len, re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}{visible(text)}{fence}"


def _text(text: str) -> str:
    """HTML that shows a text."""
    return escape(visible(text))
