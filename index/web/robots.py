"""robots.txt: whether a page may be fetched by us, asked once a run for each host (RFC 9309).

Sole user of protego. What is asked about are clean URLs (``urls.clean``): a path that leads up and
down again, or hides behind escapes, is the path that the host will serve.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from index.web.urls import FetchError, RefusedError, UnreachableError

AGENT = "pullquote"
"""The name by which a robots.txt can address us."""
LONGEST_DELAY_S = 10.0
"""Of a Crawl-delay so much is heeded: a mistyped one must not stop the other hosts."""
MOST_BYTES = 500_000
"""Of a robots.txt so much is heeded, as the RFC asks for; lines behind it don't count."""


class Robots:
    """The rules of the hosts; ``fetch`` brings the bytes of a robots.txt or raises."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._rules: dict[str, Protego | FetchError] = {}

    def check(self, url: str) -> float:
        """Return the seconds that the host asks for between requests, 0 if it doesn't say.

        A host without a robots.txt allows everything; one that can't give it, nothing.

        Raises:
            FetchError: the page is not for us, or the rules can't be read.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = self._read(f"{origin}/robots.txt")
        rules = self._rules[origin]
        if isinstance(rules, FetchError):
            raise type(rules)(rules.reason, until=rules.until)
        if not rules.can_fetch(url, AGENT):
            raise RefusedError("robots.txt of its host doesn't allow it")
        return min(rules.crawl_delay(AGENT) or 0.0, LONGEST_DELAY_S)

    def _read(self, url: str) -> Protego | FetchError:
        try:
            said = self._fetch(url)[:MOST_BYTES]
        except (RefusedError, UnreachableError) as exc:  # not the fault of a robots.txt
            return exc
        except FetchError as exc:
            if exc.status is None or exc.status >= 500 or exc.until:
                return FetchError(
                    f"robots.txt of its host can't be read ({exc.reason}); nothing is fetched "
                    "from there until it can",
                    until=exc.until,
                )
            said = b""  # 4xx: there are no rules
        return Protego.parse(said.decode("utf-8-sig", "replace"))
