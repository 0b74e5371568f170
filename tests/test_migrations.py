"""What an earlier version wrote is opened by this one, and nothing of it is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from encoders import RecordingEncoder
from version_1 import DATA, RECEIPTS, moved, world

from bot.conversation import memory as chat
from bot.conversation.memory import ServerSettings
from bot.conversation.schema import SCHEMA as OF_CHAT
from index import Filters, Library
from index.errors import StoreFormatError, StoreMissingError
from index.ingest import sync
from index.records import Article
from index.store import catalog as catalogs
from index.store.catalog import Catalog
from index.store.database import Schema, connect
from index.web import state as web

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FIRST = Schema(
    0x1234, 1, ("CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('one')",), "move it away"
)
SECOND = Schema(
    0x1234, 1, (*FIRST.migrations, "ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'two'"), "move it away"
)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What a file holds."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def layout(path: Path) -> list[tuple[object, ...]]:
    """The tables and indexes of a file, without regard to white space."""
    found = rows(path, "SELECT type, name, sql FROM sqlite_master ORDER BY name")
    return [(kind, name, " ".join(str(sql).split())) for kind, name, sql in found]


# The helper


def test_a_new_file_runs_every_migration(tmp_path: Path) -> None:
    """There is one truth: a new file and one that was brought up to date are the same."""
    connect(tmp_path / "new.db", SECOND).close()
    connect(tmp_path / "old.db", FIRST).close()
    connect(tmp_path / "old.db", SECOND).close()
    for name in ("new.db", "old.db"):
        assert rows(tmp_path / name, "SELECT * FROM a") == [("one", "two")]
        assert rows(tmp_path / name, "PRAGMA user_version") == [(2,)]
        assert rows(tmp_path / name, "PRAGMA journal_mode") == [("wal",)]


def test_a_file_of_a_later_version_is_refused_by_number(tmp_path: Path) -> None:
    """It is left as it is, and the error says what to do."""
    connect(tmp_path / "a.db", SECOND).close()
    with pytest.raises(StoreFormatError, match="format 2, this version reads 1; move it away"):
        connect(tmp_path / "a.db", FIRST)
    assert rows(tmp_path / "a.db", "SELECT * FROM a") == [("one", "two")]


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """Nothing is ever added to it."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreFormatError, match="another program; move it away"):
        connect(tmp_path / "a.db", FIRST)
    assert [name for _, name, _ in layout(tmp_path / "a.db")] == ["theirs"]


def test_an_empty_file_is_made_only_by_who_may(tmp_path: Path) -> None:
    """A reader that comes before the writer's first commit finds nothing, and makes nothing."""
    (tmp_path / "a.db").touch()
    with pytest.raises(StoreMissingError):
        connect(tmp_path / "a.db", FIRST, create=False)
    connect(tmp_path / "a.db", FIRST).close()
    connect(tmp_path / "a.db", FIRST, create=False).close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """All of it is one transaction: the file stays of the version before."""
    connect(tmp_path / "a.db", FIRST).close()
    broken = Schema(0x1234, 1, (*SECOND.migrations, "INSERT INTO nowhere VALUES (1)"), "")
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "a.db", broken)
    assert rows(tmp_path / "a.db", "SELECT * FROM a") == [("one",)]
    assert rows(tmp_path / "a.db", "PRAGMA user_version") == [(1,)]


def test_threads_that_come_at_once_migrate_once(tmp_path: Path) -> None:
    """Whoever is second finds it done."""
    connect(tmp_path / "a.db", FIRST).close()
    begun, failed = threading.Barrier(8), []

    def run() -> None:
        begun.wait()
        try:
            connect(tmp_path / "a.db", SECOND).close()
        except Exception as exc:  # noqa: BLE001 - handed to the test
            failed.append(exc)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rows(tmp_path / "a.db", "SELECT * FROM a") == [("one", "two")]


KILLED = """
import os, sys
from pathlib import Path
from index.store import database
real = database.transaction
schema = database.Schema(0x1234, 1, (*{first!r}, "ALTER TABLE a ADD COLUMN y TEXT"), "")
class Dying:
    def __init__(self, db): self.db = db
    def __getattr__(self, name): return getattr(self.db, name)
    def execute(self, statement, *rest):
        done = self.db.execute(statement, *rest)
        if "user_version=" in statement: os._exit(9)
        return done
connect = database.sqlite3.connect
database.sqlite3.connect = lambda *a, **k: Dying(connect(*a, **k))
database.connect(Path(sys.argv[1]), schema)
"""


def test_a_migration_that_is_killed_has_not_happened(tmp_path: Path) -> None:
    """The last statement before the commit is as good as none: the next run begins anew."""
    connect(tmp_path / "a.db", FIRST).close()
    root = Path(__file__).parent.parent
    code = KILLED.format(first=FIRST.migrations)
    killed = subprocess.run([sys.executable, "-c", code, tmp_path / "a.db"], cwd=root, check=False)
    assert killed.returncode == 9
    connect(tmp_path / "a.db", SECOND).close()
    assert rows(tmp_path / "a.db", "SELECT * FROM a") == [("one", "two")]


