"""What keeps an index true and small: failures and their back-off, compacting, the doctor."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from encoders import WordEncoder
from printed import printed

from bot.cli import main
from bot.render import terminal
from index import Filters, Library
from index.ask.judge import FusionJudge
from index.doctor import Finding
from index.errors import StoreMissingError
from index.ingest import sync
from index.web import state as web


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder of two articles."""
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text("Flood\nA flood came. The river rose.")
    (folder / "b.txt").write_text("Strike\nThe crew began a strike.")
    return folder


@pytest.fixture
def library(tmp_path: Path, news: Path) -> Iterator[Library]:
    """A library in which the folder was indexed."""
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([news])
    yield made
    made.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the clock of the runs that follow by so many seconds: ``clock(3600)``."""
    real, skew = time.time, 0.0

    def move(seconds: float) -> None:
        nonlocal skew
        skew += seconds

    monkeypatch.setattr(sync.time, "time", lambda: real() + skew)
    return move


# What failed


def test_what_failed_is_listed_until_it_succeeds(library: Library, news: Path) -> None:
    """With its reason, since when, and how often it was tried."""
    (news / "x.txt").write_bytes(b"\0")
    library.sync()
    library.sync()
    (failure,) = library.failures()
    assert (failure.name, failure.tries) == (str(news / "x.txt"), 2)
    assert "binary" in failure.reason
    assert failure.first <= failure.last < failure.next_try
    assert library.status().failed == 1
    (news / "x.txt").write_text("Snow fell.")
    library.sync()
    assert library.failures() == ()


def test_what_can_not_be_read_is_no_fault_of_the_index(library: Library, news: Path) -> None:
    """A bad record and a bad file are failures, listed as such; what differs is still found."""
    good = '{"id": "1", "text": "The council lost the vote."}\n'
    (news / "wire.jsonl").write_text(f"{good}no JSON\n")
    (news / "x.txt").write_bytes(b"\0")
    library.sync()
    assert len(library.failures()) == 2
    assert library.verify() == []
    (news / "wire.jsonl").write_text(f"{good.replace('lost', 'won')}no JSON\n")
    (line,) = library.verify()
    assert "wire.jsonl#1 differs" in line
    (news / "b.txt").write_bytes(b"\0")
    assert any("b.txt" in line for line in library.verify()), "of this nothing was listed yet"


def test_what_failed_on_the_web_is_counted_with_the_rest(library: Library) -> None:
    """Status, list and doctor say the same."""
    with closing(web.State(library.folder)) as state, state.writing():
        state.failed("https://herald.example/feed", "answered 500", datetime.now(UTC), None)
    (failure,) = library.failures()
    assert failure.name == "https://herald.example/feed"
    assert library.status().failed == 1
    found = {each.what: each.problems for each in library.examine()}
    assert found["failures"] == (
        "1 files, records, pages or feeds can't be taken; see `pullquote status --failed`",
    )


def test_a_file_that_failed_and_is_gone_leaves_the_list(library: Library, news: Path) -> None:
    """There is nothing left to try."""
    (news / "x.txt").write_bytes(b"\0")
    library.sync()
    (news / "x.txt").unlink()
    library.sync()
    assert library.failures() == ()


def test_a_failure_waits_longer_each_time(
    library: Library, news: Path, clock: Callable[[float], None]
) -> None:
    """In the background it is tried when it is due, and reported in between."""
    (news / "x.txt").write_bytes(b"\0")
    library.sync(due_only=True)
    waits = []
    for _ in range(14):
        (failure,) = library.failures()
        wait = (failure.next_try - failure.last).total_seconds()
        waits.append(wait)
        clock(wait - 2)
        assert len(library.sync(due_only=True).failed) == 1
        assert library.failures() == (failure,), "not yet due"
        clock(3)
        library.sync(due_only=True)
    assert waits[:4] == [60, 120, 240, 480]
    assert waits[-1] == 86_400


def test_a_failure_is_tried_at_once_when_its_file_changes(library: Library, news: Path) -> None:
    """Or only its rights: what may have mended it."""
    (news / "x.txt").write_bytes(b"\0")
    library.sync(due_only=True)
    (news / "x.txt").chmod(0o600)
    library.sync(due_only=True)
    assert library.failures()[0].tries == 2
    (news / "x.txt").write_text("Snow fell.")
    assert library.sync(due_only=True).new == 1


def test_a_clock_that_was_set_back_delays_nothing(
    library: Library, news: Path, clock: Callable[[float], None]
) -> None:
    """A failure from the future is tried now."""
    clock(10 * 86_400)
    (news / "x.txt").write_bytes(b"\0")
    library.sync(due_only=True)
    clock(-10 * 86_400)
    library.sync(due_only=True)
    assert library.failures()[0].tries == 2


def test_a_bad_record_costs_only_itself(library: Library, news: Path) -> None:
    """The others are taken; what was indexed of the file before stays until it is whole again."""
    lines = [json.dumps({"id": n, "text": f"The vote was {n}."}) for n in range(3)]
    (news / "wire.jsonl").write_text("\n".join(lines))
    library.sync()
    fourth = json.dumps({"id": 3, "text": "A quake came."})
    (news / "wire.jsonl").write_text("\n".join([*lines[:2], '{"id": 2, "text', fourth]))
    report = library.sync()
    assert (report.new, report.changed, report.gone) == (1, 0, 0)
    assert "line 3" in library.failures()[0].reason
    assert library.ask("which quake?").quotes[0].text == "A quake came."
    assert library.ask("vote 2").quotes, "what the broken line held before still answers"
    (news / "wire.jsonl").write_text("\n".join([*lines[:2], fourth]))
    report = library.sync()
    assert (report.gone, library.failures()) == (1, ())


def test_a_rebuild_keeps_what_a_bad_record_held(library: Library, news: Path) -> None:
    """Reading all anew is no reason to lose it."""
    lines = [json.dumps({"id": n, "text": f"The vote was {n}."}) for n in range(3)]
    (news / "wire.jsonl").write_text("\n".join(lines))
    library.sync()
    (news / "wire.jsonl").write_text("\n".join([*lines[:2], "{"]))
    assert library.sync(rebuild=True).gone == 0
    assert library.status().articles == 5
    problems = {finding.what: finding.problems for finding in library.examine()}
    assert problems["index against catalog"] == ()


def test_a_file_with_very_many_failures_lists_some(library: Library, news: Path) -> None:
    """And says how many more there are."""
    (news / "wire.jsonl").write_text("\n".join(["{"] * 500 + ['{"text": "Snow."}']))
    library.sync()
    failures = library.failures()
    assert len(failures) == sync.LISTED + 1
    assert "300 more" in failures[-1].reason


def test_a_file_still_being_written_waits(library: Library, news: Path) -> None:
    """It is neither taken nor dropped; one whose time lies in the future is taken."""
    (news / "c.txt").write_text("Half of the art")
    (news / "b.txt").write_text("Strike\nThe crew beg")
    report = library.sync(settle_s=30)
    assert (report.new, report.changed, report.gone, report.unsettled) == (0, 0, 0, 2)
    assert library.ask("strike crew").quotes[0].text == "The crew began a strike."
    assert library.sync().new == 1


def test_a_file_from_the_future_is_taken(
    library: Library, news: Path, clock: Callable[[float], None]
) -> None:
    """A clock that was wrong when it was written does not keep it waiting for ever."""
    (news / "c.txt").write_text("Snow fell.")
    ahead = time.time() + 10 * 86_400
    os.utime(news / "c.txt", (ahead, ahead))
    time.sleep(0.05)
    assert library.sync(settle_s=0.04).new == 1


# Collections, and what is new


def test_a_question_can_be_kept_to_a_collection(library: Library, tmp_path: Path) -> None:
    """What lies elsewhere is neither quoted, nor dated, nor known by its words."""
    other = tmp_path / "news0"  # sorts right behind the names of "news/…"
    other.mkdir()
    (other / "s.md").write_text(
        "---\ndate: 2020-01-01\n---\nStrike\nThe crew won a strike in Oslo."
    )
    library.sync([other])
    everywhere = library.ask("strike crew in Oslo")
    assert {quote.article.id for quote in everywhere.quotes} == {"news/b.txt", "news0/s.md"}
    assert str(everywhere.newest) == "2020-01-01"
    kept = library.ask("strike crew in Oslo", filters=Filters(collections=("news",)))
    assert {quote.article.id for quote in kept.quotes} == {"news/b.txt"}
    assert kept.newest is None
    refused = library.ask("Oslo", filters=Filters(collections=("news",)))
    assert refused.refusal is not None
    assert refused.refusal.missing_words == ("Oslo",)
    assert library.ask("strike", filters=Filters(collections=())).quotes == ()
    assert library.ask("strike", filters=Filters(collections=("new",))).quotes == ()


def test_a_question_can_be_kept_to_what_is_new(library: Library, news: Path) -> None:
    """Only what was filed after a point answers."""
    last = library.last_filed
    new = Filters(filed_after=last)
    assert library.ask("strike crew", filters=new).quotes == ()
    (news / "c.txt").write_text("The crew ended the strike.")
    library.sync()
    assert library.last_filed > last
    assert [q.article.id for q in library.ask("strike crew", filters=new).quotes] == ["news/c.txt"]


# Small


def test_compacting_drops_what_is_dead_and_changes_no_answer(library: Library, news: Path) -> None:
    """Vectors that none uses go; old receipts still open; the index is sound."""
    receipt = str(library.ask("river rose").quotes[0].receipt)
    (news / "a.txt").write_text("Flood\nA flood came. The ferry sank.")
    library.sync()
    before = library.ask("ferry")
    assert library.compact() == 1
    after = library.ask("ferry")
    assert [q.receipt for q in after.quotes] == [q.receipt for q in before.quotes]
    assert library.source(receipt).current is not None
    assert all(not finding.problems for finding in _sound(library))
    assert library.compact() == 0


def test_words_of_withdrawn_articles_weigh_nothing(library: Library, news: Path) -> None:
    """The same rarity, whether the index grew to this or was built in one go."""
    for number in range(20):
        (news / f"w{number}.txt").write_text("The ferry sank.")
    library.sync()
    for number in range(20):
        (news / f"w{number}.txt").unlink()
    library.sync()
    answer = library.ask("flood ferry", threshold=0, trace=True)
    fresh = Library(library.folder.with_name("fresh"), encoder=WordEncoder(), judge=FusionJudge())
    fresh.sync([news])
    again = fresh.ask("flood ferry", threshold=0, trace=True)
    assert [c.coverage for c in answer.candidates] == [c.coverage for c in again.candidates]


def test_compacting_nothing_says_so(tmp_path: Path) -> None:
    """There is no index to compact."""
    with pytest.raises(StoreMissingError):
        Library(tmp_path / "none", encoder=WordEncoder()).compact()


def test_embeddings_are_collected_by_themselves(
    library: Library, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once enough sentences were retired, and not before: most come back."""
    monkeypatch.setattr(sync, "COLLECT_LEAST", 30)

    def kept() -> int:
        with sqlite3.connect(library.folder / "catalog.db") as catalog:
            return int(catalog.execute("SELECT count(*) FROM embedding").fetchone()[0])

    for number in range(29):
        (news / "c.txt").write_text(f"Report number {number}.")
        library.sync()
    assert kept() == 5 + 29
    for number in range(29, 35):
        (news / "c.txt").write_text(f"Report number {number}.")
        library.sync()
    assert kept() < 5 + 10


