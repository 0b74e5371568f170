"""Filters: what they leave out is said, and what they left nothing of is not blamed on words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from encoders import WordEncoder
from rich.console import Console

from bot.render import as_json, terminal
from index import Filters, Library
from index.ask.judge import FusionJudge
from index.records import Answer

RECORDS = [
    {"id": "1", "title": "Mill", "text": "The mill burned.", "outlet": "Brinmouth Courier"},
    {"id": "2", "title": "Bridge", "text": "The mayor opened the bridge.", "outlet": "The Herald"},
    {"id": "3", "title": "Snow", "text": "Snow fell in winter.", "outlet": "Reuters"},
    {"id": "4", "title": "Vote", "text": "The council lost the vote.", "outlet": "Reuters"},
]
DAYS = {"1": "2016-12-05", "2": "2016-12-08"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Four articles by three outlets, two of them without a date, and another folder."""
    lines = [{**each, "published": DAYS.get(each["id"])} for each in RECORDS]
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "a.md").write_text("---\noutlet: Courier\n---\nThe quake shook it.")
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([tmp_path / "news.jsonl", tmp_path / "private"])
    yield made
    made.close()


def ask(library: Library, question: str, **filters: object) -> Answer:
    """Ask among the articles that are not private."""
    return library.ask(question, filters=Filters(collections=("news.jsonl",), **filters))  # type: ignore[arg-type]


def printed(answer: Answer) -> str:
    """As a terminal shows it."""
    console = Console(width=200, record=True, file=StringIO())
    console.print(terminal.answer(answer))
    return console.export_text()


NOTHING = {
    "no outlet is called Courier; did you mean Brinmouth Courier?": {"outlets": ("Courier",)},
    "no outlet is called Rueters; did you mean Reuters?": {"outlets": ("Rueters",)},
    "no outlet is called Zenith": {"outlets": ("Zenith",)},
    "no outlet is called Zenith; no outlet is called Rueter; did you mean Reuters?": {
        "outlets": ("Zenith", "Rueter")
    },
    "no article has the id news.jsonl#9": {"article": "news.jsonl#9"},
    "no article is of 2017-01-01 or later; they cover 2016-12-05 to 2016-12-08": {
        "since": date(2017, 1, 1)
    },
    "no article is of 2016-12-06 to 2016-12-07; they cover 2016-12-05 to 2016-12-08": {
        "since": date(2016, 12, 6),
        "until": date(2016, 12, 7),
    },
    "no day is both 2016-12-08 or later and 2016-12-05 or earlier": {
        "since": date(2016, 12, 8),
        "until": date(2016, 12, 5),
    },
    "no article is by the herald and of 2016-12-05 or earlier": {
        "outlets": ("the herald",),
        "until": date(2016, 12, 5),
    },
    "no article was filed since": {"filed_after": 1000},
}


@pytest.mark.parametrize("reason", NOTHING)
def test_the_filter_that_left_nothing_is_named(library: Library, reason: str) -> None:
    """Not a word of the question is said to be missing that stands in the articles."""
    refusal = ask(library, "who opened the bridge by the mill?", **NOTHING[reason]).refusal
    assert refusal
    assert refusal.reason == reason
    assert (refusal.missing_words, refusal.filtered_words) == ((), ())
    refusal = ask(library, "who saw the quake?", **NOTHING[reason]).refusal
    assert refusal
    assert refusal.missing_words == ("saw", "quake"), "of what may not be searched, nothing is told"


def test_words_are_counted_over_all_articles_and_over_those_that_pass(library: Library) -> None:
    """What stands elsewhere is told apart from what stands nowhere, in text and in JSON."""
    answer = ask(library, "which zebra burned the mill?", outlets=("Reuters",))
    assert answer.refusal
    assert answer.refusal.missing_words == ("zebra",)
    assert answer.refusal.filtered_words == ("burned", "mill")
    assert answer.refusal.reason == (
        "no article that passes the filters mentions zebra, burned, mill"
    )
    assert "In other articles than the filters let through: burned, mill" in printed(answer)
    refusal = as_json.answer(answer)["refusal"]
    assert (refusal["missing_words"], refusal["filtered_words"]) == (["zebra"], ["burned", "mill"])


def test_several_outlets_may_answer_and_an_unknown_one_is_named(library: Library) -> None:
    """The answer of the one says nothing of the other."""
    answer = ask(library, "who opened the bridge?", outlets=("The Herald", "Courier"))
    assert answer.quotes[0].text == "The mayor opened the bridge."
    assert answer.unknown_outlets == (
        "no outlet is called Courier; did you mean Brinmouth Courier?",
    )
    assert "No outlet is called Courier; did you mean Brinmouth Courier?" in printed(answer)
    assert as_json.answer(answer)["unknown_outlets"] == list(answer.unknown_outlets)


@pytest.mark.parametrize("days", [{"since": date(2016, 1, 1)}, {"until": date(2016, 12, 31)}])
@pytest.mark.parametrize("question", ["who opened the bridge?", "zebra crossing"])
def test_undated_articles_that_dates_left_out_are_counted(
    library: Library, question: str, days: dict[str, date]
) -> None:
    """In an answer and in a refusal; only those that would have passed but for their date."""
    answer = ask(library, question, **days)
    assert answer.undated_left_out == 2
    assert "2 articles without a date were left out; --undated takes them in." in printed(answer)
    assert as_json.answer(answer)["undated_left_out"] == 2
    assert ask(library, question, outlets=("The Herald",), **days).undated_left_out == 0
    assert ask(library, question).undated_left_out == 0


def test_undated_articles_can_be_taken_in(library: Library) -> None:
    """Beside those of the days that were asked for."""
    days = {"since": date(2016, 12, 6), "undated": True}
    answer = ask(library, "where did snow fall in winter?", **days)
    assert answer.quotes[0].text == "Snow fell in winter."
    assert answer.undated_left_out == 0
    assert ask(library, "who burned the mill?", **days).refusal
    assert "left out" not in printed(answer)


def test_an_index_without_articles_says_so_whatever_the_filters(tmp_path: Path) -> None:
    """The filters are not to blame."""
    (tmp_path / "none").mkdir()
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([tmp_path / "none"])
    refusal = library.ask("who?", filters=Filters(outlets=("BBC",))).refusal
    assert refusal
    assert refusal.reason.startswith("the index is empty")
    library.close()
