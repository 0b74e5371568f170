"""Revisions on disk: whole or refused by name, one writer at a time, readers never held up."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from encoders import WordEncoder

from index import Answer, Filters, Library
from index.ask.judge import FusionJudge
from index.errors import (
    StoreDamagedError,
    StoreError,
    StoreFormatError,
    StoreLockedError,
    StoreMissingError,
)
from index.store.local import FORMAT
from index.store.revisions import Store

QUESTION = "who vetoed the ceasefire?"
NEWS = {
    "aleppo.txt": "Leaders call for a truce\nRussia and China vetoed the ceasefire. Snow fell.",
    "ferry.txt": "Ferry crews strike\nThe ferry crew began a strike on Monday. It rained.",
    "bridge.txt": "A bridge opened\nThe mayor opened the bridge. The council did not come.",
}


def write(folder: Path, news: dict[str, str]) -> Path:
    """Put articles into a folder."""
    folder.mkdir(exist_ok=True)
    for name, text in news.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def library(tmp_path) -> Iterator[Library]:
    """A library of three articles, indexed in two revisions, so that it has links and dead rows."""
    news = write(tmp_path / "news", NEWS)
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([news])
    write(news, {"bridge.txt": "A tunnel opened\nThe mayor opened the tunnel. It rained."})
    made.sync()
    yield made
    made.close()


def reopened(folder: Path) -> Library:
    """Another library on the same folder, with nothing open yet."""
    return Library(folder, encoder=WordEncoder(), judge=FusionJudge())


def files(library: Library) -> list[Path]:
    """The files of the live revision."""
    live = Store(library.folder).path(library.status().revision)
    return sorted(path for path in live.rglob("*") if path.is_file() and path.suffix != ".lock")


def truncate(path: Path) -> None:
    """Lose the second half of a file."""
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """Put something else in the place of a file."""
    path.unlink()
    path.write_bytes(b"Something else altogether.\n" * 7)


@pytest.mark.parametrize("damage", [Path.unlink, truncate, overwrite])
def test_a_missing_cut_or_foreign_file_is_refused_by_name(library, damage, tmp_path):
    """Whichever file of a revision is not what was written: one error, with name and remedy."""
    for number, path in enumerate(files(library)):
        copy = shutil.copytree(library.folder, tmp_path / f"copy-{number}")
        harmed = copy / path.relative_to(library.folder)
        damage(harmed)
        broken = reopened(copy)
        with pytest.raises(StoreDamagedError, match="run `pullquote index --rebuild`") as refused:
            broken.ask(QUESTION)
        assert str(harmed) in str(refused.value)
        for act in (broken.status, broken.verify):
            with pytest.raises(StoreDamagedError):
                act()
    broken.sync(rebuild=True)
    assert broken.verify() == []
    broken.close()


def test_flipped_bytes_are_found_and_never_another_error(library, tmp_path):
    """A file altered in its place is named by verify; asking answers or refuses, never breaks."""
    answer = library.ask(QUESTION).quotes
    for number, path in enumerate(files(library)):
        size = path.stat().st_size
        for at in sorted({0, 9, size // 3, size // 2, size - 9, size - 1} & set(range(size))):
            copy = shutil.copytree(library.folder, tmp_path / f"flipped-{number}-{at}")
            harmed = copy / path.relative_to(library.folder)
            data = bytearray(harmed.read_bytes())
            data[at] ^= 0xFF
            harmed.write_bytes(data)
            broken = reopened(copy)
            try:
                found = broken.verify()
            except StoreError as exc:
                found = [str(exc)]
            assert any(str(copy / "revisions") in line or "encoder" in line for line in found), (
                harmed,
                at,
            )
            try:
                asked = broken.ask(QUESTION).quotes
            except StoreError as exc:
                assert str(copy) in str(exc)  # noqa: PT017 - either is right
            else:
                assert [quote.text for quote in asked if quote.text not in quote.article.text] == []
            broken.close()
            shutil.rmtree(copy)
    assert library.ask(QUESTION).quotes == answer


def test_a_catalog_with_flipped_bytes_never_gives_another_error(library, tmp_path):
    """Wherever the catalog is altered, it answers with words of its articles, or is refused."""
    library.close()
    texts = [path.read_text() for path in (tmp_path / "news").iterdir()]
    data = (library.folder / "catalog.db").read_bytes()
    refused = 0
    for at in range(0, len(data), 701):
        flipped = bytearray(data)
        flipped[at : at + 8] = bytes(byte ^ 0x5A for byte in flipped[at : at + 8])
        (library.folder / "catalog.db").write_bytes(flipped)
        try:
            broken = reopened(library.folder)
            quotes = broken.ask(QUESTION).quotes
            broken.verify()
        except StoreError as exc:
            refused += 1
            assert str(library.folder) in str(exc)  # noqa: PT017 - either is right
        else:
            assert all(any(quote.text in text for text in texts) for quote in quotes)
        broken.close()
    assert refused


def test_a_manifest_of_another_revision_is_refused(library):
    """A manifest counts only in the revision that it was written for."""
    path = Store(library.folder).path(2) / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"revision": 1}))
    with pytest.raises(StoreDamagedError, match=str(path)):
        reopened(library.folder).ask(QUESTION)


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 2}', "null", "\udcff"])
def test_what_is_not_a_manifest_is_refused(library, content):
    """Whatever JSON stands in its place, the error names the manifest."""
    path = Store(library.folder).path(2) / "manifest.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreDamagedError, match=str(path)):
        reopened(library.folder).ask(QUESTION)


def test_another_format_is_refused_by_number(library):
    """An index of a later version is not interpreted; the error says how to go on."""
    path = Store(library.folder).path(2) / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"format": FORMAT + 1}))
    with pytest.raises(StoreFormatError, match=f"index format {FORMAT + 1}.*--rebuild"):
        reopened(library.folder).ask(QUESTION)


def test_nothing_indexed_yet_is_an_error_that_says_so(tmp_path):
    """Without an index a question is told how to make one."""
    library = reopened(tmp_path / "index")
    assert not library.exists()
    with pytest.raises(StoreMissingError, match="run `pullquote index`"):
        library.ask(QUESTION)


def test_an_index_that_lies_where_a_file_is_says_so(tmp_path):
    """A folder that can't be made is an error that names it."""
    (tmp_path / "index").write_text("a file")
    with pytest.raises(StoreError, match=str(tmp_path / "index")):
        reopened(tmp_path / "index").sync([write(tmp_path / "news", NEWS)])


