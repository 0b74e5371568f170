"""Days that people type, and days that articles name."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promptly import promptly

from index.english.dates import REACH, day, mentioned, mentions
from index.records import Article, Quote

TODAY = date(2016, 12, 8)  # a Thursday
PERIODS = {
    "2016-12-08": ("2016-12-08", "2016-12-08"),
    "8 Dec 2016": ("2016-12-08", "2016-12-08"),
    "December 8, 2016": ("2016-12-08", "2016-12-08"),
    "25/12/2016": ("2016-12-25", "2016-12-25"),
    "yesterday": ("2016-12-07", "2016-12-07"),
    " Today ": ("2016-12-08", "2016-12-08"),
    "3 days ago": ("2016-12-05", "2016-12-05"),
    "2 months ago": ("2016-10-08", "2016-10-08"),
    "Monday": ("2016-12-05", "2016-12-05"),
    "last week": ("2016-11-28", "2016-12-04"),
    "this week": ("2016-12-05", "2016-12-11"),
    "Last  Month": ("2016-11-01", "2016-11-30"),
    "last year": ("2015-01-01", "2015-12-31"),
    "next month": ("2017-01-01", "2017-01-31"),
    "2016": ("2016-01-01", "2016-12-31"),
    "2016-02": ("2016-02-01", "2016-02-29"),
    "March 1987": ("1987-03-01", "1987-03-31"),
    "march": ("2016-03-01", "2016-03-31"),
    "Q1 2016": ("2016-01-01", "2016-03-31"),
}


@pytest.mark.parametrize("text", PERIODS)
def test_a_period_has_a_first_and_a_last_day(text: str) -> None:
    """What is meant by --since is the first, by --until the last."""
    found = [day(text, end=end, today=TODAY).isoformat() for end in (False, True)]
    assert tuple(found) == PERIODS[text]


@pytest.mark.parametrize("text", ["03/04/2016", "1.5.2016", "3-4-2016", "1/2/16", "03 / 04 / 2016"])
def test_a_date_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    """It says why, and how to write it; nothing is guessed."""
    with pytest.raises(ValueError, match="more than one way"):
        day(text, end=False, today=TODAY)


def test_a_refusal_names_both_readings() -> None:
    """The person need only choose."""
    with pytest.raises(ValueError, match="2016-04-03 or 2016-03-04"):
        day("03/04/2016", end=False, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "12", "the 5th", "5 2016", "0000", "2016-13", "31 Feb 2016", "9" * 40),
        *("2023-13-01", "2023/13/01", "2023.2.30", "0000-01-01"),
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """The message shows forms that are read."""
    with pytest.raises(ValueError, match="write it as 2016-12-08"):
        day(text, end=False, today=TODAY)


@settings(deadline=None, max_examples=60)
@given(st.text("0123456789 /.-agodysweklmrch", max_size=14), st.dates())
def test_any_text_is_a_day_or_a_refusal(text: str, today: date) -> None:
    """Nothing else comes out, and no period ends before it begins."""
    try:
        first, last = (day(text, end=end, today=today) for end in (False, True))
    except ValueError:
        return
    assert first <= last


@settings(deadline=None, max_examples=30)
@given(st.dates())
def test_an_iso_date_is_itself(written: date) -> None:
    """Whatever today is."""
    assert day(written.isoformat(), end=True, today=TODAY) == written


def test_an_iso_date_needs_no_parser() -> None:
    """To import dateparser takes a tenth of a second: only words pay for it."""
    code = (
        "import sys, datetime as d; from index.english.dates import day; t = d.date(2016, 12, 8);"
        "[day(x, end=True, today=t) for x in ('2016-12-08', '2016', 'last week')];"
        "assert 'dateparser' not in sys.modules; day('yesterday', end=True, today=t);"
        "assert 'dateparser' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)


MEANT = {
    "Russia and China on Monday vetoed it.": ("on Monday", 5),
    "China vetoed it on Monday.": ("on Monday", 5),
    "On Tuesday night, Kerry said talks would resume.": ("On Tuesday", 6),
    "They met on Thursday.": ("on Thursday", 8),
    "Police said Friday that nobody was hurt.": ("Friday", 2),
    "They met last Friday.": ("last Friday", 2),
    "The council meets next Tuesday.": ("next Tuesday", 13),
    "He told reporters in Paris on Sunday that he will stay.": ("on Sunday", 4),
    "The crew left yesterday.": ("yesterday", 7),
    "They left the city today.": ("today", 8),
    "Talks resume tomorrow.": ("tomorrow", 9),
}


@pytest.mark.parametrize("text", MEANT)
def test_a_weekday_in_a_report_is_the_latest_one(text: str) -> None:
    """Up to and including the day of publication; "last" and "next" lead out of the week."""
    words, number = MEANT[text]
    start = text.index(words)
    assert mentions(text, TODAY) == ((start, start + len(words), date(2016, 12, number)),)


@pytest.mark.parametrize(
    "text",
    [
        "They will meet on Friday.",
        "They agreed to meet on Friday.",
        "The vote, expected on Friday, was put off.",
        "He announced a strike on Friday.",
        "Toshack takes charge on Saturday.",
        "They have until Friday.",
        "The deal was signed by Friday.",
        "Every Monday they met.",
        "They met last Monday.",  # three days ago or ten?
        "They meet next Friday.",  # tomorrow or in eight days?
        "The Sunday Times reported it.",
        "The Mail on Sunday reported it.",
        "On Monday, 5 December, they met.",
        "They met on Monday, Dec. 5.",
        "They left the day after tomorrow.",
        "Young people today like music.",
        "Black Friday drew crowds.",
        "Monday's vote was lost.",
        "They lost to Wednesday.",
        "Mondays were quiet.",
    ],
)
def test_what_may_mean_another_day_is_left_out(text: str) -> None:
    """Rather nothing than a guess."""
    assert mentions(text, TODAY) == ()


PIECES = ["on ", "last ", "next ", "Monday", "Friday", "today", "tomorrow", " met ", "will ", ". "]


@settings(deadline=None, max_examples=80)
@given(st.lists(st.sampled_from([*PIECES, "said ", "“", "é", "\n"])), st.dates())
def test_mentions_are_slices_in_order(pieces: list[str], published: date) -> None:
    """Each names the day that its words name, within a fortnight of publication."""
    text, at = "".join(pieces), 0
    for start, end, meant in mentions(text, published):
        assert at <= start < end <= len(text)
        at, words = end, text[start:end].casefold()
        assert f"{meant:%A}".casefold() in words or words in ("today", "yesterday", "tomorrow")
        assert abs(meant - published) <= timedelta(13)
    assert mentions(text, None) == ()


def test_a_quote_tells_days_in_offsets_of_its_article() -> None:
    """So that a renderer can point at them; the quote itself stays as it is."""
    text = "Truce ends\nThe council met. China vetoed it on Monday."
    start = text.index("China")
    for published, days in ((TODAY, [date(2016, 12, 5)]), (None, [])):
        article = Article("a", "Truce ends", text, published)
        quote = Quote(article, start, len(text), text[start:], 1, 0.9)
        assert [meant for _, _, meant in mentioned(quote)] == days
        assert [text[a:b] for a, b, _ in mentioned(quote)] == ["on Monday"] * len(days)


@pytest.mark.parametrize(
    "text",
    [
        "He said on Monday that " * 5_000,
        "A" * 116_000 + ", Monday ",
        "A" * 900 + ", Monday " + "it won. " * 9_000,
        "Monday " * 16_000,
        "said A.A.A.A.A.A.A. Monday " * 4_000,
        "on " * 40_000 + "Monday",
    ],
)
def test_hostile_text_comes_to_an_end(text: str) -> None:
    """A sentence of 116 KB has no end, and costs no more than others of its length."""
    with promptly():
        mentions(text, TODAY)


def test_what_is_no_sentence_says_nothing_of_its_days() -> None:
    """Within reach there is a break, or the day stays unknown."""
    far = "word " * (REACH // 5)
    assert mentions(f"The council met. It {far}said on Monday.", TODAY) == ()
    assert mentions(f"{far}{far}The end. It said on Monday.", TODAY) != ()
    assert mentions(f"It said on Monday {far}{far}", TODAY) == ()
    assert mentions(f"It said on Monday. {far}{far}", TODAY) != ()
