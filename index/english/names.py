"""Two names -> whether they name the same: parts, initials, titles and spellings; pure.

"Kerry" and "John Kerry" are the same, so are "Grand Met" and "Grand Metropolitan plc", "the
Securities and Exchange Commission" and "the SEC", "Naresh Goyal" and "Naresh Goya".
"""

from __future__ import annotations

import re
from typing import Literal

from index.english.lexicon import listed

Verdict = Literal["same", "different", "unknown"]

_WORD = re.compile(r"(?:[A-Z]\.)+|[^\W_]+(?:['’&][^\W_]+)*")


_EMPTY = listed(
    """
    the a an of and for in at to de von van der la le el al mr mrs ms dr sir lord lady sen rep gov
    gen president prime minister chancellor secretary senator mp king queen prince inc corp co ltd
    plc ag sa nv company corporation group limited llc holdings network prison city county st
    """
)
# Places that hold others: "London" and "England" do not contradict each other.
_WIDE = listed(
    """
    england britain uk us usa america scotland wales ireland france germany italy spain japan china
    india russia europe asia africa australia canada brazil mexico iraq iran israel sweden norway
    denmark netherlands holland belgium switzerland austria poland turkey egypt pakistan indonesia
    california texas florida virginia idaho ohio michigan illinois pennsylvania massachusetts
    yorkshire
    """
)
_LONGEST = 400  # code points of a name that are read


def same_name(first: str, second: str) -> Verdict:
    """Whether two short texts name the same; "unknown" where one of them is no name.

    >>> same_name("Kerry", "John Kerry")
    'same'
    """
    one, two = _parts(first[:_LONGEST]), _parts(second[:_LONGEST])
    if not one or not two:
        return "unknown"
    if _within(one, two) or _within(two, one) or _initials(one, two) or _initials(two, one):
        return "same"
    if any(_like(a, b) for a in one for b in two):
        return "unknown"  # the same surname, or one word of several
    if not (_named(first) and _named(second)) or _several(first) or _several(second):
        return "unknown"
    if bool(_WIDE & set(one)) != bool(_WIDE & set(two)):
        return "unknown"
    return "different"


def _parts(text: str) -> list[str]:
    words = [
        word.replace(".", "").removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text)
    ]
    parts = [word.casefold() for word in words]
    return [part for part in parts if part not in _EMPTY] or [
        part for part in parts if len(part) > 2
    ]


def _named(text: str) -> bool:
    """Whether it is written as a name: every word of weight with a capital."""
    words = [word for word in _WORD.findall(text) if word.casefold() not in _EMPTY]
    return bool(words) and all(not word.islower() for word in words)


def _several(text: str) -> bool:
    """Whether it lists more than one: a list and another name may both be right."""
    return bool(re.search(r"[,;/]| and | or ", text))


def _within(one: list[str], two: list[str]) -> bool:
    """Whether every word of the one is a word of the other, or begins one, initials aside."""
    words = [word for word in one if len(word) > 1] or one
    return all(
        any(_like(word, other) or (len(word) > 2 and other.startswith(word)) for other in two)
        for word in words
    )


def _initials(one: list[str], two: list[str]) -> bool:
    """Whether the one is made of the first letters of the other: "SEC"."""
    return len(one) == 1 and len(two) > 1 and one[0] == "".join(word[0] for word in two)


def _like(one: str, two: str) -> bool:
    """Whether two words are one, a single letter aside where they are long."""
    if one == two:
        return True
    if min(len(one), len(two)) < 5 or abs(len(one) - len(two)) > 1:
        return False
    if len(one) == len(two):
        return sum(a != b for a, b in zip(one, two, strict=True)) == 1
    short, long = sorted((one, two), key=len)
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :]
