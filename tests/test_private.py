"""What the program makes is its owner's alone, and no error tells what a setting is."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from encoders import WordEncoder

from bot.cli import main
from bot.conversation.ledger import Ledger
from bot.conversation.memory import Memory
from bot.conversation.scope import Scope
from bot.conversation.shelf import Shelf
from bot.conversation.unfinished import Addition, Unfinished
from bot.discord import run as running
from bot.serve.server import Server
from bot.settings import load_settings
from index import Library
from index.ask.judge import FusionJudge
from index.errors import PullquoteError
from index.store import private
from index.store.revisions import Store
from index.web import pages
from index.web.feeds import About
from index.web.fetch import Fetched
from index.web.state import State
from index.web.web import Web

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights are a matter of POSIX")
OTHER = 65_534
"""The user that another one is played by: on most systems, nobody."""
SECRET = "s3cret"  # noqa: S105 - of a test


@pytest.fixture(autouse=True)
def generous():
    """Whatever the user's mask gives away."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> str:
    """As ``ls`` shows them."""
    return stat.filemode(path.stat().st_mode)


def everything(index: Path, news: Path) -> Library:
    """An index with all that is made below one: revisions, locks, feeds, pages, a bot's memory."""
    news.mkdir()
    (news / "a.txt").write_text("Vote\nThe council lost the vote.")
    library = Library(index, encoder=WordEncoder(), judge=FusionJudge())
    library.sync([news])
    with closing(State(index)), Web(index)._alone(0):
        pass
    page = Fetched("https://a.example/b", 200, (("content-type", "text/html"),), b"<p>Vote")
    pages.keep(index, "https://a.example/b", page, About(), datetime.now(UTC))
    with closing(Memory(index / "discord.sqlite")) as memory:
        unfinished = Unfinished(memory)
        shelf = Shelf(library, Scope(library), Ledger(memory), unfinished, 1, allow_private=False)
        addition = Addition(1, 2, 3, "b.txt", file=True, after=0)
        shelf.take_file(addition, b"Vote\nThe mayor won the vote.")
    return library


def test_nobody_else_may_read_what_is_made_below_an_index(tmp_path):
    """Databases, their logs while they are open, pages, locks, the socket: whatever the mask."""
    index = tmp_path / "deep" / "index"
    with (
        closing(everything(index, tmp_path / "news")) as library,
        closing(Memory(index / "discord.sqlite")) as memory,
    ):
        memory.set_meta("a", "b")
        with Server(library, None, main), Store(index).writing():
            assert rights(index / "discord.sqlite-wal") == "-rw-------"
            for path in (index.parent, index, *index.iterdir()):
                kind = rights(path)
                assert kind[4:] == "------", (path, kind)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_of_the_machine_comes_to_nothing():
    """In a folder of everybody's, with no mask: no file of the index opens, no socket listens.

    Nor can he put anything there; what he puts beside it (a pipe, a link to a device, names that a
    terminal obeys) is named, or taken as the text that it is, and holds nothing up.
    """
    with tempfile.TemporaryDirectory(prefix="pullquote-") as name:
        Path(name).chmod(0o777)
        index, news = Path(name, "index"), Path(name, "news")
        with (
            closing(everything(index, news)) as library,
            closing(Memory(index / "discord.sqlite")) as memory,
        ):
            memory.set_meta("a", "b")
            news.chmod(0o777)
            assert as_another(lambda: planted(news)) == 4
            report = library.sync()
            assert report.new == 1
            assert "pipe.txt" in str(report.failed)
            assert "device.txt" in str(report.failed)
            with Server(library, None, main), Store(index).writing():
                every = [index, *index.rglob("*")]
                assert len(every) > 20
                assert as_another(lambda: opened(every)) == 0
                assert as_another(lambda: opened([news, *news.glob("*vote*")])) > 0


def as_another(do: Callable[[], int]) -> int:
    """What a function returns, below 100, for a user who isn't the one who made the index.

    Python itself may lie where that user may not read, so nothing is imported there.
    """
    if (pid := os.fork()) == 0:
        code = 100
        try:
            os.setgroups([])
            os.setgid(OTHER)
            os.setuid(OTHER)
            code = do()
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code < 100
    return code


