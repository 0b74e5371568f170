"""Feeds and pages that are due -> fetched, kept, and remembered as it happens.

Killed at any moment, nothing is lost: a page is queued in the transaction that notes its feed as
fetched, and noted as fetched in the one that puts its file in place.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from pathlib import Path

from index.errors import StoreError
from index.records import Failure, Progress
from index.web import isolated, pages
from index.web.feeds import About, Entry
from index.web.fetch import Clock, Fetched, Fetcher
from index.web.state import Feed, Page, State
from index.web.urls import FetchError, RefusedError, UnfitError, clean, host_of

ENTRIES = 200
"""Entries of a feed that a run takes, the newest."""
FEED_EVERY = timedelta(minutes=15)
SOONEST = timedelta(hours=6)
LATEST = timedelta(days=30)
"""A page is looked at again after as long as it is known, within these bounds."""
FEED_KINDS = ("application/rss+xml", "application/atom+xml", "application/xml", "*/*")
"""What is asked for. Servers send feeds as anything: what comes is known by its content."""
PAGE_KINDS = ("text/html", "application/xhtml+xml")
_GONE = (404, 410)
_LATER = (408, 425, 429)  # errors of who asks that say: ask again


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a run did, by URL. ``queued`` are pages that a later update will fetch."""

    fetched: tuple[str, ...]
    unchanged: tuple[str, ...]
    withdrawn: tuple[str, ...]
    failed: tuple[Failure, ...]
    queued: int


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Name what the disk refused."""
    try:
        yield
    except OSError as exc:
        raise StoreError(
            f"{exc.filename or folder}: can't be written ({exc.strerror}); make room on the disk, "
            "or mend its rights"
        ) from exc


@dataclass(slots=True)
class Run:
    """One call to ``Web``, and what came of it so far."""

    folder: Path
    state: State
    fetcher: Fetcher
    clock: Clock
    fetched: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def report(self) -> CrawlReport:
        """What was done."""
        return CrawlReport(
            tuple(self.fetched),
            tuple(self.unchanged),
            tuple(self.withdrawn),
            tuple(self.failed),
            queued=len(self.state.due_pages(self.clock.now(), 0)),
        )

    def accepted(self, urls: Sequence[str]) -> list[str]:
        """The clean ones among the URLs, each once; the others have failed for good."""
        wanted: dict[str, None] = {}
        for url in urls:
            try:
                wanted[clean(url)] = None
            except RefusedError as exc:
                self._refused(url, exc.reason)
        return list(wanted)

    def feeds(
        self, due: Sequence[Feed], progress: Progress, on_trial: Collection[str] = ()
    ) -> None:
        """Fetch feeds and queue their pages; of those ``on_trial``, drop what is no feed for us."""
        for number, feed in enumerate(due):
            progress("fetching feeds", number, len(due))
            try:
                self._feed(feed)
            except FetchError as exc:
                if feed.url in on_trial and _lasting(exc):
                    self.state.forget(feed.url)
                    self._refused(feed.url, f"{exc.reason}; it is not followed")
                else:
                    self._fail(feed.url, exc)
        progress("fetching feeds", len(due), len(due))

    def pages(self, due: Sequence[Page], progress: Progress) -> None:
        """Fetch pages, the hosts in turn."""
        for number, page in enumerate(_in_turn(due)):
            progress("fetching pages", number, len(due))
            try:
                self._page(page)
            except FetchError as exc:
                if exc.status in _GONE and (page.canonical or page.withdrawn):
                    self._withdraw(page)
                else:
                    self._fail(page.url, exc)
        progress("fetching pages", len(due), len(due))

    def _feed(self, feed: Feed) -> None:
        got = self.fetcher.get(feed.url, FEED_KINDS, etag=feed.etag, modified=feed.modified)
        now = self.clock.now()
        title, etag, modified = feed.title, feed.etag, feed.modified
        entries: tuple[Entry, ...] = ()
        if got.status == 200:
            content_type = got.header("content-type") or ""
            channel = isolated.parse(got.body, got.url, content_type, now.date())
            title, entries = channel.title, channel.entries[:ENTRIES]
            etag, modified = got.header("etag"), got.header("last-modified")
            for link, reason in channel.odd:
                self._refused(link, f"linked from {feed.url}: {reason}")
        with self.state.writing():
            for entry in entries:
                self.state.queue(feed.url, entry, now)
            self.state.took_feed(feed.url, title, etag, modified, now=now, due=now + FEED_EVERY)
        (self.fetched if got.status == 200 else self.unchanged).append(feed.url)

    def _page(self, page: Page) -> None:
        kept = page.canonical is not None and pages.path_of(self.folder, page.canonical).exists()
        got = self.fetcher.get(
            page.url,
            PAGE_KINDS,
            etag=page.etag if kept else None,
            modified=page.modified if kept else None,
        )
        now, due = self.clock.now(), self._again(page)
        canonical, etag, modified, digest = page.canonical, page.etag, page.modified, page.digest
        changed = False
        if got.status == 200:
            canonical = pages.canonical(got, page.url)
            digest = _digest(got, page.about)
            etag, modified = got.header("etag"), got.header("last-modified")
            changed = not kept or (canonical, digest) != (page.canonical, page.digest)
        with self.state.writing(), disk(self.folder):
            if changed and canonical:
                pages.keep(self.folder, canonical, got, page.about, now)
                self._drop_other(page, canonical)
            self.state.took_page(page, canonical, etag, modified, digest, now=now, due=due)
        (self.fetched if changed else self.unchanged).append(page.url)

    def _withdraw(self, page: Page) -> None:
        now, due = self.clock.now(), self._again(page)
        with self.state.writing(), disk(self.folder):
            self._drop_other(page, None)
            self.state.took_page(page, None, None, None, None, now=now, due=due)
        (self.withdrawn if page.canonical else self.unchanged).append(page.url)

    def _drop_other(self, page: Page, canonical: str | None) -> None:
        """Remove the file that a page had before, if no other page has it."""
        before = page.canonical
        if before and before != canonical and not self.state.shared(before, page.url):
            pages.drop(self.folder, before)

    def _again(self, page: Page) -> datetime:
        now = self.clock.now()
        return now + min(max(now - (page.first or now), SOONEST), LATEST)

    def _refused(self, name: str, reason: str) -> None:
        now = self.clock.now()
        self.failed.append(Failure(name, reason, now, now, 1, None))

    def _fail(self, url: str, exc: FetchError) -> None:
        now = self.clock.now()
        with self.state.writing():
            for host, error in self.fetcher.left_alone.items():
                if error.until:
                    self.state.leave_alone(host, error.reason, error.until)
            self.failed.append(self.state.failed(url, exc.reason, now, exc.until))


def _lasting(exc: FetchError) -> bool:
    """Whether it will be so again: neither the network nor the server was out of order."""
    refused = exc.status is not None and 400 <= exc.status < 500 and exc.status not in _LATER
    return refused or isinstance(exc, (RefusedError, UnfitError))


def _in_turn(due: Sequence[Page]) -> Iterator[Page]:
    """One page of each host, then the next of each: the others pass while a host is waited for."""
    hosts: defaultdict[str, list[Page]] = defaultdict(list)
    for page in due:
        hosts[host_of(page.url)].append(page)
    in_turn = chain.from_iterable(zip_longest(*hosts.values()))
    return (page for page in in_turn if page is not None)


def _digest(page: Fetched, about: About) -> bytes:
    """16 bytes that change when the page does, or what its feed says about it."""
    return hashlib.blake2b(repr(about).encode() + page.body, digest_size=16).digest()
