"""Filters -> what they leave out without a word, and which of them left nothing.

Whoever asks within a collection is told of no other: everything is counted within those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.records import Filters
from index.store.engine import Revision

NEAR = 0.6
"""Likeness from which another outlet's name may be the one that was meant."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What filters do to the articles of a revision.

    ``nothing`` says which of them left no article; None if some pass. ``undated`` is how many
    articles only their missing date kept out. ``unknown`` are the outlets that are none, each in a
    sentence.
    """

    nothing: str | None = None
    undated: int = 0
    unknown: tuple[str, ...] = ()


def narrowed(filters: Filters, revision: Revision) -> Narrowed:
    """What the filters do; where there are none, nothing is counted."""
    if not filters and revision.sentences:
        return Narrowed()
    passing, _ = revision.counts(filters)
    unknown = tuple(_unknown(filters, revision)) if filters.outlets else ()
    undated = 0
    if (filters.since or filters.until) and not filters.undated:
        undated = revision.counts(replace(filters, undated=True))[0] - passing
    nothing = None if passing else _nothing(filters, unknown, revision)
    return Narrowed(nothing, undated, unknown)


def within(filters: Filters) -> Filters:
    """All that may be searched at all: the collections, and no other filter."""
    return Filters(collections=filters.collections)


def _nothing(filters: Filters, unknown: tuple[str, ...], revision: Revision) -> str:
    """Which of the filters left no article: the first that does so alone, or all together."""
    every = within(filters)
    if not revision.counts(Filters())[0]:
        return "the index is empty; add articles and run `pullquote index`"
    if not revision.counts(every)[0]:
        return "the collections that are searched here hold no article"
    if filters.crossed:
        return f"no day is both {filters.since} or later and {filters.until} or earlier"
    if len(unknown) == len(filters.outlets or ()) > 0:
        return "; ".join(unknown)
    if filters.article and not _any(replace(every, article=filters.article), revision):
        return f"no article has the id {filters.article}"
    days = replace(every, since=filters.since, until=filters.until, undated=filters.undated)
    if days != every and not _any(days, revision):
        covers = revision.dates(every)
        dated = f"they cover {covers[0]} to {covers[1]}" if covers else "none is dated"
        return f"no article is {_days(filters)}; {dated}"
    if filters.filed_after is not None and days == every and not filters.outlets:
        return "no article was filed since"
    return f"no article is {' and '.join(_described(filters))}"


def _any(filters: Filters, revision: Revision) -> bool:
    return bool(revision.counts(filters)[0])


def _described(filters: Filters) -> list[str]:
    """The filters, in words that follow "no article is"."""
    parts = []
    if filters.outlets:
        parts.append(f"by {' or '.join(filters.outlets)}")
    if filters.article:
        parts.append(f"called {filters.article}")
    if filters.since or filters.until:
        parts.append(_days(filters))
    if filters.filed_after is not None:
        parts.append("filed since")
    return parts


def _days(filters: Filters) -> str:
    if filters.since and filters.until:
        return f"of {filters.since} to {filters.until}"
    if filters.since:
        return f"of {filters.since} or later"
    return f"of {filters.until} or earlier"


def _unknown(filters: Filters, revision: Revision) -> list[str]:
    known = revision.outlets(within(filters))
    folded = {name.casefold() for name in known}
    return [
        f"no outlet is called {name}{_meant(name, known)}"
        for name in filters.outlets or ()
        if name.casefold() not in folded
    ]


def _meant(name: str, known: list[str]) -> str:
    """The outlet that may have been meant: one that holds the words, or else is much like them."""
    from difflib import get_close_matches  # late: hardly ever needed

    wanted = name.casefold()
    names = {each.casefold(): each for each in known}
    holding = [each for each in names if wanted in each or each in wanted]
    near = sorted(holding, key=len) or get_close_matches(wanted, names, 1, NEAR)
    return f"; did you mean {names[near[0]]}?" if near else ""
