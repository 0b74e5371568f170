"""One archive on a Milvus for many machines: publishing, reading it elsewhere, faults."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("pymilvus", reason="the extra `cluster` is not installed")
pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")

import test_corrections
import test_standing
from encoders import WordEncoder
from milvus_publisher import emptied

from bench.lite import LiteServer
from bot.conversation.memory import Memory
from bot.conversation.scope import Scope
from bot.conversation.watching import EVERY_S
from index import Library
from index.ask.judge import FusionJudge
from index.errors import StoreError, StoreFormatError, StoreMissingError
from index.records import Filters
from index.store.milvus import layout, lifetimes
from index.store.milvus import publish as publishing
from index.store.milvus.client import Address, Client
from index.store.milvus.compare import compare
from index.store.milvus.engine import MilvusEngine
from index.store.milvus.layout import Retired, Switch
from index.store.revisions import Store

pytestmark = pytest.mark.xdist_group("milvus")

VETO = "Council\nRussia vetoed the ceasefire. The mayor opened the bridge."
STRIKE = "Ferries\nThe ferry crew began a strike on Monday."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    """milvus-lite as a server, for all tests of this module."""
    server = LiteServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def address(server: LiteServer) -> Address:
    """Where a Milvus with nothing in it answers."""
    client = emptied(Client(Address(server.uri)))
    client.close()
    return client.address


@pytest.fixture
def opened(tmp_path: Path, address: Address) -> Iterator[Callable[[str], Library]]:
    """Open a library of its own folder over the same Milvus: ``opened("writer")``."""
    libraries = []

    def give(name: str) -> Library:
        encoder, judge = WordEncoder(), FusionJudge()
        libraries.append(Library(tmp_path / name, encoder=encoder, judge=judge, store=address))
        return libraries[-1]

    yield give
    for library in libraries:
        library.close()


@pytest.fixture
def press(tmp_path: Path) -> Path:
    """A folder of two articles."""
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "veto.txt").write_text(VETO)
    (folder / "strike.txt").write_text(STRIKE)
    return folder


def found(address: Address, folder: Path) -> list[str]:
    """What differs between a folder and a Milvus."""
    store, engine = Store(folder), MilvusEngine(address)
    with store.reading() as revision:
        differences = list(compare(revision, engine))
    engine.close()
    store.close()
    return differences


def test_who_has_only_the_address_asks_what_was_indexed_elsewhere(
    opened: Callable[[str], Library], press: Path
) -> None:
    """The same quotes, sources and checks as where the articles are, and later revisions, too."""
    writer, reader = opened("writer"), opened("reader")
    assert not reader.exists()
    writer.sync([press])
    assert reader.exists()
    answer = reader.ask("who vetoed the ceasefire?", threshold=0)
    assert answer.quotes[0].text == "Russia vetoed the ceasefire."
    assert answer.quotes == writer.ask("who vetoed the ceasefire?", threshold=0).quotes
    receipt = str(answer.quotes[0].receipt)
    assert reader.source(receipt).article.text == VETO
    assert reader.check("Russia vetoed the ceasefire.").matches
    assert reader.status().articles == 2
    assert reader.collections() == {"press": press.resolve()}

    (press / "veto.txt").write_text(VETO.replace("Russia", "China"))
    writer.sync()
    assert reader.revision == 2
    view = reader.source(receipt)
    assert view.current is not None
    assert "China" in view.current.text
    assert not (reader.folder / "catalog.db").exists()


def test_publishing_again_changes_nothing(opened: Callable[[str], Library], press: Path) -> None:
    """What is there is neither written nor taken away, and still agrees with the folder."""
    writer = opened("writer")
    writer.sync([press])
    again = writer.publish()
    assert (again.revision, again.added, again.removed) == (1, 0, 0)
    assert [f.problems for f in writer.examine() if f.what == "store"] == [()]


def test_doctor_finds_what_differs(
    opened: Callable[[str], Library], press: Path, address: Address
) -> None:
    """An article that is missing from the store, and a revision that was not published."""
    writer = opened("writer")
    writer.sync([press])
    client = Client(address)
    client.delete("pullquote_1_articles", "article == 1")
    (problems,) = [f.problems for f in writer.examine() if f.what == "store"]
    assert [("missing" in problem, "publish --anew" in problem) for problem in problems] == [
        (True, True)
    ]
    writer.publish(anew=True)
    assert found(address, writer.folder) == []
    client.close()
    local = Library(writer.folder, encoder=WordEncoder())
    (press / "new.txt").write_text("Snow fell in the north.")
    local.sync()
    local.close()
    (problem,) = found(address, writer.folder)
    assert "holds revision 1, not 2" in problem


def test_an_older_copy_of_the_folder_is_refused(
    opened: Callable[[str], Library], press: Path, tmp_path: Path
) -> None:
    """A folder that was restored does not take back what is live."""
    writer = opened("writer")
    writer.sync([press])
    writer.close()
    shutil.copytree(writer.folder, tmp_path / "copy")
    (press / "new.txt").write_text("Snow fell in the north.")
    writer.sync()
    with pytest.raises(StoreFormatError, match="holds revision 2"):
        opened("copy").publish()


def test_before_the_first_publication_there_is_nothing(address: Address) -> None:
    """Who asks is told what to run."""
    engine = MilvusEngine(address)
    assert engine.revision() == 0
    with pytest.raises(StoreMissingError, match="pullquote index"), engine.reading():
        pass
    engine.close()


def test_a_server_that_is_not_there_is_named_without_its_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message says where and what to look at; the token stays unsaid."""
    monkeypatch.setattr("index.store.milvus.client.TIMEOUT_S", 2.0)
    monkeypatch.setattr("index.store.milvus.client.ANSWER_S", 2.0)
    address = Address("http://127.0.0.1:9", "root:secret-word")
    with pytest.raises(StoreError, match="PULLQUOTE_STORE") as caught:
        MilvusEngine(address).revision()
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret-word" not in f"{caught.value} {address!r} {address}"


