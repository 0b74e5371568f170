"""The address of an article and words of it -> an address that opens the page at these words."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

LONGEST = 512
"""Characters of an address that a button of Discord takes."""

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?")
_WHOLE = 20
"""So many words are named in full; of longer texts only how they begin and end."""


def to_words(url: str | None, text: str) -> str | None:
    """The page at the words, by a text fragment (WICG "URL Fragment Text Directives").

    The bare page without words, or if the address would be too long otherwise; None if it is no
    address of the web.

    >>> to_words("https://example.org/a", "A well-known plan, they said.")
    'https://example.org/a#:~:text=A%20well%2Dknown%20plan%2C%20they%20said.'
    """
    page = _page(url) if url else None
    if page is None:
        return None
    joint = ":~:" if "#" in page else "#:~:"
    for directive in _directives(text.split()):
        address = f"{page}{joint}text={directive}"
        if len(address) <= LONGEST:
            return address
    return page if len(page) <= LONGEST else None


def to_file(path: str | None) -> str | None:
    """A file on this machine, by its absolute path; None if there is none.

    >>> to_file("/news/a b.txt")
    'file:///news/a%20b.txt'
    """
    return Path(path).as_uri() if path else None


def _page(url: str) -> str | None:
    """The address in ASCII, without a text fragment of its own; None if it is none of the web."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port is not None else ""
        host = (parts.hostname or "").encode("idna").decode().lower()
        path, query, fragment = map(_quoted, (parts.path, parts.query, parts.fragment))
    except ValueError:  # not an address, or none that can be written in ASCII
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or "@" in parts.netloc:
        return None
    fragment = fragment.partition(":~:")[0]
    page = f"{parts.scheme}://{host}{port}{path}"
    return page + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _quoted(part: str) -> str:
    quoted = quote(part, safe="/:@!$&'()*+,;=?%~")
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quoted)


def _directives(words: list[str]) -> list[str]:
    """Ways to name a text, the surest first: all its words, or so many at either end."""
    ways = [_encoded(words)] if 0 < len(words) <= _WHOLE else []
    for count in (8, 6, 4, 3):
        if len(words) >= 2 * count:
            ways.append(f"{_encoded(words[:count])},{_encoded(words[-count:])}")
    return ways


def _encoded(words: list[str]) -> str:
    """Percent-encoded, with the hyphen, which marks context in a text directive."""
    return quote(" ".join(words), safe="", errors="replace").replace("-", "%2D")
