"""The web beside a library: feeds that are followed, links that were given, brought up to date.

Whoever calls from a loop may stop a run by raising from ``progress``: nothing is lost then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import StoreLockedError
from index.records import Progress
from index.store import private
from index.web import pages
from index.web.feeds import About, Entry
from index.web.fetch import Clock, Fetcher, Limits
from index.web.run import CrawlReport, Run, disk
from index.web.state import FILE, State
from index.web.urls import FetchError, RefusedError, clean

LOCK = "web.lock"
AGAIN = 200
"""Pages that an update looks at again."""


@dataclass(frozen=True, slots=True)
class Web:
    """The feeds and pages of the index in ``folder``; nothing is open between two calls.

    ``allow_private``: addresses of private networks may be fetched from.
    """

    folder: Path
    allow_private: bool = False
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)

    @property
    def pages(self) -> Path:
        """Where the pages lie that were fetched; an index follows it like any folder."""
        return pages.folder_of(self.folder)

    def add(self, urls: Sequence[str], *, progress: Progress = lambda *_: None) -> CrawlReport:
        """Fetch pages now; ``update`` looks at them again.

        Raises:
            StoreError: ``web.db`` or the folder can't be used.
        """
        with self._running() as run:
            wanted = run.accepted(urls)
            with run.state.writing():
                for url in wanted:
                    run.state.queue(None, Entry(url, About(), ""), self.clock.now())
            run.pages([page for url in wanted if (page := run.state.page(url))], progress)
            return run.report()

    def follow(self, urls: Sequence[str], *, progress: Progress = lambda *_: None) -> CrawlReport:
        """Follow feeds; each is fetched now, and its pages by the next ``update``.

        What turns out to be no feed, or one that we may not fetch, is not followed; one that can't
        be had now, because its server is out of order, is.

        Raises:
            StoreError: ``web.db`` or the folder can't be used.
        """
        with self._running() as run:
            wanted = run.accepted(urls)
            known = {feed.url for feed in run.state.feeds()}
            with run.state.writing():
                found = [run.state.follow(url, self.clock.now()) for url in wanted]
            run.feeds(found, progress, on_trial=set(wanted) - known)
            return run.report()

    def drop(self, urls: Sequence[str]) -> tuple[str, ...]:
        """Follow feeds no more, or drop pages; return those URLs that are neither.

        A feed's pages stay; a page that is dropped takes its file with it.

        Raises:
            StoreError: ``web.db`` or the folder can't be used.
        """
        unknown: list[str] = []
        with closing(State(self.folder)) as kept:
            for given in urls:
                try:
                    url = clean(given)
                except RefusedError:
                    url = given
                if not kept.knows(url):
                    unknown.append(given)
                    continue
                with kept.writing(), disk(self.folder):
                    canonical = kept.forget(url)
                    if canonical and not kept.shared(canonical, url):
                        pages.drop(self.folder, canonical)
        return tuple(unknown)

    def update(
        self,
        *,
        at_once: bool = False,
        wait_s: float = 0.0,
        progress: Progress = lambda *_: None,
    ) -> CrawlReport:
        """Fetch the feeds that are due, their new and changed pages, and known pages again.

        ``at_once``: every feed, and everything that failed, is due now. A host that asked to be
        left alone is left alone even then.

        Raises:
            StoreLockedError: another update is running, and did not end within ``wait_s``.
            StoreError: ``web.db`` or the folder can't be used.
        """
        if not (self.folder / FILE).exists():  # nothing was ever added
            return CrawlReport((), (), (), (), queued=0)
        with self._alone(wait_s), self._running() as run:
            now = self.clock.now()
            run.feeds(run.state.feeds(None if at_once else now), progress)
            due = run.state.due_pages(self.clock.now(), AGAIN, failed_too=at_once)
            run.pages(due, progress)
            return run.report()

    @contextmanager
    def _alone(self, wait_s: float) -> Iterator[None]:
        with disk(self.folder):
            private.folder(self.folder)
            lock = FileLock(self.folder / LOCK, timeout=wait_s, mode=private.FILE)
            try:
                lock.acquire()
            except Timeout as exc:
                raise StoreLockedError(self.folder, "another update of the feeds") from exc
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _running(self) -> Iterator[Run]:
        with closing(State(self.folder)) as kept:
            left_alone = {
                host: FetchError(reason, until=until)
                for host, reason, until in kept.left_alone(self.clock.now())
            }
            fetcher = Fetcher(
                allow_private=self.allow_private,
                limits=self.limits,
                clock=self.clock,
                left_alone=left_alone,
            )
            yield Run(self.folder, kept, fetcher, self.clock)
