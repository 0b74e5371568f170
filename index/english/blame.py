"""A question -> whom it suspects of having done wrong, and by which word, if it suspects anybody.

"Is the mayor guilty", "did Ann Lee take bribes", "did he really fake it". An accusation alone
answers none of these. English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.english.lexicon import listed
from index.english.words import FUNCTION
from index.english.wrongs import WRONG


@dataclass(frozen=True, slots=True)
class Blame:
    """A question whether someone did wrong: ``question[start:end]`` names whom it is about.

    ``act`` is the word that makes it one: "guilty", "lie", "bribes".
    """

    start: int
    end: int
    subject: str
    act: str


_LONGEST = 1_000  # code points of a question that are read
_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_ASKS = re.compile(
    r"""\W* (?: (?:so|and|but|well|ok|hey)\W+ )? (?: is|are|was|were|do|does|did|has|have|had|will
        |would|can|could|might ) \b
      | \W*who (?:['’]?s)? [ ] (?: is|was|were|are )? [ ]? (?: really[ ] )?
        (?: to[ ]blame|guilty|responsible|at[ ]fault )""",
    re.VERBOSE | re.IGNORECASE,
)
_DOUBTS = re.compile(r"\W*(?:did|was|were|has|have|had) .{2,60}\breally\b", re.IGNORECASE)
_NO_AGENT = re.compile(
    r"\b(?:ozone|storm|quake|flood|virus|disease|cure|penalt\w+|allowed to)\b", re.IGNORECASE
)
_ONESELF = re.compile(r"\b(?:kill|harm|hurt)\w* (?:him|her|them)sel", re.IGNORECASE)
_OF_WORDS = re.compile(
    r"""\W*(?: do|does|did|has|have|had|will ) [ ] .{1,60}? \b
        (?: accept | admit | acknowledge | believe | think | say | den(?:y|ied) | claim | consider
          | agree | feel | fear | suspect | accuse | charge | sue | call | allege | arrest | blame
        ) (?: d|ed )? \b
      | \W*(?: is|are|was|were|has|have|had ) [ ] .{1,60}?
        \b (?: accused | charged | sued | blamed | suspected | arrested | investigated )
        (?: [ ](?: of|with|for|by|over|as|after|when|yet ) \b | \W*\Z )""",
    re.VERBOSE | re.IGNORECASE,
)
"""What somebody says of a wrong, or that somebody is charged: that is reported as it is."""
_AS_SAID = re.compile(
    r"\b(?:according to|in .{1,30} (?:view|opinion|words)|if you believe)\b", re.IGNORECASE
)
_HOW = listed("really secretly deliberately knowingly wrongly illegally")
_JOINS = ("", "and", ",", "and the", "of", "of the")
_MANY = 4  # words of a subject that is typed without capitals


def blame(question: str) -> Blame | None:
    """Whom a question suspects, and of what; None where it does not ask for guilt.

    >>> blame("Did Ann Lee take bribes?").subject
    'Ann Lee'
    """
    question = question[:_LONGEST]
    asks, wrong = _ASKS.match(question), WRONG.search(question)
    if asks is None or _ONESELF.search(question) or _AS_SAID.search(question):
        return None
    if wrong is None:
        doubts = _DOUBTS.match(question)
        return _suspect(question, asks.end(), len(question), "really") if doubts else None
    of_words = _OF_WORDS.match(question)
    if of_words and (of_words.end() <= wrong.start() or of_words.end() == len(question)):
        return None
    if _NO_AGENT.search(question, 0, wrong.start()):
        return None
    until = wrong.start() if wrong.start() > asks.end() else len(question)
    return _suspect(question, asks.end(), until, wrong[0])


def doubt(question: str) -> Blame | None:
    """Whom a yes-or-no question is about, whatever it asks of them, but not for what is said.

    Where an accusation answers it, it asked for guilt, though none of its words shows that: ``act``
    is empty.
    """
    question = question[:_LONGEST]
    asks = _ASKS.match(question)
    if asks is None or _OF_WORDS.match(question) or _AS_SAID.search(question):
        return None
    return _suspect(question, asks.end(), len(question), "")


def _suspect(question: str, start: int, end: int, act: str) -> Blame:
    start, end = _subject(question, start, end)
    return Blame(start, end, question[start:end], act)


def _subject(question: str, start: int, end: int) -> tuple[int, int]:
    """The names between the verb and the wrong, or what stands there where there are none."""
    words = list(_TOKEN.finditer(question, start, end))
    names = [match for match in words if match[0][0].isupper()]
    chosen = names or [match for match in words if match[0].casefold() not in FUNCTION]
    if not chosen:
        return start, start
    last = chosen[0]
    for at, match in enumerate(chosen[1:], 1):
        between = question[last.end() : match.start()].strip()
        if between not in (_JOINS if names else ("", "of")) or match[0] in _HOW:
            break
        if not names and at >= _MANY:
            break
        last = match
    return chosen[0].start(), last.end()
