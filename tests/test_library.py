"""The library: receipts that open again, proof against the files, and the real encoder."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from index import Library
from index.ask.judge import FusionJudge
from index.errors import EncoderError, ReceiptError
from index.records import Receipt


@pytest.fixture
def library(tmp_path) -> Library:
    """A library of one article."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Vote\nThe council lost the vote. Snow fell.")
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([tmp_path / "news"])
    yield made
    made.close()


def receipt_of(library: Library) -> str:
    """The receipt of the first quote."""
    return str(library.ask("council vote").quotes[0].receipt)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1),
    st.integers(0, 10**9),
    st.integers(1, 10**6),
    st.text("0123456789abcdef", min_size=8, max_size=64),
)
def test_a_receipt_reads_back_as_it_was_written(article, start, length, digest):
    """Whatever an article is called, its receipts survive being written down."""
    receipt = Receipt(article, start, start + length, digest)
    assert Receipt.parse(str(receipt)) == receipt


@pytest.mark.parametrize(
    "text", ["", "a.txt", "a.txt:5-5@0123456789ab", "a.txt:9-5@0123456789ab", "a:1-2@xyz", ":1-2@"]
)
def test_what_is_no_receipt_is_refused(library, text):
    """The error shows what a receipt looks like."""
    with pytest.raises(ReceiptError, match="<article>:<start>-<end>@<digest>"):
        library.source(text)


def test_a_receipt_opens_its_article_at_its_place(library):
    """The quote stands where the receipt says."""
    view = library.source(receipt_of(library))
    assert view.article.text[view.start : view.end] == "The council lost the vote."
    assert (view.current, view.withdrawn) == (None, False)


def test_a_receipt_survives_an_edit(library, tmp_path):
    """It opens the version that was quoted, and shows the one that replaced it."""
    receipt = receipt_of(library)
    (tmp_path / "news" / "a.txt").write_text("Vote\nThe council won the vote.")
    library.sync()
    view = library.source(receipt)
    assert view.article.text[view.start : view.end] == "The council lost the vote."
    assert "won" in view.current.text
    assert not view.withdrawn


def test_a_receipt_survives_withdrawal(library, tmp_path):
    """It opens the text as it was, and says that it is there no more."""
    receipt = receipt_of(library)
    (tmp_path / "news" / "a.txt").unlink()
    library.sync()
    view = library.source(receipt)
    assert view.article.text[view.start : view.end] == "The council lost the vote."
    assert (view.current, view.withdrawn) == (None, True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda receipt: receipt[:-12] + "0" * 12, "another version"),
        (lambda receipt: "news/b" + receipt[6:], "not in the index"),
        (lambda receipt: receipt.replace("-31@", "-9999@"), "ends at"),
    ],
)
def test_a_receipt_of_something_else_is_refused(library, change, says):
    """Another version, another article, another place: each error says which."""
    with pytest.raises(ReceiptError, match=says):
        library.source(change(receipt_of(library)))


def test_verify_finds_what_differs_from_the_files(library, tmp_path):
    """An edited, a vanished and a new article are each named until they are indexed."""
    path = tmp_path / "news" / "a.txt"
    assert library.verify() == []
    path.write_text("Vote\nThe council lost the vote! Snow fell.")
    (line,) = library.verify()
    assert str(path) in line
    assert "differs" in line
    path.unlink()
    assert [str(path) in line for line in library.verify()] == [True]
    library.sync()
    assert library.verify() == []


@pytest.mark.parametrize("column", ["title", "text"])
def test_verify_finds_what_was_tampered_with(library, column):
    """A stored title or text that is not the file's is named, and a rebuild mends it."""
    library.close()
    database = sqlite3.connect(library.folder / "catalog.db")
    database.execute(f"UPDATE article SET {column} = replace({column}, 'ote', 'eto')")  # noqa: S608
    database.commit()
    database.close()
    (line,) = library.verify()
    assert "news/a.txt" in line
    assert "--rebuild" in line
    library.sync(rebuild=True)
    assert library.verify() == []


def test_status_says_what_the_index_holds(library, tmp_path):
    """Numbers, encoder, folders and size."""
    status = library.status()
    assert (status.articles, status.sentences, status.revision) == (1, 3, 1)
    assert (status.encoder, status.roots) == ("words@1", (str(tmp_path / "news"),))
    assert status.size_bytes > 1000


def test_a_library_is_closed_and_used_again(library):
    """Closing frees what is open; the next question opens it again."""
    before = library.ask("council vote").quotes
    library.close()
    assert library.ask("council vote").quotes == before


def test_eight_threads_get_the_same_answer(library):
    """One library serves any number of threads."""
    expected = library.ask("council vote").quotes
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(library.ask("council vote").quotes))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 8


@pytest.mark.model
def test_the_seeds_answer_the_first_question(seed_library):
    """With the real encoder, who vetoed the ceasefire is the first thing that is quoted."""
    first = seed_library.ask("who vetoed the ceasefire?").quotes[0]
    assert "China on Monday vetoed a UN Security Council resolution" in first.text
    assert first.article.text[first.start : first.end] == first.text
    assert seed_library.verify() == []


@pytest.mark.model
def test_the_seeds_refuse_what_they_do_not_know(seed_library):
    """With the real encoder, a question about something else is refused."""
    answer = seed_library.ask("photosynthesis chlorophyll?")
    assert answer.quotes == ()
    assert "photosynthesis" in answer.refusal.missing_words


@pytest.mark.model
def test_a_lost_export_is_made_again_by_a_rebuild(seed_library):
    """Without its exported encoder an index says how to get it back, and gets it back."""
    (card,) = (seed_library.folder / "models").glob("*/encoder.json")
    graph = card.with_name("encoder.onnx")
    graph.unlink()
    graph.write_bytes(b"cut")
    library = Library(seed_library.folder)
    with pytest.raises(EncoderError, match="pullquote index --rebuild"):
        library.ask("who vetoed the ceasefire?")
    assert library.sync(rebuild=True).embedded == 0
    assert library.ask("who vetoed the ceasefire?").quotes
    library.close()


def test_an_empty_index_needs_no_encoder(tmp_path):
    """An index of nothing refuses, without a model that was never needed."""
    (tmp_path / "news").mkdir()
    library = Library(tmp_path / "index")
    library.sync([Path("news")])
    assert "empty" in library.ask("who vetoed the ceasefire?").refusal.reason
    library.close()