HOLD = """
import sys, time
from pathlib import Path
from index.store.revisions import Store
with Store(Path(sys.argv[1])).writing():
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def another_writer(library) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the index until it hears a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, library.folder],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "writing\n"
    yield process
    process.communicate("done\n", timeout=20)


def test_a_second_writer_is_told_who_writes(library, another_writer):
    """Two writers never meet: the second learns the number of the first's process."""
    with pytest.raises(StoreLockedError, match=f"process {another_writer.pid} is writing"):
        library.sync()
    assert library.ask(QUESTION).quotes


def test_a_second_writer_can_wait(library, another_writer, tmp_path):
    """A writer that was told to wait goes on as soon as the first is done."""
    write(tmp_path / "news", {"new.txt": "New\nA flood came."})
    timer = threading.Timer(
        0.3, lambda: (another_writer.stdin.write("\n"), another_writer.stdin.flush())
    )
    timer.start()
    assert library.sync(wait_s=20).new == 1
    timer.join()


def test_a_killed_writer_holds_nothing(library, another_writer):
    """The lock of a process dies with it."""
    another_writer.kill()
    another_writer.wait()
    assert library.sync(wait_s=5).revision == 2


def test_a_reader_keeps_its_revision_while_writers_go_on(library, tmp_path):
    """A revision that is being read answers as before, however many newer ones come and go."""
    store = Store(library.folder)
    with store.reading() as revision:
        before = [filed.article for filed in revision.catalog.articles()]
        for number in range(6):
            write(tmp_path / "news", {"bridge.txt": f"A bridge\nBridge {number} opened."})
            library.sync()
        assert not store.path(revision.number).exists()
        assert [filed.article for filed in revision.catalog.articles()] == before
        assert len(revision.dense) == len(revision.lexical) == revision.catalog.counts()[1]
        assert len(revision.lexical.search(["tunnel"], 5, Filters())) == 3
    with store.reading() as revision:
        assert revision.number == 8
    store.close()


