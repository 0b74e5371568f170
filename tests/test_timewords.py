"""What a question asks of time, and what is left of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.english.periods import overlap, periods
from index.english.timewords import time_asked

TODAY = date(2016, 12, 8)  # a Thursday
ASKED = {
    "latest news on the ceasefire?": ("newest first", "the ceasefire?"),
    "any news about the bridge": ("newest first", "the bridge"),
    "is the bridge still shut?": ("newest first", "is the bridge shut?"),
    "who is currently mayor?": ("newest first", "who is mayor?"),
    "where is Ann Lee now?": ("newest first", "where is Ann Lee?"),
    "what did he say this week?": ("of the week of 2016-12-05", "what did he say?"),
    "what did he say yesterday?": ("of 2016-12-07", "what did he say?"),
    "who resigned last June": ("of June 2016", "who resigned"),
    "what was sold in 2015?": ("of 2015", "what was sold?"),
    "who spoke on 5 December 2016?": ("of 2016-12-05", "who spoke?"),
    "who has resigned since March?": ("since 2016-03-01", "who has resigned?"),
    "what did Reed say on Monday": ("of 2016-12-05", "what did Reed say"),
    "who left three days ago": ("of 2016-12-05", "who left"),
    "where do they meet on June 3?": ("of 2017-06-03", "where do they meet?"),
    "latest on the vote this week": ("newest first, of the week of 2016-12-05", "the vote"),
    "what was said between 3 May 2016 and 9 May 2016": (
        "from 2016-05-03 to 2016-05-09",
        "what was said",
    ),
}
NOTHING = [
    "who won Euro 2004?",
    "how many use Windows 98?",
    "did the plant lose 2000 jobs?",
    "when will the bridge open in 2018?",
    "when did Reed last win?",
    "who writes for USA Today?",
    "what does the Sunday Times say?",
    "how large is the current account deficit?",
    "did sales rise more than last year?",
    "who directed Apocalypse Now?",
    "did May resign?",
    "",
]


@pytest.mark.parametrize("question", ASKED)
def test_words_of_time_are_understood_and_taken_out(question: str) -> None:
    """What is left is what is searched for."""
    found = time_asked(question, TODAY)
    assert found is not None
    assert (found.understood, found.question) == ASKED[question]


@pytest.mark.parametrize("question", NOTHING)
def test_names_numbers_and_what_is_asked_for_are_no_range(question: str) -> None:
    """Years in them stay where they are."""
    assert time_asked(question, TODAY) is None


def test_a_written_time_decides_and_the_day_of_publication_where_there_is_none() -> None:
    """Three days' delay is allowed, and the text's own year outweighs them."""
    found = time_asked("what was sold on 5 December 2016?", TODAY)
    assert found is not None
    assert found.holds("It was sold on 5 December.", date(2016, 12, 20))
    assert found.holds("It was sold.", date(2016, 12, 6))
    assert not found.holds("It was sold.", date(2016, 12, 20))
    assert not found.holds("It was sold in 1986.", date(2016, 12, 6))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                "latest ",
                "news ",
                "on ",
                "in ",
                "May ",
                "2016",
                "last ",
                "week ",
                "5 ",
                "since ",
                "now ",
                "who ",
                "? ",
                "between ",
                "and ",
                "monday ",
                "3 days ago ",
                "Euro ",
                "31 February ",
                "é",
            ]
        ),
        max_size=14,
    ).map("".join),
    st.dates(),
)
def test_the_rest_is_the_question_without_slices_of_it(question: str, today: date) -> None:
    """Whatever is asked, on whatever day: the range is in order, the slices apart."""
    found = time_asked(question, today)
    if found is None:
        return
    assert all(0 <= start < end <= len(question) for start, end in found.words)
    kept = list(question)
    for start, end in found.words:
        kept[start:end] = " " * (end - start)
    rest = "".join("".join(kept).split()).strip(",;:")
    assert "".join(found.question.split()) in (rest, "".join(question.split()))
    if found.since is not None and found.until is not None:
        assert found.since <= found.until


@settings(deadline=None)
@given(st.text("0123456789 ,.-abcdefMaryJunDecQ"))
def test_a_period_is_where_it_says_and_overlaps_itself(text: str) -> None:
    """Its days are days of the calendar."""
    for found in periods(text):
        assert text[found.start : found.end].strip()
        assert overlap(found, found)
        first, last = found.range(TODAY)
        assert first <= last


def test_a_time_outside_the_archive_is_of_no_article():
    """A Sunday of this year means nothing to articles of another; "latest" does to any."""
    sunday = time_asked("did the water rise on Sunday?", date(2026, 11, 24))
    assert sunday is not None
    assert not sunday.meets((date(2016, 1, 1), date(2016, 12, 31)))
    assert not sunday.meets(None)
    assert sunday.meets((date(2026, 1, 1), date(2026, 12, 31)))
    latest = time_asked("latest on the flood", date(2026, 11, 24))
    assert latest is not None
    assert latest.meets(None)
