"""Folders against the store: what is new, changed or gone, and nothing else, is worked on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from encoders import RecordingEncoder, WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from index import Library
from index.ask.judge import FusionJudge
from index.errors import ArticleError, StoreFormatError
from index.formats import distinct


@pytest.fixture
def news(tmp_path) -> Path:
    """A folder of three articles, with six sentences of different words."""
    folder = tmp_path / "news"
    put(folder / "a.txt", "Flood\nA flood came. The river rose.")
    put(folder / "b.txt", "Strike\nThe crew began a strike.")
    put(folder / "sub" / "c.txt", "Snow")
    return folder


def put(path: Path, text: str) -> Path:
    """Write a file, with the folders above it, as if it were a while old."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    put.clock += 1_000_000_000  # type: ignore[attr-defined]
    os.utime(path, ns=(put.clock, put.clock))  # type: ignore[attr-defined]
    return path


put.clock = 1_480_000_000_000_000_000  # type: ignore[attr-defined]


@pytest.fixture
def encoder() -> RecordingEncoder:
    """Remembers what it embedded."""
    return RecordingEncoder()


@pytest.fixture
def library(tmp_path, news, encoder) -> Iterator[Library]:
    """A library in which the folder was indexed."""
    made = Library(tmp_path / "index", encoder=encoder, judge=FusionJudge())
    made.sync([news])
    encoder.seen.clear()
    yield made
    made.close()


def test_articles_of_a_folder_that_moved_say_where_they_lie_now(library, news, tmp_path, encoder):
    """Also where every file has the name, size and time that it had: what is shown must be so."""
    moved = tmp_path / "elsewhere" / "news"
    moved.parent.mkdir()
    news.rename(moved)
    report = library.sync([moved], forget=[news])
    assert {each.path for each in library.articles()} == {
        str(moved / name) for name in ("a.txt", "b.txt", "sub/c.txt")
    }
    assert (report.changed, encoder.seen) == (3, [])
    assert library.verify() == []


def counts(report) -> tuple[int, int, int, int]:
    """New, changed, gone, unchanged."""
    return report.new, report.changed, report.gone, report.unchanged


def test_the_first_run_takes_everything(tmp_path, news, encoder):
    """All readable files below the folder are new; every sentence is embedded once."""
    put(news / "d.txt", "Flood\nThe river rose.")
    report = Library(tmp_path / "index", encoder=encoder).sync([news])
    assert counts(report) == (4, 0, 0, 0)
    assert (report.sentences, report.embedded, report.revision) == (8, 6, 1)
    assert sorted(encoder.seen) == [
        "A flood came.",
        "Flood",
        "Snow",
        "Strike",
        "The crew began a strike.",
        "The river rose.",
    ]


def test_nothing_changed_makes_no_revision(library, encoder):
    """A run with nothing to do does nothing."""
    report = library.sync()
    assert counts(report) == (0, 0, 0, 3)
    assert (report.revision, report.embedded, encoder.seen) == (1, 0, [])


def test_only_what_changed_is_worked_on(library, news, encoder):
    """One new, one changed, one gone: only words never seen before are embedded."""
    put(news / "d.txt", "Snow\nThe river rose. The council met.")
    put(news / "a.txt", "Flood\nA flood came. The river fell.")
    (news / "b.txt").unlink()
    report = library.sync()
    assert counts(report) == (1, 1, 1, 1)
    assert sorted(encoder.seen) == ["The council met.", "The river fell."]
    assert library.verify() == []


def test_an_article_that_moves_or_comes_back_is_not_embedded_again(library, news, encoder):
    """Embeddings belong to words, not to files."""
    (news / "b.txt").rename(news / "moved.txt")
    assert counts(library.sync()) == (1, 0, 1, 2)
    (news / "moved.txt").unlink()
    assert counts(library.sync()) == (0, 0, 1, 2)
    put(news / "b.txt", "Strike\nThe crew began a strike.")
    assert counts(library.sync()) == (1, 0, 0, 2)
    assert encoder.seen == []


def test_a_touched_file_is_not_an_edited_one(library, news):
    """A new time on the same bytes changes nothing."""
    os.utime(news / "a.txt", ns=(10**18, 10**18))
    report = library.sync()
    assert (counts(report), report.revision) == ((0, 0, 0, 3), 1)


