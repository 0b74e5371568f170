"""What is subscribed, known and failed, in ``web.db`` below the index (SQLite).

Every URL here is clean. Times are kept as whole seconds of UTC. What is ``due`` so far ahead that
no schedule can mean it was written by a clock that has jumped since: it counts as due.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from index.errors import StoreError
from index.records import Failure
from index.store import private
from index.store.database import Error, OperationalError, Schema, connect
from index.web.feeds import About, Entry

FILE = "web.db"
FIRST_RETRY = timedelta(minutes=5)
LAST_RETRY = timedelta(days=1)
"""A failure is tried again after ``FIRST_RETRY``, then after twice as long, up to this."""
FARTHEST = timedelta(days=31)
"""Nothing is scheduled farther ahead."""

_FORMAT_1 = """
CREATE TABLE feed (
    url TEXT PRIMARY KEY, title TEXT, etag TEXT, modified TEXT, fetched INTEGER,
    due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE page (
    url TEXT PRIMARY KEY, feed TEXT, stamp TEXT NOT NULL, about TEXT NOT NULL, canonical TEXT,
    etag TEXT, modified TEXT, digest BLOB, first INTEGER, fetched INTEGER, withdrawn INTEGER,
    due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX page_due ON page (due);
CREATE INDEX page_canonical ON page (canonical);
CREATE TABLE failure (
    url TEXT PRIMARY KEY, reason TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    tries INTEGER NOT NULL, due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE host (
    name TEXT PRIMARY KEY, reason TEXT NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

SCHEMA = Schema(
    application=0x50554C57,  # "PULW"
    first=1,
    migrations=(_FORMAT_1,),
    remedy="use the version of pullquote that wrote it, or move it away and add the feeds again",
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is followed; ``title`` is None until it was fetched."""

    url: str
    title: str | None
    etag: str | None
    modified: str | None
    fetched: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page to fetch or to look at again; ``canonical`` names its file while there is one."""

    url: str
    about: About
    canonical: str | None
    etag: str | None
    modified: str | None
    digest: bytes | None
    first: datetime | None
    withdrawn: datetime | None


def failures(folder: Path) -> tuple[Failure, ...]:
    """The pages and feeds of the index in ``folder`` that could not be taken, newest first.

    Raises:
        StoreError: ``web.db`` can't be used.
    """
    if not (folder / FILE).exists():
        return ()
    with closing(State(folder)) as state:
        return state.failures()


def followed(folder: Path) -> tuple[Feed, ...]:
    """The feeds of the index in ``folder``, by URL.

    Raises:
        StoreError: ``web.db`` can't be used.
    """
    if not (folder / FILE).exists():
        return ()
    with closing(State(folder)) as state:
        return state.feeds()


class State:
    """One connection to ``web.db``, which is made if it isn't there; for one thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            private.folder(folder)
            # A lost power may take the last notes along: what they note is then fetched once more.
            self._db = connect(self.path, SCHEMA)
        except (OSError, Error) as exc:
            raise self._error(exc) from exc

    def _error(self, exc: Exception) -> StoreError:
        if isinstance(exc, (OSError, OperationalError)):
            return StoreError(
                f"{self.path}: can't be used ({exc}); make room on the disk, or mend its rights"
            )
        return StoreError(
            f"{self.path}: damaged ({exc}); move it away and add the feeds again: "
            "the pages that were fetched stay"
        )

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; no other process writes meanwhile.

        Raises:
            StoreError: it can't be written.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except Error as exc:
            raise self._error(exc) from exc
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    # Feeds

    def feeds(self, due: datetime | None = None) -> tuple[Feed, ...]:
        """The feeds by URL; with ``due``, those whose time has come by then."""
        rows = self._rows(
            "SELECT url, title, etag, modified, fetched FROM feed "
            "WHERE :due IS NULL OR due <= :due OR due > :due + :far ORDER BY url",
            due=_seconds(due),
            far=_span(FARTHEST),
        )
        return tuple(
            Feed(url, title, etag, modified, _time(fetched))
            for url, title, etag, modified, fetched in rows
        )

    def follow(self, url: str, now: datetime) -> Feed:
        """Follow a feed, if it isn't followed yet."""
        self._write("INSERT OR IGNORE INTO feed (url, due) VALUES (:url, :now)", url=url, now=now)
        return next(feed for feed in self.feeds() if feed.url == url)

    def took_feed(
        self,
        url: str,
        title: str | None,
        etag: str | None,
        modified: str | None,
        *,
        now: datetime,
        due: datetime,
    ) -> None:
        """Note that a feed was fetched."""
        self._write(
            "UPDATE feed SET title = :title, etag = :etag, modified = :modified, fetched = :now, "
            "due = :due WHERE url = :url",
            url=url,
            title=title,
            etag=etag,
            modified=modified,
            now=now,
            due=due,
        )
        self.succeeded(url)

    def forget(self, url: str) -> str | None:
        """Drop a feed with its pages that were never had, or a page; return its canonical URL."""
        page = self.page(url)
        self._write(
            "DELETE FROM failure WHERE url = :url OR url IN "
            "(SELECT url FROM page WHERE feed = :url AND first IS NULL)",
            url=url,
        )
        self._write("DELETE FROM page WHERE url = :url OR (feed = :url AND first IS NULL)", url=url)
        self._write("UPDATE page SET feed = NULL WHERE feed = :url", url=url)
        self._write("DELETE FROM feed WHERE url = :url", url=url)
        return page.canonical if page else None

    def knows(self, url: str) -> bool:
        """Whether a URL is of a feed or a page."""
        return bool(
            self._rows(
                "SELECT 1 FROM feed WHERE url = :url UNION ALL SELECT 1 FROM page WHERE url = :url",
                url=url,
            )
        )

    # Pages

    def queue(self, feed: str | None, entry: Entry, now: datetime) -> None:
        """Have a page fetched: one that is new, or whose entry has another stamp than before.

        Of several feeds that link to a page, the first that did speaks for it.
        """
        self._write(
            "INSERT INTO page (url, feed, stamp, about, due) "
            "VALUES (:url, :feed, :stamp, :about, :now) ON CONFLICT (url) DO UPDATE SET "
            "stamp = excluded.stamp, about = excluded.about, due = excluded.due, "
            "feed = excluded.feed WHERE excluded.feed IS NOT NULL AND "
            "(feed IS NULL OR feed = excluded.feed AND stamp != excluded.stamp)",
            url=entry.url,
            feed=feed,
            stamp=entry.stamp,
            about=entry.about.packed(),
            now=now,
        )

    def due_pages(self, now: datetime, again: int, *, failed_too: bool = False) -> list[Page]:
        """The pages to fetch: those never had, and the ``again`` most overdue of the others.

        ``failed_too``: also those whose next try is still to come.
        """
        due = "(due <= :now OR due > :now + :far OR (:failed AND url IN (SELECT url FROM failure)))"
        new = self._pages(
            f"first IS NULL AND {due} ORDER BY due DESC",
            now=now,
            far=_span(FARTHEST),
            failed=failed_too,
        )
        old = self._pages(
            f"first IS NOT NULL AND {due} ORDER BY due LIMIT :again",
            now=now,
            far=_span(FARTHEST),
            failed=failed_too,
            again=again,
        )
        return new + old

    def page(self, url: str) -> Page | None:
        """One page."""
        return next(iter(self._pages("url = :url", url=url)), None)

    def shared(self, canonical: str, url: str) -> bool:
        """Whether another page than ``url`` has the same canonical URL."""
        return bool(
            self._rows(
                "SELECT 1 FROM page WHERE canonical = :canonical AND url != :url",
                canonical=canonical,
                url=url,
            )
        )

    def took_page(
        self,
        page: Page,
        canonical: str | None,
        etag: str | None,
        modified: str | None,
        digest: bytes | None,
        *,
        now: datetime,
        due: datetime,
    ) -> None:
        """Note that a page is as it is: with a canonical URL, or withdrawn without one."""
        self._write(
            "UPDATE page SET canonical = :canonical, etag = :etag, modified = :modified, "
            "digest = :digest, first = coalesce(first, :now), fetched = :now, due = :due, "
            "withdrawn = CASE WHEN :canonical IS NULL THEN coalesce(withdrawn, :now) END "
            "WHERE url = :url",
            url=page.url,
            canonical=canonical,
            etag=etag,
            modified=modified,
            digest=digest,
            now=now,
            due=due,
        )
        self.succeeded(page.url)

    # Failures

    def failures(self) -> tuple[Failure, ...]:
        """What could not be taken, newest first."""
        return self._failures("ORDER BY last DESC, url")

    def _failures(self, which: str, **values: Any) -> tuple[Failure, ...]:
        rows = self._rows(
            f"SELECT url, reason, first, last, tries, due FROM failure {which}",  # noqa: S608
            **values,
        )
        return tuple(
            Failure(url, reason, _known(first), _known(last), tries, _known(due))
            for url, reason, first, last, tries, due in rows
        )

    def failed(self, url: str, reason: str, now: datetime, until: datetime | None) -> Failure:
        """Note a failure; the next try is at ``until``, else twice as far off as the last time."""
        before = next(iter(self._failures("WHERE url = :url", url=url)), None)
        tries = before.tries + 1 if before else 1
        now = now.replace(microsecond=0)  # as it is kept
        wait = min(FIRST_RETRY * 2 ** min(tries - 1, 16), LAST_RETRY)
        failure = Failure(
            url, reason, before.first if before else now, now, tries, until or now + wait
        )
        self._write(
            "INSERT OR REPLACE INTO failure VALUES (:name, :reason, :first, :last, :tries, :due)",
            name=url,
            reason=reason,
            first=failure.first,
            last=now,
            tries=tries,
            due=failure.next_try,
        )
        self._write("UPDATE feed SET due = :due WHERE url = :url", url=url, due=failure.next_try)
        self._write("UPDATE page SET due = :due WHERE url = :url", url=url, due=failure.next_try)
        return failure

    def succeeded(self, url: str) -> None:
        """Take a URL off the list of failures."""
        self._write("DELETE FROM failure WHERE url = :url", url=url)

    # Hosts

    def left_alone(self, now: datetime) -> Iterator[tuple[str, str, datetime]]:
        """The hosts that asked to be left alone, why, and until when."""
        rows = self._rows(
            "SELECT name, reason, until FROM host WHERE until > :now AND until <= :now + :far",
            now=_seconds(now),
            far=_span(LAST_RETRY),
        )
        for name, reason, until in rows:
            yield name, reason, _known(until)

    def leave_alone(self, host: str, reason: str, until: datetime) -> None:
        """Note that a host asked to be left alone."""
        self._write(
            "INSERT OR REPLACE INTO host VALUES (:host, :reason, :until)",
            host=host,
            reason=reason,
            until=until,
        )

    def _pages(self, where: str, **values: Any) -> list[Page]:
        columns = "url, about, canonical, etag, modified, digest, first, withdrawn"
        rows = self._rows(f"SELECT {columns} FROM page WHERE {where}", **values)  # noqa: S608
        return [
            Page(
                url,
                About.unpacked(about),
                canonical,
                etag,
                modified,
                digest,
                _time(first),
                _time(withdrawn),
            )
            for url, about, canonical, etag, modified, digest, first, withdrawn in rows
        ]

    def _rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, _bound(values)).fetchall()
        except Error as exc:
            raise self._error(exc) from exc

    def _write(self, statement: str, **values: Any) -> None:
        try:
            self._db.execute(statement, _bound(values))
        except Error as exc:
            raise self._error(exc) from exc


def _bound(values: dict[str, Any]) -> dict[str, Any]:
    return {k: _seconds(v) if isinstance(v, datetime) else v for k, v in values.items()}


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _span(span: timedelta) -> int:
    return int(span.total_seconds())


def _known(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else _known(seconds)
