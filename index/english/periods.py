"""Words for a day, month, quarter, season or year -> its first and last day, where it says so.

Unlike ``dates``, which knows what "last week" means today, this reads only what is written out in
an article or a question: "5 December 2016", "Feb. 20", "March 1987", "the end of March", "spring
2005", "the first quarter of 2005", "2016".
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBERS = {name[:3].casefold(): number for number, name in enumerate(MONTHS, 1)}
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
TEN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORDS = {word: number for number, word in enumerate(TEN, 1)}
_BEFORE_MAY = frozenset(
    ["in", "of", "since", "until", "by", "last", "from", "to", "during", "next"]
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3}
_ORDINALS["4th"] = 4
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
_PERIOD = re.compile(
    rf"""(?<![\w.-])
    (?: (?P<part> early | mid | late | the[ ]end[ ]of | end | the[ ]beginning[ ]of
              | the[ ]start[ ]of | the[ ]middle[ ]of ) [- ] )?
    (?:
        (?: (?P<from> \d{{1,2}} ) [ ]? (?: to | and | - | – ) [ ]? )?
        (?P<day> \d{{1,2}} ) (?: st|nd|rd|th )? [ ] (?: of[ ] )? (?P<month> {_MONTH} )\b \.?
            (?: ,? [ ] (?P<year> [12]\d{{3}} ) )?
    |   (?P<month2> {_MONTH} )\b \.? (?: [ ] (?P<day2> \d{{1,2}} | one|two|three|four|five|six|seven
              |eight|nine|ten ) (?: st|nd|rd|th )? (?! [\d,]*\d | [.]\d ) \b )?
            (?: ,? [ ] (?P<year2> [12]\d{{3}} ) )?
    |   (?P<iso> [12]\d{{3}}-\d\d-\d\d )
    |   (?P<quarter> first|second|third|fourth|1st|2nd|3rd|4th ) [ ] quarter
            (?: [ ] (?:of[ ])? (?P<year3> [12]\d{{3}} ) )?
    |   Q (?P<quarter2> [1-4] ) [ ] (?P<year4> [12]\d{{3}} )
    |   (?P<season> spring|summer|autumn|fall ) (?: [ ]of )? [ ] (?P<year5> [12]\d{{3}} )
    |   (?P<year6> (?: 1[89] | 20 ) \d\d )
    ) (?! [\w/] | -\d | [.,]\d )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Period:
    """What a text says of a time: months ``first`` to ``last``, perhaps days, perhaps a year.

    ``start`` and ``end`` are where the words stand. A day range is given only within one month.
    """

    start: int
    end: int
    year: int | None
    months: tuple[int, int]
    days: tuple[int, int] | None

    def range(self, today: date) -> tuple[date, date]:
        """First and last day; a year that is not said is the latest in which it has begun."""
        year = self.year
        if year is None:
            year = today.year
            if (self.months[0], (self.days or (1, 1))[0]) > (today.month, today.day):
                year -= 1
        first = self.days[0] if self.days else 1
        last = self.days[1] if self.days else 31
        return _day(year, self.months[0], first), _day(year, self.months[1], last)


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def periods(text: str) -> list[Period]:
    """The times that a text writes out, in order.

    >>> [(found.year, found.months, found.days) for found in periods("on 5 December 2016")]
    [(2016, (12, 12), (5, 5))]
    """
    found = (_period(match) for match in _PERIOD.finditer(text))
    return [each for each in found if each is not None]


def _period(match: re.Match[str]) -> Period | None:
    groups = match.groupdict()
    if groups["iso"]:
        try:
            day = date.fromisoformat(groups["iso"])
        except ValueError:
            return None
        return Period(*match.span(), day.year, (day.month, day.month), (day.day, day.day))
    year = next((int(groups[f"year{n}"]) for n in ("", *"23456") if groups[f"year{n}"]), None)
    month_word = groups["month"] or groups["month2"]
    days: tuple[int, int] | None = None
    if month_word:
        if month_word[0].islower() and month_word.casefold() in ("may", "march", "mar", "dec"):
            return _lower(match, month_word, year)
        return _in_month(match, month_word, year)
    if quarter := groups["quarter"] or groups["quarter2"]:
        number = _ORDINALS.get(quarter.casefold()) or int(quarter)
        months = (number * 3 - 2, number * 3)
    elif groups["season"]:
        months = _SEASONS[groups["season"].casefold()]
    else:
        months = _part_of_year((groups["part"] or "").casefold())
    return Period(*match.span(), year, months, days)


def _lower(match: re.Match[str], word: str, year: int | None) -> Period | None:
    """A month that is also a word, not capitalised, needs a day or a year."""
    if not (match["day"] or match["day2"] or year):
        return None
    return _in_month(match, word, year)


def _in_month(match: re.Match[str], word: str, year: int | None) -> Period | None:
    if word == "May" and not (match["day"] or match["day2"] or year or match["part"]):
        at = match.start()
        before = match.string[max(0, at - 12) : at].split()
        if not before or before[-1].casefold() not in _BEFORE_MAY:
            return None  # "May I ask"
    month = _NUMBERS[word[:3].casefold()]
    written = match["day"] or match["day2"]
    if written:
        number = _WORDS[written.casefold()] if written.isalpha() else int(written)
        if not 1 <= number <= 31:
            return None
        first = min(int(match["from"] or number), number)
        return Period(*match.span(), year, (month, month), (max(first, 1), number))
    part = (match["part"] or "").casefold()
    days = None
    if part in ("early", "the beginning of", "the start of"):
        days = (1, 12)
    elif part in ("mid", "the middle of"):
        days = (8, 23)
    elif part in ("late", "end", "the end of"):
        days = (18, 31)
    return Period(*match.span(), year, (month, month), days)


def _part_of_year(part: str) -> tuple[int, int]:
    if part in ("early", "the beginning of", "the start of"):
        return 1, 5
    if part in ("mid", "the middle of"):
        return 4, 9
    if part in ("late", "end", "the end of"):
        return 8, 12
    return 1, 12


def overlap(first: Period, second: Period) -> bool:
    """Whether one day may be meant by both; a year that is not said is any."""
    if first.year and second.year and first.year != second.year:
        return False
    if first.months[0] > second.months[1] or second.months[0] > first.months[1]:
        return False
    if first.days is None or second.days is None or first.months != second.months:
        return True
    return first.days[0] <= second.days[1] and second.days[0] <= first.days[1]
