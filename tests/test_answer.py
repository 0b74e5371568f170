"""Answers: verbatim or not at all; copies folded; refusals that say what was missing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date

import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Library
from index.errors import StoreDamagedError
from index.records import Receipt

Make = Callable[..., Library]


@pytest.fixture
def make(tmp_path) -> Make:
    """Index records: ``make({"title": …, "text": …}, …)``."""
    made = []

    def index(*records: dict[str, str]) -> Library:
        path = tmp_path / "wire.jsonl"
        lines = [json.dumps({"id": str(n), **each}) for n, each in enumerate(records)]
        path.write_text("\n".join(lines))
        made.append(Library(tmp_path / "index", encoder=WordEncoder()))
        made[-1].sync([path])
        return made[-1]

    yield index
    for library in made:
        library.close()


TEXT = "“Stop,” said the mayor. Russia and China vetoed the ceasefire on Monday. It snowed.\nMore."


def test_a_quote_is_a_slice_with_what_stands_around_it(make):
    """Text, offsets, paragraph, context and receipt all point at the same words."""
    library = make({"title": "Aleppo", "text": TEXT})
    quote = library.ask("who vetoed the ceasefire?").quotes[0]
    assert quote.text == "Russia and China vetoed the ceasefire on Monday."
    assert quote.article.text[quote.start : quote.end] == quote.text
    assert quote.paragraph == 1
    assert quote.before == "“Stop,” said the mayor. "
    assert quote.after == " It snowed.\nMore."
    assert quote.receipt == Receipt.of(quote.article, quote.start, quote.end)
    assert library.source(str(quote.receipt)).article == quote.article
    assert 0 < quote.confidence < 1


@settings(max_examples=15, deadline=None, database=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6))
def test_every_quote_is_verbatim(tmp_path_factory, paragraphs):
    """Whatever stands in a file, what is quoted from it stands there, at its offsets."""
    folder = tmp_path_factory.mktemp("any")
    text = "\n".join([*paragraphs, "The council vote."])
    (folder / "a.txt").write_bytes(text.encode("utf-8", "ignore"))
    library = Library(folder / "index", encoder=WordEncoder())
    report = library.sync([folder / "a.txt"])
    stored = (folder / "a.txt").read_bytes().decode()
    answer = library.ask("council vote", top=50)
    assert report.failed or answer.quotes
    for quote in answer.quotes:
        assert quote.text == quote.article.text[quote.start : quote.end]
        assert quote.text in stored
        assert quote.before + quote.text + quote.after in stored
    library.close()


def tamper(library: Library, statement: str, *values: object) -> None:
    """Change the catalog behind the library's back."""
    library.close()
    database = sqlite3.connect(library.folder / "catalog.db")
    database.execute(statement, values)
    database.commit()
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE article SET text = replace(text, 'China', 'Chile')",
        "UPDATE article SET text = replace(text, 'It snowed', 'It rained')",
        "UPDATE article SET text = ''",
        'UPDATE sentence SET start = start + 1, "end" = "end" + 1',
    ],
)
def test_words_that_were_tampered_with_are_an_error_and_no_quote(make, statement):
    """A stored text that differs by one word from what was indexed is never quoted."""
    library = make({"title": "Aleppo", "text": TEXT})
    tamper(library, statement)
    with pytest.raises(StoreDamagedError, match="no longer holds"):
        library.ask("who vetoed the ceasefire?")


def test_a_receipt_of_a_tampered_article_is_an_error(make):
    """The source of a quote is proven as the quote was."""
    library = make({"title": "Aleppo", "text": TEXT})
    receipt = str(library.ask("who vetoed the ceasefire?").quotes[0].receipt)
    tamper(library, "UPDATE article SET text = replace(text, 'China', 'Chile')")
    with pytest.raises(StoreDamagedError, match="no longer holds"):
        library.source(receipt)


