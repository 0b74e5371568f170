"""The bytes of a feed -> its entries; sole user of feedparser, which never fetches anything here.

feedparser reads what is broken, too, but takes much longer over it, and longer still over deep
nesting: Expat looks first, and what is both broken and large is refused.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.parsers import expat

from index.formats.fields import byline, iso_day
from index.web.urls import RefusedError, UnfitError, clean, links

LIMIT = 5_000_000
"""Bytes of a feed."""
BROKEN_LIMIT = 500_000
"""Bytes of a feed that is not well-formed XML: feedparser takes 8 s over the worst of that size."""
DEPTH = 100
"""Elements within each other; feeds have a dozen."""
ATTRIBUTES = 1_000
"""Attributes of one element; feeds have a dozen. feedparser compares each with each."""
ITEMS = 20_000
"""Entries. A feed has a few hundred; feedparser takes a millisecond over each."""
TEXT_LIMIT = 500
"""Characters of a title."""

# How feedparser trips over a feed: elements in places where no feed has them.
_TRIPS = (AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_KINDS = ("application/rss+xml", "application/atom+xml")
_ITEMS = ("item", "entry")
_MANY_ATTRIBUTES = f"no feed: an element has more than {ATTRIBUTES:,} attributes"
_TAG = re.compile(r"<[^<>]*>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True)
class About:
    """What a feed says about a page; its ``outlet`` is the feed's title."""

    title: str | None = None
    published: date | None = None
    outlet: str | None = None
    language: str | None = None
    author: str | None = None

    def packed(self) -> str:
        """All of it as a JSON object."""
        return json.dumps(asdict(self), default=date.isoformat, ensure_ascii=False)

    @classmethod
    def unpacked(cls, packed: str) -> About:
        """Read back what ``packed`` wrote, also a version that knew fewer fields.

        Raises:
            ValueError: it is nothing of the kind.
            TypeError: it has other fields.
        """
        said = json.loads(packed)
        day = said.pop("published")
        if any(value is not None and not isinstance(value, str) for value in said.values()):
            raise ValueError("what is said about a page is text")
        return cls(**said, published=date.fromisoformat(day) if day else None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that a feed links to, by its clean URL; ``stamp`` changes when the entry does."""

    url: str
    about: About
    stamp: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed: its entries, newest first, and the links in it that can't be followed, with why."""

    title: str | None
    entries: tuple[Entry, ...]
    odd: tuple[tuple[str, str], ...]


def parse(data: bytes, url: str, content_type: str, today: date) -> Channel:
    """Return what an RSS or Atom feed from ``url`` links to.

    A date after tomorrow is not believed.

    Raises:
        UnfitError: it is no feed, or too large or too deep for one.
    """
    _look(data)
    found = _parsed(data, url, content_type)
    if not found.get("version"):
        named = [link for kind, link in links(data, "alternate") if kind in _KINDS]
        hint = f"this page names {' and '.join(named[:3])}" if named else "give its own address"
        raise UnfitError(f"no RSS or Atom feed; {hint[:500]}")
    feed = found.get("feed", {})
    title, language = _line(feed.get("title")), _line(feed.get("language"))
    language = language if language and _LANGUAGE.fullmatch(language) else None
    entries: dict[str, Entry] = {}
    odd: list[tuple[str, str]] = []
    for each in found.get("entries", ()):
        link = str(each.get("link") or "")
        try:
            address = clean(link, url) if link else ""
        except RefusedError as exc:
            odd.append((link, exc.reason))
            continue
        if address:
            source = each.get("source")
            outlet = _line(source.get("title")) if isinstance(source, Mapping) else None
            day = _day(each, str(found.version), today)
            about = About(_line(each.get("title")), day, outlet or title, language, _author(each))
            # Not each.get("updated"): that would be "published" with a warning where there is none.
            stamp = each["updated"] if "updated" in each else each.get("published")
            entries.setdefault(address, Entry(address, about, str(stamp or "")))
    newest = sorted(entries.values(), key=lambda e: e.about.published or date.min, reverse=True)
    return Channel(title, tuple(newest), tuple(odd))


def _parsed(data: bytes, url: str, content_type: str) -> Any:
    """What feedparser makes of a feed."""
    import feedparser  # type: ignore[import-untyped,unused-ignore]

    try:
        # A stream, never the bytes: those it may take for a URL to fetch, or a file to open.
        return feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-location": url, "content-type": content_type},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _TRIPS as exc:
        raise UnfitError(f"no feed that can be taken apart ({type(exc).__name__})") from exc


def _look(data: bytes) -> None:
    """Refuse what feedparser could take very long over."""
    if len(data) > LIMIT:
        raise UnfitError(f"larger than {LIMIT:,} bytes, too large for a feed")
    try:
        _parse_bounded(data)
    except (expat.ExpatError, LookupError, ValueError) as exc:
        # Broken, or in an encoding that Python, or Expat, doesn't know: then feedparser guesses.
        _look_at_tags(data)
        if len(data) > BROKEN_LIMIT:
            raise UnfitError(
                f"its XML is broken or in an odd encoding ({exc}), and it is too large to guess at"
            ) from exc


def _parse_bounded(data: bytes) -> None:
    """Count what is in a feed while Expat parses it; raise what Expat raises."""
    depth = items = 0

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth, items
        depth += 1
        items += name.rpartition(":")[2].lower() in _ITEMS
        if depth > DEPTH:
            raise UnfitError(f"no feed: elements lie more than {DEPTH} deep in each other")
        if len(attributes) > 2 * ATTRIBUTES:
            raise UnfitError(_MANY_ATTRIBUTES)
        if items > ITEMS:
            raise UnfitError(f"it has more than {ITEMS:,} entries; give a feed of the newest")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)


def _look_at_tags(data: bytes) -> None:
    """Refuse what is no XML and has tags with attributes without end."""
    if max(piece.count(b"=") for piece in data.split(b"<")) > ATTRIBUTES:
        raise UnfitError(_MANY_ATTRIBUTES)


def _line(value: Any) -> str | None:
    """One line of plain text, without tags."""
    if not isinstance(value, str):
        return None
    plain = html.unescape(_TAG.sub(" ", value)).encode("utf-8", "replace").decode()
    words = "".join(char if char.isprintable() else " " for char in plain).split()
    return " ".join(words)[:TEXT_LIMIT] or None


def _author(entry: Mapping[str, Any]) -> str | None:
    """The names of who wrote it: without the addresses that RSS asks for in their place."""
    names = (each.get("name") for each in entry.get("authors", ()) if isinstance(each, Mapping))
    return byline(name for each in names if (name := _line(each)) and "@" not in name)


def _day(entry: Mapping[str, Any], version: str, today: date) -> date | None:
    """The day of publication as it stands there: zones aren't converted."""
    said, parsed = entry.get("published"), entry.get("published_parsed")
    if not said and not version.startswith("atom"):  # dc:date: in RSS there is no other
        said, parsed = _own(entry, "updated"), _own(entry, "updated_parsed")
    day = (iso_day(said) or _mail_day(said)) if isinstance(said, str) else None
    if day is None and parsed:
        try:
            day = date(*parsed[:3])
        except (TypeError, ValueError):
            return None  # not a date of any calendar
    return day if day and day <= today + timedelta(days=1) else None


def _own(entry: Mapping[str, Any], key: str) -> Any:
    return entry[key] if key in entry else None  # noqa: SIM401 - get would answer with another key


def _mail_day(value: str) -> date | None:
    try:
        return parsedate_to_datetime(value).date()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None  # not of this form; feedparser knows others
