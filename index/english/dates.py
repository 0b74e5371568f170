"""Words for a day -> the day: what people type ("last week"), and what articles say ("on Monday").

``day`` reads what a person typed, whatever the calendar allows. ``mentions`` reads what stands in
an article that has a date, and would rather say nothing than guess: a weekday counts only where
the sentence tells of the past. English only.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from index.records import Quote

Mention = tuple[int, int, date]
"""Start and end of the words, and the day that they mean."""

# What people type

_FORMS = "write it as 2016-12-08, 2016, March 1987, yesterday, last week or 3 days ago"
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_PERIOD = re.compile(r"(?:the )?(last|past|previous|this|next) (week|month|year)")
_NUMERIC = re.compile(r"(\d{1,4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,4})")
_LONE_NUMBER = re.compile(r"(?:the )?\d+(?:st|nd|rd|th)?(?:[ -]\d+)?")
_COUNTED = re.compile(r"\b(?:ago|in|hence|from now)\b|^\d+ (?:day|week|month|year)s?$")


def day(text: str, *, end: bool, today: date) -> date:
    """The day that a text names: of a longer period its first day, or its last where ``end``.

    >>> day("March 1987", end=True, today=date(2016, 12, 8))
    datetime.date(1987, 3, 31)

    Raises:
        ValueError: it names no day, or might name two; the message says how to write it.
    """
    plain = " ".join(text.casefold().split())
    try:
        return date.fromisoformat(plain)
    except ValueError:
        first, last = _period(plain, today) or _parsed(text, plain, today)
    return last if end else first


def _period(plain: str, today: date) -> tuple[date, date] | None:
    """First and last day of a year, a month in digits, or the last, this or next week and so on."""
    if _YEAR.fullmatch(plain) and plain > "0000":
        return around(date(int(plain), 1, 1), "year")
    if (month := _MONTH.fullmatch(plain)) and 1 <= int(month[2]) <= 12 and month[1] > "0000":
        return around(date(int(month[1]), int(month[2]), 1), "month")
    if not (named := _PERIOD.fullmatch(plain)):
        return None
    first, last = around(today, named[2])
    if named[1] == "this":
        return first, last
    return around((last if named[1] == "next" else first - timedelta(2)) + timedelta(1), named[2])


def around(inside: date, period: str) -> tuple[date, date]:
    """First and last day of the period around a day; weeks run from Monday to Sunday."""
    if period == "week":
        first = inside - timedelta(inside.weekday())
        return first, first + timedelta(6)
    if period == "year":
        return inside.replace(month=1, day=1), inside.replace(month=12, day=31)
    if period == "quarter":
        begins = inside.month - (inside.month - 1) % 3
        last = around(inside.replace(month=begins + 2, day=1), "month")[1]
        return inside.replace(month=begins, day=1), last
    if period == "month":
        return inside.replace(day=1), inside.replace(day=monthrange(inside.year, inside.month)[1])
    return inside, inside


def _parsed(text: str, plain: str, today: date) -> tuple[date, date]:
    """First and last day of what only dateparser understands."""
    from dateparser.date import DateDataParser

    _refuse_two_ways(text, plain)
    parser = DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.combine(today, time(12)),
            "PREFER_DATES_FROM": "past",
            # Neither seconds since 1970 nor digits without a space are what people mean.
            "PARSERS": ["relative-time", "absolute-time"],
        },
    )
    found = None if _LONE_NUMBER.fullmatch(plain) else parser.get_date_data(plain)
    if found is None or found.date_obj is None:
        raise ValueError(f"{text!r} is not a date; {_FORMS}")
    # "2 months ago" is a day, "March 1987" is a month.
    return around(found.date_obj.date(), "day" if _COUNTED.search(plain) else found.period)


def _refuse_two_ways(text: str, plain: str) -> None:
    """Refuse 03/04/2016, which is a day in March here and in April there, and 2016-13-04."""
    numeric = _NUMERIC.fullmatch(plain)
    if not numeric:
        return
    first, second, year = (int(part) for part in numeric.groups())
    if len(numeric[1]) == 4:
        try:
            date(first, second, year)
        except ValueError as exc:  # dateparser would take the month for the day
            raise ValueError(f"{text!r} is not a date ({exc}); {_FORMS}") from exc
        return
    if len(numeric[3]) < 4 or (first != second and max(first, second) <= 12):
        ways = [f"{year:04}-{b:02}-{a:02}" for a, b in ((first, second), (second, first))]
        known = len(numeric[3]) == 4
        meant = f" ({ways[0]} or {ways[1]}?)" if known else ""
        raise ValueError(f"{text!r} can be read in more than one way{meant}; {_FORMS}")


# What articles say


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""As ``date.weekday`` numbers them."""
_MENTION = re.compile(
    rf"""(?<![\w'’-])
        (?: (?P<how> [Oo]n | [Ll]ast | [Nn]ext ) [ ]++ )?
        (?: (?P<weekday> {"|".join(WEEKDAYS)} )
        | (?P<day> [Tt]oday | [Yy]esterday | [Tt]omorrow ) )
        (?! [\w'’-] )""",
    re.VERBOSE,
)
# Not the day itself: "Sunday Times", "Monday, Dec. 5", "Monday 5 December", "Monday week".
_TAKEN = re.compile(r"[ ]+(?:[A-Z]|week\b)|,?[ ]*(?:the )?\d|,[ ]+(?:[A-Z][a-z]{2,8}\.?[ ]\d)")
# "until Friday" may lie ahead or behind; "a week on Friday" and "every Monday" are other days.
_LOOSE = re.compile(
    r"(?:\b(?:until|till|by|before|after|from|for|of|through|to|between|and|or|than|every|each|this"
    r"|any|the|a|better|weeks?|fortnight|month|starting|beginning|due|vs?|both|his|her|its|their"
    r"|next|last|previous|following|coming)|[\w.]*[A-Z][\w.]*|-|/)[ ]*\Z"
)
# "a week on Friday", "The Mail on Sunday"
_NOT_ON = re.compile(r"\b(?:weeks?|fortnight|month|Mail|Independent)[ ]*\Z")
_BREAK = re.compile(r"[.!?;:\n\"“”–—]")
_WORD = re.compile(r"[\w’'-]+")
REACH = 1000
"""Characters of a sentence that are looked at before and behind the words for a day. What goes on
for longer without a break is no sentence, and says nothing of the day."""
_NEAR = 80  # characters in which the words lie that take a day for another
_AHEAD = _words(
    """
    will would shall should may might could can must won't won’t wouldn't wouldn’t if unless
    due expected scheduled planned plans set slated postponed delayed ahead until when hopes
    hoped wants wanted agreed vowed pledged threatened urged ordered invited proposed upcoming
    forthcoming going
    """
)
_NOW = _words("is are am has have isn't isn’t aren't aren’t it's it’s does do")
_PRESENT = re.compile(r"[a-z]{2,}(?<![sui])s(?<!was)(?<!has)")
_SUBJECTS = _words("who which that he she it")
_SPEECH = _words(
    "said told announced confirmed reported added warned claimed insisted revealed called"
)
_PAST = _SPEECH | _words(
    """
    was were had did became began blew bought broke brought built came caught chose cut dealt
    died drew drove fell felt fought found fled flew forced gave got grew held hit hurt kept
    knew laid led left lost made met paid put quit ran rang rose sank sat saw sent shook shot
    shut sold sought spent split spoke spread stole stood struck swept swore took taught
    thought threw tore understood went withdrew woke won wrote
    """
)
_NO_VERB = _words(
    """
    need speed indeed hundred seed feed breed bleed exceed proceed succeed hatred sacred naked
    wicked embed shred weed greed creed kindred
    """
)
_NOMINAL = _words("the a an its his her their our my your of by with for in at no as")
_FIXED = _words("the a an his her its their our my your this that these those which")


