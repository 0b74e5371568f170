"""A rebuild keeps what people gave the index, whatever has become of its catalog."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from encoders import RecordingEncoder, WordEncoder
from version_1 import RECEIPTS, world

from bot.cli import main
from index import Filters, Library
from index.errors import ReceiptError, StoreDamagedError, StoreFormatError, StoreMissingError
from index.web.state import followed

VETO = "Russia and China vetoed the ceasefire."
PAGE = 4096


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Two folders, a file and their index, as kept up to date by this version."""
    folder = world(tmp_path / "world")
    library = opened(folder)
    library.sync()
    library.close()
    return folder


def opened(folder: Path, encoder: WordEncoder | None = None) -> Library:
    """A library on the index, with nothing open yet."""
    return Library(folder / "index", encoder=encoder or RecordingEncoder())


def rebuilt(folder: Path) -> tuple[str | None, int, int]:
    """Rebuild; return what was lost, how much was embedded, and the number of the revision."""
    library = opened(folder)
    report = library.sync(rebuild=True)
    assert library.verify() == []
    library.close()
    return report.lost, report.embedded, report.revision


def opening(library: Library) -> list[bool]:
    """Which of the receipts open, at the words that were quoted."""
    opens = []
    for receipt in RECEIPTS:
        try:
            view = library.source(receipt)
        except ReceiptError:
            opens.append(False)
        else:
            assert view.article.text[view.start : view.end].endswith(("day.", "north."))
            opens.append(True)
    return opens


def given(folder: Path) -> tuple[dict[str, Path], float, int]:
    """What people gave the index, how many feeds are followed; it must answer, too."""
    library = opened(folder)
    (quote,) = library.ask("who vetoed the ceasefire?", top=1).quotes
    assert quote.text == VETO
    facts = library.collections(), library.threshold, len(followed(folder / "index"))
    library.close()
    return facts


def everything(folder: Path) -> tuple[dict[str, Path], float, int]:
    """What there is to keep."""
    roots = {"note.txt": folder / "note.txt", "press": folder / "press", "wires": folder / "wires"}
    return roots, 0.125, 2


def of_a_later_version(path: Path) -> None:
    """Say that another version wrote it."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def of_an_earlier_version(path: Path) -> None:
    """Say that a version wrote it that there is no way from, before articles had authors."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE article DROP COLUMN author")
        database.execute("PRAGMA user_version = 1")


@pytest.mark.parametrize("change", [of_a_later_version, of_an_earlier_version])
def test_a_catalog_of_another_version_is_taken_over_whole(
    here: Path, change: Callable[[Path], None]
) -> None:
    """Nothing is lost, nothing is embedded again, and numbers go on where they were."""
    library = opened(here)
    last, revision = library.last_filed, library.revision
    library.close()
    change(here / "index" / "catalog.db")
    with pytest.raises(StoreFormatError, match="--rebuild"):
        opened(here).ask(VETO)
    assert rebuilt(here) == (None, 0, revision + 1)
    assert given(here) == everything(here)
    library = opened(here)
    assert opening(library) == [True] * 4
    assert library.source(RECEIPTS[3]).withdrawn
    assert library.last_filed > last
    library.close()
    assert (here / "index" / "catalog.db.broken-1").exists()


def test_any_damaged_page_costs_only_what_is_on_it(here: Path, tmp_path: Path) -> None:
    """Whatever page is overwritten, what can't be kept is said, and all else is there."""
    size = (here / "index" / "catalog.db").stat().st_size
    losses = set()
    for at in range(0, size, PAGE):
        shutil.rmtree(tmp_path / "index", ignore_errors=True)
        shutil.move(shutil.copytree(here / "index", tmp_path / "copy"), tmp_path / "index")
        path = tmp_path / "index" / "catalog.db"
        data = bytearray(path.read_bytes())
        data[at : at + PAGE] = b"\xa5" * PAGE
        path.write_bytes(data)
        library = Library(tmp_path / "index", encoder=RecordingEncoder())
        report = library.sync(rebuild=True)
        lost = report.lost or ""
        assert library.collections() == everything(here)[0], at
        assert library.threshold == 0.125, at
        assert library.verify() == [], at
        assert library.ask("who vetoed the ceasefire?", top=1).quotes[0].text == VETO
        assert all(opening(library)) or "versions of articles" in lost, at
        assert not report.embedded or "embeddings" in lost, at
        losses.add(report.lost)
        library.close()
    assert None in losses, "pages of indexes hold nothing of their own"
    assert len(losses) > 1, "other pages do"


def test_what_is_followed_outlives_a_catalog_of_which_nothing_is_left(here: Path) -> None:
    """It is kept beside it, with the threshold and the numbers; what is lost is said."""
    library = opened(here)
    last, revision = library.last_filed, library.revision
    library.close()
    (here / "index" / "catalog.db").write_bytes(b"not a database" * 99)
    assert opened(here).follows()
    lost, embedded, number = rebuilt(here)
    assert lost == f"{last} versions of articles, embeddings"
    assert (number, embedded) == (revision + 1, 8)
    assert given(here) == everything(here)
    library = opened(here)
    assert library.last_filed > last
    assert opening(library) == [False, False, True, False]
    library.close()