def test_the_same_words_in_many_papers_are_one_quote(make):
    """It is shown from the earliest, and names the others."""
    words = "Russia vetoed the ceasefire."
    library = make(
        {"title": "Late", "text": words, "published": "2016-12-07", "outlet": "B"},
        {"title": "First", "text": words.upper(), "published": "2016-12-05", "outlet": "A"},
        {"title": "No date", "text": words, "outlet": "C"},
        {"title": "Other", "text": "China vetoed nothing."},
    )
    answer = library.ask("who vetoed the ceasefire?", top=5)
    first = answer.quotes[0]
    assert (first.article.outlet, first.text) == ("A", words.upper())
    assert sorted(also.outlet for also in first.also_in) == ["B", "C"]
    assert [quote.article.title for quote in answer.quotes[1:]] == ["Other"]


def test_newer_comes_first_when_equally_sure(make):
    """Of two quotes that answer equally well the newer one is shown first."""
    library = make(
        {"title": "T", "text": "The council vote 1.", "published": "2016-12-01"},
        {"title": "T", "text": "The council vote 2.", "published": "2016-12-03"},
        {"title": "T", "text": "The council vote 3."},
    )
    quotes = library.ask("council vote").quotes
    assert [quote.article.published for quote in quotes] == [
        date(2016, 12, 3),
        date(2016, 12, 1),
        None,
    ]


def test_quotes_can_be_sorted_by_date(make):
    """The newest first, however sure; the undated last; surer first on the same day."""
    library = make(
        {"title": "T", "text": "The council vote.", "published": "2016-12-01"},
        {"title": "T", "text": "A council met on another day.", "published": "2016-12-03"},
        {"title": "T", "text": "The council vote again.", "published": "2016-12-03"},
        {"title": "T", "text": "The council vote once more."},
    )
    quotes = library.ask("council vote", top=9, newest_first=True).quotes
    sentences = [quote.text for quote in quotes if quote.paragraph]
    assert sentences == [
        "The council vote again.",
        "A council met on another day.",
        "The council vote.",
        "The council vote once more.",
    ]


def test_top_bounds_the_number_of_quotes(make):
    """As many as were asked for, the best ones."""
    library = make(*({"title": "T", "text": f"The council vote {n}."} for n in range(9)))
    question = "council vote"
    assert len(library.ask(question, top=4).quotes) == 4
    assert library.ask(question, top=4).quotes == library.ask(question, top=9).quotes[:4]


def test_a_question_about_nothing_here_is_refused(make):
    """The refusal names the missing words, the dates covered, and what came nearest."""
    library = make(
        {"title": "One", "text": "The ferry sank.", "published": "2016-12-01"},
        {"title": "Two", "text": "The bridge opened.", "published": "2016-12-09"},
    )
    answer = library.ask("Where is the Eiffel tower?")
    assert answer.quotes == ()
    assert answer.refusal.missing_words == ("Eiffel", "tower")
    assert "Eiffel" in answer.refusal.reason
    assert answer.refusal.covers == (date(2016, 12, 1), date(2016, 12, 9))
    assert answer.refusal.nearest.text in ("The ferry sank.", "The bridge opened.")
    assert answer.newest == date(2016, 12, 9)


def test_a_question_of_stop_words_is_refused(make):
    """Nothing was asked for, so nothing is missing."""
    answer = make({"title": "Ferries", "text": "The ferry sank."}).ask("who is the what?")
    assert answer.refusal
    assert answer.refusal.missing_words == ()


@pytest.mark.parametrize(("question", "top"), [("", 3), (" \n\t ", 3), ("vote", 0), ("vote", -1)])
def test_a_blank_question_or_no_quotes_is_a_mistake_of_the_caller(make, question, top):
    """These are no faults of the index."""
    with pytest.raises(ValueError, match=r"question|quote"):
        make({"title": "T", "text": "The vote."}).ask(question, top=top)
