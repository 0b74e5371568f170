"""A question -> whom it suspects of having done wrong, and by which word, if it suspects anybody.

"Is the mayor guilty", "did Ann Lee take bribes", "did he really fake it". An accusation alone
answers none of these. English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.english.lexicon import listed
from index.english.words import FUNCTION


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
    r"""\W*(?: is|are|was|were|do|does|did|has|have|had|will|would|can|could|might ) \b
      | \W*who (?:['’]?s)? [ ] (?: is|was|were|are )? [ ]? (?: really[ ] )?
        (?: to[ ]blame|guilty|responsible|at[ ]fault )""",
    re.VERBOSE | re.IGNORECASE,
)
_DOUBTS = re.compile(r"\W*(?:did|was|were|has|have|had) .{2,60}\breally\b", re.IGNORECASE)
_WRONG = re.compile(
    r"""\b(?:
    # guilt and law
      guilty | innocent | to[ ]blame | blamed? | at[ ]fault | responsible[ ]for | wrongdoing
    | crime | criminal | illegal\w* | unlawful\w* | wrong(?:ly)? | misconduct | negligen\w*
    | (?: charged | sued | arrested | indicted | convicted | fined | banned | jailed )
    | (?: find | found )[ ]fault | scandal | conflict[ ]of[ ]interest
    # what is broken
    | (?: br(?:eak|oke|oken|eaking) | breach\w* | flout\w* | honou?r(?:ing)? | obey\w* ) [ ] .{0,60}
      \b (?: laws? | rules? | agreement | pact | treaty | act | promise | code | article[ ]\d+
      | regulations? | word | deal | contracts? | embargo | sanctions | pledge )
    | violat\w* | infring\w* | (?: go | gone | went )[ ]back[ ]on
    # falsehood
    | lie | lied | lying | liar | mislead\w* | misled | cover(?:ed)?[ ]up | deceiv\w* | dishonest
    | falsif\w* | fak(?:e|ed|ing) | forg(?:e|ed|ing) | cook\w*[ ]the[ ]books | phone?y | fiddl\w*
    | hid(?:e|es|ing|den)? | ma[dk]e [ ] (?:\w+[ ]){0,3} up (?![ ](?:its|his|her|their)[ ]mind)
    | copy | copied | plagiari\w* | front[ ]for | stag(?:e|ed|ing)[ ]the | leak(?:ed|ing)?
    # money
    | brib\w+ | fraud\w* | defraud\w* | corrupt\w* | launder\w* | embezzl\w* | swindl\w* | scam\w*
    | insider[ ](?:trading|dealing) | rig(?:ged|ging)? | manipulat\w* | collud\w* | dump(?:ed|ing)?
    | dodg(?:e|ed|ing) | evad\w* | squander\w* | loot(?:ed|ing)? | profiteer\w* | spam
    | buy [ ] .{0,40} \b (?: job | peerage | honour | votes )
    | t(?:ak(?:e|es|en|ing)|ook)[ ](?: drugs | money | bribes )
    # force
    | cheat\w* | st(?:eal\w*|ole|olen) | theft | rob(?:bed)? | kill(?:ed|ing)? | murder\w*
    | rape[ds]?
    | molest\w* | abuse[ds]? | assault\w* | torture[ds]? | harass\w* | blackmail\w* | threaten\w*
    | beat [ ] .{1,40} [ ]to[ ]death | punch\w* | attack(?:ed)?[ ](?:the|his|her) | petrol[ ]bomb
    | terroris\w* | held?[ ].{0,20}hostages? | sabotag\w* | hack\w* | smuggl\w* | tamper\w*
    | spy(?:ing)? | spied | bug(?:ged)? | plott?(?:ed|ing)? | incit\w* | stok(?:e|ed|ing)
    | stir(?:red)?[ ]up | carr(?:y|ied)[ ]out | dop(?:e|ed|ing)
    # hatred and unfairness
    | racist | racism | anti-?semit\w* | sexist | discriminat\w* | unfair(?:ly)?
    | encourage[ds]? [ ] .{0,30} (?: drinking | violence | crime | hatred )
    # intent
    | knowingly | deliberately | secretly | on[ ]purpose | know[ ]all[ ]along | revenge | bungl\w*
    | know [ ] .{0,40} fakes? | exploit(?:ed|ing|s)? | behind[ ](?:his|her|its|their)[ ]back
    | shred\w*
    )(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_AGENT = re.compile(
    r"\b(?:ozone|storm|quake|flood|virus|disease|cure|penalt\w+|allowed to)\b", re.IGNORECASE
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
    asks = _ASKS.match(question)
    wrong = _WRONG.search(question)
    if asks is None or _NO_AGENT.search(question) or not (wrong or _DOUBTS.match(question)):
        return None
    until = wrong.start() if wrong and wrong.start() > asks.end() else len(question)
    start, end = _subject(question, asks.end(), until)
    return Blame(start, end, question[start:end], wrong[0] if wrong else "really")


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