# The catalog


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Folders and their index as the first version left them."""
    return world(tmp_path / "world")


@pytest.fixture
def library(old: Path) -> Iterator[Library]:
    """That index, opened by this version, with an encoder that says what it embeds."""
    made = Library(old / "index", encoder=RecordingEncoder())
    yield made
    made.close()


def kept(library: Library, old: Path) -> None:
    """Every followed folder, receipt, failure and fitted threshold of the first version."""
    assert library.collections() == {
        "note.txt": old / "note.txt", "press": old / "press", "wires": old / "wires"
    }  # fmt: skip
    assert library.threshold == 0.125
    for receipt, day in zip(RECEIPTS, ("Sunday", "Monday", "Friday"), strict=False):
        view = library.source(receipt)
        quoted = view.article.text[view.start : view.end]
        assert quoted == f"The mayor opened the bridge on {day}."
        assert (view.current is None) == (day == "Friday")
        assert not view.withdrawn
    withdrawn = library.source(RECEIPTS[3])
    assert withdrawn.article.text[withdrawn.start : withdrawn.end] == "The quake shook the north."
    assert withdrawn.withdrawn
    failed = [failure.name for failure in library.failures()]
    assert failed == [str(old / "press" / "broken.txt"), "https://herald.example/storm"]


def test_an_index_of_the_first_version_answers_at_once(library: Library, old: Path) -> None:
    """Everything that it kept is there, and its revision is read as it is."""
    kept(library, old)
    assert library.revision == 4
    (quote,) = library.ask("who vetoed the ceasefire?", top=1).quotes
    assert quote.text == "Russia and China vetoed the ceasefire."
    held = library.ask("who opened the bridge?", filters=Filters(since=date(2026, 3, 3)))
    assert held.quotes[0].article.outlet == "The Herald"


def test_an_index_of_the_first_version_is_kept_up_to_date(library: Library, old: Path) -> None:
    """A run finds it as it is, embeds nothing, and files what is new after what was filed."""
    report = library.sync()
    assert (report.new, report.changed, report.gone, report.embedded) == (0, 0, 0, 0)
    assert report.unchanged == 4
    assert library.verify() == []
    last = library.last_filed
    (old / "wires" / "new.txt").write_text("A storm\nA storm came. Rain fell.")
    report = library.sync()
    assert (report.new, report.embedded) == (1, 2)
    assert library.last_filed == last + 1
    kept(library, old)


def test_no_embedding_of_the_first_version_is_made_again(library: Library, old: Path) -> None:
    """A rebuild reads everything again, embeds nothing, and keeps what people gave it."""
    report = library.sync(rebuild=True)
    assert report.embedded == 0
    assert isinstance(library._encoders.given, RecordingEncoder)
    assert library._encoders.given.seen == []
    kept(library, old)


@pytest.mark.parametrize("file", ["catalog-early.db", "world/index/catalog.db"])
def test_a_migrated_catalog_is_as_a_new_one(tmp_path: Path, file: str) -> None:
    """Whichever index of dates a catalog was made with, it has the one that covers questions."""
    shutil.copyfile(DATA / file, tmp_path / "old.db")
    before = rows(tmp_path / "old.db", "SELECT id, name, text, digest FROM article ORDER BY id")
    Catalog(tmp_path / "old.db").close()
    Catalog(tmp_path / "new.db", create=True).close()
    assert layout(tmp_path / "old.db") == layout(tmp_path / "new.db")
    after = rows(tmp_path / "old.db", "SELECT id, name, text, digest FROM article ORDER BY id")
    assert after == before
    asked = "FROM article WHERE live AND published >= '2026-01-01' AND outlet = 'The Herald'"
    plan = rows(tmp_path / "old.db", f"EXPLAIN QUERY PLAN SELECT first, first + sentences {asked}")
    assert "USING COVERING INDEX article_published" in str(plan)


def test_an_early_catalog_holds_what_it_held(tmp_path: Path) -> None:
    """Its articles, roots and threshold come through the migrations."""
    path = shutil.copyfile(DATA / "catalog-early.db", tmp_path / "catalog.db")
    catalog = Catalog(moved(path, tmp_path))
    assert set(catalog.roots().values()) == {"note.txt", "press", "wires"}
    assert catalog.meta("threshold") == "0.125"
    assert {filed.article.id for filed in catalog.articles()} == {
        *("note.txt", "press/aleppo.txt", "wires/strike.txt", "press/bridge.md"),
    }
    catalog.close()


def test_articles_of_the_first_version_get_their_authors(
    library: Library, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run reads every file again, files the authors it finds, and embeds nothing."""
    receipt = library.ask("who opened the bridge?").quotes[0].receipt
    assert library.source(str(receipt)).article.author is None
    real = sync.read

    def read(path: Path, name: str) -> Iterator[object]:
        for each in real(path, name):
            is_article = isinstance(each, Article)
            yield replace(each, author="Ada Byron") if is_article else each

    monkeypatch.setattr(sync, "read", read)
    report = library.sync()
    assert (report.changed, report.unchanged, report.embedded) == (4, 0, 0)
    (quote,) = library.ask("who opened the bridge?", top=1).quotes
    assert (quote.article.author, quote.receipt) == ("Ada Byron", receipt)
    assert [found.problems for found in library.examine() if found.what == "catalog"] == [()]
    kept(library, old)
    assert library.sync().unchanged == 4


