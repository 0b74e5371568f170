"""An article -> what it says for and against whom a question suspects.

An accusation alone is no answer to "is the mayor guilty": with it belongs the verdict or the denial
that the article has, or that it is still open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from index.english.blame import Blame
from index.english.discourse import Stretch
from index.english.negation import stems
from index.english.words import FUNCTION


class Stance(Enum):
    """What a sentence is to the question whether someone did wrong."""

    ACCUSATION = "accusation"
    DENIAL = "denial"
    VERDICT = "verdict"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """That sentence ``number`` of an article accuses, denies, judges or leaves open."""

    stance: Stance
    number: int


_LONGEST = 2_000  # code points of a sentence that are read
_NEAR = 4  # sentences behind a name that may still be about the same
_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")


def _pattern(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{alternatives})\b", re.VERBOSE | re.IGNORECASE)


_STANCES = {
    Stance.VERDICT: _pattern(
        r"""convict(?:ed|ion) | (?:found|pleaded)[ ]guilty | acquitted | cleared[ ](?:of|by)
        | sentenced | jailed | fined | verdict | exonerated | overturned | banned[ ]for | upheld
        | tribunal[ ](?:has|ruled|found)
        | (?:judges?|court|jury)[ ](?:has[ ]|have[ ])?(?:ruled|found|threw|dismissed)"""
    ),
    Stance.DENIAL: _pattern(
        r"""den(?:y|ied|ies|ying|ial|ials) | dismiss(?:ed|es|ing) | reject(?:ed|s|ing)?
        | refut(?:ed|es|ing) | not[ ]guilty | innocence | (?:is|was|are|were|plead\w*)[ ]innocent
        | unfair[ ]and | unfounded | scorn(?:ed|s) | contest(?:ed|s|ing) | baseless | untrue
        | no[ ]evidence | exonerated | cannot[ ]be[ ]substantiated | not[ ](?:been[ ])?proven
        | (?:does|do|did|had|have|has|was|were|is|are)[ ]not[ ](?:violate[ds]?|break|broken|racist
          |guilty|true|done|do|intend\w*|in[ ]breach)
        | could[ ]not[ ]possibly | no[ ]case[ ]to[ ]answer | defence[ ]lawyers | defended
        | in[ ]line[ ]with | corresponds?[ ]with | honou?ring | set[ ]up | deceived[ ]by"""
    ),
    Stance.OPEN: _pattern(
        r"""investigat(?:e|ed|es|ing|ion|ions) | inquiry | probe[ds]? | probing | (?:on[ ])?trial
        | awaiting | could[ ]not[ ]comment | being[ ]considered | looking[ ]into | under[ ]review
        | be[ ]reviewed | may[ ]be[ ](?:interviewed|charged) | could[ ]determine | pending
        | (?:should|if)[ ].{0,40}found[ ]guilty
        | not[ ]yet[ ](?:been[ ])?(?:decided|charged|contacted)"""
    ),
    Stance.ACCUSATION: _pattern(
        r"""accus(?:e|ed|es|ing|ation|ations) | alleg(?:e|ed|es|ing|edly|ation|ations) | charges?
        | charged[ ]with | indict(?:ed|ment) | su(?:ed|ing) | lawsuits? | legal[ ]action | suspected
        | blam(?:e|ed|es|ing) | violat(?:e|ed|es|ing|ions?) | critici[sz](?:ed|es|ing)[ ].{0,40}for
        | defraud(?:ed|ing)? | conspir(?:ed|ing|acy) | fraudulent | complaints? | improperly
        | infring(?:ed|es|ing|ement) | illegally | reportedly
        | (?:failure|failed)[ ]to[ ](?:honou?r|comply|adhere) | suggested[ ].{0,40}secretly
        | claims?[ ](?:the[ ]firm|he|she|they|it|that) | prosecutors?[ ](?:said|say|claim\w*)"""
    ),
}
_ACCUSES = _pattern(
    r"""accus(?:e|ed|es|ing|ation|ations) | alleg(?:e|ed|es|ing|edly|ation|ations) | indicted
    | indictment | charged[ ]with | suspected[ ](?:of|to) | lawsuits? | blam(?:e|ed|es|ing)
    | conspiracy | reportedly | claims?[ ](?:that|he|she|they|it|the) | claimed | on[ ]charges
    | rumou?r(?:ed|s) | contends?"""
)
_OF_GUILT = re.compile(
    r"\b(?:alleg|accus|claim|charge|guilt|innocen|cleared|convicted|wrongdoing)", re.IGNORECASE
)


_SUSPECTS = _pattern(
    r"""(?:charge|sue|arrest|detain|suspect)(?:d|ed|s) | suspects? | in[ ]custody
    | facing[ ]charges | faces?[ ].{0,40}(?:charges|trial)
    | (?:believed|thought|said|supposed)[ ]to[ ]have | prosecutors?[ ](?:said|say|claim\w*)
    | according[ ]to[ ](?:prosecutors|police|the[ ]indictment) | on[ ].{0,20}charges
    | appeared[ ]in[ ]court"""
)
_ADMITS = _pattern(
    r"""(?:admit(?:s|ted)?|confess(?:es|ed)?) | claim(?:s|ed)?[ ]responsibility
    | (?:plead(?:ed)?|pled)[ ]guilty"""
)


def only_accuses(sentence: str) -> bool:
    """Whether all that a sentence says of who did wrong is that somebody is accused or suspected.

    >>> only_accuses("Ann Lee was arrested over the theft."), only_accuses("She admitted theft.")
    (True, False)
    """
    words = sentence[:_LONGEST]
    if taken(words) & {Stance.VERDICT, Stance.DENIAL, Stance.OPEN} or _ADMITS.search(words):
        return False
    return accuses(words) or bool(_SUSPECTS.search(words))


def accuses(sentence: str) -> bool:
    """Whether a sentence gives what it says as an accusation or a claim, not as a fact.

    >>> accuses("Ann Lee is alleged to have paid the bill.")
    True
    """
    return bool(_ACCUSES.search(sentence[:_LONGEST]))


def taken(sentence: str) -> frozenset[Stance]:
    """The stances that the words of a sentence show, of whomever.

    >>> taken("Ann Lee denied it.")
    frozenset({<Stance.DENIAL: 'denial'>})
    """
    words = sentence[:_LONGEST]
    return frozenset(stance for stance, pattern in _STANCES.items() if pattern.search(words))


def stances(text: str, sentences: Sequence[Stretch], asked: Blame) -> tuple[Finding, ...]:
    """The sentences of an article that accuse the suspect, deny, judge or leave it open, in order.

    A sentence counts if it names whom the question suspects, or stands close behind one that does.
    """
    names = [
        word.removesuffix("'s").removesuffix("’s")
        for word in map(str.casefold, _TOKEN.findall(asked.subject))
        if word not in FUNCTION and len(word) > 2
    ]
    names = [name[: max(4, len(name) - 2)] for name in names[-3:]]  # "Howards", "Liberian"
    found: list[Finding] = []
    last = -_NEAR - 1
    for number in range(len(sentences)):
        words = _words(text, sentences[number])
        if any(name in words.casefold() for name in names):
            last = number
        if number - last <= _NEAR:
            found += (Finding(stance, number) for stance in taken(words))
    return tuple(found)


def counterpart(
    text: str, sentences: Sequence[Stretch], question: str, found: Sequence[Finding], number: int
) -> Finding | None:
    """What to show with the accusation in sentence ``number``; None where the article has nothing.

    The verdict or the denial that is most about the question, else that it is still open.
    """
    asked = stems(question)

    def fit(each: Finding) -> tuple[int, int]:
        words = _words(text, sentences[each.number])
        about = len(stems(words) & asked) + 2 * bool(_OF_GUILT.search(words))
        return about, -abs(each.number - number)

    for wanted in ((Stance.VERDICT, Stance.DENIAL), (Stance.OPEN,)):
        against = [each for each in found if each.stance in wanted and each.number != number]
        if against:
            return max(against, key=fit)
    return None


def _words(text: str, sentence: Stretch) -> str:
    return text[sentence.start : min(sentence.end, sentence.start + _LONGEST)]
