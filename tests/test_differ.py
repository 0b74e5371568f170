"""Of two quotes that answer differently, both are told, and the newer comes first."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from index.ask.differ import AS_SURE, conflicts, newer_first
from index.records import Article, Quote

QUESTION = "how much will the new bridge cost?"


def quote(cost: str, day: date | None, confidence: float = 0.9, name: str = "") -> Quote:
    """A quote about the price of a bridge, from an article of its own."""
    text = f"The new bridge will cost {cost} million dollars, the council said."
    start = text.index(cost)
    article = Article(name or f"{cost} {day}", "Bridge", text, day)
    span = (start, start + len(f"{cost} million dollars"))
    return Quote(article, 0, len(text), text, 1, confidence, span)


JUNE, JULY = quote("12.4", date(2016, 6, 3)), quote("13", date(2016, 7, 1))
SEPTEMBER = quote("15.1", date(2016, 9, 9))


def test_the_newer_of_two_that_differ_comes_first() -> None:
    """The older directly under it; what else there is stays in its order."""
    same = quote("12.4", date(2016, 6, 9))
    assert newer_first(QUESTION, (JUNE, same, SEPTEMBER)) == (SEPTEMBER, JUNE, same)


def test_of_several_the_newest_comes_first() -> None:
    """Whatever their order was."""
    assert newer_first(QUESTION, (JUNE, SEPTEMBER, JULY)) == (SEPTEMBER, JUNE, JULY)


def test_what_is_less_sure_does_not_come_first_for_being_newer() -> None:
    """Nor what says the same, is undated, or stands in the same article."""
    unsure = quote("15.1", date(2016, 9, 9), confidence=JUNE.confidence - 2 * AS_SURE)
    same = quote("12.4", date(2016, 9, 9))
    own = quote("15.1", date(2016, 9, 9), name=JUNE.article.id)
    for other in (unsure, same, quote("15.1", None), own):
        assert newer_first(QUESTION, (JUNE, other)) == (JUNE, other)
    assert newer_first(QUESTION, (quote("15.1", None), JUNE))[1] == JUNE


@given(st.lists(st.sampled_from((JUNE, JULY, SEPTEMBER, quote("15.1", None))), unique=True))
def test_no_quote_is_lost_or_made(quotes: list[Quote]) -> None:
    """They only change places, and differ as they did."""
    turned = newer_first(QUESTION, quotes)
    assert sorted(map(id, turned)) == sorted(map(id, quotes))
    assert len(conflicts(QUESTION, turned)) == len(conflicts(QUESTION, quotes))
