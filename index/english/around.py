"""Words of a text -> the sentences that they stand in, and what in these turns them round; pure.

"The firm paid a fine" stands word for word in "It is not true that the firm paid a fine". English
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.english.attribution import Slice
from index.english.lexicon import listed
from index.english.negation import NEGATORS
from index.english.segment import LONGEST, segment

_DENIALS = listed(
    """
    deny denies denied denying denial refute refutes refuted refuting reject rejects rejected
    rejecting dismiss dismisses dismissed dismissing dispute disputes disputed disputing contradict
    contradicts contradicted disprove disproves disproved disproven debunked false falsely untrue
    wrong wrongly incorrect incorrectly mistaken mistakenly myth hoax unlikely impossible fails
    failed refuses refused declined unfounded baseless unproven
    """
)
_CONDITIONS = listed(
    """
    if unless whether provided assuming supposing suppose otherwise hypothetically
    """
)
_MODALS = listed("would could might should may")
_DOUBTS = listed("alleged allegedly alleging allegation allegations rumour rumours rumor rumors")
_TURNING = (
    NEGATORS - {"longer", "hardly", "barely", "scarcely"}
    | _DENIALS
    | _CONDITIONS
    | _DOUBTS
    | _MODALS
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PHRASES = re.compile(r"\b(?:rul(?:ed|es|ing) out|no longer|in case|as long as)\b", re.IGNORECASE)
# What a clause says of another: "The firm paid, but the mayor did not".
_CONJUNCTIONS = (
    r"(?:but|although|though|while|whilst|despite|whereas|because|since|after|when|once)\b"
)
_CLAUSE = re.compile(rf";|,? \b{_CONJUNCTIONS}|, and\b", re.IGNORECASE)
_OPENING = re.compile(rf"\W*+{_CONJUNCTIONS}", re.IGNORECASE)
_IDLE = re.compile(
    r"\b(?:not only|not just|no doubt|not least|whether (?:or not|to)|nothing but|no less"
    r"|even if)\b",
    re.IGNORECASE,
)
_ENDS = tuple(".!?…:;\"”’')")


def sentences_around(text: str, start: int, end: int) -> Slice:
    """The whole sentences that hold ``text[start:end]``, which has a word in it.

    A line that begins in lower case goes on with the sentence of the line before it, unless that
    one has come to its end.

    >>> text = "Rain fell. It is not true\\nthat the firm paid. He left."
    >>> text[slice(*sentences_around(text, 35, 43))]
    'It is not true\\nthat the firm paid.'
    """
    first = text.rfind("\n", 0, start) + 1
    last = _line_end(text, end)
    while first and start - first < LONGEST and _goes_on(text[:first], text[first:last]):
        first = text.rfind("\n", 0, first - 1) + 1
    while last < len(text) and last - end < LONGEST:
        following = _line_end(text, last + 1)
        if not _goes_on(text[first:last], text[last + 1 : following]):
            break
        last = following
    spans = [(span.start + first, span.end + first) for span in segment(text[first:last])]
    joined = _joined(text, spans)
    holding = [(a, b) for a, b in joined if a < end and start < b]
    return (min(start, holding[0][0]), max(end, holding[-1][1])) if holding else (start, end)


def turning(text: str, whole: Slice, given: Sequence[Slice]) -> tuple[Slice, ...]:
    """Where words of the sentences ``whole`` deny, or make a condition of, what is ``given``.

    Only words beside the slices that are given, in the clauses that hold some of them.

    >>> text = "It is not true that the firm paid a fine."
    >>> [text[slice(*span)] for span in turning(text, (0, len(text)), [(20, 40)])]
    ['not']
    """
    start, end = whole
    found = []
    for a, b in _clauses(text, start, end):
        if not any(first < b and a < last for first, last in given):
            continue
        idle = [(a + each.start(), a + each.end()) for each in _IDLE.finditer(text[a:b])]
        before = next(first for first, last in given if first < b and a < last)
        for first, last in _turned(text, a, b):
            beside = not any(one < last and first < other for one, other in (*given, *idle))
            # What might be, or should, is said by the word before the verb.
            if beside and (first < before or text[first:last].casefold() not in _MODALS):
                found.append((first, last))
    return tuple(found)


def _turned(text: str, start: int, end: int) -> Iterator[Slice]:
    clause = text[start:end]
    phrases = [each.span() for each in _PHRASES.finditer(clause)]
    words = [
        each.span()
        for each in _WORD.finditer(clause)
        if each[0].casefold() in _TURNING and each[0] != "May"  # the month
    ]
    inside = [word for word in words if not any(a <= word[0] < b for a, b in phrases)]
    yield from ((start + a, start + b) for a, b in sorted((*phrases, *inside)))


def _clauses(text: str, start: int, end: int) -> Iterator[Slice]:
    at = start
    cuts = {cut.start() for cut in _CLAUSE.finditer(text, start, end)}
    if _OPENING.match(text, start, end) and (comma := text.find(",", start, end)) > 0:
        cuts.add(comma)  # "Although he did not like it, the firm paid."
    for cut in sorted(cuts):
        yield at, cut
        at = cut
    yield at, end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _goes_on(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence at the end of what stands before it."""
    line, before = line.lstrip(), before.rstrip(" \t\r\n")
    return bool(before) and line[:1].islower() and not before.endswith(_ENDS)


def _joined(text: str, spans: Sequence[Slice]) -> list[Slice]:
    """Sentences, those joined that a line cut."""
    joined: list[Slice] = []
    for start, end in spans:
        between = text[joined[-1][1] : start] if joined else ""
        if "\n" in between and _goes_on(text[: joined[-1][1]], text[start:end]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
