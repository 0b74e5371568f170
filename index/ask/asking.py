"""A library's one half: questions -> answers, each from one revision; the stages of ``ask`` joined.

Which revision that is, and with which encoder it is asked, the library says, which inherits this.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from index.ask.answer import tell
from index.ask.judge import Judge, Judged
from index.ask.narrowing import narrowed, within
from index.ask.search import Hit, Question, nearest, pose, search
from index.ask.trace import considered
from index.ask.understanding import Understanding, understand
from index.encoder.encode import Encoder
from index.english.followup import Earlier
from index.records import Answer, Filters
from index.store.engine import Revision

if TYPE_CHECKING:  # a question pays for none of these
    from index.ask.check import Check
    from index.ask.timeline import Every, Timeline


class Asking(ABC):
    """What can be asked of articles; ``judge`` judges what is found."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._posed: dict[str, Question] = {}  # what ``worth_asking`` encoded the last time
        self._posed_by = ""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Revision]:
        """The newest revision, for the length of the block."""

    @abstractmethod
    def _query_encoder(self, revision: Revision) -> Encoder:
        """The encoder whose vectors a revision holds."""

    def ask(
        self,
        question: str,
        *,
        earlier: Earlier | None = None,
        top: int = 3,
        filters: Filters | None = None,
        threshold: float | None = None,
        newest_first: bool = False,
        as_of: date | None = None,
        trace: bool = False,
    ) -> Answer:
        """Quote the sentences that answer, or refuse.

        Only quotes with a confidence of at least ``threshold`` answer: by default the one that
        was fitted to this index, or the judge's own. They come surest first, or ``newest_first``.
        Where none does, and no ``threshold`` was given, those that *perhaps* answer come beside the
        refusal; so do those that only accuse where guilt is asked for.
        A newer quote that answers otherwise, and as surely, comes before an older one.
        Where the question can't stand alone after an ``earlier`` one, or surely has a slip of the
        finger, it is searched for as ``Answer.understood_as`` says; where it may have one,
        ``did_you_mean`` offers what else to ask. If it leans on the ``earlier`` one, it is searched
        for in the article of its quote first, and everywhere if nothing there is sure. What it asks
        of time ("latest", "last June") decides which quotes are wanted, and in what order, and is
        not searched for; ``Answer.time`` says how it was understood. ``as_of`` is the day on which
        it is asked: what was published later is left out. ``trace`` adds the candidates and their
        scores to the answer.

        Raises:
            ValueError: the question is blank, or ``top`` is not positive.
            StoreError: there is no index, or it can't be used.
            ModelError: the reader's model is missing or altered.
        """
        if not question.strip():
            raise ValueError("the question is empty")
        if top < 1:
            raise ValueError("at least one quote must be asked for")
        filters = filters or Filters()
        if as_of:
            filters = replace(filters, until=min(as_of, filters.until or as_of))
        started = time.perf_counter()
        self._judge.prepare()
        with self._reading() as revision:
            meant = understand(
                question, revision, filters, earlier=earlier, today=as_of or _today()
            )
            newest_first = newest_first or bool(meant.time and meant.time.newest_first)
            narrow = narrowed(filters, revision)
            sure_from, perhaps_from = self._bars(revision)
            least = sure_from if threshold is None else threshold
            found, judged, timely = self._judged(meant, least, top, revision)
            meant = meant if timely else meant.timeless()
            told = tell(
                meant.question,
                filters,
                narrow.nothing,
                judged,
                revision,
                top,
                least=least,
                perhaps=perhaps_from if threshold is None else least,
                newest_first=newest_first,
            )
            return Answer(
                question=question,
                quotes=told.quotes,
                refusal=told.refusal,
                revision=revision.number,
                newest=_newest(revision, filters),
                elapsed_ms=(time.perf_counter() - started) * 1000,
                perhaps=told.perhaps,
                conflicts=told.conflicts,
                candidates=tuple(each.candidate for each, _ in judged) if trace else (),
                considered=considered(found, judged, told.quotes or told.perhaps, least=least)
                if trace
                else (),
                understood_as=meant.understood_as,
                did_you_mean=meant.did_you_mean,
                time=meant.time.understood if meant.time else None,
                undated_left_out=narrow.undated,
                unknown_outlets=narrow.unknown,
                sure_from=sure_from,
                perhaps_from=perhaps_from,
            )

    def worth_asking(self, asked: Sequence[tuple[str, Filters]]) -> list[int]:
        """Which of many questions anything may answer, by position; see ``search.nearest``.

        Far cheaper than to ask them all, and cheaper still when most were there the last time.

        Raises:
            StoreError: there is no index, or it can't be used.
        """
        with self._reading() as revision:
            if not asked or not revision.sentences:
                return []
            encoder, today = self._query_encoder(revision), _today()
            meant = [
                understand(text, revision, filters, earlier=None, today=today).question
                for text, filters in asked
            ]
            known = self._posed if self._posed_by == encoder.name else {}
            new = [text for text in dict.fromkeys(meant) if text not in known]
            vectors = encoder.encode(new) if new else ()
            known = known | {
                text: Question(text, row) for text, row in zip(new, vectors, strict=True)
            }
            self._posed, self._posed_by = {text: known[text] for text in meant}, encoder.name
            pairs = [(known[text], each) for text, (_, each) in zip(meant, asked, strict=True)]
            return nearest(pairs, revision)

    def timeline(
        self,
        question: str,
        *,
        filters: Filters | None = None,
        every: Every = "day",
        as_of: date | None = None,
    ) -> Timeline:
        """The story that a question, or words, ask for: one quote a day or article, newest last.

        Raises:
            ValueError: the question is blank.
            StoreError: there is no index, or it can't be used.
        """
        from index.ask import timeline

        if not question.strip():
            raise ValueError("the question is empty")
        filters = filters or Filters()
        if as_of:
            filters = replace(filters, until=min(as_of, filters.until or as_of))
        today = as_of or _today()
        with self._reading() as revision:
            encoder = self._query_encoder(revision)
            return timeline.timeline(question, encoder, revision, filters, every=every, today=today)

    def _judged(
        self, meant: Understanding, least: float, top: int, revision: Revision
    ) -> tuple[list[Hit], Judged, bool]:
        """What is found, and judged, in the first of the places that has a sure one, else the last.

        Where some are of the time that is asked for, only these; and whether there are.
        """
        judged: Judged = []
        found, timely = list[Hit](), list[Hit]()
        if revision.sentences:  # of nothing, not even an encoder was kept
            posed = pose(meant.question, self._query_encoder(revision))
            for place in meant.places:
                found = search(posed, revision, place)
                timely = meant.timely(found)
                found = timely or found
                judged = self._judge.judge(posed, found, top, revision)
                if any(judgement.confidence >= least for _, judgement in judged):
                    break
        return found, judged, bool(timely)

    def check(self, text: str, *, filters: Filters | None = None, top: int = 5) -> Check:
        """Say whether a quotation stands in the articles: word for word, nearly, or nowhere.

        Raises:
            ValueError: the text has no word, or ``top`` is not positive.
            StoreError: there is no index, or it can't be used.
        """
        from index.ask import check

        if top < 1:
            raise ValueError("at least one passage must be asked for")
        with self._reading() as revision:
            return check.check(text, revision, filters or Filters(), top)

    @property
    def threshold(self) -> float:
        """The confidence below which this index refuses: as fitted to it, else the judge's own.

        Raises:
            StoreError: there is no index, or it can't be used.
        """
        with self._reading() as revision:
            return self._bars(revision)[0]

    def _bars(self, revision: Revision) -> tuple[float, float]:
        """From which confidence a quote is sure, and from which it perhaps answers."""
        sure, perhaps = revision.threshold, revision.perhaps
        sure = self._judge.threshold if sure is None else sure
        return sure, min(sure, self._judge.perhaps if perhaps is None else perhaps)


def _today() -> date:
    return datetime.now(UTC).date()


def _newest(revision: Revision, filters: Filters) -> date | None:
    """The date of the newest article that may be searched at all."""
    covers = revision.dates(within(filters))
    return covers[1] if covers else None