class StoppedError(Exception):
    """The writer is gone."""


CALLS = ["write", "delete", "flush"]


@pytest.mark.parametrize("stop", range(0, 20, 3))
def test_a_publication_that_is_cut_short_is_undone_by_the_next(
    opened: Callable[[str], Library],
    press: Path,
    address: Address,
    monkeypatch: pytest.MonkeyPatch,
    stop: int,
) -> None:
    """Cut after any write, who asks still reads the revision before, and then the next."""
    writer, reader = opened("writer"), opened("reader")
    writer.sync([press])
    (press / "veto.txt").unlink()
    (press / "rain.txt").write_text("Rain\nRain flooded the school.")
    left = [stop]

    def counted(name: str) -> Callable[..., object]:
        whole = getattr(Client, name)

        def call(*args: object, **kwargs: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise StoppedError
            return whole(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in CALLS:
            patch.setattr(Client, name, counted(name))
        try:
            writer.sync()
        except StoppedError:
            whole = reader.revision == 2
            names = [f.id for f in articles(address)]
            old, new = ["press/strike.txt", "press/veto.txt"], ["press/strike.txt"]
            assert sorted(names) == (sorted([*new, "press/rain.txt"]) if whole else old)
    writer.sync()
    writer.publish()
    assert found(address, writer.folder) == []
    assert reader.ask("rain school", threshold=0).quotes[0].article.id == "press/rain.txt"


def test_counts_of_a_publication_that_was_cut_short_are_taken_back(
    opened: Callable[[str], Library], press: Path, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the switch a term counts as before; undone, it has the counts it had, or none."""
    writer = opened("writer")
    writer.sync([press])
    (press / "rain.txt").write_text("Rain\nRussia sent rain.")

    def stop(*_: object) -> None:
        raise StoppedError

    client, engine = Client(address), MilvusEngine(address)
    with monkeypatch.context() as patch:
        patch.setattr(Client, "flush", stop)
        with pytest.raises(StoppedError):
            writer.sync()
    with engine.reading() as revision:
        assert revision.commonest(["russia", "rain"], 5) == ["russia"]
    live = engine.switch()
    assert live is not None
    lifetimes.clear(client, live, replace(live, number=3), WordEncoder.dim)
    rows = client.get("pullquote_1_terms", ["russia", "rain"], ["counts"])
    assert {row["id"]: layout.counts(row) for row in rows} == {"russia": [layout.Count(1, 1, 3)]}
    for each in (client, engine):
        each.close()


def test_counts_that_no_reader_can_hold_are_left_out() -> None:
    """Of those before the oldest revision that is held the newest stays, since it reads that."""
    counts = [layout.Count(number, number, number) for number in (9, 7, 5, 3)]
    numbers = {
        oldest: [each.number for each in layout.counts(layout.term("veto", counts, oldest))]
        for oldest in (9, 6, 5, 1)
    }
    assert numbers == {9: [9], 6: [9, 7, 5], 5: [9, 7, 5], 1: [9, 7, 5, 3]}
    many = [layout.Count(number, 1, 1) for number in range(2_000, 0, -1)]
    kept = layout.counts(layout.term("veto", many, 10))
    assert (len(kept), kept[0].number, kept[-1].number) == (layout.COUNTS + 1, 2_000, 10)


def articles(address: Address) -> list:
    """The live articles of a Milvus."""
    engine = MilvusEngine(address)
    with engine.reading() as revision:
        live = [filed.article for filed in revision.articles(Filters())]
    engine.close()
    return live


def test_a_server_that_was_killed_answers_again(
    opened: Callable[[str], Library], press: Path, server: LiteServer
) -> None:
    """Begun anew it answers the same, and can be written."""
    writer, reader = opened("writer"), opened("reader")
    writer.sync([press])
    before = reader.ask("who vetoed the ceasefire?", threshold=0)
    server.kill()
    server.start()
    again = reader.ask("who vetoed the ceasefire?", threshold=0)
    assert again.quotes == before.quotes
    (press / "rain.txt").write_text("Rain\nRain flooded the school.")
    writer.sync()
    assert reader.ask("rain school", threshold=0).quotes[0].article.id == "press/rain.txt"


def test_what_a_catalog_has_forgotten_goes_too(
    opened: Callable[[str], Library], press: Path, address: Address
) -> None:
    """A catalog that was salvaged need not know that an article was ever there."""
    writer = opened("writer")
    writer.sync([press])
    writer.close()
    with closing(sqlite3.connect(writer.folder / "catalog.db")) as catalog, catalog:
        catalog.execute("DELETE FROM article WHERE name = 'press/veto.txt'")
    (press / "rain.txt").write_text("Rain\nRain flooded the school.")
    writer.sync()
    assert sorted(f.id for f in articles(address)) == ["press/rain.txt", "press/strike.txt"]


def test_what_no_reader_can_hold_is_collected(
    opened: Callable[[str], Library], press: Path, address: Address
) -> None:
    """After the time of grace the sentences of what is gone are deleted, its text is not."""
    writer = opened("writer")
    writer.sync([press])
    (press / "veto.txt").unlink()
    writer.sync()
    client, store, engine = Client(address), Store(writer.folder), MilvusEngine(address)
    dead = "died <= 2"
    assert client.query("pullquote_1_sentences", dead, ["id"])
    publishing.publish(store, engine, grace_s=0)
    publishing.publish(store, engine, grace_s=0)
    assert not client.query("pullquote_1_sentences", dead, ["id"])
    assert client.query("pullquote_1_articles", dead, ["id"])
    for each in (client, store, engine):
        each.close()


def test_a_bot_that_only_asks_learns_of_what_is_published(
    opened: Callable[[str], Library], press: Path, tmp_path: Path
) -> None:
    """Standing questions are posted and answers corrected at the next look, within five seconds."""
    writer, reader = opened("writer"), opened("reader")
    writer.sync([press])
    memory = Memory(tmp_path / "bot.db")
    posts, edits = test_standing.Channel(), test_corrections.Channel()
    news = test_standing.newsroom(memory, reader, posts, time.time)
    corrections = test_corrections.serving(reader, memory, edits)
    test_standing.followed(memory, reader, "who reports a storm in the north?")
    asyncio.run(news.step())

    storm = "A storm was reported in the north."
    (press / "storm.txt").write_text(f"Weather\n{storm}")
    writer.sync()
    asyncio.run(news.step())
    assert posts.quotes == [storm]
    asyncio.run(corrections.step())
    (press / "storm.txt").write_text(f"Weather\n{storm.replace('north', 'south')}")
    writer.sync()
    asyncio.run(corrections.step())
    assert len(edits.edited) == 1
    assert EVERY_S < 5
    memory.close()


def test_who_may_read_what_is_published_with_it(
    opened: Callable[[str], Library], press: Path
) -> None:
    """A bot that only asks keeps from a server what the writer keeps from it, from then on."""
    writer, reader = opened("writer"), opened("reader")
    writer.sync([press])
    assert Scope(reader).visible(1) == Scope(reader).visible(2) == ("press",)
    writer.set_readers({"press": frozenset({1})})
    assert reader.readers() == writer.readers() == {"press": frozenset({1})}
    assert Scope(reader).visible(1) == ("press",)
    assert Scope(reader).visible(2) == Scope(reader).visible(None) == ()


@pytest.mark.parametrize("name", ["sync", "compact", "set_threshold", "set_readers"])
def test_who_only_asks_writes_nothing(
    opened: Callable[[str], Library], press: Path, name: str
) -> None:
    """No index is begun in its folder by what belongs to the writer, and nothing is kept true."""
    opened("writer").sync([press])
    reader = opened("reader")
    arguments = {"sync": [press], "set_threshold": 0.5, "set_readers": {"press": None}}
    given = [arguments[name]] if name in arguments else []
    with pytest.raises(StoreError, match="another index"):
        getattr(reader, name)(*given)
    assert not reader.folder.exists()
    assert not reader.keeps()
    assert reader.followed() == ()


def test_the_switch_survives_its_json() -> None:
    """What is read back is what was written; another format is refused by name."""
    switch = Switch(3, 2, "abc", "words@1", 0.5, 0.25, 9, 20, 4, 1, (Retired(2, 1, 3, 1.5),))
    assert Switch.load(switch.dump(), "here") == switch
    other = json.loads(switch.dump()) | {"format": 99}
    with pytest.raises(StoreFormatError, match="store format 99"):
        Switch.load(json.dumps(other), "here")


@pytest.mark.model
def test_a_machine_with_nothing_but_the_address(
    address: Address,  # first: a connection that idles while the index is built may be cut
    seed_index: Path,
    with_models: Callable[[Path], Path],
    tmp_path: Path,
    no_network_env: dict[str, str],
) -> None:
    """The command in another folder, with the store and the models only, answers as here."""
    here = shutil.copytree(seed_index, tmp_path / "here")
    there = with_models(tmp_path / "there" / "index")
    # Another home, another folder, and nothing of the first to be read.
    environment = no_network_env | {"HOME": str(tmp_path / "there")}

    def run(*arguments: str, index: Path = there, **settings: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "bot.cli", "--index", str(index), *arguments],
            env=environment | settings,
            capture_output=True,
            text=True,
            cwd=tmp_path / "there",
            check=True,
        )
        return ended.stdout

    question = ("ask", "--json", "who vetoed the ceasefire resolution?")
    local = json.loads(run(*question, index=here))
    environment["PULLQUOTE_STORE"] = address.uri
    assert "revision 1 is live" in run("publish", index=here)
    here.rename(tmp_path / "hidden")
    remote = json.loads(run(*question))
    assert remote["quotes"] == local["quotes"]
    quote = remote["quotes"][0]
    source = json.loads(run("source", "--json", quote["receipt"]))
    assert quote["text"] in source["article"]["text"]
    assert json.loads(run("check", "--json", quote["text"]))["matches"]
    assert json.loads(run("status", "--json"))["articles"]
    assert [path.name for path in there.iterdir()] == ["models"]


OTHER_USER = """
import json, os, sys
from pathlib import Path

from encoders import WordEncoder
from index import Library
from index.ask.judge import FusionJudge
from index.store.milvus.client import Address

uri, folder, closed, user = sys.argv[1:]


def told(folder):
    open_ = dict(encoder=WordEncoder(), judge=FusionJudge(), store=Address(uri))
    with Library(Path(folder), **open_) as reader:
        quote = reader.ask("who vetoed the ceasefire?", threshold=0).quotes[0]
        source = reader.source(str(quote.receipt)).article.text
        check = reader.check(quote.text).matches
        story = reader.timeline("ceasefire").quotes
        return [quote.text, source, len(check), len(story), reader.status().articles]


as_root = told(f"{folder}/root")  # all is imported: Python itself may lie where others can't read
os.setgroups([])
os.setgid(int(user))
os.setuid(int(user))
os.environ["HOME"] = folder
os.chdir(folder)
try:
    os.listdir(closed)
except PermissionError:
    print(json.dumps([as_root, told(f"{folder}/other")]))
"""
NOBODY = 65_534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_another_user_who_may_not_read_the_folder_asks(
    opened: Callable[[str], Library], press: Path, address: Address
) -> None:
    """With the address alone: asks, opens sources, checks, tells a story; writes nothing."""
    writer = opened("writer")
    writer.sync([press])
    writer.folder.chmod(0o700)
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        ended = subprocess.run(
            [
                *(sys.executable, "-c", OTHER_USER),
                *(address.uri, folder, str(writer.folder), str(NOBODY)),
            ],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        as_root, as_other = json.loads(ended.stdout)
        assert list(Path(folder).iterdir()) == []
    assert as_root == as_other == ["Russia vetoed the ceasefire.", VETO, 1, 0, 2]


@pytest.mark.model
def test_a_server_over_the_store_answers_of_what_is_published(
    address: Address,  # first: a connection that idles while the index is built may be cut
    seed_index: Path,
    with_models: Callable[[Path], Path],
    tmp_path: Path,
    no_network_env: dict[str, str],
) -> None:
    """`serve` where only the models are: the first revision, and then the next."""
    here, press = shutil.copytree(seed_index, tmp_path / "here"), tmp_path / "press"
    there = with_models(tmp_path / "there" / ".pullquote")
    store = no_network_env | {"PULLQUOTE_STORE": address.uri}
    code = (
        "import sys, atexit; atexit.register(lambda: print('bot.cli' in sys.modules, "
        "file=sys.stderr)); from bot.entry import entry; entry()"
    )
    entry = [sys.executable, "-c", code]

    def run(*arguments: str, served: bool = False) -> str:
        ended = subprocess.run(
            [*entry, *arguments],
            env=store,
            cwd=there.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stderr.endswith(f"{not served}\n"), ended.stderr
        return ended.stdout

    assert "revision 1 is live" in run("--index", str(here), "publish")
    process = subprocess.Popen(
        [*entry, "serve"], env=store, cwd=there.parent, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        while "serving at" not in (line := process.stderr.readline()):
            assert line, "it ended before it listened"
        first = json.loads(
            run("ask", "--json", "who vetoed the ceasefire resolution?", served=True)
        )
        assert (first["revision"], bool(first["quotes"])) == (1, True)
        press.mkdir()
        (press / "zebra.txt").write_text("Zebras\nThe zookeeper Ann Lee painted the zebras blue.")
        run("--index", str(here), "index", str(press))
        again = json.loads(run("ask", "--json", "who painted the zebras blue?", served=True))
        shown = again["quotes"] or again["perhaps"]
        assert (again["revision"], shown[0]["article"]["id"]) == (2, "press/zebra.txt")
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
