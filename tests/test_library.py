"""The library: receipts that open again, proof against the files, and the real encoder."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from bot.render import as_json
from bot.render import discord as render
from index import Library
from index.ask.judge import FusionJudge
from index.errors import EncoderError, ReceiptError, StoreDamagedError
from index.records import Article, Receipt


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
    st.one_of(
        st.text("0123456789abcdef", min_size=12, max_size=12),
        st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=32, max_size=32),
    ),
)
def test_a_receipt_reads_back_as_it_was_written(article, start, length, seal):
    """Whatever an article is called, its receipts survive being written down."""
    receipt = Receipt(article, start, start + length, seal)
    assert Receipt.parse(str(receipt)) == receipt


@pytest.mark.parametrize(
    "text", ["", "a.txt", "a.txt:5-5@0123456789ab", "a.txt:9-5@0123456789ab", "a:1-2@xyz", ":1-2@"]
)
def test_what_is_no_receipt_is_refused(library, text):
    """The error shows what a receipt looks like."""
    with pytest.raises(ReceiptError, match="<article>:<start>-<end>@<seal>"):
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
        (lambda receipt: receipt[:-32] + "a" * 32, "in no version that fits"),
        (lambda receipt: "news/b" + receipt[6:], "not in the index"),
        (lambda receipt: receipt.replace("-31@", "-30@"), "in no version that fits"),
        (lambda receipt: receipt.replace("-31@", "-9999@"), "in no version that fits"),
    ],
)
def test_a_receipt_of_something_else_is_refused(library, change, says):
    """Another version, another article, another place: each error says which."""
    with pytest.raises(ReceiptError, match=says):
        library.source(change(receipt_of(library)))


LOST, WON = (
    "Vote\nThe council lost the vote. Ballot 4511555.",
    "Vote\nThe council won this vote. Ballot 8905741.",
)
"""A forged pair: the digests of both begin with the same 48 bits."""


def old_receipt(text: str) -> str:
    """A receipt as the first version wrote them: 12 digits of the text's digest."""
    return f"news/v.txt:5-31@{Article('', '', text).digest[:12]}"


def test_a_forged_article_does_not_take_the_place_of_the_quoted_one(library, tmp_path):
    """Two texts that once had one receipt have two; the old one opens neither, and says why."""
    assert old_receipt(LOST) == old_receipt(WON)
    receipts = {}
    for text in (LOST, WON):
        (tmp_path / "news" / "v.txt").write_text(text)
        library.sync()
        receipts[text] = str(Receipt.of(Article("news/v.txt", "Vote", text), 5, 31))
    for text, receipt in receipts.items():
        view = library.source(receipt)
        assert (view.article.text, view.weak) == (text, False)
    with pytest.raises(ReceiptError, match="2 versions of this article fit so short a receipt"):
        library.source(old_receipt(LOST))


def test_an_old_receipt_opens_and_is_called_weak(library, tmp_path, capsys):
    """By its 48 bits, as long as only one version fits; `source` and its JSON say so."""
    (tmp_path / "news" / "v.txt").write_text(LOST)
    library.sync()
    view = library.source(old_receipt(LOST))
    assert view.article.text[view.start : view.end] == "The council lost the vote."
    assert view.weak
    assert as_json.source(view)["weak"]
    assert "earlier version" in str(render.source(view))


def test_an_old_receipt_beyond_the_end_of_its_article_is_refused(library, tmp_path):
    """Its offsets are not bound by its digits; they must at least be of the article."""
    (tmp_path / "news" / "v.txt").write_text(LOST)
    library.sync()
    with pytest.raises(ReceiptError, match="ends at"):
        library.source(old_receipt(LOST).replace("-31@", "-9999@"))


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


def altered(library: Library, statement: str) -> None:
    """Change the catalog behind the library's back."""
    library.close()
    with closing(sqlite3.connect(library.folder / "catalog.db")) as database, database:
        database.execute(statement)


ALTERED = [
    "title = replace(title, 'ote', 'eto')",
    "text = replace(text, 'ote', 'eto')",
    "path = replace(path, 'a.txt', 'b.txt')",
    "published = '2001-02-03'",
    "published = '2001-02-3x'",
    "outlet = CAST(x'486572c16c64' AS TEXT)",
    "title = CAST(x'566f7465ff' AS TEXT)",
    "text = CAST(CAST(text AS BLOB) || x'ff' AS TEXT)",
    "author = ''",
    "facts_digest = ''",
]


@pytest.mark.parametrize("change", ALTERED)
def test_verify_finds_what_was_tampered_with(library, change):
    """Whatever of an article is altered, also to no UTF-8, is named, and a rebuild mends it."""
    receipt = str(library.ask("council vote", top=1).quotes[0].receipt)
    altered(library, f"UPDATE article SET {change}")  # noqa: S608
    (line,) = library.verify()
    assert "news/a.txt" in line
    assert "--rebuild" in line
    with pytest.raises(StoreDamagedError, match="--rebuild"):
        library.source(receipt)
    report = library.sync(rebuild=True)
    assert (report.lost, report.embedded) == (None, 0)
    assert library.verify() == []
    assert library.source(receipt).article.title == "Vote"


def test_what_is_shown_of_a_replaced_version_is_verified(library, tmp_path):
    """A receipt opens it, so it counts; a rebuild says what it could not keep."""
    (tmp_path / "news" / "a.txt").write_text("Vote\nThe council won the vote.")
    library.sync()
    assert library.verify() == []
    altered(library, "UPDATE article SET title = 'Veto' WHERE NOT live")
    (line,) = library.verify()
    assert "not the title, date, source or path" in line
    assert library.sync(rebuild=True).lost == (
        "1 versions of articles, altered since they were filed"
    )
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
