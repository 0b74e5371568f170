"""No server sees what is private to another, over real articles."""

from __future__ import annotations

import pytest
from encoders import WordEncoder

from bot.conversation.memory import ServerSettings
from bot.conversation.scope import SERVERS, Scope
from index import Library
from index.ask.judge import FusionJudge
from index.records import Filters

ALL = ServerSettings()
OURS, THEIRS = 111, 222


@pytest.fixture
def library(tmp_path) -> Library:
    """News for all, clippings of one server, and what two servers added themselves."""
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    scope = Scope(made, {})
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
    scope = Scope(library, {"clippings": [THEIRS]})
    assert told(library, scope.collections(OURS, ALL)) == {"news", "ours"}
    assert told(library, scope.collections(THEIRS, ALL)) == {"news", "clippings", "theirs"}
    assert told(library, scope.collections(333, ALL)) == {"news"}
    assert told(library, scope.collections(None, ALL)) == {"news"}


def test_a_server_can_choose_less_but_not_more(library):
    """Naming another's collection in the settings opens nothing."""
    scope = Scope(library, {"clippings": [THEIRS]})
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
    scope = Scope(library, {})
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
    scope = Scope(library, {})
    assert "theirs" not in told(library, scope.collections(OURS, ALL))
    assert f"/{SERVERS}/" in str(scope.folder(OURS))