def planted(folder: Path) -> int:
    """Put into a folder what might hurt who indexes it; return how much."""
    os.mkfifo(folder / "pipe.txt")
    (folder / "device.txt").symlink_to("/dev/zero")
    (folder / "vote\u202e.txt").write_text("Vote\x1b[2J\nThe council \x9b2J lost the vote.")
    (folder / "vote\x1b[2J.txt").write_text("Vote\nNot taken, for its name.")
    return 4


def opened(paths: Sequence[Path]) -> int:
    """How many files open, folders are listed or written to, and sockets listen."""
    count = 0
    for path in paths:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            count += 1
        for flags in (os.O_RDONLY, os.O_WRONLY):
            with suppress(OSError):
                os.close(os.open(path, flags | os.O_NONBLOCK))
                count += 1
        with suppress(OSError):
            (path / "planted").touch()
            count += 1
    return count


def test_folders_and_files_that_are_there_keep_their_rights(tmp_path):
    """Who wants a group to read gives it the right, and the program doesn't take it away."""
    index = tmp_path / "index"
    index.mkdir(0o750)
    everything(index, tmp_path / "news").close()
    (index / "catalog.db").chmod(0o640)
    library = Library(index, encoder=WordEncoder(), judge=FusionJudge())
    (tmp_path / "news" / "a.txt").write_text("Vote\nThe council won the vote.")
    library.sync()
    library.close()
    assert rights(index) == "drwxr-x---"
    assert rights(index / "catalog.db") == "-rw-r-----"


def test_the_doctor_names_what_every_user_can_read(tmp_path):
    """An index of before, when files were as the mask had them, is found."""
    index = tmp_path / "index"
    library = everything(index, tmp_path / "news")
    index.chmod(0o755)
    (found, *_) = library.examine()
    assert found.problems == ()
    (index / "catalog.db").chmod(0o644)
    (found, *_) = library.examine()
    assert "can read catalog.db;" in found.problems[0]
    library.close()


def test_a_file_that_cannot_be_made_is_left_to_who_opens_it(tmp_path):
    """A missing folder, or a file in the place of one, is an error where it always was."""
    private.file(tmp_path / "none" / "a")
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        private.folder(tmp_path / "a")


@pytest.mark.parametrize(
    "proxy",
    [
        f"http://me:{SECRET}@:80",
        f"http://me:{SECRET}/x@host:80",
        f"http://me:{SECRET}@host:99999",
        f"http://[me:{SECRET}@host:80",
        f"me:{SECRET}@host:80",
        f"socks5://me:{SECRET}@host:80",
    ],
)
def test_a_malformed_proxy_is_named_without_its_password(proxy, monkeypatch, capsys):
    """At the start of any command, as a fault that a person can mend."""
    monkeypatch.setenv("PULLQUOTE_PROXY", proxy)
    assert main(["status"]) == 1
    told = capsys.readouterr().err
    assert "PULLQUOTE_PROXY" in told
    assert "http://host:3128" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    "name", ["METRICS_PORT", "DISCORD_PRIVATE", "DISCORD_NAMES", "DISCORD_CORRECTION_DAYS"]
)
@pytest.mark.parametrize("value", [SECRET, f'{{"{SECRET}": ["{SECRET}"]}}', f'{{"{SECRET}'])
def test_no_error_tells_the_value_of_a_setting(name, value, monkeypatch):
    """Neither the message nor what a traceback would show of its cause."""
    monkeypatch.setenv(f"PULLQUOTE_{name}", value)
    with pytest.raises(PullquoteError, match=f"PULLQUOTE_{name}: ") as told:
        load_settings()
    assert SECRET not in f"{told.value} {told.value.__cause__}"


def test_a_proxy_that_refuses_is_named_without_its_password(monkeypatch):
    """What the library for connections says of it is cleaned."""

    async def refused(*_: object) -> None:
        raise aiohttp.ClientError(f"407, url='http://me:{SECRET}@127.0.0.1:3128'")

    monkeypatch.setattr(running, "_run", refused)
    with pytest.raises(PullquoteError, match=r"407.*127\.0\.0\.1:3128") as told:
        running.run(None, None, None, "", parts=())
    assert SECRET not in str(told.value)