def mentioned(quote: Quote) -> tuple[Mention, ...]:
    """The days that a quote names by weekday, in offsets of its article."""
    found = mentions(quote.text, quote.article.published)
    return tuple((quote.start + start, quote.start + end, day) for start, end, day in found)


def mentions(text: str, published: date | None) -> tuple[Mention, ...]:
    """The weekdays, "today", "yesterday" and "tomorrow" of a text, with the days that they mean.

    By the custom of news, a weekday in a report of what happened is the latest such day up to the
    day of publication; "last" and "next" lead into the week before and behind it. What lies ahead,
    or may, is left out, as is everything if the article has no date.

    >>> mentions("China on Monday vetoed it.", date(2016, 12, 8))
    ((6, 15, datetime.date(2016, 12, 5)),)
    """
    if published is None:
        return ()
    found = []
    for match in _MENTION.finditer(text):
        around = _sentence(text, match)
        if around is None:
            continue
        before, after = text[around[0] : match.start()], text[match.end() : around[1]]
        if _TAKEN.match(text, match.end()) or _loose(before, match):
            continue
        meant = _meant(match, before, after, published)
        if meant is not None:
            found.append((*match.span(), meant))
    return tuple(found)


def _meant(match: re.Match[str], before: str, after: str, published: date) -> date | None:
    how = (match["how"] or "").casefold()
    if match["day"]:
        word = match["day"].casefold()
        if how or (match["day"][0].isupper() and before.strip()):
            return None  # a title
        if word == "today" and not _tells(before, after):
            return None  # "nowadays"
        return _shifted(published, {"yesterday": -1, "today": 0, "tomorrow": 1}[word])
    back = (published.weekday() - WEEKDAYS.index(match["weekday"])) % 7
    # People differ over "last" and "next" within one week: only where both readings agree.
    if how == "last":
        return _shifted(published, -(back or 7)) if (back or 7) > published.weekday() else None
    if how == "next":
        days = 7 - back
        return _shifted(published, days) if published.weekday() + days > 6 else None
    if not how and before.strip() and not _verb_before(before):
        return None  # "lost to Wednesday", a football club
    return _shifted(published, -back) if _tells(before, after) else None