def test_an_edit_within_one_tick_of_the_clock_is_seen(tmp_path, encoder):
    """A file that changes again, with the same size and time, just after it was read."""
    news = tmp_path / "news"
    news.mkdir()
    path = news / "a.txt"
    path.write_text("The council met.")
    library = Library(tmp_path / "index", encoder=encoder, judge=FusionJudge())
    stat = path.stat()
    library.sync([news])
    path.write_text("The council sat.")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert library.sync().changed == 1
    assert library.verify() == []


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (b"\x00\x01\x02", "binary"), (b"caf\xe9 \xe9t\xe9", "")]
)
def test_a_file_that_breaks_keeps_what_was_indexed_of_it(library, news, data, reason):
    """It is named with its reason, the others go on, and its article answers as before."""
    (news / "b.txt").write_bytes(data)
    put(news / "d.txt", "Quake\nA quake came.")
    report = library.sync()
    (failed,) = report.failed
    assert failed.path == news / "b.txt"
    assert reason in failed.reason
    assert counts(report) == (1, 0, 0, 3)
    assert library.ask("strike crew").quotes[0].text == "The crew began a strike."
    assert library.sync().failed, "it is reported until it is mended"
    put(news / "b.txt", "Strike\nThe crew ended the strike.")
    assert counts(library.sync()) == (0, 1, 0, 3)


def test_a_file_that_was_never_readable_is_named_every_time(library, news):
    """A new file that can't be read is reported again until it can."""
    (news / "x.txt").write_bytes(b"\x00")
    assert [str(error.path) for error in library.sync().failed] == [str(news / "x.txt")]
    assert library.sync().failed
    put(news / "x.txt", "Now it is text.")
    assert library.sync().new == 1


