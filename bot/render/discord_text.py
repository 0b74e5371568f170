"""The words of others -> Markdown that Discord shows as exactly these words; pure.

Discord's Markdown has one escape: a backslash before a sign that is no ASCII letter, digit or
white space shows the sign. Every construct begins with such a sign, or is a list, which begins
with ``-``, ``*`` or a number and its full stop; without its first sign none is recognised: neither
``<@1>``, ``<t:1>``, ``</ask:1>``, ``<id:guide>`` and ``<a@b.c>`` without ``<``, nor ``:smile:``
and ``https://`` without the colon (so addresses in an article are shown, and are no links), nor
``@everyone`` without ``@``. So these signs are escaped wherever they stand, whatever is around
them; only a full stop is where it ends a number, a hyphen unless it joins two words, and a colon
unless white space follows. Sources: "Message formatting" in Discord's developer documentation, its
help page "Markdown Text 101", and for the order of the rules parse-discord's notes on the
desktop client. What the reader does not see may change: Discord drops spaces at the ends of lines.

Lengths are in UTF-16 units, as Discord's clients count; its servers count no more than that.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from calendar import timegm
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import accumulate

from bot.signs import visible
from index.english.segment import segment

Span = tuple[int, int]
CUT = "[…]"
"""Stands outside the words of others, where some of them were left out."""

_SIGNS = dict.fromkeys((0x2028, 0x2029, *range(0xD800, 0xE000)), 0xFFFD)
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff"
_MARKUP = re.compile(
    rf"""[\\*_~`|<>\[\]\#@]
        | :(?!\s)
        | (?<![^\W_])[-+] | [-+](?![^\W_])
        | (?<=[\d{_UNSEEN}])\.""",
    re.VERBOSE,
)
_MARK_LINE = len(f"-# {CUT}\n")
_EDGES = len("> ") + 2 * len("**") + 2 * _MARK_LINE


def shown(text: str) -> str:
    """The text as the reader is to see it: ``visible``, and no separator but the line's end."""
    return visible(text).translate(_SIGNS)


def escape(text: str) -> str:
    r"""Markdown that shows a text.

    >>> escape("<@1> said: *no*")
    '\\<\\@1\\> said: \\*no\\*'
    """
    return "".join(_escaped(shown(text)))


def plain(text: str) -> str:
    """The text in one line where Discord knows no Markdown, such as on a button."""
    return " ".join(shown(text).split())


def day(day: date) -> str:
    """Markdown of a day, which each reader's Discord writes in its own language.

    It is noon in Greenwich, so that it is this day from New Zealand's winter to Hawaii.

    >>> day(date(2016, 12, 8))
    '<t:1481198400:D>'
    """
    return f"<t:{timegm((day.year, day.month, day.day, 12, 0, 0))}:D>"


def size(text: str) -> int:
    """How long Discord thinks a text is, at the most."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def clip(text: str, room: int) -> str:
    """Markdown of a text, at most ``room`` long; ``CUT`` stands where it was cut."""
    long = 2 * room
    words = shown(text[:long])
    escaped = _escaped(words)
    first, last = _window(words, [size(each) for each in escaped], (0, 0), room - len(CUT) - 1)
    cut = last < len(words) or len(text) > long
    return "".join(escaped[first:last]) + (f" {CUT}" if cut else "")


def line(text: str, room: int) -> str:
    """The same in one line."""
    return clip(" ".join(text.split()), room)


def block_quote(
    text: str, bold: Iterable[Span] = (), *, room: int, focus: Span | None = None
) -> str:
    """Markdown of a text as a block quote, parts of it in bold, at most ``room`` long.

    Where it must be cut, it is at the ends of sentences, else of words, so that ``focus`` (offsets
    of the text; its beginning by default) is shown; a line outside the quote says so.
    """
    focus = focus or (0, 0)
    low, high = max(0, focus[0] - room), min(len(text), focus[0] + 2 * room)
    part = text[low:high]

    def moved(span: Span) -> Span:
        start, end = (min(max(offset, low), high) - low for offset in span)
        # What is shown has "\n" for "\r\n".
        return start - part.count("\r\n", 0, start), end - part.count("\r\n", 0, end)

    spans = list(_joined(map(moved, bold)))
    words = shown(part)
    escaped = [f"{each}> " if each == "\n" else each for each in _escaped(words)]
    costs = [size(each) for each in _emboldened(words, escaped, spans, (0, len(words)))]
    first, last = _window(words, costs, moved(focus), room - _EDGES)
    before = f"-# {CUT}\n" if low + first else ""
    after = f"\n-# {CUT}" if last < len(words) or high < len(text) else ""
    quoted = "".join(_emboldened(words, escaped, spans, (first, last))[first:last])
    return f"{before}> {quoted}{after}"


def _escaped(text: str) -> list[str]:
    """The characters of a text, each with its backslash if it needs one."""
    escaped = list(text)
    for match in _MARKUP.finditer(text):
        escaped[match.start()] = "\\" + match[0]
    return escaped


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans that hold something, in order; those that touch are one: ``****`` is no markup."""
    start = end = -1
    for first, last in sorted(spans):
        if first >= last:
            continue
        if first > end:
            if start < end:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if start < end:
        yield start, end


def _emboldened(
    text: str, escaped: Sequence[str], spans: Iterable[Span], window: Span
) -> list[str]:
    """The pieces with asterisks around the spans, line by line, as far as the window shows them."""
    marked = list(escaped)
    for start, end in spans:
        inside = max(start, window[0]), min(end, window[1])
        for match in re.compile(r"[^\n]+").finditer(text, *inside):
            marked[match.start()] = "**" + marked[match.start()]
            marked[match.end() - 1] += "**"
    return marked


def _window(text: str, costs: Sequence[int], focus: Span, room: int) -> Span:
    """The part of a text to show: all if there is room, else whole sentences or words."""
    total = [0, *accumulate(costs)]
    if total[-1] <= room:
        return 0, len(text)
    sentences = segment(text)
    words = [match.span() for match in re.finditer(r"\S+", text)]
    first = 0
    if total[focus[1]] > room * 3 // 4:
        held = total[focus[1]] - total[focus[0]]
        least = bisect_left(total, total[focus[0]] - max(0, min(room // 4, room - held)))
        starts = ([each.start for each in sentences], [start for start, _ in words])
        among = (next((at for at in each if least <= at <= focus[0]), None) for each in starts)
        first = next((at for at in among if at is not None), focus[0])
    most = bisect_right(total, total[first] + room) - 1
    whole = max(min(focus[1], most), (first + most) // 2)
    for ends, least in (([each.end for each in sentences], whole), ([e for _, e in words], first)):
        fitting = [end for end in ends if max(least, first + 1) <= end <= most]
        if fitting:
            return first, fitting[-1]
    return first, max(first, _between(text, first, most))


def _between(text: str, least: int, at: int) -> int:
    """A place to cut a word: not within what is one sign to the reader, if it begins near."""
    for place in range(at, max(least, at - 16), -1):
        joined = place < len(text) and (
            unicodedata.category(text[place]) in ("Mn", "Me", "Mc", "Cf")
            or text[place - 1] == "\u200d"
        )
        if not joined:
            return place
    return at
