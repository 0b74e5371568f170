"""No server sees what is private to another, over real articles."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from encoders import WordEncoder

from bot.cli import main
from bot.conversation.memory import ServerSettings
from bot.conversation.scope import SERVERS, Scope
from index import Library
from index.ask.judge import FusionJudge
from index.errors import CollectionError
from index.records import Filters

ALL = ServerSettings()
OURS, THEIRS = 111, 222


@pytest.fixture
def library(tmp_path) -> Library:
    """News for all, clippings of one server, and what two servers added themselves."""
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    scope = Scope(made)
    folders = [tmp_path / "news", tmp_path / "clippings", scope.folder(OURS), scope.folder(THEIRS)]
    for folder, word in zip(folders, ("news", "clippings", "ours", "theirs"), strict=True):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(f"Vote {word}\nThe council lost the vote.")
    made.sync(folders)
    yield made
    made.close()


def told(library: Library, collections: tuple[str, ...]) -> set[str]:
    """Which articles are named in the answer to a question that all answer in the same words."""
    answer = library.ask("council vote", top=10, filters=Filters(collections=collections))
    articles = {each.article for each in answer.quotes}
    articles |= {copy for each in answer.quotes for copy in each.also_in}
    if answer.refusal and answer.refusal.nearest:
        articles.add(answer.refusal.nearest.article)
    return {article.title.split()[1] for article in articles}


def test_a_server_is_answered_from_what_is_open_and_its_own(library):
    """By default; neither another's nor what its owner gave to others."""
    library.set_readers({"clippings": frozenset({THEIRS}), "news": None})
    scope = Scope(library)
    assert told(library, scope.collections(OURS, ALL)) == {"news", "ours"}
    assert told(library, scope.collections(THEIRS, ALL)) == {"news", "clippings", "theirs"}
    assert told(library, scope.collections(333, ALL)) == {"news"}
    assert told(library, scope.collections(None, ALL)) == {"news"}


def test_a_server_can_choose_less_but_not_more(library):
    """Naming another's collection in the settings opens nothing."""
    library.set_readers({"clippings": frozenset({THEIRS}), "news": None})
    scope = Scope(library)
    wanted = ServerSettings(collections=("clippings", f"server-{THEIRS}", f"server-{OURS}"))
    assert told(library, scope.collections(OURS, wanted)) == {"ours"}
    nothing = ServerSettings(collections=("clippings",))
    assert scope.collections(OURS, nothing) == ()
    assert told(library, ()) == set()


def test_a_folder_that_is_called_like_a_servers_is_not_its(tmp_path, library):
    """Where a collection lies counts, not how it is called."""
    for parent in ("else", "more"):
        folder = tmp_path / parent / f"server-{THEIRS}"
        folder.mkdir(parents=True)
        (folder / "b.txt").write_text(f"Vote {parent}\nThe council lost the vote.")
        library.sync([folder])
    scope = Scope(library)
    assert told(library, scope.collections(OURS, ALL)) == {
        "news",
        "clippings",
        "ours",
        "else",
        "more",
    }


def test_following_a_folder_around_the_index_takes_in_no_servers_articles(tmp_path, library):
    """What servers add is hidden from whoever follows the folder that the index lies in."""
    library.sync([tmp_path])
    scope = Scope(library)
    assert "theirs" not in told(library, scope.collections(OURS, ALL))
    assert f"/{SERVERS}/" in str(scope.folder(OURS))


def another(library: Library, folder: Path, word: str) -> None:
    """Follow one more folder with an article."""
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(f"Vote {word}\nThe council lost the vote.")
    library.sync([folder])


def test_what_is_followed_later_is_closed_once_anything_is_private(tmp_path, library):
    """A second folder of the same name, too, to everybody until it is named."""
    library.set_readers({"clippings": frozenset({THEIRS}), "news": None})
    another(library, tmp_path / "later" / "clippings", "second")
    scope = Scope(library)
    for server in (OURS, THEIRS, None):
        assert "second" not in told(library, scope.collections(server, ALL))
    assert scope.closed() == ("clippings~2",)
    library.set_readers({"clippings~2": frozenset({OURS})})
    assert told(library, scope.collections(OURS, ALL)) == {"news", "ours", "second"}
    assert scope.closed() == ()