def test_a_root_that_vanished_drops_nothing(library, news):
    """A disk that is not mounted takes no articles with it."""
    news.rename(news.with_name("elsewhere"))
    report = library.sync()
    assert counts(report) == (0, 0, 0, 3)
    assert "nothing of it was dropped" in report.failed[0].reason
    assert library.ask("strike crew").quotes
    news.with_name("elsewhere").rename(news)
    assert counts(library.sync()) == (0, 0, 0, 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_can_not_be_listed_drops_nothing(library, news):
    """What could not be looked at is kept, and named."""
    (news / "sub").chmod(0)
    try:
        report = library.sync()
    finally:
        (news / "sub").chmod(0o755)
    assert counts(report) == (0, 0, 0, 3)
    assert "can't be listed" in report.failed[0].reason


def test_a_path_that_does_not_exist_is_refused(library, news):
    """A mistyped folder is an error, not an empty folder."""
    with pytest.raises(ArticleError, match="no such file"):
        library.sync([news.with_name("mews")])
    assert counts(library.sync()) == (0, 0, 0, 3)


def test_folders_of_the_same_name_keep_apart(library, tmp_path):
    """Two folders with one name, and files with one name, are different articles."""
    other = tmp_path / "other" / "news"
    put(other / "a.txt", "Vote\nThe council lost the vote.")
    assert counts(library.sync([other])) == (1, 0, 0, 3)
    (quote,) = library.ask("council vote", top=1).quotes
    assert quote.article.id == "news~2/a.txt"
    assert counts(library.sync()) == (0, 0, 0, 4)
    (other / "a.txt").unlink()
    assert counts(library.sync()) == (0, 0, 1, 3)


def test_a_single_file_can_be_followed(tmp_path, encoder):
    """A file given by itself is indexed by itself."""
    path = put(tmp_path / "one.txt", "Vote\nThe council lost the vote.")
    put(tmp_path / "two.txt", "Another\nNot given.")
    library = Library(tmp_path / "index", encoder=encoder, judge=FusionJudge())
    assert counts(library.sync([path])) == (1, 0, 0, 0)
    assert library.ask("vote").quotes[0].article.id == "one.txt"
    put(path, "Vote\nThe council won the vote.")
    assert counts(library.sync()) == (0, 1, 0, 0)


def test_hidden_files_and_other_formats_are_left_alone(library, news):
    """What begins with a dot, and what is no article, is not looked at."""
    put(news / ".draft.txt", "A draft.")
    put(news / ".git" / "x.txt", "Not news.")
    put(news / "photo.jpg", "not a photo")
    report = library.sync()
    assert (counts(report), report.failed) == ((0, 0, 0, 3), ())


def test_a_dry_run_changes_nothing(library, news, encoder):
    """It says what would be done; revision, answers and embeddings stay."""
    put(news / "d.txt", "Vote\nThe council lost the vote.")
    (news / "a.txt").unlink()
    before = library.status()
    told = library.sync(dry_run=True)
    assert counts(told) == (1, 0, 1, 2)
    assert (encoder.seen, library.status().articles) == ([], before.articles)
    assert library.status().revision == before.revision
    assert library.sync() == told, "it was told so, to the last number"
    assert library.sync(dry_run=True).revision == told.revision
    again = library.sync(rebuild=True, dry_run=True)
    assert again == library.sync(rebuild=True)


def test_a_first_dry_run_makes_nothing(tmp_path, news, encoder):
    """Neither a folder nor a lock, and it tells what the first run does."""
    library = Library(tmp_path / "none" / "index", encoder=encoder)
    told = library.sync([news], dry_run=True)
    assert (counts(told), told.sentences, told.embedded) == ((3, 0, 0, 0), 6, 6)
    assert not (tmp_path / "none").exists()
    assert library.sync([news]) == told
    library.close()


def test_a_dry_run_waits_for_no_writer(library, news):
    """Nor does it get in the way of one."""
    put(news / "d.txt", "Vote\nThe council lost the vote.")
    with library._store.writing():
        assert library.sync(dry_run=True).new == 1


def record(number: int, text: str) -> str:
    """A line of a .jsonl file."""
    return json.dumps({"id": f"r{number}", "title": f"Title {number}", "text": text})


def test_one_record_of_many_changes(library, news, encoder):
    """Of a file of many records only the one that changed is filed and embedded anew."""
    lines = [record(n, f"The vote was {n}.") for n in range(50)]
    put(news / "wire.jsonl", "\n".join(lines))
    assert counts(library.sync()) == (50, 0, 0, 3)
    encoder.seen.clear()
    lines[7] = record(7, "The vote was lost.")
    put(news / "wire.jsonl", "\n".join([*lines[:20], *lines[21:], record(99, "Rain fell.")]))
    assert counts(library.sync()) == (1, 1, 1, 51)
    assert sorted(encoder.seen) == ["Rain fell.", "The vote was lost."]


def test_a_broken_record_keeps_the_whole_file(library, news):
    """A file of many records that breaks off is kept as it was."""
    lines = [record(n, f"The vote was {n}.") for n in range(3)]
    put(news / "wire.jsonl", "\n".join(lines))
    library.sync()
    put(news / "wire.jsonl", "\n".join(lines[:2]) + '\n{"title": "cut')
    report = library.sync()
    assert counts(report) == (0, 0, 0, 6)
    assert "line 3" in report.failed[0].reason


def test_a_rebuild_keeps_embeddings_and_answers(library, news, encoder):
    """Everything is read and written anew, and nothing is embedded again."""
    before = library.ask("strike crew").quotes
    encoder.seen.clear()
    report = library.sync(rebuild=True)
    assert counts(report) == (0, 0, 0, 3)
    assert (report.revision, encoder.seen) == (2, [])
    assert library.ask("strike crew").quotes == before
    assert library.verify() == []


def test_a_rebuild_keeps_what_can_not_be_read_now(library, news):
    """A file that is broken while the index is rebuilt answers as before."""
    (news / "b.txt").write_bytes(b"\x00")
    report = library.sync(rebuild=True)
    assert (counts(report), len(report.failed)) == ((0, 0, 0, 3), 1)
    assert library.ask("strike crew").quotes


def test_a_rebuild_mends_a_damaged_revision(library):
    """A lost file of the indexes is made again from the catalog."""
    live = library.folder / "revisions" / "00000001"
    (live / "lexical" / "meta.json").unlink()
    library.close()
    library.sync(rebuild=True)
    assert library.verify() == []


def test_another_encoder_is_refused_by_name(library, news):
    """An index is never read or continued with another encoder; a rebuild changes it."""
    other = Library(library.folder, encoder=WordEncoder("other@2"), judge=FusionJudge())
    for act in (lambda: other.ask("strike"), other.sync, other.status):
        with pytest.raises(StoreFormatError, match=r"words@1.*other@2.*--rebuild"):
            act()
    assert other.sync(rebuild=True).embedded == 6
    assert other.ask("strike crew").quotes
    other.close()


def test_an_empty_folder_makes_an_empty_index(tmp_path):
    """Nothing to index is an index of nothing, which refuses every question."""
    (tmp_path / "news").mkdir()
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    assert counts(library.sync([tmp_path / "news"])) == (0, 0, 0, 0)
    assert "empty" in library.ask("vote").refusal.reason
    put(tmp_path / "news" / "a.txt", "The council lost the vote.")
    assert library.sync().new == 1
    assert library.ask("vote").quotes
    (tmp_path / "news" / "a.txt").unlink()
    assert library.sync().gone == 1
    assert "empty" in library.ask("vote").refusal.reason


def test_progress_goes_from_nothing_to_everything(tmp_path, news, encoder):
    """Every stage is reported from 0 to its end, and never backwards."""
    told: list[tuple[str, int, int]] = []
    library = Library(tmp_path / "index", encoder=encoder, judge=FusionJudge())
    library.sync([news], progress=lambda *each: told.append(each))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages[0] == "reading"
    assert {"embedding", "writing the indexes"} <= set(stages)
    for stage in {"reading", "embedding", "writing the indexes"}:
        done = [number for name, number, _ in told if name == stage]
        totals = {total for name, _, total in told if name == stage}
        assert done == sorted(done)
        assert (done[0], {done[-1]}) == (0, totals)


def test_a_path_that_is_forgotten_takes_its_articles_along(library, news, tmp_path):
    """A folder that is followed no more answers no more; the others do."""
    other = tmp_path / "other"
    put(other / "x.txt", "Vote\nThe council lost the vote.")
    library.sync([other])
    assert library.sync(forget=[news]).gone == 3
    assert library.status().articles == 1
    with pytest.raises(ArticleError, match="not among the followed"):
        library.sync(forget=[news])


# What lies in a folder beside files


def test_what_is_no_file_is_named_and_the_others_go_on(library, news, tmp_path):
    """Pipes, sockets and devices are not waited for, in a folder or given by themselves."""
    os.mkfifo(news / "p.txt")
    (news / "z.jsonl").symlink_to("/dev/zero")
    put(news / "d.txt", "Vote\nThe council lost the vote.")
    report = library.sync()
    assert counts(report) == (1, 0, 0, 3)
    assert [error.path.name for error in report.failed] == ["p.txt", "z.jsonl"]
    assert {"not an ordinary file (a device" in error.reason for error in report.failed} == {True}
    report = library.sync([news / "p.txt"])
    assert any("not an ordinary file; nothing" in error.reason for error in report.failed)


def test_a_name_that_is_not_utf_8_is_named_and_the_others_go_on(library, news):
    """It is shown with what its bytes are; so is a folder of that kind, with what lies in it."""
    (news / os.fsdecode(b"caf\xe9.txt")).write_text("Storm")
    (news / os.fsdecode(b"\xff")).mkdir()
    (news / os.fsdecode(b"\xff/x.txt")).write_text("Storm")
    put(news / "d.txt", "Vote\nThe council lost the vote.")
    report = library.sync()
    assert counts(report) == (1, 0, 0, 3)
    assert [str(each) for each in report.failed] == [
        f"{news}/caf\\xe9.txt: its name holds a control character or is not valid UTF-8; rename it",
        f"{news}/\\xff/x.txt: its name holds a control character or is not valid UTF-8; rename it",
    ]
    assert counts(library.sync(due_only=True)) == (0, 0, 0, 4)
    (news / os.fsdecode(b"caf\xe9.txt")).unlink()
    assert len(library.sync().failed) == 1
    (failure,) = library.failures()
    assert failure.name == f"{news}/\\xff/x.txt"


def test_a_root_whose_name_is_not_utf_8_is_refused(library, news):
    """Everything below it would be known by that name."""
    odd = news.with_name(os.fsdecode(b"ne\xffs"))
    odd.mkdir()
    with pytest.raises(ArticleError, match="not valid UTF-8") as caught:
        library.sync([odd])
    str(caught.value).encode()
    assert counts(library.sync()) == (0, 0, 0, 3)


def test_no_two_files_make_one_id(library, news):
    """A file may be called as if it were a record of another; ids of records stay as they are."""
    put(news / "a.jsonl", '{"id": "x.txt", "text": "A storm came."}')
    assert counts(library.sync()) == (1, 0, 0, 3)
    put(news / "a.jsonl#x.txt", "Another storm came.")
    put(news / "a.jsonl%23x.txt", "A third storm came.")
    put(news / "b.JSON#" / "x.txt", "A fourth storm came.")
    put(news / "#1 100%.txt", "A fifth storm came.")
    assert counts(library.sync()) == (4, 0, 0, 4)
    ids = {quote.article.id for quote in library.ask("storm came", top=9).quotes}
    assert ids - {"news/a.txt"} == {
        *("news/a.jsonl#x.txt", "news/a.jsonl%23x.txt", "news/a.jsonl%2523x.txt"),
        *("news/b.JSON%23/x.txt", "news/#1 100%.txt"),
    }
    assert library.sync(rebuild=True).unchanged == 8
    assert library.verify() == []


NAMES = st.lists(
    st.sampled_from(
        [".jsonl", ".CSV", ".json", ".warc.gz", "#", "%", "%23", "%25", "x", ".txt", "/"]
    )
).map("".join)


@given(NAMES, NAMES, NAMES, NAMES)
def test_ids_are_unambiguous(one: str, other: str, key: str, second: str) -> None:
    """Neither two files nor a file and a record of another ever have one id."""
    name, another = distinct(one), distinct(other)
    assert (name == another) == (one == other)
    for many in (".jsonl", ".csv"):
        file, record = distinct(one + many), f"{distinct(one + many)}#{key}"
        assert record != another
        assert (record == f"{distinct(other + many)}#{second}") == ((one, key) == (other, second))
        assert file == one + many or "#" in one or "%" in one
