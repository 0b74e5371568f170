"""A question as it was typed -> what is searched for, where, and of which time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.ask.narrowing import within
from index.ask.search import Hit
from index.ask.spelling import corrected
from index.english.followup import Earlier
from index.english.timewords import TimeAsked, time_asked
from index.records import Filters
from index.store.engine import Revision


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question means.

    ``question`` is what is searched for, in the first of the ``places`` that answers; ``time`` is
    which time it asks for. ``understood_as`` and ``did_you_mean`` are as in ``Answer``.
    """

    question: str
    places: tuple[Filters, ...]
    time: TimeAsked | None
    understood_as: str | None
    did_you_mean: str | None

    def timely(self, found: Sequence[Hit]) -> list[Hit]:
        """The candidates of the time that is asked for; all of them if none is."""
        if self.time is None:
            return list(found)
        held = self.time.holds
        return [each for each in found if held(each.text, each.filed.article.published)]

    def timeless(self) -> Understanding:
        """The same where nothing is of its time: nobody is told that the answer is."""
        return replace(self, time=None, understood_as=self.question) if self.time else self


def understand(
    question: str, revision: Revision, filters: Filters, *, earlier: Earlier | None, today: date
) -> Understanding:
    """Complete a question by the ``earlier`` one, mend its slips, take its words of time apart.

    If it leans on the earlier one, the article of its quote is looked at first.
    """
    leaning = earlier.understood(question) if earlier else None
    wanted = leaning.question if leaning else question
    places = [filters]
    if leaning and leaning.article and not filters.article:
        places.insert(0, replace(filters, article=leaning.article))
    mended = corrected(wanted, revision, filters)
    wanted = mended.text or wanted
    understood_as = wanted if wanted != question else None
    time = time_asked(wanted, today)
    if time and not time.meets(revision.dates(within(filters))):
        time = None  # of no article: it stands in a sentence, if anywhere
    return Understanding(
        time.question if time else wanted, tuple(places), time, understood_as, mended.offered
    )
