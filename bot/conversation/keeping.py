"""Folders, feeds and pages that change -> new revisions, by threads beside the bot."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from bot.conversation.desk import step_back
from index.errors import PullquoteError, WatchError
from index.ingest.sync import Report
from index.ingest.watch import fetch, watch
from index.library import Library
from index.web.web import Web

LOOK_S = 1.0
"""How often it is looked whether there is an index here by now; who makes it says what it follows.
A bot that only asks a store has none, and keeps nothing."""
END_S = 10.0
"""How long the threads may take to end; what writes to the index may be cut short at any time."""

log = logging.getLogger(__name__)


async def keep_true(library: Library, *, allow_private: bool) -> None:
    """Follow folders, feeds and pages until cancelled, in threads that leave answers the lead."""
    stop = threading.Event()
    web = Web(library.folder, allow_private=allow_private)
    threads = [
        _begin(lambda: watch(library, stop, _told), library, stop),
        _begin(lambda: fetch(library, web, stop, _told), library, stop),
    ]
    try:
        await asyncio.Event().wait()
    finally:
        stop.set()
        for thread in threads:
            await asyncio.to_thread(thread.join, END_S)


def _begin(work: Callable[[], None], library: Library, stop: threading.Event) -> threading.Thread:
    def run() -> None:
        step_back()
        while not library.keeps():
            if stop.wait(LOOK_S):
                return
        try:
            work()
        except WatchError as exc:
            log.error("%s; until then only what `pullquote index` takes in is answered from", exc)

    # One that waits for another program that writes to the index is not waited for.
    thread = threading.Thread(target=run, name="keeping the index true", daemon=True)
    thread.start()
    return thread


def _told(news: Report | PullquoteError) -> None:
    if isinstance(news, PullquoteError):
        log.warning("%s; it will be tried again", news)
        return
    log.info(
        "%d articles new, %d changed, %d gone; %d could not be read",
        *(news.new, news.changed, news.gone, len(news.failed)),
        extra={"revision": news.revision},
    )
