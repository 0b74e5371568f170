"""Folders that change -> revisions, all day: what is dropped, edited, moved or removed is followed.

The operating system says that something has changed; what, is found by comparing everything below
the roots with the catalog, as every run does. So a burst of any size becomes one revision, and an
event that was missed costs nothing but the time until the next sweep.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from index.errors import PullquoteError
from index.ingest.sync import Report
from index.library import Library

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


def watch(
    library: Library,
    stop: threading.Event,
    told: Callable[[Report | PullquoteError], None],
) -> None:
    """Keep the index true to what it follows until ``stop`` is set; blocks.

    ``told`` is given a report of every run that changed something or left something undone, and
    every error; after one, it is tried again at the next event or sweep.
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


def _occasions(library: Library, stop: threading.Event) -> Iterator[None]:
    """Yield when something may have changed: at first, after each burst, and every sweep."""
    import watchfiles

    while not stop.is_set():
        roots = _watchable(library)
        swept = float("-inf")  # at the first tick: something may have changed while nobody watched
        for changes in watchfiles.watch(
            *roots or (library.folder.parent,),
            watch_filter=None,
            debounce=BURST_MS,
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=bool(roots),
        ):
            if _watchable(library) != roots:
                break  # a folder is newly followed, has come back, or is gone: watch anew
            if changes or time.monotonic() - swept > SWEEP_S:
                swept = time.monotonic()
                yield None


def _watchable(library: Library) -> tuple[Path, ...]:
    return tuple(path for path in library.collections().values() if path.exists())