def test_nothing_is_closed_where_nothing_is_private(tmp_path, library):
    """Naming what is open to all closes nothing."""
    library.set_readers({"news": None})
    assert told(library, Scope(library).collections(None, ALL)) == {"news", "clippings"}


def test_a_folder_around_a_private_one_opens_nothing(tmp_path, library):
    """Its articles stand in both collections; who may not read the inner reads neither."""
    library.sync([tmp_path])
    library.set_readers(
        {"clippings": frozenset({THEIRS}), tmp_path.name: None, "news": frozenset({THEIRS, 9})}
    )
    scope = Scope(library)
    assert told(library, scope.collections(OURS, ALL)) == {"ours"}
    assert told(library, scope.collections(9, ALL)) == {"news"}
    assert tmp_path.name in scope.collections(THEIRS, ALL)


def test_forgetting_a_private_folder_and_following_it_again_does_not_open_it(tmp_path, library):
    """Who may read it is kept with the place; other folders stay closed meanwhile, too."""
    library.set_readers({"clippings": frozenset({THEIRS})})
    library.sync(forget=[tmp_path / "clippings"])
    scope = Scope(library)
    assert told(library, scope.collections(OURS, ALL)) == {"ours"}
    library.sync([tmp_path / "clippings"])
    assert told(library, scope.collections(OURS, ALL)) == {"ours"}
    assert told(library, scope.collections(THEIRS, ALL)) == {"clippings", "theirs"}


def test_a_name_of_nothing_followed_is_an_error_that_says_what_there_is(library):
    """Another case is another name; nothing of what was said with it is kept."""
    with pytest.raises(CollectionError, match=r"called Clippings, .* there is clippings, news, "):
        library.set_readers({"news": frozenset(), "Clippings": frozenset({THEIRS})})
    assert set(library.readers().values()) == {None}


def test_a_bot_does_not_start_with_a_misspelt_private_collection(library, monkeypatch, capsys):
    """It is said what exists, before anything is asked of Discord."""
    monkeypatch.setenv("PULLQUOTE_DISCORD_TOKEN", "a.b.c")
    monkeypatch.setenv("PULLQUOTE_DISCORD_PRIVATE", '{"Clippings": [222]}')
    assert main(["--index", str(library.folder), "bot"]) == 1
    assert "nothing followed is called Clippings" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["none", "version", "table", "header"])
@pytest.mark.parametrize("beside", [True, False])
def test_a_rebuild_opens_nothing(library, damage, beside):
    """Who may read is salvaged; where that can't be, all is closed until it is said again."""
    library.set_readers({"clippings": frozenset({THEIRS}), "news": None})
    library.close()
    path = library.folder / "catalog.db"
    if damage == "version":
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 99")
    if damage == "table":
        with closing(sqlite3.connect(path)) as database:
            query = "SELECT rootpage FROM sqlite_master WHERE name = 'readers'"
            (page,) = database.execute(query).fetchone()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (size,) = database.execute("PRAGMA page_size").fetchone()
            database.execute("PRAGMA user_version = 99")
        content = bytearray(path.read_bytes())
        content[(page - 1) * size : page * size] = b"\xa5" * size
        path.write_bytes(content)
    if damage == "header":
        content = bytearray(path.read_bytes())
        content[:4096] = b"\xa5" * 4096
        path.write_bytes(content)
    if not beside:
        (library.folder / "kept.json").unlink()
    report = library.sync(rebuild=True)
    scope = Scope(library)
    assert "clippings" not in told(library, scope.collections(OURS, ALL))
    if damage in ("none", "version") or beside:
        assert "news" in told(library, scope.collections(OURS, ALL))
        assert "clippings" in told(library, scope.collections(THEIRS, ALL))
    else:
        assert "who may read what" in str(report.lost)
        assert told(library, scope.collections(THEIRS, ALL)) <= {"theirs"}


def test_an_index_of_before_is_open_as_it_was(library):
    """A catalog without the table has kept nothing from anybody, and nothing of it is lost."""
    library.close()
    with closing(sqlite3.connect(library.folder / "catalog.db")) as database:
        database.execute("DROP TABLE readers")
        database.execute("PRAGMA user_version = 99")
    assert library.sync(rebuild=True).lost is None
    assert told(library, Scope(library).collections(None, ALL)) == {"news", "clippings"}
