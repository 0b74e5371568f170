"""Words for a number -> how large it may be and of what: "about 12 mln dlrs", "at least 300", "5%".

A written number stands for all numbers that would be written so: "12 million" for what rounds to
it, "at least 300" for 300 and more. Two numbers differ where nothing is both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.english.periods import TEN

_HEDGED = 0.07
"""What "about" may hide, as a share of the number."""
_ROUNDED = 0.05
"""The most that rounding may hide, as a share of the number."""
_INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of units that lies between ``low`` and ``high``, both included.

    ``unit`` is "%", a currency ("dollars"), a measure in its base ("metres"), or None for things
    that are counted. ``each`` is what it is the price or number of one of ("share"), or None.
    ``step`` is the place of the last digit that was written, None where a hedge was.
    """

    low: float
    high: float
    unit: str | None
    each: str | None
    step: float | None


_MONEY = ("mark", "franc", "peso", "crown", "guilder", "rupee")
_UNITS = {
    **dict.fromkeys(["$", "dlr", "dlrs", "dollar", "dollars", "us$", "usd"], ("dollars", 1.0)),
    **dict.fromkeys(["£", "stg", "sterling", "pound", "pounds", "gbp"], ("pounds", 1.0)),
    **dict.fromkeys(["€", "euro", "euros", "eur"], ("euros", 1.0)),
    **dict.fromkeys(["¥", "yen"], ("yen", 1.0)),
    **{f"{name}{s}": (f"{name}s", 1.0) for name in _MONEY for s in ("", "s")},
    **dict.fromkeys(["%", "pct", "percent", "percentage"], ("%", 1.0)),
    **dict.fromkeys(["cent", "cents", "ct", "cts"], ("dollars", 0.01)),
    **dict.fromkeys(["m", "metre", "metres", "meter", "meters"], ("metres", 1.0)),
    **dict.fromkeys(["km", "kilometre", "kilometres", "kilometer", "kilometers"], ("metres", 1e3)),
    **dict.fromkeys(["mile", "miles"], ("metres", 1609.344)),
    **dict.fromkeys(["foot", "feet", "ft"], ("metres", 0.3048)),
    **dict.fromkeys(["yard", "yards"], ("metres", 0.9144)),
    **dict.fromkeys(["inch", "inches"], ("metres", 0.0254)),
    **dict.fromkeys(["tonne", "tonnes"], ("tonnes", 1.0)),
    **dict.fromkeys(["ton", "tons"], ("tonnes", 1.0)),
    **dict.fromkeys(["kg", "kilo", "kilos", "kilogram", "kilograms"], ("tonnes", 1e-3)),
    **dict.fromkeys(["ounce", "ounces", "oz"], ("ounces", 1.0)),
    **dict.fromkeys(["second", "seconds", "secs", "sec"], ("seconds", 1.0)),
    **dict.fromkeys(["minute", "minutes", "mins"], ("seconds", 60.0)),
    **dict.fromkeys(["hour", "hours"], ("seconds", 3600.0)),
    **dict.fromkeys(["day", "days"], ("days", 1.0)),
    **dict.fromkeys(["week", "weeks"], ("days", 7.0)),
    **dict.fromkeys(["month", "months"], ("months", 1.0)),
    **dict.fromkeys(["year", "years", "year-old"], ("months", 12.0)),
    **dict.fromkeys(["barrel", "barrels", "bpd"], ("barrels", 1.0)),
    **dict.fromkeys(["share", "shares"], ("shares", 1.0)),
}
CURRENCIES = frozenset(["dollars", "pounds", "euros", "yen", *(f"{name}s" for name in _MONEY)])
"""The units that are money."""
_SCALES = {
    **dict.fromkeys(["hundred"], 1e2),
    **dict.fromkeys(["thousand", "k"], 1e3),
    **dict.fromkeys(["million", "mln", "mn", "m"], 1e6),
    **dict.fromkeys(["billion", "bln", "bn", "b"], 1e9),
    **dict.fromkeys(["trillion", "tn"], 1e12),
    "dozen": 12.0,
}
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_SMALL = {word: number for number, word in enumerate(("zero", *TEN, "eleven", "twelve", *_TEENS))}
_TENS = {
    word: number * 10
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
_SPELT = _SMALL | _TENS
_SHARES = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_FRACTIONS = {"1/2": 0.5, "1/4": 0.25, "3/4": 0.75, "1/8": 0.125, "3/8": 0.375, "5/8": 0.625}
_FRACTIONS["7/8"] = 0.875

_ABOUT = (
    "about|around|some|roughly|approximately|circa|approx|close to|an estimated|in the region of"
)
_BELOW = "nearly|almost|just under|just below|just short of"
_LEAST = (
    "at least|more than|over|above|not less than|no fewer than|upwards of|in excess of|just over"
)
_MOST = (
    "at most|up to|less than|fewer than|under|below|no more than|not more than|as many as"
    "|a maximum of"
)
_HEDGE = re.compile(
    rf"(?:\b(?:(?P<below>{_BELOW})|(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<about>{_ABOUT})))"
    r"[ ]*(?:the |a |an )?\Z",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"""(?<![\w.])
        (?P<sign> US\$ | [$£€¥] )? [ ]?
        (?P<digits> \d{1,3}(?:,\d{3})++ (?:\.\d{1,9})? | \d{1,15} (?:\.\d{1,9})? )
        (?: [-] (?P<part> [1357]/[248]) )?
        (?P<glued> bn | m | mn | tn | k | % )?
        (?![\d/])""",
    re.VERBOSE,
)
_TENS_UNIT = "|".join(_TENS)
_WORD_NUMBER = re.compile(
    rf"(?<![\w-])(?:(?P<tens>{_TENS_UNIT})(?:[- ](?P<one>{'|'.join(list(_SMALL)[1:10])}))?"
    rf"|(?P<small>{'|'.join(_SMALL)}))(?=-|\b)",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?<![\w-])(?:(?P<count>an?|one|two|three|four)[ -])?(?P<part>half|third|quarter|fifth|tenth)"
    r"s?\b(?![ ]of[ ]\d{4})(?P<million>[ ]of[ ]a[ ](?:million|billion))?",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"[- ]?([^\W\d_]+(?:-old)?|%|[$£€¥])")