# Sound


def _sound(library: Library) -> list[Finding]:
    """What the doctor finds, without the encoder: a test's has no files."""
    return [finding for finding in library.examine() if finding.what != "encoder"]


def test_the_doctor_finds_nothing_wrong_with_a_sound_index(seed_library: Library) -> None:
    """With the real encoder."""
    findings = list(seed_library.examine())
    assert len(findings) == 10
    assert [finding for finding in findings if finding.problems] == []


def _flip(path: Path, at: int = -20) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def _vector_altered(library: Library) -> None:
    with sqlite3.connect(library.folder / "catalog.db") as catalog:
        (vector,) = catalog.execute("SELECT vector FROM embedding WHERE id = 2").fetchone()
        altered = bytes([vector[0] ^ 1]) + vector[1:]
        catalog.execute("UPDATE embedding SET vector = ? WHERE id = 2", (altered,))


def _text_altered(library: Library) -> None:
    with sqlite3.connect(library.folder / "catalog.db") as catalog:
        catalog.execute("UPDATE article SET text = replace(text, 'flood', 'plood')")


@pytest.mark.parametrize(
    ("damage", "what", "says"),
    [
        (
            lambda lib: _flip(next(lib.folder.glob("revisions/*/dense/*.faiss"))),
            "revision",
            "alter",
        ),
        (_vector_altered, "index against catalog", "vectors differ"),
        (_text_altered, "catalog", "not the text that was indexed"),
        (lambda lib: (lib.folder / "writer.json").write_text("{}"), "lock", "killed"),
        (
            lambda lib: os.utime(lib.folder / "catalog.db", (time.time() + 9e4,) * 2),
            "clock",
            "future",
        ),
        (
            lambda lib: (lib.folder.parent / "news" / "a.txt").write_text("Flood\nA fire came."),
            "catalog against files",
            "differs",
        ),
        (lambda lib: (lib.folder / "catalog.db").write_bytes(b"x" * 4096), "index", "catalog"),
    ],
)
def test_the_doctor_finds_what_is_wrong(
    library: Library, damage: Callable[[Library], object], what: str, says: str
) -> None:
    """Each damage is told of the thing that has it."""
    library.close()
    damage(library)
    problems = {finding.what: finding.problems for finding in _sound(library)}
    assert says in " ".join(problems[what])


