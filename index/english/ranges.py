"""A question -> the range of days that it names: "last week", "in June 2016", "since March".

What is part of a name ("Euro 2004", "Sunday Times"), of what is asked for ("when ... in 2005?") or
of a comparison ("more than last year") is no range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from index.english.dates import WEEKDAYS, around
from index.english.lexicon import listed
from index.english.periods import MONTHS, TEN, periods

Slice = tuple[int, int]
Range = tuple[Slice, date | None, date | None, str]
"""Where the words stand, the first and the last day (None is open), and the range in words."""

_COUNTS = (*TEN, "eleven", "twelve")
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)}|a|an|few|couple of)"
_COUNT2 = _COUNT.replace("count", "count2")
_MONTH = rf"(?:{'|'.join(MONTHS)})"
_WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
_RELATIVE = re.compile(
    rf"""(?<![\w'’-])(?:
        (?P<day> yesterday | today | tonight | tomorrow | this[ ](?:morning|afternoon|evening)
            | last[ ]night )
      | (?: (?:in|during|over|within|for)[ ] )?
        (?: (?:earlier|later)[ ] )? (?: the[ ] )?
        (?P<which> this|last|past|previous|next ) [ ] (?P<span> week|month|year )
      | {_COUNT} [ ] (?P<unit> day|week|month|year )s? [ ] ago
      | (?: in|during|over|within|for ) [ ] the [ ] (?:last|past) [ ] {_COUNT2} [ ]
        (?P<unit2> day|week|month )s?
      | (?: on[ ] )? (?: last|this )? [ ]? (?P<weekday> {_WEEKDAY} )
    )(?![\w'’-])""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE = (
    rf"(?: \d{{1,2}}(?:st|nd|rd|th)? [ ] (?:of[ ])? {_MONTH} (?: ,? [ ] [12]\d{{3}} )?"
    rf" | {_MONTH} [ ] \d{{1,2}}(?:st|nd|rd|th)? (?! \d ) (?: ,? [ ] [12]\d{{3}} )?"
    rf" | {_MONTH} (?: [ ] [12]\d{{3}} )? | [12]\d{{3}}-\d\d-\d\d | (?: 1[89] | 20 ) \d\d )"
)
_WRITTEN = re.compile(
    rf"""(?<![\w'’-])(?:
        between [ ] (?P<first> {_DATE} ) [ ] and [ ] (?P<second> {_DATE} )
      | from [ ] (?P<first2> {_DATE} ) [ ] (?:to|until|till) [ ] (?P<second2> {_DATE} )
      | (?P<how> in|on|during|since|before|until|till|after|last|this|back[ ]in|early[ ]in|as[ ]of )
        [ ] (?P<date> {_DATE} )
    )(?![\w'’/-]|,?[ ]?\d)""",
    re.VERBOSE | re.IGNORECASE,
)
# What follows a date that is part of a name or of another noun: "in the 2004 Olympics".
_NOUN = re.compile(
    r"[ ](?:season|edition|model|models|bond|bonds|issue|budget|cup|olympics|games|elections?|act"
    r"|census|crop|tour|championships?|corp|inc|group|club|prize|madness|column)\b|[ ][A-Z][a-z]"
)
_ASKS_WHEN = re.compile(
    r"\b(?:when|what date|which (?:day|date|month|year)|how long|since when)\b", re.I
)
_NO_DAY = listed("every each any per a an the most some super black good by until for of")
"""Before a bare weekday, they make it no day of this week."""


def ranges(question: str, today: date, taken: list[Slice]) -> Iterator[Range]:
    """The ranges of days that a question names, seen from ``today``, outside the slices ``taken``.

    ``today`` must be of the years 200 to 9900.
    """
    if not _ASKS_WHEN.search(question):
        for match in _WRITTEN.finditer(question):
            if not _NOUN.match(question, match.end()) and (found := _written(match, today)):
                yield match.span(), *found
    for match in _RELATIVE.finditer(question):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        if (found := _relative(match, today)) is not None:
            yield match.span(), *found


_COMPARED = re.compile(
    r"\b(?:than|from|on|with|versus|vs|to|over|against|of|as|for|and)[ ]*\Z", re.I
)
_AHEAD = re.compile(r"\b(?:will|shall|going to|due|expected|do|does|is|are|set to|to be)\b", re.I)


def _relative(match: re.Match[str], today: date) -> tuple[date, date, str] | None:
    """First and last day of "yesterday", "last week", "three days ago", "on Monday"."""
    before, behind = match.string[: match.start()].split(), match.string[match.end() :]
    inside = bool(before) and match[0][0].isupper()
    if word := match["day"]:
        if inside:
            return None  # "USA Today"
        back = {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(word.casefold(), 0)
        day = today + timedelta(back)
        return day, day, f"of {day}"
    if span := match["span"]:
        if _COMPARED.search(match.string[: match.start()]):
            return None  # "more than last year"
        return _span((match["which"]).casefold(), span.casefold(), today)
    if match["weekday"]:
        return _weekday(match, before, behind, today)
    unit = (match["unit"] or match["unit2"]).casefold()
    count = _number((match["count"] or match["count2"]).casefold())
    days = count * {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
    first = today - timedelta(min(days, 40_000))
    if match["unit2"]:
        return first, today, f"since {first}"
    if unit == "day":
        return first, first, f"of {first}"
    first, last = around(first, unit)
    return first, last, _named(first, last)


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    return _COUNTS.index(word) + 1 if word in _COUNTS else {"few": 3, "couple of": 2}.get(word, 1)


def _span(which: str, span: str, today: date) -> tuple[date, date, str]:
    if which == "past":
        first = today - timedelta({"week": 7, "month": 30, "year": 365}[span])
        return first, today, f"since {first}"
    first, last = around(today, span)
    if which == "next":
        first, last = around(last + timedelta(1), span)
    elif which != "this":
        first, last = around(first - timedelta(1), span)
    return first, last, _named(first, last)


def _weekday(
    match: re.Match[str], before: list[str], behind: str, today: date
) -> tuple[date, date, str] | None:
    """The latest such day: "on Monday", "last Monday", and "monday" at the end."""
    said = match[0].casefold().split()
    bare = len(said) == 1
    if re.match(r"[ ][A-Z]|s\b", behind) or (bare and behind.strip(" ?.!")):
        return None  # "Sunday Times"
    if bare and (not before or before[-1].casefold() in _NO_DAY):
        return None
    number = [day.casefold() for day in WEEKDAYS].index(said[-1])
    back = (today.weekday() - number) % 7
    day = today - timedelta(back or (7 if "last" in said else 0))
    return day, day, f"of {day}"


def _written(match: re.Match[str], today: date) -> tuple[date | None, date | None, str] | None:
    """First and last day of "in June 2016", "on 5 December", "since March", "last June"."""
    if first := match["first"] or match["first2"]:
        one, two = (
            _day(each, today, ahead=False) for each in (first, match["second"] or match["second2"])
        )
        if one is None or two is None or one[0] > two[1]:
            return None
        return one[0], two[1], f"from {one[0]} to {two[1]}"
    how = match["how"].casefold()
    found = _day(match["date"], today, ahead=bool(_AHEAD.search(match.string)))
    if found is None:
        return None
    since, until = found
    if how == "last" and since <= today <= until:
        since, until = around(since - timedelta(366), "month")
    if how == "since":
        return since, max(today, since), f"since {since}"
    if how == "before":
        return None, since - timedelta(1), f"before {since}"
    if how in ("until", "till"):
        return None, until, f"until {until}"
    if how == "after":
        return until + timedelta(1), None, f"after {until}"
    if how == "on" and since != until:
        return None  # "on May"
    return since, until, _named(since, until)


def _day(text: str, today: date, *, ahead: bool) -> tuple[date, date] | None:
    """First and last day of a date that is written out, whatever its case.

    Without a year the latest is meant, or the next, if that is less than half a year ``ahead``.
    """
    named = re.sub(r"[a-z]{3,}", lambda word: word[0].capitalize(), text)  # "march", not "th"
    found = periods(f"in {named}")
    if len(found) != 1:
        return None
    if ahead and found[0].year is None:
        for year in (today.year, today.year + 1):
            coming = found[0].range(date(year, 12, 31))
            if today <= coming[1] and coming[0] - today < timedelta(183):
                return coming
    return found[0].range(today)


def _named(first: date, last: date) -> str:
    """A stretch of time in words: a day, a week, a month, a year."""
    if first == last:
        return f"of {first}"
    if (first, last) == around(first, "week"):
        return f"of the week of {first}"
    if (first, last) == around(first, "month"):
        return f"of {MONTHS[first.month - 1]} {first.year}"
    if (first, last) == around(first, "year"):
        return f"of {first.year}"
    return f"from {first} to {last}"