_SKIPPED = frozenset(["us", "u", "s", "canadian", "australian", "danish", "swedish", "swiss"])
_SKIPPED |= frozenset(["french", "german", "per", "norwegian", "hong", "kong", "cent", "belgian"])


def quantities(text: str, before: str = "") -> list[Quantity]:
    """The numbers of a short text, in order; ``before`` are the words that stand before it.

    >>> [(found.low, found.unit) for found in quantities("5.5 mln dlrs")]
    [(5500000.0, 'dollars')]
    """
    found: list[tuple[int, Quantity]] = []
    taken: list[tuple[int, int]] = []
    for match in _SHARE.finditer(text):
        found.append((match.start(), _share(match, text, before)))
        taken.append(match.span())
    for pattern in (_NUMBER, _WORD_NUMBER):
        for match in pattern.finditer(text):
            if not any(a < match.end() and match.start() < b for a, b in taken):
                found.append((match.start(), _quantity(match, text, before)))
                taken.append(match.span())
    if not found and (dozen := re.search(r"\b(?:a )?(dozen|million|hundred|thousand)\b", text)):
        value = _SCALES[dozen[1]]
        found.append((0, _interval(value, value * 0.1, text[: dozen.start()], before, None, None)))
    return [quantity for _, quantity in sorted(found, key=lambda each: each[0])]


def _share(match: re.Match[str], text: str, before: str) -> Quantity:
    """Half, a third: in per cent, roughly; a quarter of a million: a number."""
    count = {"two": 2, "three": 3, "four": 4}.get((match["count"] or "").casefold(), 1)
    value = _SHARES[match["part"].casefold()] * count
    unit: str | None = "%"
    if match["million"]:
        scale = 1e9 if match["million"].endswith("billion") else 1e6
        value, unit = value / 100 * scale, _unit(text[match.end() :])[0]
    return _interval(value, value * 0.1, text[: match.start()], before, unit, None)


