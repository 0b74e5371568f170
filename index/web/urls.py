"""A URL as someone wrote it -> the one by which its page is known, or why it is refused."""

from __future__ import annotations

import html
import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

LIMIT = 2000
"""Characters of a URL; servers and browsers agree on about so many."""

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


class UnreachableError(FetchError):
    """The host can't be reached, or is too slow: not worth a second page in the same run."""


def clean(url: str, base: str = "") -> str:
    """Return the URL, absolute and in ASCII, without fragment and tracking parameters.

    >>> clean("/a b?id=3&utm_source=rss#top", "HTTPS://Example.org:443/feed")
    'https://example.org/a%20b?id=3'

    Raises:
        RefusedError: not a URL, not http or https, too long, or with a name and password.
    """
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        scheme, port = parts.scheme, parts.port
        host = _host(parts.hostname or "")
        path = quote(parts.path, safe=_SAFE) or "/"
        kept = [pair for pair in parts.query.split("&") if not _tracks(pair)]
        query = quote("&".join(kept), safe=_SAFE + "?")
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


def _host(name: str) -> str:
    """A host in ASCII and lower case; IPv6 in brackets."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]"
    name = name.removesuffix(".")
    if not name.isascii():
        name = name.encode("idna").decode()
    if name and not (_LABELS.fullmatch(name) and len(name) <= 253):
        raise ValueError(f"{name[:60]!r} is not the name of a host")
    return name