SYNC = """
import sys
from pathlib import Path
from encoders import WordEncoder
from index import Library
library, news = Library(Path(sys.argv[1]), encoder=WordEncoder()), Path(sys.argv[2])
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    for name in ("one.txt", "two.txt"):
        (news / name).write_text(f"Edition {number}\\nThe storm edition is {number}.")
    library.sync(wait_s=20)
"""


def test_questions_meet_one_revision_while_another_process_indexes(library, tmp_path):
    """Eight threads ask during 25 revisions: every answer is whole and of one edition."""
    news = tmp_path / "news"
    write(news, dict.fromkeys(("one.txt", "two.txt"), "Edition 0\nThe storm edition is 0."))
    library.sync()
    tests = Path(__file__).parent
    writer = subprocess.Popen(
        [sys.executable, "-c", SYNC, library.folder, news, "25"],
        env={**os.environ, "PYTHONPATH": f"{tests.parent}:{tests}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout
    assert writer.stdout.readline() == "ready\n"
    answers: list[Answer] = []
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            while writer.poll() is None:
                answers.append(library.ask("storm edition", top=10))
                time.sleep(0.02)
        except BaseException as exc:  # noqa: BLE001 - handed to the test
            failures.append(exc)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.communicate()
    assert (failures, writer.returncode) == ([], 0)
    assert len({answer.revision for answer in answers}) > 3
    said: dict[int, set[tuple[str, ...]]] = {}
    for answer in answers:
        editions = {quote.text for quote in answer.quotes if quote.text.startswith("The storm")}
        carriers = [quote.also_in for quote in answer.quotes if quote.text in editions]
        assert [len(also) for also in carriers] == [1], "two articles carry one edition"
        said.setdefault(answer.revision, set()).add(tuple(quote.text for quote in answer.quotes))
    assert all(len(each) == 1 for each in said.values()), "one revision gives one answer"


def test_an_altered_description_of_an_index_is_refused_by_name(library, tmp_path):
    """Whichever bit of what tantivy believes flips: asking and indexing name it, nothing breaks.

    ``compact`` writes the indexes anew, and so mends it; nothing is embedded or lost.
    """
    for number, path in enumerate(each for each in files(library) if each.suffix == ".json"):
        if path.name == "manifest.json":
            continue
        data = path.read_bytes()
        for bit in range(0, 8 * len(data), 97):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            copy = shutil.copytree(library.folder, tmp_path / f"flipped-{number}-{bit}")
            harmed = copy / path.relative_to(library.folder)
            harmed.unlink()  # the copy shares no file with the index that is tested
            harmed.write_bytes(flipped)
            broken = reopened(copy)
            for act in (lambda b=broken: b.ask(QUESTION), broken.sync, broken.status):
                with pytest.raises(StoreDamagedError, match="altered since it was written; run"):
                    act()
            if bit % 5 == 0:
                broken.compact()
                assert broken.ask(QUESTION).quotes == library.ask(QUESTION).quotes
            broken.close()
            shutil.rmtree(copy)


def check_mends(library: Library, fill: Callable[[], object], release: Callable[[], None]) -> None:
    """Writing fails with an error that says so; the old answers stay; the next run succeeds."""
    before = library.ask(QUESTION).quotes
    fill()
    writer = reopened(library.folder)
    with pytest.raises(StoreError, match="the last revision still answers"):
        writer.sync()
    assert library.ask(QUESTION).quotes == before
    assert library.status().revision == 2
    with pytest.raises(StoreError, match="the last revision still answers"):
        writer.compact()  # it may have switched, and have had no room to shrink the catalog
    assert library.ask(QUESTION).quotes == before
    release()
    assert writer.sync().new == 1
    writer.compact()
    assert library.ask(QUESTION).quotes == before
    assert library.verify() == []


@pytest.mark.parametrize("limit", [64, 200, 600, 3_000, 20_000, 60_000])
def test_a_file_that_can_not_grow_leaves_the_last_revision(library, tmp_path, limit):
    """Whatever file is cut short, the last revision answers and the next run mends it."""
    text = "\n".join(f"Line {n} about the vote and storm {n * 7919}." for n in range(400))
    write(tmp_path / "news", {"long.txt": text})
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(to: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (to, unlimited[1]))

    try:
        check_mends(library, lambda: limited(limit), lambda: limited(unlimited[0]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk that is small")
@pytest.mark.parametrize("room_kb", [4, 40, 120, 200, 280])
def test_a_full_disk_leaves_the_last_revision(library, tmp_path, room_kb):
    """A disk that is full at any moment of writing costs nothing but the run."""
    text = "\n".join(f"Line {n} about the vote and storm {n * 7919}." for n in range(1500))
    news = write(tmp_path / "news", {"long.txt": text})
    library.close()
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets no one mount a tmpfs")
    try:
        small = reopened(shutil.copytree(library.folder, disk / "index"))
        ballast = disk / "ballast"

        def fill() -> None:
            free = os.statvfs(disk)
            ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - room_kb * 1024))

        check_mends(small, fill, ballast.unlink)
        small.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
    assert news.exists()


def test_a_damaged_catalog_is_set_aside_by_a_rebuild(library):
    """A rebuild works where the catalog is beyond reading, and deletes nothing."""
    library.close()
    catalog = library.folder / "catalog.db"
    catalog.write_bytes(b"not a database" * 99)
    news = library.folder.parent / "news"
    with pytest.raises(StoreDamagedError, match="--rebuild"):
        reopened(library.folder).sync([news])
    rebuilt = reopened(library.folder)
    assert rebuilt.sync([news], rebuild=True).new == 3
    assert rebuilt.verify() == []
    assert (library.folder / "catalog.db.broken-1").read_bytes() == b"not a database" * 99


def test_a_catalog_damaged_inside_is_set_aside_by_a_rebuild(library):
    """Damage that only reading meets is found by a rebuild before it relies on the catalog."""
    library.close()
    catalog = library.folder / "catalog.db"
    data = bytearray(catalog.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 64] = b"\xff" * 64
    catalog.write_bytes(data)
    news = library.folder.parent / "news"
    with pytest.raises(StoreDamagedError, match="--rebuild"):
        reopened(library.folder).sync([news])
    rebuilt = reopened(library.folder)
    assert rebuilt.sync([news], rebuild=True).new == 3
    assert rebuilt.verify() == []


def test_what_a_cut_writer_left_is_cleared_away(library, tmp_path):
    """Half a revision that was never committed is no revision, and goes with the next run."""
    draft = Store(library.folder).path(3)
    draft.mkdir()
    (draft / "half").write_text("half")
    assert library.ask(QUESTION).revision == 2
    write(tmp_path / "news", {"new.txt": "New\nA flood came."})
    assert library.sync().revision == 3
    assert not (draft / "half").exists()


def test_the_catalog_is_in_wal_mode(library):
    """Readers and a writer work side by side because the catalog keeps a write-ahead log."""
    library.close()
    database = sqlite3.connect(library.folder / "catalog.db")
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()
