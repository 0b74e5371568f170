"""A line of text -> the stretches between quotation marks, also where news leaves marks out.

A paragraph that goes on in the same voice opens its quotation anew without having closed it, and
archives join such paragraphs into one line: a mark that opens inside a quotation continues it.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"[\"“”„]")
_OPENS_AFTER = " \t\n([{-–—'‘/"
_FAR = 900  # code points after which an open quotation is no longer believed


def quotations(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Start and end of each quotation in ``text[start:end]``, marks included, in order.

    One that is never closed ends with ``end``.

    >>> quotations('He said "no" twice.', 0, 19)
    [(8, 12)]
    """
    found: list[tuple[int, int]] = []
    opened: int | None = None
    latest = start
    for match in _MARK.finditer(text, start, end):
        at = match.start()
        if opened is not None and at - latest > _FAR:
            opened = None
        latest = at
        if _opens(text, at, start, end):
            opened = at if opened is None else opened
        elif opened is not None:
            found.append((opened, at + 1))
            opened = None
    if opened is not None and end - latest <= _FAR:
        found.append((opened, end))
    return found


def _opens(text: str, at: int, start: int, end: int) -> bool:
    if text[at] != '"':
        return text[at] != "”"
    before = text[at - 1] if at > start else " "
    behind = text[at + 1] if at + 1 < end else " "
    return before in _OPENS_AFTER and not behind.isspace()
