"""Two quotes and a question -> whether both are about the thing that is asked for.

The same names, most of the same words, and no other period: the sales of one quarter are not those
of the next. In doubt they are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.english.lexicon import listed
from index.english.periods import Period, overlap, periods
from index.english.words import FUNCTION


@dataclass(frozen=True, slots=True)
class Claim:
    """A quote's short answer, the sentence it stands in, its article's title and date.

    ``answer`` is empty where the whole sentence answers, as it does a yes-or-no question.
    """

    answer: str
    sentence: str
    title: str = ""
    published: date | None = None


_SHARED = 0.5
"""The share of the shorter sentence's words that the other must have, or half of this where both
hold as much of the question."""
_FEW = 3
"""Words that are shared by chance."""
_DAILY = re.compile(
    r"\b(?:today|yesterday|tonight|overnight|this (?:morning|afternoon|week))\b", re.I
)
_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_WEAK = listed(
    """
    said says say told added according year years last first week month day today yesterday new
    mln bln dlrs dlr pct per cent percent stg million billion dollars about around some more than
    least up over under between would will could also now still been being
    """
)
_PHASES = re.compile(
    r"\b(?:(?:first|second|third|fourth|1st|2nd|3rd|4th|last|final|next) (?:quarter|half)"
    r"|(?:three|six|nine|12|twelve) months|(?:full |whole )?year|mid-?morning|morning|midday"
    r"|afternoon|after \d+ minutes"
    r"|opening|closing|previous(?:ly)?|weekly|monthly|annual|daily)\b",
    re.IGNORECASE,
)


def same_matter(question: str, first: Claim, second: Claim) -> bool:
    """Whether two sentences speak of the same thing, as far as the question asks for it.

    They share the names that the question asks about and enough of their other words, and do not
    name different periods.
    """
    asked = _stems(question)
    one, two = _content(first), _content(second)
    if not one or not two:
        return False
    for mine, other in ((first, second), (second, first)):
        theirs = _stems(f"{other.sentence} {other.title}")
        if (_capitals(mine) | _stems(mine.title)) & asked - theirs:
            return False
    if _phases(first) != _phases(second) or _apart(first, second):
        return False
    if one == two:
        return True
    shared = len(one & two) / min(len(one), len(two))
    if shared >= _SHARED and len(one & two) >= _FEW:
        return True
    covers = min(len(asked & _stems(each.sentence)) for each in (first, second))
    return shared >= _SHARED / 2 and bool(asked) and covers / len(asked) >= _SHARED


def _stems(text: str) -> frozenset[str]:
    found = set()
    for match in _TOKEN.finditer(text):
        low = match[0].casefold().removesuffix("'s").removesuffix("’s")
        if low not in FUNCTION and low not in _WEAK and not low[0].isdigit():
            found.add(_stem(low))
    return frozenset(found)


def _stem(word: str) -> str:
    """A word without its ending; "Japanese" and "Japan" are the same."""
    for ending in ("ese", "ian", "ish", "ing", "ed", "es", "s", "n"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _content(claim: Claim) -> frozenset[str]:
    """The stems of a sentence without those of its answer."""
    return _stems(claim.sentence) - _stems(claim.answer)


def _capitals(claim: Claim) -> frozenset[str]:
    """The stems that are written with a capital inside a sentence or its title."""
    text = claim.sentence
    names = [match[0] for match in _TOKEN.finditer(text) if not match[0].islower()]
    return _stems(" ".join(names)) - _stems(claim.answer)


def _phases(claim: Claim) -> frozenset[str]:
    return frozenset(match[0].casefold() for match in _PHASES.finditer(claim.sentence))


def _apart(first: Claim, second: Claim) -> bool:
    """Whether both name times beside their answers, and none of them is the same."""
    one, two = (
        [each for each in periods(claim.sentence) if not _inside(each, claim)]
        for claim in (first, second)
    )
    if one and two:
        return not overlap(_nearest(one, first), _nearest(two, second))
    if first.published is None or second.published is None:
        return False
    daily = any(_DAILY.search(claim.sentence) for claim in (first, second))
    return daily and abs((first.published - second.published).days) > 1


def _nearest(found: list[Period], claim: Claim) -> Period:
    """The time that stands closest to the answer."""
    at = max(claim.sentence.find(claim.answer), 0)
    return min(found, key=lambda each: abs(each.start - at))


def _inside(period: Period, claim: Claim) -> bool:
    at = claim.sentence.find(claim.answer) if claim.answer else -1
    return at >= 0 and period.start < at + len(claim.answer) and at < period.end
