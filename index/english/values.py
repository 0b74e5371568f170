"""Two sure quotes that answer one question -> do their short answers say different things?

"different" is for showing both side by side, so it is said only where both are about the same
thing, of one kind, and no rounding, hedge, unit, spelling or part of a name explains it away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from index.english.dates import mentions
from index.english.followup import FUNCTION
from index.english.names import Verdict, same_name
from index.english.negation import opposed
from index.english.periods import Period, overlap, periods
from index.english.quantities import CURRENCIES, Quantity, agree, quantities


class Kind(Enum):
    """What a short answer is."""

    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    NAME = "name"
    YES_NO = "yes/no"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Claim:
    """A quote's short answer, the sentence it stands in, its article's title and date.

    ``answer`` is empty where the whole sentence answers, as it does a yes-or-no question.
    """

    answer: str
    sentence: str
    title: str = ""
    published: date | None = None


_YES_NO = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:when|what (?:date|day|year|month)|which (?:date|day|year|month)|by what date|dates?"
    r"|what time|how (?:soon|recently))\b",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\b(?:who|whom|whose|where|why|how)\b", re.IGNORECASE)
_COUNTING = re.compile(
    r"\bhow (?:many|much|big|large|old|long|far|high|fast|mutch|often)\b|\b(?:what|which) (?:share"
    r"|portion|percentage|proportion|price|sum|amount|number|size|rate|fine)\b|\b(?:price|cost|age"
    r"|percent|percentage|share|rate|number|size|profit|loss|worth|pay|paid|figure|total|bid"
    r"|offer|record|limit|level)\b",
    re.IGNORECASE,
)


def kind(question: str, answer: str) -> Kind:
    """What kind of short answer this is to this question.

    >>> kind("How much did it cost?", "12.4 mln dlrs")
    <Kind.MONEY: 'money'>
    """
    if not answer.strip():
        return Kind.YES_NO if _YES_NO.match(question) else Kind.OTHER
    numbers = quantities(answer)
    if any(number.unit in CURRENCIES for number in numbers):
        return Kind.MONEY
    if _asks_when(question) or (periods(answer) and not _COUNTING.search(question)):
        return Kind.DATE
    if numbers:
        return Kind.NUMBER
    if _YES_NO.match(question):
        return Kind.YES_NO
    return Kind.NAME if re.search(r"[^\W\d_a-z]", answer) else Kind.OTHER


def _asks_when(question: str) -> bool:
    """Whether the first word that asks is "when": not in "where was it when ..."."""
    asks = _WHEN.search(question)
    other = _WHERE.search(question)
    return asks is not None and not (other is not None and other.start() < asks.start())


def compare(question: str, first: Claim, second: Claim) -> Verdict:
    """Whether two answers to a question are the same, different, or it can't be said.

    >>> compare(
    ...     "How much will the bridge cost?",
    ...     Claim("12.4 million", "The bridge will cost 12.4 million dollars, the council said."),
    ...     Claim("$15.1m", "The bridge will cost $15.1m, the mayor said."),
    ... )
    'different'
    """
    kinds = {kind(question, first.answer), kind(question, second.answer)}
    if kinds == {Kind.NUMBER, Kind.MONEY}:
        kinds = {Kind.MONEY}  # the currency may stand outside the answer
    if len(kinds) > 1:
        return "unknown"
    verdict = _COMPARE[kinds.pop()](first, second)
    if verdict == "different" and not same_matter(question, first, second):
        return "unknown"
    return verdict


def _numbers(first: Claim, second: Claim) -> Verdict:
    one, two = _quantities(first), _quantities(second)
    if not one or not two:
        return "unknown"
    if len(one) != len(two):
        pairs = [(a, b) for a in one for b in two]
        return "same" if any(_comparable(*pair) and agree(*pair) for pair in pairs) else "unknown"
    pairs = list(zip(one, two, strict=True))
    if not all(_comparable(*pair) for pair in pairs):
        return "unknown"
    if all(agree(*pair) for pair in pairs):
        return "same"
    return "different" if len(pairs) == 1 else "unknown"


def _quantities(claim: Claim) -> list[Quantity]:
    """The numbers of an answer, with the hedge and the unit that stand outside it."""
    at = claim.sentence.find(claim.answer)
    if at < 0:
        return quantities(claim.answer)
    before = claim.sentence[max(0, at - 30) : at]
    found = quantities(claim.answer, before)
    if len(found) == 1 and found[0].unit is None:
        reach = claim.sentence[at : at + len(claim.answer) + 24]
        wider = quantities(reach, before)
        if wider and wider[0].step == found[0].step:
            return wider[:1]
    return found


def _comparable(one: Quantity, two: Quantity) -> bool:
    """Whether two numbers are of the same unit, and both of one or both of all."""
    return one.unit == two.unit and (one.each == two.each or not (one.each and two.each))


def _dates(first: Claim, second: Claim) -> Verdict:
    one, two = _period(first), _period(second)
    if one is None or two is None:
        return _numbers(first, second) if one is two else "unknown"
    if overlap(one, two):
        return "same"
    if (one.days is None) != (two.days is None) and (one.months == two.months):
        return "same"
    return "different"


def _period(claim: Claim) -> Period | None:
    """The time that an answer gives, by the calendar or by a weekday of its article."""
    found = periods(claim.answer)
    if len(found) == 1:
        return found[0]
    if found:
        return None
    at = claim.sentence.find(claim.answer)
    if at >= 0:
        for start, end, day in mentions(claim.sentence, claim.published):
            if start < at + len(claim.answer) and at < end:
                return Period(0, 0, day.year, (day.month, day.month), (day.day, day.day))
    return None


def _names(first: Claim, second: Claim) -> Verdict:
    return same_name(first.answer, second.answer)


def _sides(first: Claim, second: Claim) -> Verdict:
    """Yes or no: whether one sentence denies what the other says."""
    return "different" if opposed(first.sentence, second.sentence) else "unknown"


def _others(first: Claim, second: Claim) -> Verdict:
    alike = first.answer.casefold().split() == second.answer.casefold().split()
    return "same" if alike and first.answer.strip() else "unknown"


_COMPARE = {
    Kind.NUMBER: _numbers,
    Kind.MONEY: _numbers,
    Kind.DATE: _dates,
    Kind.NAME: _names,
    Kind.YES_NO: _sides,
    Kind.OTHER: _others,
}

# Are both about the same thing?

_SHARED = 0.5
"""The share of the shorter sentence's words that the other must have, or half of this where both
hold as much of the question."""
_FEW = 3
"""Words that are shared by chance."""
_DAILY = re.compile(
    r"\b(?:today|yesterday|tonight|overnight|this (?:morning|afternoon|week))\b", re.I
)
_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_WEAK = frozenset(
    """
    said says say told added according year years last first week month day today yesterday new
    mln bln dlrs dlr pct per cent percent stg million billion dollars about around some more than
    least up over under between would will could also now still been being
    """.split()  # noqa: SIM905
)
_PHASES = re.compile(
    r"\b(?:(?:first|second|third|fourth|1st|2nd|3rd|4th|last|final|next) (?:quarter|half)|(?:three|six"
    r"|nine|12|twelve) months|morning|afternoon|(?:full |whole )?year|opening|closing|previous(?:ly)?"
    r"|weekly|monthly|annual|daily)\b",
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
        return not any(overlap(a, b) for a in one for b in two)
    if first.published is None or second.published is None:
        return False
    daily = any(_DAILY.search(claim.sentence) for claim in (first, second))
    return daily and abs((first.published - second.published).days) > 1


def _inside(period: Period, claim: Claim) -> bool:
    at = claim.sentence.find(claim.answer) if claim.answer else -1
    return at >= 0 and period.start < at + len(claim.answer) and at < period.end