def _verb_before(before: str) -> bool:
    """Whether a verb stands just before a bare weekday: "said Monday", "met late Monday"."""
    words = [word for word in _WORD.findall(before) if word not in ("late", "early")]
    return bool(words) and _tense(words, len(words) - 1) == "past"


def _shifted(published: date, days: int) -> date | None:
    try:
        return published + timedelta(days)
    except OverflowError:  # beyond the calendar
        return None


def _sentence(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Where the words around a mention begin and end that belong to its sentence, within reach."""
    low, high = max(0, match.start() - REACH), min(len(text), match.end() + REACH)
    breaks = [each.end() for each in _BREAK.finditer(text, low, match.start())]
    behind = _BREAK.search(text, match.end(), high)
    if (low and not breaks) or (high < len(text) and not behind):
        return None
    return (breaks[-1] if breaks else 0), (behind.start() if behind else len(text))


def _loose(before: str, match: re.Match[str]) -> bool:
    """Whether what stands before makes it another day, or a bare weekday part of a name."""
    near = before[-_NEAR:]
    if match["how"] and match["how"].casefold() == "on":
        return bool(_NOT_ON.search(near))
    return bool(_LOOSE.search(near))


def _tells(before: str, after: str) -> bool:
    """Whether the sentence tells of the past at this place.

    The verb that governs is the last one before, or the first one behind where there is none.
    """
    words = _WORD.findall(before)
    kinds = [_tense(words, at) for at in range(len(words))]
    if "ahead" in kinds:
        return False
    verbs = [at for at, kind in enumerate(kinds) if kind]
    if verbs:
        return kinds[verbs[-1]] == "past" and _reaches(words, verbs[-1])
    words = _WORD.findall(after)
    kind = next(filter(None, (_tense(words, at) for at in range(len(words)))), "")
    return kind == "past"


def _reaches(words: list[str], at: int) -> bool:
    """Whether a verb's day may stand at the end: after "said" a new sentence may have begun."""
    behind = words[at + 1 :]
    if words[at] == "told":
        return len(behind) <= 5
    return words[at] not in _SPEECH or not behind or behind[0] in ("in", "at", "by", "during")


def _tense(words: list[str], at: int) -> str:
    """What a word says of time: "past", "now", "ahead", or nothing."""
    word, before = words[at], words[at - 1] if at else ""
    if _PRESENT.fullmatch(word) and (before[:1].isupper() or before in _SUBJECTS):
        return "now"  # "Toshack takes charge", "which attends"
    word, before = word.casefold(), before.casefold()
    if word in _AHEAD or word.endswith(("'ll", "’ll")):
        return "ahead"
    if word in _NOW:
        return "now"
    if word in _PAST:
        return "past"
    if word == "to":
        following = words[at + 1] if at + 1 < len(words) else "the"
        infinitive = following not in _FIXED and before != "according"
        return "ahead" if infinitive else ""
    regular = word.endswith("ed") and len(word) > 4 and "-" not in word
    return "past" if regular and word not in _NO_VERB and before not in _NOMINAL else ""
