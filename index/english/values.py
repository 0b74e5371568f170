"""Two sure quotes that answer one question -> whether their short answers say different things.

"different" is for showing both side by side, so it is said only where both are about the same
thing, of one kind, and no rounding, hedge, unit, spelling or part of a name explains it away.
"""

from __future__ import annotations

import re
from enum import Enum

from index.english.dates import mentions
from index.english.matter import Claim, same_matter
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
