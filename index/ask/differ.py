"""The quotes of one answer -> which of them answer differently, and the newer of these first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from index.english.matter import Claim
from index.english.values import compare
from index.records import Quote

AS_SURE = 0.1
"""Two quotes answer as surely if their confidences are no further apart; ``docs/news.md``."""


def conflicts(question: str, quotes: Sequence[Quote]) -> tuple[tuple[int, int], ...]:
    """The pairs of quotes, by their numbers, that answer the same question differently."""
    return tuple(
        (one, other)
        for one, other in combinations(range(len(quotes)), 2)
        if _differ(question, quotes[one], quotes[other])
    )


def newer_first(question: str, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes; a newer one that answers otherwise than the first, and as surely, before it.

    What was true in June is not what is true in September: of several the newest comes first, and
    the one that was first directly under it.
    """
    if not quotes:
        return ()
    best, others = quotes[0], quotes[1:]
    newest, day = best, best.article.published
    for each in others:
        published = each.article.published
        if day is None or published is None or published <= day:
            continue
        if each.confidence >= best.confidence - AS_SURE and _differ(question, best, each):
            newest, day = each, published
    if newest is best:
        return tuple(quotes)
    return newest, best, *(each for each in others if each is not newest)


def _differ(question: str, one: Quote, other: Quote) -> bool:
    if one.article.id == other.article.id:
        return False
    return compare(question, _claim(one), _claim(other)) == "different"


def _claim(quote: Quote) -> Claim:
    short = quote.article.text[slice(*quote.highlight)] if quote.highlight else ""
    return Claim(short, quote.text, quote.article.title, quote.article.published)