def test_the_doctor_finds_an_altered_encoder(seed_library: Library) -> None:
    """One bit of its weights."""
    graph = next(seed_library.folder.glob("models/*/encoder.onnx"))
    data = graph.read_bytes()
    graph.unlink()  # it is a hard link to what other tests use
    graph.write_bytes(data)
    _flip(graph, len(data) // 2)
    problems = {finding.what: finding.problems for finding in seed_library.examine()}
    assert "altered" in problems["encoder"][0]


def test_the_doctor_says_what_lacks_room(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is nearly full is told before it is full."""
    monkeypatch.setattr("index.doctor.LEAST_ROOM", 10**18)
    (disk,) = (finding for finding in library.examine() if finding.what == "disk")
    assert "make room" in disk.problems[0]


def test_the_doctor_and_the_failed_through_the_command_line(
    seed_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 when all is well, 1 and what to do when not."""
    index = shutil.copytree(seed_index, tmp_path / "i")
    assert main(["--index", str(index), "doctor"]) == 0
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.txt").write_bytes(b"\0")
    assert main(["--index", str(index), "index", "more"]) == 1
    capsys.readouterr()
    assert main(["--index", str(index), "doctor"]) == 1
    assert "status --failed" in capsys.readouterr().out
    assert main(["--index", str(index), "status", "--failed", "--json"]) == 1
    (failed,) = json.loads(capsys.readouterr().out)
    assert failed["name"].endswith("x.txt")
    assert main(["--index", str(index), "status", "--failed"]) == 1
    assert "tried once" in capsys.readouterr().out
    assert main(["--index", str(index), "compact"]) == 0


# Corrections


def test_what_changed_in_an_article_is_shown(library: Library, news: Path) -> None:
    """Lines taken away and added; nothing of one that is as it was, or gone."""
    receipt = str(library.ask("river rose").quotes[0].receipt)
    assert "as it was quoted" in printed(terminal.difference(library.source(receipt)))
    (news / "a.txt").write_text("Flood\nA flood came. The river fell.")
    library.sync()
    shown = printed(terminal.difference(library.source(receipt))).splitlines()
    assert "-A flood came. The river rose." in shown
    assert "+A flood came. The river fell." in shown
    (news / "a.txt").unlink()
    library.sync()
    assert "withdrawn" in printed(terminal.difference(library.source(receipt)))
    assert library.ask("river rose").quotes == ()
