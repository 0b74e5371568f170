"""A question, or words -> the story over time: one quote a day or article, the newest last.

What comes near enough in meaning and words belongs to the story; the reader, which looks for an
answer, is not asked. The time that the archive covers is searched in parts, so that a week in which
everybody wrote does not take the places of the years around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from index.ask.answer import quoted
from index.ask.judge import FusionJudge
from index.ask.search import Hit, pose, search
from index.ask.spelling import corrected
from index.encoder.encode import Encoder
from index.english.copies import fold
from index.english.timewords import TimeAsked, time_asked
from index.records import Filters, Judgement, Quote
from index.store.engine import Revision

Every: TypeAlias = Literal["day", "article"]

PARTS = 12
"""Into how many parts the time that is covered is cut; each is searched by itself."""
LEAST = 0.25
"""The chance to answer, by words and meaning alone, from which a sentence belongs to the story;
below it, over takeovers of 1987, most were of other companies."""
MOST = 300
"""Sentences of a story that are looked at, the nearest ones."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A story over time: its quotes, the oldest first; every one is dated.

    ``understood_as`` and ``time`` are as in ``Answer``; ``newest`` is the date of the newest
    article of the index.
    """

    question: str
    quotes: tuple[Quote, ...]
    revision: int
    newest: date | None
    understood_as: str | None = None
    time: str | None = None


def timeline(
    question: str,
    encoder: Encoder,
    revision: Revision,
    filters: Filters,
    *,
    every: Every = "day",
    today: date,
) -> Timeline:
    """The story that a question or words ask for: the nearest sentence of every day or article.

    Raises:
        StoreDamagedError: a stored article no longer holds the words that were indexed.
    """
    understood_as = corrected(question, revision, filters).text
    wanted = understood_as or question
    covers = revision.dates(filters)
    time_of = time_asked(wanted, today)
    if time_of and time_of.meets(covers):
        wanted = time_of.question
        covers = revision.dates(_within(filters, time_of))
    else:
        time_of = None
    posed = pose(wanted, encoder)
    found = [each for part in _parts(filters, covers) for each in search(posed, revision, part)]
    groups = _chosen(_near(found), every)
    newest = revision.dates(Filters(collections=filters.collections))
    return Timeline(
        question,
        quoted(groups, revision),
        revision.number,
        newest[1] if newest else None,
        understood_as,
        time_of.understood if time_of else None,
    )


def _within(filters: Filters, asked: TimeAsked) -> Filters:
    """The filters, and of the time asked for: in a story that is the time of publication."""
    since = max(filter(None, (filters.since, asked.since)), default=None)
    until = min(filter(None, (filters.until, asked.until)), default=None)
    return replace(filters, since=since, until=until)


def _parts(filters: Filters, covers: tuple[date, date] | None) -> Iterator[Filters]:
    """The filters for each part of the time that is covered; none where nothing is dated."""
    if covers is None:
        return
    first, last = covers
    step = timedelta((last - first).days // PARTS + 1)
    while first <= last:
        yield replace(filters, since=first, until=min(first + step - timedelta(1), last))
        first += step


def _near(found: Sequence[Hit]) -> list[tuple[Hit, Judgement]]:
    """Those that belong to the story, with the chance of each, by their days."""
    judge = FusionJudge()
    near = [(each, Judgement(judge.confidence(each))) for each in found]
    near = [each for each in near if each[1].confidence >= LEAST]
    near.sort(key=lambda each: -each[0].candidate.score)
    return sorted(near[:MOST], key=lambda each: _place(each[0]))


def _chosen(
    near: Sequence[tuple[Hit, Judgement]], every: Every
) -> list[list[tuple[Hit, Judgement]]]:
    """The nearest sentence of every day or article with its later copies; by their days."""
    chosen: dict[object, list[tuple[Hit, Judgement]]] = {}
    for rows in fold([found.text for found, _ in near]):
        group = [near[row] for row in rows]
        article = group[0][0].filed.article
        key = article.published if every == "day" else article.id
        if key not in chosen or _chance(group) > _chance(chosen[key]):
            chosen[key] = group
    return sorted(chosen.values(), key=lambda group: _place(group[0][0]))


def _chance(group: Sequence[tuple[Hit, Judgement]]) -> float:
    return max(judgement.confidence for _, judgement in group)


def _place(found: Hit) -> tuple[date, str, int]:
    article = found.filed.article
    return article.published or date.min, article.id, found.id
