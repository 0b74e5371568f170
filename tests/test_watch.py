"""Watching: what happens in a folder is answered from, while questions are asked all the time."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from encoders import VOCABULARY, WordEncoder
from watchfiles._rust_notify import WatchfilesRustInternalError

from bot.cli import main
from index import Library
from index.ask.judge import FusionJudge
from index.errors import ArticleError, StoreError
from index.ingest import watch
from index.ingest.sync import Report

SOON_S = 60.0
"""How long a test waits for what takes a second or two on a machine that is not busy."""


class Watched:
    """A library that is watched in a thread, and what the watching told."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.told: list[Report | StoreError | ArticleError] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=watch.watch, args=(library, self._stop, self._tell))
        self._news = threading.Condition()

    def _tell(self, news: Report | StoreError | ArticleError) -> None:
        with self._news:
            self.told.append(news)
            self._news.notify_all()

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(SOON_S)
        assert not self._thread.is_alive()

    def wait(self, until: Callable[[], object]) -> None:
        """Wait until something is so; it is looked at whenever a run was told."""
        with self._news:
            assert self._news.wait_for(until, SOON_S), self.told


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library that follows a folder with one article; events are handled quickly."""
    monkeypatch.setattr(watch, "QUIET_MS", 100)
    monkeypatch.setattr(watch, "SETTLE_S", 0.2)
    monkeypatch.setattr(watch, "TICK_MS", 100)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Flood\nA flood came.")
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([tmp_path / "news"])
    yield made
    made.close()


def test_files_that_appear_change_move_and_go_are_followed(library: Library) -> None:
    """Each is answered from soon after."""
    news = library.folder.parent / "news"

    def articles() -> set[str]:
        return {quote.article.id for quote in library.ask("storm", top=9).quotes}

    with Watched(library) as watched:
        (news / "b.txt").write_text("Storm\nA storm came.")
        watched.wait(lambda: articles() == {"news/b.txt"})
        (news / "sub").mkdir()
        (news / "b.txt").rename(news / "sub" / "c.txt")
        watched.wait(lambda: articles() == {"news/sub/c.txt"})
        (news / "sub" / "c.txt").write_text("Storm\nThe storm is over.")
        watched.wait(lambda: library.ask("over").quotes)
        (news / "sub" / "c.txt").unlink()
        watched.wait(lambda: not articles())


def test_a_burst_is_one_revision(library: Library) -> None:
    """A hundred files in a row are not a hundred runs."""
    news = library.folder.parent / "news"
    first = library.revision
    with Watched(library) as watched:
        for number in range(100):
            (news / f"n{number}.txt").write_text(f"Storm {number} came.")
        watched.wait(lambda: library.status().articles == 101)
    assert library.revision - first < 10


def test_what_can_not_be_read_is_told_once_and_taken_when_mended(library: Library) -> None:
    """Not at every event."""
    news = library.folder.parent / "news"
    with Watched(library) as watched:
        (news / "x.txt").write_bytes(b"\0")
        watched.wait(lambda: library.failures())
        (news / "b.txt").write_text("A storm came.")
        watched.wait(lambda: library.status().articles == 2)
        (news / "x.txt").write_text("Now it snows.")
        watched.wait(lambda: not library.failures())
    reports = [each for each in watched.told if isinstance(each, Report)]
    assert [bool(each.failed) for each in reports].count(True) <= 2


def test_a_folder_followed_later_is_watched_too(library: Library) -> None:
    """Another process may have added it."""
    other = library.folder.parent / "other"
    other.mkdir()
    with Watched(library) as watched:
        second = Library(library.folder, encoder=WordEncoder(), judge=FusionJudge())
        second.sync([other], wait_s=SOON_S)
        second.close()
        (other / "o.txt").write_text("A quake came.")
        watched.wait(lambda: library.ask("quake").quotes)


def test_a_name_that_is_not_utf_8_stops_no_watching(library: Library) -> None:
    """It is named, and what comes after it is taken."""
    news = library.folder.parent / "news"
    with Watched(library) as watched:
        (news / os.fsdecode(b"caf\xe9.txt")).write_text("Storm\nA storm came.")
        watched.wait(library.failures)
        (news / "b.txt").write_text("Storm\nA storm came.")
        watched.wait(lambda: library.status().articles == 2)


def test_a_sweep_finds_what_no_event_told(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network disk, which tells nothing."""
    import watchfiles

    def silent(*_: object, stop_event: threading.Event, **__: object) -> Iterator[set[object]]:
        while not stop_event.wait(0.05):
            yield set()

    monkeypatch.setattr(watchfiles, "watch", silent)
    monkeypatch.setattr(watch, "SWEEP_S", 0.2)
    with Watched(library) as watched:
        (library.folder.parent / "news" / "b.txt").write_text("A storm came.")
        watched.wait(lambda: library.status().articles == 2)


