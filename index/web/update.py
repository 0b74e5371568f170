"""Feeds and links brought up to date: what is due is fetched, kept, and remembered as it happens.

Killed at any moment, nothing is lost: a page is queued in the transaction that notes its feed as
fetched, and noted as fetched in the one that puts its file in place. Whoever calls from a loop
may stop a run by raising from ``progress``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import StoreError, StoreLockedError
from index.records import Failure
from index.web import feeds, pages
from index.web.feeds import About, Entry
from index.web.fetch import Clock, Fetched, Fetcher, Limits
from index.web.state import FILE, Feed, Page, State
from index.web.urls import FetchError, RefusedError, clean, host_of

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

LOCK = "web.lock"
ENTRIES = 200
"""Entries of a feed that a run takes, the newest."""
AGAIN = 200
"""Pages that a run looks at again."""
FEED_EVERY = timedelta(minutes=15)
SOONEST = timedelta(hours=6)
LATEST = timedelta(days=30)
"""A page is looked at again after as long as it is known, within these bounds."""
FEED_KINDS = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
    "text/plain",
    "text/html",  # as which some servers send their feeds
)
PAGE_KINDS = ("text/html", "application/xhtml+xml")
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, by URL. ``queued`` are pages that a later update will fetch."""

    fetched: tuple[str, ...]
    unchanged: tuple[str, ...]
    withdrawn: tuple[str, ...]
    failed: tuple[Failure, ...]
    queued: int


def add(
    folder: Path,
    urls: Sequence[str],
    *,
    allow_private: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    clock: Clock = Clock(),  # noqa: B008 - frozen
    progress: Progress = lambda *_: None,
) -> Report:
    """Fetch pages into the index in ``folder``, now; ``update`` looks at them again.

    Raises:
        StoreError: ``web.db`` or the folder can't be used.
    """
    with _running(folder, allow_private, limits, clock) as run:
        wanted = run.accepted(urls)
        with run.state.writing():
            for url in wanted:
                run.state.queue(None, Entry(url, About(), ""), clock.now())
        found = [page for url in wanted if (page := run.state.page(url))]
        run.pages(found, progress)
        return run.report()


def subscribe(
    folder: Path,
    urls: Sequence[str],
    *,
    allow_private: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    clock: Clock = Clock(),  # noqa: B008 - frozen
    progress: Progress = lambda *_: None,
) -> Report:
    """Follow feeds; each is fetched now, and its pages by the next ``update``.

    Raises:
        StoreError: ``web.db`` or the folder can't be used.
    """
    with _running(folder, allow_private, limits, clock) as run:
        wanted = run.accepted(urls)
        with run.state.writing():
            found = [run.state.follow(url, clock.now()) for url in wanted]
        run.feeds(found, progress)
        return run.report()


def unsubscribe(folder: Path, urls: Sequence[str]) -> tuple[str, ...]:
    """Follow feeds no more, or drop pages; return those URLs that are neither.

    A feed's pages stay; a page that is dropped takes its file with it.

    Raises:
        StoreError: ``web.db`` or the folder can't be used.
    """
    unknown: list[str] = []
    with closing(State(folder)) as state:
        for given in urls:
            try:
                url = clean(given)
            except RefusedError:
                url = given
            if not state.knows(url):
                unknown.append(given)
                continue
            with state.writing(), _disk(folder):
                canonical = state.forget(url)
                if canonical and not state.shared(canonical, url):
                    pages.drop(folder, canonical)
    return tuple(unknown)


def update(
    folder: Path,
    *,
    at_once: bool = False,
    allow_private: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    clock: Clock = Clock(),  # noqa: B008 - frozen
    wait_s: float = 0.0,
    progress: Progress = lambda *_: None,
) -> Report:
    """Fetch the feeds that are due, their new and changed pages, and known pages again.

    ``at_once``: every feed, and everything that failed, is due now. A host that asked to be left
    alone is left alone even then.

    Raises:
        StoreLockedError: another update is running, and did not end within ``wait_s``.
        StoreError: ``web.db`` or the folder can't be used.
    """
    if not (folder / FILE).exists():  # nothing was ever added
        return Report((), (), (), (), queued=0)
    with (
        _alone(folder, wait_s),
        _running(folder, allow_private, limits, clock) as run,
    ):
        run.feeds(run.state.feeds(None if at_once else clock.now()), progress)
        run.pages(run.state.due_pages(clock.now(), AGAIN, failed_too=at_once), progress)
        return run.report()


@contextmanager
def _alone(folder: Path, wait_s: float) -> Iterator[None]:
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=wait_s)
        try:
            lock.acquire()
        except Timeout as exc:
            raise StoreLockedError(folder, "another update of the feeds") from exc
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Name what the disk refused."""
    try:
        yield
    except OSError as exc:
        raise StoreError(
            f"{exc.filename or folder}: can't be written ({exc.strerror}); make room on the disk, "
            "or mend its rights"
        ) from exc


@contextmanager
def _running(folder: Path, allow_private: bool, limits: Limits, clock: Clock) -> Iterator[_Run]:
    with closing(State(folder)) as state:
        left_alone = {
            host: FetchError(reason, until=until)
            for host, reason, until in state.left_alone(clock.now())
        }
        fetcher = Fetcher(
            allow_private=allow_private,
            limits=limits,
            clock=clock,
            left_alone=left_alone,
        )
        yield _Run(folder, state, fetcher, clock)


@dataclass(slots=True)
class _Run:
    """One call, and what came of it so far."""

    folder: Path
    state: State
    fetcher: Fetcher
    clock: Clock
    fetched: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def report(self) -> Report:
        """What was done."""
        return Report(
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

    def feeds(self, due: Sequence[Feed], progress: Progress) -> None:
        """Fetch feeds and queue their pages."""
        for number, feed in enumerate(due):
            progress("fetching feeds", number, len(due))
            try:
                self._feed(feed)
            except FetchError as exc:
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
            channel = feeds.parse(got.body, got.url, content_type, now.date())
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
        with self.state.writing(), _disk(self.folder):
            if changed and canonical:
                pages.keep(self.folder, canonical, got, page.about, now)
                self._drop_other(page, canonical)
            self.state.took_page(page, canonical, etag, modified, digest, now=now, due=due)
        (self.fetched if changed else self.unchanged).append(page.url)

    def _withdraw(self, page: Page) -> None:
        now, due = self.clock.now(), self._again(page)
        with self.state.writing(), _disk(self.folder):
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