def _quantity(match: re.Match[str], text: str, before: str) -> Quantity:
    groups = match.groupdict()
    digits = groups.get("digits")
    if digits:
        value = float(digits.replace(",", ""))
        decimals = len(digits.partition(".")[2])
        step = 10.0**-decimals
        if groups.get("part"):
            value += _FRACTIONS[groups["part"]]
            step = 0.01
    else:
        word = (groups.get("tens") or groups.get("small") or "").casefold()
        value = float(_SPELT[word] + _SPELT.get((groups.get("one") or "zero").casefold(), 0))
        step = 1.0
    rest = text[match.end() :]
    glued = groups.get("glued")
    scale = _SCALES.get(glued, 1.0) if glued else 1.0
    if glued == "m" and not (groups.get("sign") or re.match(r"[ ]?(?:euro|people|\w+s\b)", rest)):
        scale, rest = 1.0, "m" + rest  # 4.91m are metres, £5m are millions
    if glued == "%":
        rest = "%" + rest
    if scale == 1.0 and (behind := re.match(r"[- ]([a-z]+)\b", rest)):
        scale = _SCALES.get(behind[1], 1.0) if behind[1] not in ("m", "b", "k") else 1.0
        if scale != 1.0:
            rest = rest[behind.end() :]
    value, step = value * scale, step * scale
    if digits and value >= 1000 and scale == 1.0 and "." not in digits:
        zeros = len(digits.replace(",", "")) - len(digits.replace(",", "").rstrip("0"))
        step = min(10.0**zeros, max(1.0, value * _ROUNDED))
    unit, factor = _unit(rest)
    if groups.get("sign"):
        unit, factor = _UNITS[groups["sign"].casefold()]
    each = re.search(
        r"\b(?:an?|per|each|the)\s(share|tonne|ton|barrel|ounce|year|week|month)", rest
    )
    return _interval(
        value * factor,
        step * factor,
        text[: match.start()],
        before,
        unit,
        each[1] if each else None,
    )


def _unit(rest: str) -> tuple[str | None, float]:
    """The unit that the words behind a number begin with, and how many of its base it is."""
    at = 0
    for _ in range(3):
        match = _BEHIND.match(rest, at)
        if match is None:
            break
        word = match[1].casefold()
        if word in _UNITS and not (word == "m" and match[0] != word):
            return _UNITS[word]
        if word == "per" and rest[match.end() :].lstrip().startswith("cent"):
            return "%", 1.0
        if word not in _SKIPPED:
            break
        at = match.end() + (rest[match.end() : match.end() + 1] == ".")
    return None, 1.0


def _interval(
    value: float, step: float, inside: str, before: str, unit: str | None, each: str | None
) -> Quantity:
    """What a number stands for, with the hedge that stands before it."""
    hedge = _HEDGE.search((before + " " + inside)[-40:] if inside.strip() == "" else inside[-40:])
    if hedge is None:
        return Quantity(value, value, unit, each, step)
    wide = max(step, abs(value) * _HEDGED)
    if hedge["least"]:
        return Quantity(value, _INFINITE, unit, each, None)
    if hedge["most"]:
        return Quantity(0.0, value, unit, each, None)
    return Quantity(value - wide, value if hedge["below"] else value + wide, unit, each, None)


def agree(first: Quantity, second: Quantity) -> bool:
    """Whether one number may be written both ways; units are not looked at.

    Of two numbers that are written to the same place only equal ones agree; a coarser one agrees
    with what it may have been rounded or cut from.
    """
    tolerance = 0.0
    if first.step is not None and second.step is not None:
        if first.step != second.step:
            coarse, fine = sorted((first, second), key=lambda each: -(each.step or 0.0))
            cut = fine.low > coarse.low  # "57" for 57.5, or even for 57.9
            tolerance = (coarse.step or 0.0) * (1.0 if cut else 0.5)
    else:
        tolerance = max(first.step or 0.0, second.step or 0.0)
    if first.unit == second.unit == "metres":
        tolerance = (
            max(tolerance, 0.02 * abs(first.low)) if first.step != second.step else tolerance
        )
    slack = 1e-9 * max(abs(first.low), abs(second.low), 1.0)
    return first.low - tolerance <= second.high + slack and (
        second.low - tolerance <= first.high + slack
    )