def test_what_is_shown_is_proven_from_the_first_opening_on(library: Library, old: Path) -> None:
    """The digest that an index of before lacks is made when it is opened, of every version."""
    library.ask("who opened the bridge?")
    query = "SELECT name, facts_digest, live FROM article"
    filed = rows(old / "index" / "catalog.db", query)
    assert {len(str(digest)) for _, digest, _ in filed} == {64}
    assert sum(not live for *_, live in filed) == 3
    assert library.verify() == []
    with closing(sqlite3.connect(old / "index" / "catalog.db")) as database, database:
        database.execute("UPDATE article SET outlet = 'The Bugle' WHERE outlet = 'The Herald'")
    assert any("not the title, date, source or path" in line for line in library.verify())


# The memory of the web, and that of a bot


def test_feeds_of_the_first_version_are_followed_on(old: Path) -> None:
    """With their stamps, pages, failures and the hosts that asked to be left alone."""
    gazette, herald = web.followed(old / "index")
    assert (herald.url, herald.title) == ("https://herald.example/feed", "The Herald")
    assert (herald.etag, herald.modified) == ('"etag-1"', "Sun, 01 Nov 2026 12:00:00 GMT")
    assert (gazette.title, gazette.etag) == (None, None)
    (failure,) = web.failures(old / "index")
    assert (failure.name, failure.reason) == ("https://herald.example/storm", "answered 500")
    with closing(web.State(old / "index")) as state:
        page = state.page("https://herald.example/flood")
        assert page is not None
        assert (page.etag, page.digest, page.about.title) == ('"etag-2"', b"digest", "A flood")
        ((host, reason, until),) = state.left_alone(NOON)
        assert (host, reason) == ("gazette.example", "answered 429")
        assert until == NOON + timedelta(hours=2)


def test_a_bot_of_the_first_version_remembers(tmp_path: Path) -> None:
    """Settings, answers with their filters, votes and standing questions."""
    path = shutil.copyfile(DATA / "discord.sqlite", tmp_path / "discord.sqlite")
    state = chat.Memory(path, names=True, clock=NOON.timestamp)
    assert state.settings_for(7) == ServerSettings(("press",), frozenset({70, 71}), thread=True)
    told, refused = state.posted("answer-1"), state.posted_as(701)
    assert told is not None
    assert (told.receipts, told.message) == ((RECEIPTS[0],), 700)
    assert told.filters == Filters(since=date(2026, 1, 1), collections=("press",))
    assert refused is not None
    assert refused.receipts == ()
    assert {(vote.answer, vote.up, vote.name) for vote in state.votes()} == {
        *(("answer-1", False, None), ("answer-1", True, "ada"), ("answer-2", True, None)),
    }
    state.vote(told, 1002, up=True)  # the same voter, known by the secret that was kept
    assert len(state.votes()) == 3
    assert [(each.channel, each.question) for each in state.following()] == [
        *((70, "what of the bridge?"), (99, "any flood?")),
    ]
    assert state.meta("commands") == "a digest"
    assert state.seen(123456)
    state.close()


@pytest.mark.parametrize(
    ("file", "make"),
    [
        ("world/index/web.db", lambda folder: web.State(folder).close()),
        ("discord.sqlite", lambda folder: chat.Memory(folder / "discord.sqlite").close()),
    ],
)
def test_their_files_become_as_new_ones(
    tmp_path: Path, file: str, make: Callable[[Path], None]
) -> None:
    """A file of the first version that is opened has the tables that a new one has."""
    for folder in ("new", "old"):
        (tmp_path / folder).mkdir()
    old = Path(shutil.copyfile(DATA / file, tmp_path / "old" / Path(file).name))
    make(tmp_path / "new")
    make(tmp_path / "old")
    assert layout(tmp_path / "new" / Path(file).name) == layout(old)


def test_the_numbers_of_versions_are_said_in_the_docs() -> None:
    """``docs/index-format.md`` names the version of each file that this program writes."""
    text = (Path(__file__).parent.parent / "docs" / "index-format.md").read_text("utf-8")
    for file, schema in (
        ("catalog.db", catalogs.SCHEMA),
        ("web.db", web.SCHEMA),
        ("discord.sqlite", OF_CHAT),
    ):
        row = f"| `{file}` | 0x{schema.application:08X} | {schema.version} |"
        assert row in text, json.dumps(row)
