"""Sentences -> what they deny: negation, verbs of denial, and opposites; pure. English only."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATORS = _words(
    """
    not no never none neither nor nobody nothing nowhere without cannot hardly barely scarcely n't
    don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't haven't
    hasn't hadn't don’t doesn’t didn’t isn’t aren’t wasn’t weren’t won’t wouldn’t can’t couldn’t
    shouldn’t haven’t hasn’t hadn’t longer
    """
)
"""Words that turn a clause round."""
DENIALS = _words(
    """
    deny denies denied denying refuse refuses refused reject rejects rejected dismiss dismisses
    dismissed refute refutes refuted rule ruled fail fails failed decline declines declined
    contradict contradicted dispute disputes disputed
    """
)
"""Verbs that deny what follows them."""
_OPPOSITES = [
    (_words("accept accepts accepted agree agrees agreed approve approves approved back backs backed"
            " endorse endorsed support supports supported welcome welcomed"),
     _words("reject rejects rejected refuse refused oppose opposes opposed block blocked veto vetoed"
            " disapprove")),
    (_words("confirm confirms confirmed admit admits admitted acknowledge acknowledged"),
     _words("deny denies denied")),
    (_words("rise rises rose risen increase increases increased grow grew grown gain gained up higher"
            " climb climbed jump jumped"),
     _words("fall falls fell fallen decrease decreased decline declined drop drops dropped down lower"
            " slip slipped shrink shrank slump slumped")),
    (_words("win wins won"), _words("lose loses lost")),
    (_words("guilty convicted"), _words("innocent acquitted cleared")),
    (_words("open opens opened reopen reopened"), _words("close closes closed shut")),
    (_words("still"), _words("longer")),
    (_words("include includes included including"), _words("exclude excludes excluded")),
    (_words("legal lawful"), _words("illegal unlawful")),
    (_words("stay stays stayed remain remains remained"), _words("leave leaves left quit quits")),
    (_words("alive survived"), _words("dead died killed")),
]  # fmt: skip
_EMPTY = _words(
    """
    the a an of in on at to for by with and or but that this is are was were be been has have had
    it its he she they his her their do does did will would as also any some there more expect
    """
)
_ALIKE = 0.6
"""The share of words of the shorter sentence that the other must have to speak of one thing."""


def opposed(first: str, second: str) -> bool:
    """Whether two sentences, alike in most words, say the opposite of each other.

    >>> opposed("The plan was accepted by the board.", "The plan was not accepted by the board.")
    True
    """
    one, two = (_TOKEN.findall(text.casefold()) for text in (first, second))
    content = [
        {_stem(word) for word in words if word not in _EMPTY | NEGATORS} for words in (one, two)
    ]
    if not all(content):
        return False
    if len(content[0] & content[1]) / max(len(content[0]), len(content[1])) < _ALIKE:
        return False
    turned = _count(one) - _count(two)
    return turned % 2 != 0


def _count(words: list[str]) -> int:
    """How often a sentence turns round: its negators and the darker side of each opposite."""
    return sum(word in NEGATORS or any(word in dark for _, dark in _OPPOSITES) for word in words)


def _stem(word: str) -> str:
    for number, (bright, dark) in enumerate(_OPPOSITES):
        if word in bright or word in dark:
            return f"\0{number}"  # the pair counts as one word
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
