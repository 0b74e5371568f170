"""Sentences -> what they deny: of a question, and of each other; pure. English only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.english.lexicon import listed
from index.english.words import FUNCTION

_LONGEST = 2_000  # code points of a sentence that are read
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

NEGATORS = listed(
    """
    not no never none neither nor nobody nothing nowhere without cannot hardly barely scarcely n't
    don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't haven't
    hasn't hadn't don’t doesn’t didn’t isn’t aren’t wasn’t weren’t won’t wouldn’t can’t couldn’t
    shouldn’t haven’t hasn’t hadn’t longer
    """
)
"""Words that turn a clause round."""
DENIALS = listed(
    """
    deny denies denied denying refuse refuses refused reject rejects rejected dismiss dismisses
    dismissed refute refutes refuted rule ruled fail fails failed decline declines declined
    contradict contradicted dispute disputes disputed unlikely oppose opposes opposed opposing
    cleared difficult unable impossible lack lacks lacked less little few
    """
)
"""Words that deny what follows them, or doubt it."""
_OPPOSITES = [
    (listed(bright), listed(dark))
    for bright, dark in (
        (
            "accept accepts accepted agree agrees agreed approve approves approved back backs"
            " backed endorse endorsed support supports supported welcome welcomed",
            "reject rejects rejected refuse refused oppose opposes opposed block blocked veto"
            " vetoed disapprove",
        ),
        (
            "confirm confirms confirmed admit admits admitted acknowledge acknowledged",
            "deny denies denied",
        ),
        (
            "rise rises rose risen increase increases increased grow grew grown gain gained up"
            " higher climb climbed jump jumped",
            "fall falls fell fallen decrease decreased decline declined drop drops dropped down"
            " lower slip slipped shrink shrank slump slumped",
        ),
        ("win wins won", "lose loses lost"),
        ("guilty convicted", "innocent acquitted cleared"),
        ("open opens opened reopen reopened", "close closes closed shut"),
        ("still", "longer"),
        ("include includes included including", "exclude excludes excluded"),
        ("legal lawful", "illegal unlawful"),
        ("stay stays stayed remain remains remained", "leave leaves left quit quits"),
        ("alive survived", "dead died killed"),
    )
]
_ALIKE = 0.6
"""The share of words of the longer sentence that the other must have to speak of one thing."""
_IDLE = re.compile(
    r"""\b(?: not[ ]only | not[ ]just | no[ ]doubt | not[ ]least | even[ ]without | no[ ]less
    | no[ ](?:longer|more|later)[ ]than | not[ ]yet[ ]clear
    | no[ ]question[ ]that | as[ ]opposed[ ]to | whether[ ]or[ ]not | if[ ]not
    | without[ ]fear | nothing[ ]but | even[ ]if[ ].{0,40}not | but[ ].{0,60}\bcan['’]t[ ]remember
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"[;:\"]|,? \b(?:but|although|though|while|despite|whereas|because|since)\b|, (?:which|who)\b",
    re.IGNORECASE,
)
_HELPING = listed(
    """
    is are was were am be been do does did has have had will would can could should may might must
    """
)
_REACH = 3  # words before a denial in which "not" turns it back


def denies(question: str, sentence: str) -> bool:
    """Whether a sentence says no to what a yes-or-no question asks, as far as its words show.

    Never where the question itself denies something.

    >>> denies("Will Mr Cosby be charged?", "Mr Cosby will not be charged.")
    True
    """
    return denying(question, sentence) is not None


def denying(question: str, sentence: str) -> tuple[int, int] | None:
    """Where a sentence says no to what a yes-or-no question asks: "will not", "denied"; see above.

    >>> denying("Will Mr Cosby be charged?", "Mr Cosby will not be charged.")
    (9, 17)
    """
    question, sentence = question[:_LONGEST], sentence[:_LONGEST]
    asked = stems(question)
    if not asked or _turning(list(_TOKEN.finditer(question))):
        return None
    plain = _IDLE.sub(lambda idle: " " * len(idle[0]), sentence)
    ends = [match.span() for match in _CLAUSES.finditer(plain)]
    starts = [0, *(end for _, end in ends)]
    spans = zip(starts, [*(start for start, _ in ends), len(plain)], strict=True)
    clauses = [words for span in spans if (words := list(_TOKEN.finditer(plain, *span)))]
    best, turning = 0, None
    for words in clauses:  # the one that shares most with the question is the one that answers
        shared, turns = len(stems(" ".join(word[0] for word in words)) & asked), _turning(words)
        if shared > best or (shared == best and turning is None):
            best, turning = shared, turns
    return turning


def _turning(words: Sequence[re.Match[str]]) -> tuple[int, int] | None:
    """Where a clause turns round what it says: "is not" does, "not opposed" does not."""
    low = [match[0].casefold() for match in words]
    count, first = 0, None
    for at, word in enumerate(low):
        if word in NEGATORS:
            count += 1
        elif word in DENIALS:
            count += -1 if NEGATORS & set(low[max(0, at - _REACH) : at]) else 1
        else:
            continue
        first = at if first is None else first
    if count <= 0 or first is None:
        return None
    last = first
    while last + 1 < len(low) and low[last] in NEGATORS and low[last + 1] in NEGATORS:
        last += 1
    if first and low[first - 1] in _HELPING:
        first -= 1
    return words[first].start(), words[last].end()


def stems(text: str) -> frozenset[str]:
    """The words of a text that say what it is about, without their endings."""
    words = (match[0].casefold() for match in _TOKEN.finditer(text))
    return frozenset(_stem(word) for word in words if word not in FUNCTION)


def opposed(first: str, second: str) -> bool:
    """Whether two sentences, alike in most words, say the opposite of each other.

    >>> opposed("The plan was accepted by the board.", "The plan was not accepted by the board.")
    True
    """
    one, two = (_TOKEN.findall(text[:_LONGEST].casefold()) for text in (first, second))
    mine, other = (
        {_paired(word) for word in words if word not in FUNCTION | NEGATORS} for words in (one, two)
    )
    if not mine or not other or len(mine & other) / max(len(mine), len(other)) < _ALIKE:
        return False
    return (_dark(one) - _dark(two)) % 2 != 0


def _dark(words: list[str]) -> int:
    """How often a sentence turns round: its negators and the darker side of each opposite."""
    return sum(word in NEGATORS or any(word in dark for _, dark in _OPPOSITES) for word in words)


def _paired(word: str) -> str:
    """A word's stem; both sides of an opposite are one."""
    for number, (bright, dark) in enumerate(_OPPOSITES):
        if word in bright or word in dark:
            return f"opposite {number}"
    return _stem(word)


def _stem(word: str) -> str:
    if word in ("deny", "denied", "denies", "denying"):
        return "deny"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
