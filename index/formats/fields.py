"""What a source says about its article -> fields of ``Article``; JSON and front matter alike.

A field that isn't there, or is null or empty, is unknown. A field that is there and makes no sense
is refused: a wrong date would be worse than none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from index.formats.source import Place, printable, require_no_nul, storable
from index.records import Article

SHOWN = 60
"""Characters of a refused value that its error shows."""
AUTHOR_LIMIT = 300
"""Characters of a byline; what is longer is none, and is cut."""

# What the programs that make documents, and the systems that hold their users, write by themselves.
_NO_AUTHOR = re.compile(
    r"python-docx|microsoft office user|microsoft( office)? word|unknown|anonymous|n/?a|none|null"
    r"|admin(istrator)?|root|user|owner|author|default|[\W_]*",
    re.IGNORECASE,
)


def article(
    place: Place, fields: Mapping[str, object], *, id_: str, path: str, text: str, title: str
) -> Article:
    """Make the article of ``text``; ``title`` is for when the fields name none.

    Raises: ``ArticleError``.
    """
    return Article(
        id=id_,
        title=string(place, fields, "title") or title,
        text=text,
        published=published(place, fields),
        outlet=string(place, fields, "outlet", "source"),
        url=string(place, fields, "url", "link"),
        path=path,
        language=string(place, fields, "language", "lang"),
        author=author(place, fields),
    )


def author(place: Place, fields: Mapping[str, object]) -> str | None:
    """Return who wrote it, of several the names in order: of a text, a list, or JSON-LD's objects.

    What is none of these is unknown: no article is refused for the shape of its byline.

    Raises: ``ArticleError`` if a name holds a NUL.
    """
    for name in ("author", "authors", "byline"):
        value = fields.get(name)
        names = [
            each.get("name") if isinstance(each, dict) else each
            for each in (value if isinstance(value, list) else [value])
        ]
        stated = [string(place, {name: each}, name) for each in names if isinstance(each, str)]
        if written := byline(stated):
            return written
    return None


def byline(names: Iterable[str | None]) -> str | None:
    """Join the names of authors, each once, at most ``AUTHOR_LIMIT`` characters; None of none.

    What programs write by themselves into a document names no one.
    """
    known = (" ".join(name.split()) for name in names if name)
    stated = dict.fromkeys(
        storable(name) for name in known if printable(name) and not _NO_AUTHOR.fullmatch(name)
    )
    return ", ".join(stated)[:AUTHOR_LIMIT].rstrip(" ,") or None


def string(place: Place, fields: Mapping[str, object], *names: str) -> str | None:
    """Return the first of the fields ``names`` that says something, on one line, or None.

    Raises: ``ArticleError`` if it is not a string.
    """
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise place.error(
                f'"{name}" is {shown(value)}, not a text; write it as one, or leave it out'
            )
        require_no_nul(place, value)
        if one_line := " ".join(part.strip() for part in value.splitlines()).strip():
            return storable(one_line)
    return None


def published(place: Place, fields: Mapping[str, object]) -> date | None:
    """Return the day from ``published`` or ``date``, as it stands there: zones aren't converted.

    Raises: ``ArticleError`` if it is not an ISO date or datetime.
    """
    for name in ("published", "date"):
        value = fields.get(name)
        if value is None or value == "":
            continue
        day = iso_day(value) if isinstance(value, str) else None
        if day is None:
            raise place.error(
                f'"{name}" is {shown(value)}, not a date like 2016-12-08 or '
                "2016-12-08T10:00:00Z; write it so, or leave it out"
            )
        return day
    return None


def iso_day(value: str) -> date | None:
    """Return the day of an ISO date or datetime, or None if it isn't one.

    >>> iso_day("2016-12-08T23:30:00-05:00")
    datetime.date(2016, 12, 8)
    """
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        return None


def shown(value: object) -> str:
    """Describe a refused value in a few words, in the language of JSON; never a long one.

    >>> shown(True), shown([1, 2]), shown("8 December")
    ('true', 'a list', "'8 December'")
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    text = repr(storable(value) if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
