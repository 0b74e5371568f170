"""A URL as someone wrote it -> the one by which its page is known, or why it is refused.

Sole user of idna.
"""

from __future__ import annotations

import html
import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

LIMIT = 2000
"""Characters of a URL; servers and browsers agree on about so many."""
HOST_LIMIT = 253
"""Characters of the name of a host."""

_LABELS = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")
_TRACKING = re.compile(
    r"(utm_\w*|at_(medium|campaign|link_\w+)|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid"
    r"|igshid|mc_cid|mc_eid|_hsenc|_hsmi|wt\.mc_id)",
    re.IGNORECASE,
)
_LINK = re.compile(r"<link\b[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(\w+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_HEAD = 256_000  # bytes in which a page's links about itself are looked for
_SAFE = "/%:@!$&'()*+,;=~-._"
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class FetchError(Exception):
    """Something could not be fetched; the rest goes on.

    ``status`` is the server's, if it answered. Until ``until``, its host asked to be left alone.
    """

    def __init__(
        self, reason: str, *, status: int | None = None, until: datetime | None = None
    ) -> None:
        self.reason = reason
        self.status = status
        self.until = until
        super().__init__(reason)


class RefusedError(FetchError):
    """We won't: the URL or its address is not one to fetch from."""


class UnfitError(FetchError):
    """What came is not of the kind that was asked for, or out of all bounds for it."""


class UnreachableError(FetchError):
    """The host can't be reached, or is too slow: not worth a second page in the same run."""


def clean(url: str, base: str = "") -> str:
    """Return the URL, absolute and in ASCII, without fragment and tracking parameters.

    Two spellings of one address become one (RFC 3986): escapes that need not be are undone, and
    what leads up in a path is followed, so that the rules of a host are asked about the path that
    it will serve.

    >>> clean("/a b?id=3&utm_source=rss#top", "HTTPS://Example.org:443/feed")
    'https://example.org/a%20b?id=3'
    >>> clean("https://example.org/x/%2e%2e/%73ecret")
    'https://example.org/secret'

    Raises:
        RefusedError: not a URL, not http or https, too long, or with a name and password.
    """
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        scheme, port = parts.scheme, parts.port
        host = _host(parts.hostname or "")
        path = _flat(_spelt(quote(parts.path, safe=_SAFE))) or "/"
        kept = [pair for pair in parts.query.split("&") if not _tracks(pair)]
        query = _spelt(quote("&".join(kept), safe=_SAFE + "?"))
    except ValueError as exc:  # also UnicodeError
        raise RefusedError(f"not a URL ({exc}); correct it") from exc
    if scheme not in ("http", "https"):
        raise RefusedError(f"{scheme or 'no'} scheme; only http and https are fetched")
    if "@" in parts.netloc:
        raise RefusedError("it carries a name or password; leave them out")
    if not host:
        raise RefusedError("it names no host; correct it")
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    cleaned = urlunsplit((scheme, host, path, query, ""))
    if len(cleaned) > LIMIT:
        raise RefusedError(f"longer than {LIMIT} characters")
    return cleaned


def host_of(url: str) -> str:
    """The host of a clean URL, without the port."""
    return urlsplit(url).hostname or ""


def links(page: bytes, rel: str) -> Iterator[tuple[str, str]]:
    """The type and target of each ``<link>`` of this relation in the head of an HTML page."""
    for tag in _LINK.findall(page[:_HEAD].decode("utf-8", "replace")):
        said = {name.lower(): value.strip("\"' ") for name, value in _ATTRIBUTE.findall(tag)}
        if said.get("rel", "").lower() == rel and said.get("href"):
            yield said.get("type", "").lower(), html.unescape(said["href"])


def _tracks(pair: str) -> bool:
    return _TRACKING.fullmatch(pair.partition("=")[0]) is not None


def _spelt(escaped: str) -> str:
    """Undo the escapes of what need not be escaped; the others are in upper case."""

    def spelt(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(spelt, escaped)


def _flat(path: str) -> str:
    """Follow the "." and ".." of a path; above its root there is nothing."""
    flat: list[str] = []
    parts = path.split("/")
    for part in parts[1:]:
        if part == "..":
            del flat[-1:]
        elif part != ".":
            flat.append(part)
    if parts[-1] in (".", ".."):
        flat.append("")
    return "".join(f"/{part}" for part in flat)


def _host(name: str) -> str:
    """A host in ASCII and lower case (IDNA 2008, mapped as UTS 46 says); IPv6 in brackets."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]"
    name = name.removesuffix(".")
    if not name.isascii() and len(name) <= HOST_LIMIT:
        import idna  # late: hardly any host needs it

        name = idna.encode(name, uts46=True).decode().removesuffix(".")
    if name and not (_LABELS.fullmatch(name) and len(name) <= HOST_LIMIT):
        raise ValueError(f"{name[:60]!r} is not the name of a host")
    return name
