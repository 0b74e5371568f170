"""Folders that change -> revisions, all day: what is dropped, edited, moved or removed is followed.

``watch`` follows folders and files, ``fetch`` feeds and pages, which ``watch`` then finds. The
operating system says that something has changed; what, is found by comparing everything below
the roots with the catalog, as every run does. So a burst of any size becomes one revision, and an
event that was missed costs nothing but the time until the next sweep.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import PullquoteError, WatchError
from index.ingest.sync import Report
from index.records import Progress

if TYPE_CHECKING:  # who follows only folders needs no network
    from index.web.web import Web

QUIET_MS = 1_000
"""A burst is over when nothing has happened for so long."""
BURST_MS = 5_000
"""A burst that does not end is taken in parts."""
SETTLE_S = 1.0
"""A file that changed less than this ago may still be being written; it waits for the next run."""
SWEEP_S = 300.0
"""Everything is compared this often even when nothing was said to have changed."""
TICK_MS = 1_000
"""How long a request to stop, or a folder that is newly followed, may go unnoticed."""
WAIT_S = 60.0
"""How long to wait for another process that writes to the index."""
FETCH_S = 300.0
"""How often it is looked whether a feed or a page is due."""


class Watched(Protocol):
    """The part of ``Library`` that is needed here."""

    @property
    def folder(self) -> Path:
        """Where the index lies."""

    def followed(self) -> tuple[Path, ...]:
        """The folders and files that the index follows."""

    def sync(
        self,
        paths: Sequence[Path] = (),
        *,
        due_only: bool = False,
        settle_s: float = 0.0,
        wait_s: float = 0.0,
        progress: Progress = lambda *_: None,
    ) -> Report:
        """Follow the paths too, and bring the index up to date."""


def watch(
    library: Watched,
    stop: threading.Event,
    told: Callable[[Report | PullquoteError], None],
) -> None:
    """Keep the index true to what it follows until ``stop`` is set; blocks.

    ``told`` is given a report of every run that changed something or left something undone, and
    every error; after one, it is tried again at the next event or sweep.

    Raises:
        WatchError: the operating system doesn't let anything be watched.
    """

    def unless_stopped(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    outstanding: frozenset[str] = frozenset()
    for _ in _occasions(library, stop):
        unsettled = 1
        while unsettled and not stop.is_set():
            try:
                report = library.sync(
                    due_only=True, settle_s=SETTLE_S, wait_s=WAIT_S, progress=unless_stopped
                )
            except KeyboardInterrupt:
                return
            except PullquoteError as exc:
                told(exc)
                break
            failed = frozenset(map(str, report.failed))
            if report.new or report.changed or report.gone or failed != outstanding:
                told(report)
            outstanding = failed
            unsettled = report.unsettled
            if unsettled:
                stop.wait(SETTLE_S / 2)


def fetch(
    library: Watched,
    web: Web,
    stop: threading.Event,
    told: Callable[[PullquoteError], None],
) -> None:
    """Fetch the feeds and pages that are due until ``stop`` is set; ``watch`` indexes them."""

    def unless_stopped(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    while not stop.is_set():
        try:
            web.update(progress=unless_stopped)
            if web.pages.is_dir() and web.pages not in library.followed():
                library.sync((web.pages,), wait_s=WAIT_S)
        except PullquoteError as exc:
            told(exc)
        except KeyboardInterrupt:
            return
        stop.wait(FETCH_S)


def _occasions(library: Watched, stop: threading.Event) -> Iterator[None]:
    """Yield when something may have changed: at first, after each burst, and every sweep."""
    import watchfiles

    while not stop.is_set():
        roots = _watchable(library)
        swept = float("-inf")  # at the first tick: something may have changed while nobody watched
        changing = watchfiles.watch(
            *roots or (library.folder.parent,),
            watch_filter=None,
            debounce=BURST_MS,
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=bool(roots),
            ignore_permission_denied=True,  # a sweep names what can't be listed
        )
        while (changes := _next(changing)) is not None:
            if _watchable(library) != roots:
                break  # a folder is newly followed, has come back, or is gone: watch anew
            if changes or time.monotonic() - swept > SWEEP_S:
                swept = time.monotonic()
                yield None
        stop.wait(TICK_MS / 1000)  # what is not there can't be watched, and may come


def _next(changing: Iterator[set[Any]]) -> set[Any] | None:
    """The next changes, none after a while without any; None where watching must begin anew.

    Raises:
        WatchError: it can't go on.
    """
    from watchfiles._rust_notify import WatchfilesRustInternalError

    try:
        return next(changing, None)
    except FileNotFoundError:  # there is nothing to watch
        return None
    except (OSError, WatchfilesRustInternalError) as exc:
        if "decode path" in str(exc):  # something changed whose name is not UTF-8: a sweep names it
            return None
        raise WatchError(str(exc)) from exc


def _watchable(library: Watched) -> tuple[Path, ...]:
    return tuple(path for path in library.followed() if path.exists())
