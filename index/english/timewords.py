"""A question -> what it asks of time (the newest, or what is of a week), and the question without.

"Latest news on the ceasefire" wants the newest that answers, "what did he say last week" what was
said then. These words say which quote is wanted, not what stands in it, so what is searched for and
read is the question without them. A year in a name or a number ("Euro 2004", "2000 jobs") is none
of them, and in doubt nothing is. English only; the calendar needs no library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.english.periods import Period, periods
from index.english.ranges import Slice, ranges


@dataclass(frozen=True, slots=True)
class TimeAsked:
    """What a question asks of time.

    ``newest_first``: of the quotes that answer, the newest is wanted. ``since`` and ``until`` (both
    included, None is open) bound when it happened or was reported. ``question`` is what to search
    for and read: the question without ``words``, which are slices of it as it was asked.
    ``understood`` says it for people: "newest first", "of the week of 2016-12-05".
    """

    question: str
    newest_first: bool
    since: date | None
    until: date | None
    words: tuple[Slice, ...]
    understood: str

    def meets(self, covers: tuple[date, date] | None) -> bool:
        """Whether articles of the days covered, first and last, can be of the time asked for."""
        if self.since is None and self.until is None:
            return True
        since, until = self.since or date.min, self.until or date.max
        return covers is not None and since <= covers[1] and covers[0] <= until

    def holds(self, sentence: str, published: date | None) -> bool:
        """Whether a sentence is of the time that was asked for.

        A time that the sentence writes out decides; without one, that of publication: up to
        ``LAG`` days after, since what happened on one day stands in the next day's paper.
        """
        if self.since is None and self.until is None:
            return True
        since, until = self.since or date.min, self.until or date.max
        written = periods(sentence)
        if published is None and not written:
            return False
        day = published or until
        if published is not None and since > published and not written:
            return True  # what lies ahead is often given no date
        for each in written:
            first, last = each.range(day)
            if first <= until and since <= last:
                return True
        late = min(until, date.max - LAG) + LAG
        return published is not None and since <= published <= late and not _elsewhere(written, day)


LAG = timedelta(3)
"""How long after a day its events are still reported."""


def _elsewhere(written: list[Period], day: date) -> bool:
    """Whether all times that a sentence writes out lie well before its publication."""
    return bool(written) and all(each.range(day)[1] < day - timedelta(60) for each in written)


_LONGEST = 1_000  # code points of a question that are read
_NEWS = r"(?:news|updates?|information|info|word|reports?|developments?)"
_ON = r"(?:on|about|of|in|from|regarding|concerning|with)"
# Everything here is taken out of the question; what follows it stays.
_NEWEST = re.compile(
    rf"""(?<![\w'’-])(?:
        (?: what(?:['’]s|s|[ ]is|[ ]are)? [ ] )? (?: (?:is|are)[ ]there[ ] )?
            (?: the[ ] )? (?: latest|newest|(?:most[ ])?recent ) (?: [ ]{_NEWS} )? [ ] {_ON} \b
      | (?: (?:is|are)[ ]there[ ] )? any (?: [ ](?:recent|latest|new|more) )? [ ] {_NEWS}
            (?: [ ] {_ON} \b )?
      | what(?:['’]s|s|[ ]is)[ ] (?:new|happening|up) [ ] (?:with|in|at|on) \b
      | (?: latest | newest | most[ ]recent ) (?= [ ] [a-z0-9] )
      | recent (?= [ ] [a-z] )
      | (?: at[ ]the[ ]moment | at[ ]present | these[ ]days | right[ ]now | as[ ]of[ ]now
          | nowadays | currently | so[ ]far | to[ ]date ) ,?
      | current (?= [ ](?!account|affairs?\b|assets?\b|ratio|liabilit|events?\b)[a-z] )
      | now (?= [ ][a-z] | [ ][A-Z] | [ ]?[?.!]*\Z )
      | still (?= [ ](?!lifes?\b|waters?\b|image|photo|picture|for\b)[a-z] )
      | yet (?= [ ]?[?.!]*\Z )
    )(?![\w'’-])""",
    re.VERBOSE | re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"(?:\b(?:until|till|by|from|or|apocalypse|stand|stands|stood|stay|stayed|kept|keep|sat|better"
    r"|at the|just)|[\"“'‘])[ ]*\Z",
    re.IGNORECASE,
)


def time_asked(question: str, today: date) -> TimeAsked | None:
    """What a question asks of time, seen from ``today``; None where it asks nothing.

    >>> time_asked("what did he say last week?", date(2016, 12, 8)).understood
    'of the week of 2016-11-28'
    """
    if len(question) > _LONGEST:
        return None
    today = min(max(today, date(200, 1, 1)), date(9900, 1, 1))  # a century must fit on both sides
    newest = [match.span() for match in _NEWEST.finditer(question) if not _other_now(match)]
    words, since, until, understood = list(newest), None, None, ["newest first"] if newest else []
    found = next(ranges(question, today, newest), None)
    if found is not None:
        span, since, until, said = found
        words.append(span)
        understood.append(said)
    if not words:
        return None
    rest = _without(question, words)
    return TimeAsked(
        rest or question, bool(newest), since, until, tuple(sorted(words)), ", ".join(understood)
    )


def _other_now(match: re.Match[str]) -> bool:
    """Whether "now", "still" and the like mean something else here."""
    before = match.string[: match.start()]
    if _NOT_NOW.search(before):
        return True
    return bool(before.strip()) and not match[0].islower()  # inside a name or a title


def _without(question: str, words: list[Slice]) -> str:
    """The question without some of its words, tidied where they stood."""
    kept, at = [], 0
    for start, end in sorted(words):
        if start >= at:
            kept.append(question[at:start])
            at = end
    kept.append(question[at:])
    rest = re.sub(r"\s+", " ", " ".join(kept)).strip(" ,;:")
    return re.sub(r"\s+([?.!,])", r"\1", rest)
