"""Answers: verbatim or not at all; copies folded; refusals that say what was missing."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import date

import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Library
from index.ask.judge import FusionJudge
from index.english.followup import Earlier
from index.errors import StoreDamagedError
from index.records import Judgement, Receipt

Make = Callable[..., Library]


@pytest.fixture
def make(tmp_path) -> Make:
    """Index records: ``make({"title": …, "text": …}, …)``."""
    made = []

    def index(*records: dict[str, str]) -> Library:
        path = tmp_path / "wire.jsonl"
        lines = [json.dumps({"id": str(n), **each}) for n, each in enumerate(records)]
        path.write_text("\n".join(lines))
        made.append(Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge()))
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
    library = Library(folder / "index", encoder=WordEncoder(), judge=FusionJudge())
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
    with pytest.raises(StoreDamagedError, match="no longer as it was indexed"):
        library.ask("who vetoed the ceasefire?")


@pytest.mark.parametrize("column", ["title", "outlet", "path", "published", "url", "author"])
def test_what_is_shown_beside_the_words_is_proven_too(make, column):
    """An article whose title, source, path or date was altered is quoted no more."""
    library = make({"title": "Aleppo", "text": TEXT})
    receipt = str(library.ask("who vetoed the ceasefire?").quotes[0].receipt)
    tamper(library, f"UPDATE article SET {column} = '2001-01-01'")  # noqa: S608
    for ask in (lambda: library.ask("who vetoed the ceasefire?"), lambda: library.source(receipt)):
        with pytest.raises(StoreDamagedError, match="no longer as it was indexed; run"):
            ask()


def test_an_article_that_carries_the_same_words_is_proven_too(make):
    """Its outlet and title are shown, and so are not to be altered."""
    library = make({"title": "Aleppo", "text": TEXT}, {"title": "Copied", "text": TEXT})
    tamper(library, "UPDATE article SET title = 'Invented' WHERE title = 'Copied'")
    with pytest.raises(StoreDamagedError, match="no longer as it was indexed"):
        library.ask("who vetoed the ceasefire?")


def test_a_receipt_of_a_tampered_article_is_an_error(make):
    """The source of a quote is proven as the quote was."""
    library = make({"title": "Aleppo", "text": TEXT})
    receipt = str(library.ask("who vetoed the ceasefire?").quotes[0].receipt)
    tamper(library, "UPDATE article SET text = replace(text, 'China', 'Chile')")
    with pytest.raises(StoreDamagedError, match="no longer as it was indexed"):
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


def test_who_says_a_quote_and_whom_it_is_about_are_shown(tmp_path):
    """The speaker and the sentence that names "he" are slices of the article."""
    (tmp_path / "news").mkdir()
    text = (
        "Bridge\nAnna Roth is the transport minister.\nShe said the bridge would open in March.\n"
    )
    (tmp_path / "news" / "a.txt").write_text(text, "utf-8")
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([tmp_path / "news"])
    quotes = library.ask("when would the bridge open").quotes
    library.close()
    (quote,) = (each for each in quotes if each.text.startswith("She said"))
    assert quote.said_by is not None
    assert "Anna Roth" in quote.article.text[slice(*quote.said_by)]
    (before,) = quote.lead
    assert quote.article.text[slice(*before)].startswith("Anna Roth is")


class CostJudge(FusionJudge):
    """Marks a sum of dollars as the short answer."""

    def judge(self, question, found, top, revision, /):
        """Judge by the fused score, and mark the sum."""
        judged = []
        for each, judgement in super().judge(question, found, top, revision):
            match = re.search(r"[\d.]+ million dollars", each.text)
            if match:
                start = each.candidate.sentence.start
                span = (start + match.start(), start + match.end())
                judged.append((each, Judgement(judgement.confidence, span)))
        return judged


def test_quotes_that_differ_about_the_same_thing_are_told(tmp_path):
    """Two articles with another price for one bridge conflict; nothing is picked."""
    (tmp_path / "news").mkdir()
    for name, cost in (("a", "12.4"), ("b", "15.1")):
        text = f"Bridge\nThe new bridge will cost {cost} million dollars, the council said.\n"
        (tmp_path / "news" / f"{name}.txt").write_text(text, "utf-8")
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=CostJudge())
    library.sync([tmp_path / "news"])
    answer = library.ask("how much will the new bridge cost?")
    library.close()
    ((one, other),) = answer.conflicts
    words = {
        quote.article.text[slice(*quote.highlight)]
        for quote in (answer.quotes[one], answer.quotes[other])
        if quote.highlight
    }
    assert words == {"12.4 million dollars", "15.1 million dollars"}


def test_the_latest_is_the_newest_that_answers(tmp_path):
    """The word "latest" is not looked for: of the sentences that answer, the newest comes first."""
    library = dated(tmp_path)
    answer = library.ask("what is the latest price of the bridge", as_of=date(2016, 12, 9))
    library.close()
    assert [quote.article.published for quote in answer.quotes] == [
        date(2016, 12, 8),
        date(2016, 6, 3),
    ]
    assert (answer.understood_as, answer.time) == (None, "newest first")


def test_how_a_time_was_understood_is_carried_into_no_follow_up(tmp_path):
    """A question that leans on one of a time takes over its words, and nothing of ours."""
    library = dated(tmp_path)
    first = library.ask("what is the latest price of the bridge", as_of=date(2016, 12, 9))
    earlier = Earlier(first.understood_as or first.question, first.quotes[0])
    second = library.ask("and of the tunnel?", earlier=earlier, as_of=date(2016, 12, 9))
    library.close()
    assert second.understood_as is not None
    assert first.time == second.time == "newest first"
    assert "newest" not in second.understood_as


def test_a_time_in_the_question_is_that_of_the_report(tmp_path):
    """The words "last June" leave what was reported then; the rest is searched for."""
    library = dated(tmp_path)
    answer = library.ask("what was the price of the bridge last June?", as_of=date(2016, 12, 9))
    library.close()
    assert [quote.article.published for quote in answer.quotes] == [date(2016, 6, 3)]


def test_as_of_a_day_later_articles_are_not_there_yet(tmp_path):
    """What was published after the day does not answer."""
    library = dated(tmp_path)
    answer = library.ask("what is the price of the bridge", as_of=date(2016, 7, 1))
    library.close()
    assert [quote.article.published for quote in answer.quotes] == [date(2016, 6, 3)]


def dated(folder) -> Library:
    """Two articles about a price, of June and of December."""
    (folder / "news").mkdir()
    for day, cost in (("2016-06-03", "12"), ("2016-12-08", "15")):
        text = f"---\ntitle: Bridge\ndate: {day}\n---\nThe price of the bridge is {cost} million.\n"
        (folder / "news" / f"{day}.md").write_text(text, "utf-8")
    library = Library(folder / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([folder / "news"])
    return library
