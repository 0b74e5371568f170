"""When two short answers to one question differ, and when it can't be said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.english.names import same_name
from index.english.quantities import agree, quantities
from index.english.values import Claim, Kind, compare, kind

COST = "How much will the Truro bridge cost?"
SENTENCE = "The new bridge at Truro will cost {}, the council of the county said."
SAME = [
    ("12.4 million dollars", "$12.4m"),
    ("12 mln dlrs", "12.1 million dollars"),
    ("at least 300 million dollars", "310 mln dlrs"),
    ("about 12 million dollars", "12.5 million dollars"),
    ("up to 20 million dollars", "18 million dollars"),
    ("a quarter of a million dollars", "250,000 dlrs"),
    ("7-1/2 pct", "7.5 per cent"),
    ("half", "48%"),
    ("400m euro", "€400 million"),
]
DIFFERENT = [
    ("12.4 million dollars", "15.1 million dollars"),
    ("$625,000", "625 mln dlrs"),
    ("7.6%", "6.7 pct"),
    ("more than 28 million dollars", "25 million dollars"),
]
UNKNOWN = [
    ("12.4 million dollars", "9 million pounds"),
    ("5 dlrs a share", "12 dlrs a tonne"),
    ("12.4 million dollars", "twelve per cent"),
]


def claims(one: str, two: str) -> tuple[Claim, Claim]:
    """Two claims that differ in their answers alone."""
    return Claim(one, SENTENCE.format(one)), Claim(two, SENTENCE.format(two))


@pytest.mark.parametrize(("one", "two"), SAME)
def test_rounding_hedges_units_and_currencies_are_no_difference(one: str, two: str) -> None:
    """In either order."""
    first, second = claims(one, two)
    assert compare(COST, first, second) == compare(COST, second, first) == "same"


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_other_numbers_are_a_difference(one: str, two: str) -> None:
    """In either order."""
    first, second = claims(one, two)
    assert compare(COST, first, second) == compare(COST, second, first) == "different"


@pytest.mark.parametrize(("one", "two"), UNKNOWN)
def test_what_can_not_be_compared_is_unknown(one: str, two: str) -> None:
    """Other currencies, and prices of other things."""
    first, second = claims(one, two)
    assert compare(COST, first, second) == "unknown"


def test_another_period_is_another_matter() -> None:
    """Sales of one year do not contradict those of the next."""
    first = Claim("12 pct", "Sales of bridges at Truro rose 12 pct in 1986, the port said.")
    second = Claim("9 pct", "Sales of bridges at Truro rose 9 pct in 1985, the port said.")
    assert compare("How far did sales of bridges at Truro rise?", first, second) == "unknown"


def test_another_name_is_another_matter() -> None:
    """What the question names must be named by both."""
    first = Claim("12", "The port of Truro has 12 cranes for its ships, the mayor said.")
    second = Claim("9", "The port of Looe has 9 cranes for its ships, the mayor said.")
    assert compare("How many cranes has Truro?", first, second) == "unknown"


def test_dates_are_read_by_the_calendar_and_by_the_weekday() -> None:
    """A weekday is a day of the week before publication."""
    question = "When was the Truro bridge shut?"
    first = Claim("5 December", "The bridge at Truro was shut on 5 December after a storm.")
    monday = Claim(
        "on Monday", "The bridge at Truro was shut on Monday after a storm.", "", date(2016, 12, 8)
    )
    other = Claim("7 December", "The bridge at Truro was shut on 7 December after a storm.")
    assert compare(question, first, monday) == "same"
    assert compare(question, first, other) == "different"


def test_yes_and_no_differ_where_one_sentence_denies_the_other() -> None:
    """The whole sentences answer."""
    question = "Will the Truro bridge be shut?"
    first = Claim("", "The bridge at Truro will be shut in winter.")
    second = Claim("", "The bridge at Truro will not be shut in winter.")
    assert compare(question, first, second) == "different"
    assert compare(question, first, first) == "unknown"


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        ("Kerry", "John Kerry", "same"),
        ("Harrison Goldin", "Harrison J. Goldin", "same"),
        ("Naresh Goyal", "Naresh Goya", "same"),
        ("the SEC", "Securities and Exchange Commission", "same"),
        ("Grand Met", "Grand Metropolitan plc", "same"),
        ("Ann Lee", "Tom Reed", "different"),
        ("Ann Lee", "Bruce Lee", "unknown"),
        ("the mayor", "Tom Reed", "unknown"),
        ("Truro", "England", "unknown"),
        ("Ann Lee and Tom Reed", "Bob Ray", "unknown"),
    ],
)
def test_parts_spellings_and_initials_name_the_same(one: str, two: str, verdict: str) -> None:
    """A surname alone decides nothing."""
    assert same_name(one, two) == same_name(two, one) == verdict


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("How much?", "12.4 mln dlrs", Kind.MONEY),
        ("How many?", "twelve", Kind.NUMBER),
        ("When?", "on Friday", Kind.DATE),
        ("Who was there when it fell?", "Ann Lee", Kind.NAME),
        ("Did it fall?", "", Kind.YES_NO),
        ("Why did it fall?", "rust", Kind.OTHER),
    ],
)
def test_the_question_and_the_answer_give_the_kind(
    question: str, answer: str, expected: Kind
) -> None:
    """One without the other would not."""
    assert kind(question, answer) is expected


@settings(deadline=None, max_examples=300)
@given(
    st.text("0123456789.,-/$£€% amlnbotwherf", max_size=30), st.text("abouts neryl", max_size=10)
)
def test_every_number_agrees_with_itself(text: str, before: str) -> None:
    """And lies between its ends."""
    for found in quantities(text, before):
        assert found.low <= found.high
        assert agree(found, found)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_two_whole_numbers_agree_only_if_one_rounds_to_the_other(one: int, two: int) -> None:
    """Within five per cent at most, and in both orders alike."""
    (first,), (second,) = quantities(f"{one:,}"), quantities(str(two))
    assert agree(first, second) == agree(second, first)
    if abs(one - two) > 0.05 * max(one, two):
        assert not agree(first, second)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_any_two_claims_are_compared_alike_in_both_orders(
    question: str, sentence: str, one: str, two: str
) -> None:
    """Whatever they hold."""
    first, second = Claim(one, f"{sentence} {one}"), Claim(two, f"{two} {sentence}")
    assert compare(question, first, second) == compare(question, second, first)