def test_without_anything_beside_it_all_that_is_lost_is_said(here: Path) -> None:
    """An index that no run of this version touched before has nothing beside its catalog."""
    (here / "index" / "kept.json").unlink()
    (here / "index" / "catalog.db").write_bytes(b"not a database" * 99)
    library = opened(here)
    assert not library.follows()
    report = library.sync([here / "press"], rebuild=True)
    assert report.lost == (
        "what it followed (name it again), who may read what (say it again), a threshold, if one "
        "was fitted, versions of articles, embeddings"
    )
    assert library.collections() == {"press": here / "press"}
    library.close()


def test_the_command_says_what_could_not_be_kept(
    here: Path, capsys: pytest.CaptureFixture[str], with_models: Callable[[Path], Path]
) -> None:
    """In one line, among what is no result."""
    (here / "index" / "catalog.db").write_bytes(b"not a database" * 99)
    with_models(here / "index")
    main(["--index", str(here / "index"), "index", "--rebuild"])
    told = [line for line in capsys.readouterr().err.splitlines() if "could not be kept" in line]
    assert len(told) == 1
    assert "versions of articles, embeddings" in told[0]


def test_a_dry_run_leaves_a_damaged_catalog_where_it_is(here: Path) -> None:
    """It says what is wrong, and changes nothing."""
    path = here / "index" / "catalog.db"
    path.write_bytes(b"not a database" * 99)
    with pytest.raises(StoreDamagedError):
        opened(here).sync(rebuild=True, dry_run=True)
    assert path.read_bytes() == b"not a database" * 99
    assert not path.with_name("catalog.db.broken-1").exists()


def test_a_folder_that_is_away_keeps_its_articles(here: Path) -> None:
    """What can't be read during a rebuild stays, also of a catalog that was set aside."""
    of_a_later_version(here / "index" / "catalog.db")
    (here / "press").rename(here / "away")
    library = opened(here)
    report = library.sync(rebuild=True)
    assert (report.gone, report.embedded, report.lost) == (0, 0, None)
    assert library.ask("who vetoed the ceasefire?", top=1).quotes[0].text == VETO
    library.close()


def test_a_rebuild_that_is_cut_short_is_finished_by_the_next_run(here: Path) -> None:
    """Whatever was salvaged waits in the new catalog, and what was lost is still said."""

    class StoppedError(Exception):
        """Somebody stopped it."""

    def stop(what: str, *_: object) -> None:
        if what == "writing the indexes":
            raise StoppedError

    (here / "index" / "catalog.db").write_bytes(b"not a database" * 99)
    library = opened(here)
    with pytest.raises(StoppedError):
        library.sync(rebuild=True, progress=stop)
    with pytest.raises(StoreMissingError):
        library.ask(VETO)
    report = library.sync()
    assert report.lost is not None
    assert report.embedded == 0, "they were embedded by the run that was stopped"
    library.close()
    assert given(here) == everything(here)


def test_another_encoder_keeps_all_that_is_no_vector(here: Path) -> None:
    """And the vectors of the one before stay, for the day it comes back."""
    library = opened(here, RecordingEncoder("others@1"))
    with pytest.raises(StoreFormatError, match="made with words@1"):
        library.sync()
    report = library.sync(rebuild=True)
    assert (report.embedded, report.lost) == (8, None)
    assert library.threshold == 0.125
    assert library.collections() == everything(here)[0]
    assert opening(library) == [True] * 4
    library.close()
    assert rebuilt(here)[:2] == (None, 0)
    assert given(here) == everything(here)


# A process that runs meanwhile


@pytest.fixture
def running(here: Path) -> Iterator[Library]:
    """A library that has answered, and keeps its connections and indexes open."""
    library = opened(here)
    assert library.ask("who vetoed the ceasefire?").quotes
    yield library
    library.close()


def test_who_runs_meanwhile_answers_from_the_new_catalog(here: Path, running: Library) -> None:
    """At once, although its connections are to the one that was set aside."""
    (here / "press" / "aleppo.txt").write_text("A truce\nOnly the judge vetoed the ceasefire.")
    of_a_later_version(here / "index" / "catalog.db")
    before = running.revision
    rebuilt(here)
    answer = running.ask("who vetoed the ceasefire?", top=1)
    assert answer.quotes[0].text == "Only the judge vetoed the ceasefire."
    assert answer.revision == before + 1
    assert running.verify() == []


def test_a_question_that_is_being_answered_keeps_its_revision(here: Path, running: Library) -> None:
    """The catalog is replaced under it, and it goes on to its end in the one that it began in."""
    with running._engine.reading() as revision:
        before = [filed.article.text for filed in revision.articles(Filters())]
        (here / "press" / "aleppo.txt").write_text("A truce\nOnly the judge vetoed it.")
        of_a_later_version(here / "index" / "catalog.db")
        rebuilt(here)
        assert [filed.article.text for filed in revision.articles(Filters())] == before
    assert "judge" in running.ask("who vetoed it?", top=1).quotes[0].text


def test_who_runs_meanwhile_answers_from_an_index_that_was_made_anew(
    here: Path, running: Library
) -> None:
    """Also where the whole folder was removed and indexed again, from revision 1."""
    shutil.rmtree(here / "index")
    with pytest.raises(StoreMissingError):
        running.ask("who vetoed the ceasefire?")
    fresh = opened(here)
    (here / "new.txt").write_text("A storm\nThe storm vetoed the ceasefire.")
    assert fresh.sync([here / "new.txt"]).revision == 1
    fresh.close()
    (quote,) = running.ask("who vetoed the ceasefire?").quotes
    assert quote.text == "The storm vetoed the ceasefire."