@pytest.mark.parametrize("kind", [OSError, WatchfilesRustInternalError])
def test_who_can_not_watch_ends_with_an_error(
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: type[Exception],
) -> None:
    """The command ends, so that who keeps it running sees it; no thread keeps it alive."""
    import watchfiles

    def full(*_: object, **__: object) -> Iterator[set[object]]:
        raise kind("OS file watch limit reached")
        yield set()

    monkeypatch.setattr(watchfiles, "watch", full)
    monkeypatch.setattr(Library, "sync", lambda *_, **__: library_report())
    assert main(["--index", str(library.folder), "index", "--watch"]) == 1
    assert "can't be watched (OS file watch limit reached)" in capsys.readouterr().err
    assert [each for each in threading.enumerate() if not each.daemon] == [threading.main_thread()]


def library_report() -> Report:
    """What a run says that had nothing to do."""
    return Report(1, 0, 0, 0, 1, 1, 0, ())


def test_a_folder_that_may_not_be_read_stops_no_watching(library: Library) -> None:
    """It is named, and the others are followed."""
    if os.geteuid() == 0:
        pytest.skip("root may read every folder")
    news = library.folder.parent / "news"
    (news / "closed").mkdir(mode=0)
    with Watched(library) as watched:
        (news / "b.txt").write_text("Storm\nA storm came.")
        watched.wait(lambda: library.status().articles == 2)
    (news / "closed").chmod(0o700)


def test_questions_go_on_while_articles_arrive(library: Library) -> None:
    """Not one fails, and each new article answers within two seconds of its commit."""
    news, rng = library.folder.parent / "news", random.Random(7)  # noqa: S311
    asked, failed, late = 0, [], []
    committed: dict[int, float] = {}
    done = threading.Event()
    # As in another process:
    other = Library(library.folder, encoder=WordEncoder(), judge=FusionJudge())

    def ask() -> None:
        nonlocal asked
        seen = 0
        while not done.is_set():
            begun = time.monotonic()
            try:
                answer = other.ask(" ".join(rng.sample(VOCABULARY, 2)))
            except Exception as exc:  # noqa: BLE001 - whatever fails is what is looked for
                failed.append(exc)
                continue
            asked += 1
            assert answer.revision >= seen
            seen = answer.revision
            behind = [n for n, at in committed.items() if n > seen and begun - at > 2]
            late.extend(behind)

    with Watched(library) as watched:
        asking = threading.Thread(target=ask)
        asking.start()
        for number in range(12):
            word = VOCABULARY[number]
            (news / f"n{number}.txt").write_text(f"The {word} {number} came. It was a {word}.")

            def there(number: int = number) -> bool:
                committed.setdefault(library.revision, time.monotonic())
                return library.status().articles == number + 2

            watched.wait(there)
        done.set()
        asking.join(SOON_S)
    other.close()
    assert failed == []
    assert late == []
    assert asked > 20
