"""Make ``version-1/``: an index, its feeds and a bot's memory as the first version wrote them.

    PYTHONPATH=<checkout>:<checkout>/tests python tests/data/make_version_1.py

It runs on the code of *that* version (commit 89e6db9), never on today's: the tests open what it
made with today's. ``<checkout>`` is a worktree of that commit. Run with the word ``early`` on
commit 4fa630c, it makes ``catalog-early.db``, whose index of dates covers nothing but the dates.
"""

import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.discord.state import Posted, ServerSettings, State
from encoders import WordEncoder

from index import Filters, Library
from index.web.feeds import About, Entry
from index.web.state import State as WebState

HERE = Path(__file__).parent / "version-1"
WORLD = Path("/tmp/pullquote-version-1")  # noqa: S108 - written into the catalog; tests replace it
INDEX = WORLD / "index"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

BRIDGE = """\
---
title: A bridge opened
date: {date}
outlet: The Herald
---
The mayor opened the bridge on {day}. {more}
"""


def write(name: str, text: str) -> None:
    """Put a file into the world."""
    path = WORLD / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def make_index() -> tuple[int, list[str]]:
    """Two folders and a file; three versions of the bridge, one article withdrawn, one failure."""
    write("press/bridge.md", BRIDGE.format(date="2026-03-02", day="Sunday", more="Snow fell."))
    write("press/aleppo.txt", "A truce\nRussia and China vetoed the ceasefire. Rain fell.")
    write("press/quake.txt", "A quake\nThe quake shook the north. Nobody was hurt.")
    write("press/broken.txt", "\0\0\0")
    write("wires/strike.txt", "Ferry crews strike\nThe ferry crew began a strike on Monday.")
    write("note.txt", "A vote\nThe council will hold a vote on the tunnel.")
    library = Library(INDEX, encoder=WordEncoder())
    library.sync([WORLD / "press", WORLD / "wires", WORLD / "note.txt"])
    receipts = []
    for day in ("Monday", "Friday"):
        receipts.append(str(library.ask("who opened the bridge?").quotes[0].receipt))
        write("press/bridge.md", BRIDGE.format(date="2026-03-03", day=day, more="Rain fell."))
        library.sync()
    receipts.append(str(library.ask("who opened the bridge?").quotes[0].receipt))
    receipts.append(str(library.ask("what shook the north?").quotes[0].receipt))
    (WORLD / "press/quake.txt").unlink()
    library.sync()
    library.set_threshold(0.125)
    last = library.last_filed
    for number in range(1, library.revision):
        shutil.rmtree(INDEX / f"revisions/{number:08d}", ignore_errors=True)
    library.close()
    return last, receipts


def make_web() -> None:
    """Two feeds, one page that was had, one that failed, a host that asked to be left alone."""
    state = WebState(INDEX)
    with state.writing():
        for name in ("herald", "gazette"):
            state.follow(f"https://{name}.example/feed", NOON)
        feed = state.feeds()[1]
        state.took_feed(
            feed.url, "The Herald", '"etag-1"', "Sun, 01 Nov 2026 12:00:00 GMT",
            now=NOON, due=NOON + timedelta(hours=1),
        )  # fmt: skip
        about = About("A flood", date(2026, 11, 1), "The Herald")
        for name in ("flood", "storm"):
            url = f"https://herald.example/{name}"
            state.queue(feed.url, Entry(url, about, f"stamp-{name}"), NOON)
        page = state.page("https://herald.example/flood")
        state.took_page(
            page, page.url, '"etag-2"', None, b"digest", now=NOON, due=NOON + timedelta(days=1)
        )
        state.failed("https://herald.example/storm", "answered 500", NOON, None)
        state.leave_alone("gazette.example", "answered 429", NOON + timedelta(hours=2))
    state.close()


def make_chat(last: int, receipts: list[str]) -> None:
    """A server's settings, an answer and a refusal posted, votes, standing questions."""
    state = State(HERE / "discord.sqlite", names=True, clock=NOON.timestamp)
    state.set_settings(7, ServerSettings(("press",), frozenset({70, 71}), thread=True))
    told = Posted(
        guild=7, channel=70, question="who opened the bridge?", receipts=(receipts[0],),
        revision=1, filters=Filters(since=date(2026, 1, 1), collections=("press",)),
        message=700, at=NOON.timestamp(), key="answer-1",
    )  # fmt: skip
    refused = Posted(
        guild=7, channel=71, question="who won?", receipts=(), revision=1, message=701,
        at=NOON.timestamp(), key="answer-2",
    )  # fmt: skip
    for posted in (told, refused):
        state.remember(posted)
    state.vote(told, 1001, up=True, name="ada")
    state.vote(told, 1002, up=False)
    state.vote(refused, 1001, up=True)
    state.follow(7, 70, "what of the bridge?", last)
    state.follow(None, 99, "any flood?", 1)
    state.set_meta("commands", "a digest")
    state.seen(123456)
    state.close()


def pack() -> None:
    """Leave no write-ahead log, and nothing that was deleted."""
    for path in INDEX.glob("*.db"):
        with closing(sqlite3.connect(path)) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def main() -> None:
    """Make everything, or the early catalog."""
    shutil.rmtree(WORLD, ignore_errors=True)
    if sys.argv[1:] == ["early"]:
        make_index()
        pack()
        shutil.copyfile(INDEX / "catalog.db", HERE / "catalog-early.db")
        return
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    last, receipts = make_index()
    make_web()
    make_chat(last, receipts)
    (HERE / "receipts.txt").write_text("\n".join(receipts) + "\n", "utf-8")
    pack()
    shutil.copytree(
        WORLD, HERE / "world", ignore=shutil.ignore_patterns("*.lock", "*-wal", "*-shm")
    )
    for path in HERE.glob("discord.sqlite-*"):
        path.unlink()


if __name__ == "__main__":
    main()
