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
# "Who was killed" asks for a victim, "who accused her of lying" for who says so.
_WHO = r"\W*(?:(?:so|and|but|well|ok|hey)\W+)?(?:who|which[ ]\w+(?:[ ]\w+)?)\b[ ]*"
_CHARGED = re.compile(
    _WHO
    + r"""(?: (?: ['’]s | is | was | are | were | (?:has|have|had)[ ]been | stands? )[ ]
        (?:\w+ly[ ])? (?: (?: accused[ ]of | charged[ ]with | blamed[ ]for | suspected[ ]of
          | alleged[ ]to | indicted | (?:arrested|held|wanted)[ ](?:for|over|after|in[ ]connection)
          | (?:on|standing|facing)[ ](?:trial|charges)
          | (?:said|thought|believed|supposed)[ ]to )\b )
      | (?:faces?|stands?)[ ](?:charges|trial)\b )""",
    re.VERBOSE | re.IGNORECASE,
)
_BEING = re.compile(_WHO + r"(?:['’]s|is|was|are|were|(?:has|have|had)[ ]been)[ ]", re.IGNORECASE)
_DOING = re.compile(
    _WHO
    + r"""(?: (?: has | have | had | did | could | may | might | must | would | then | first | also
        | helped | tried | to | \w+ly ) [ ] )*
      (?: (?: accept(?:ed|s)? | receive[ds]? | commit(?:ted|s)? | perpetrated | masterminded
          | orchestrated | engaged[ ]in | offer(?:ed|s)? | organi[sz]ed | plan(?:ned|s)?
          | launched | use[ds]? | t(?:akes?|ook) | pa(?:ys?|id)
          | g[ai]ve | r[ua]n | carr(?:y|ied)[ ]out ) [ ] )?
      (?: (?:the|a|an|this|that|any) [ ] )? (?: (?:huge|big|\w+al) [ ] )?""",
    re.VERBOSE | re.IGNORECASE,
)
_ACT = re.compile(
    rf"(?:{WRONG.pattern})|\b(?:bomb(?:ed)?|blew[ ]up|shot|sank|attack(?:ed|s)?|drugs)\b",
    re.VERBOSE | re.IGNORECASE,
)
_SAYING = re.compile(r"(?:blam|accus|charg|su)(?:e|ed|es)\b", re.IGNORECASE)
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


def culprit(question: str) -> bool:
    """Whether a question asks who did wrong, or who is accused of it.

    >>> culprit("Who stole the money?"), culprit("Who was killed?")
    (True, False)
    """
    question = question[:_LONGEST]
    if _AS_SAID.search(question):
        return False
    if charged := _CHARGED.match(question):
        return bool(_ACT.search(question, charged.end()))
    if being := _BEING.match(question):
        act = WRONG.match(question, being.end())
        return act is not None and (act[0].endswith("ing") or act[0].startswith("behind"))
    doing = _DOING.match(question)
    if doing is None or _SAYING.match(question, doing.end()):
        return False
    return _ACT.match(question, doing.end()) is not None


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


def named(words: str) -> Blame:
    """Whom the words name that say who did it: a short answer, or else a sentence."""
    return _suspect(words, 0, len(words), "")


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
