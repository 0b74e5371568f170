"""A question and its short answer -> the statement behind both, ready to be asked of anew.

"who did Chelsea sack" and "Adrian Mutu" are "did | Chelsea sack Adrian Mutu", which answers to
"why", "when" and "where". English only; a question that can't be turned for sure has no clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.english.named import NAME
from index.english.verbs import is_participle, plain, singular
from index.english.words import ASKING, AUXILIARY, DETERMINERS, PREPOSITIONS, words

_BE = words("is are was were am isn't isn’t wasn't wasn’t weren't weren’t")
_HAVE = words("has have had")
_DO = words("do does did didn't didn’t doesn't doesn’t don't don’t")
_PLURAL = {"is": "are", "was": "were", "has": "have", "does": "do"}
_SUBJECTS = DETERMINERS | words("i you he she it we they there") - {"that", "this"}
_ARGUMENTS = words("who whom what which whose")
_ADJUNCTS = words("when where why how")
_DEGREES = words("old tall big large high deep heavy rich good bad popular likely")
_AMOUNT = re.compile(
    r"\d|[$£€¥]|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?)\b"
)
_NOT_NOMINAL = (
    AUXILIARY | PREPOSITIONS | words("i he she it we they to that because if not there of as")
)
_LONGEST = 10  # words of a short answer that is put into a question


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement in the order of a question: its auxiliary, and the rest.

    ``told`` is the statement in its own order, where the question asked for its subject.
    """

    auxiliary: str
    rest: str
    told: str | None = None

    def asked(self, by: str, behind: str = "") -> str:
        """The question that begins with ``by``; a preposition may stand ``behind``."""
        return f"{by} {self.auxiliary} {self.rest} {behind}".strip()


def clause(question: str, said: str) -> Clause | None:
    """The clause of a question, whose names are capitalised, answered by ``said``, if anything.

    >>> clause("who vetoed the ceasefire", "Russia and China").rest
    'Russia and China veto the ceasefire'
    >>> clause("what did Disney decide about DVDs", "").rest
    'Disney decide that about DVDs'
    >>> clause("who is Dmitry Peskov", "a spokesman") is None
    True
    """
    tokens = units(question)
    if len(tokens) < 3:
        return None
    first = tokens[0].casefold()
    if first in AUXILIARY:
        return Clause(first, " ".join(tokens[1:]))
    if first in PREPOSITIONS and tokens[1].casefold() in ASKING:
        return _adjunct(tokens, _asking_end(tokens, 2))
    if first in _ADJUNCTS and tokens[1].casefold() not in ("many", "much"):
        return _adjunct(tokens, _asking_end(tokens, 1))
    if first in _ARGUMENTS or first == "how":
        return _argument(tokens, said)
    return None


def asked_for(question: str) -> str:
    """The first words of a question, which say what is asked for: "who", "how many people", ""."""
    tokens = units(question)
    if not tokens or tokens[0].casefold() not in ASKING:
        return ""
    return " ".join(tokens[: _asking_end(tokens, 1)])


def units(text: str) -> list[str]:
    """The words of a text, a name being one."""
    return re.findall(rf"{NAME.pattern}|\S+", text)


def is_nominal(said: str) -> bool:
    """Whether a short answer can stand where a noun stands: "computer tapes", "the bank"."""
    parts = said.split()
    return 0 < len(parts) <= _LONGEST and parts[0].casefold() not in _NOT_NOMINAL


def _asking_end(tokens: list[str], at: int) -> int:
    """Where the words end that ask: at an auxiliary, at a finite verb, or where they began."""
    first = tokens[at - 1].casefold()
    if first in ("who", "whom", "when", "where", "why") or at == len(tokens):
        return at
    least = {"what": at, "how": at + 2}.get(first, at + 1)
    for end in range(at, len(tokens)):
        if tokens[end].casefold() in AUXILIARY:
            return end
        if first in _ARGUMENTS | {"how"} and end >= least and plain(tokens[end]):
            return end
    return at


def _adjunct(tokens: list[str], end: int) -> Clause | None:
    """Of "when did the war begin"; none of "where is Jibreen", which states nothing yet."""
    if tokens[1].casefold() in _DEGREES or end >= len(tokens) - 1:
        return None
    auxiliary, rest = tokens[end].casefold(), tokens[end + 1 :]
    if auxiliary not in AUXILIARY or (
        auxiliary in _BE and not any(is_participle(word) for word in rest[1:])
    ):
        return None
    return Clause(auxiliary, " ".join(rest))


def _argument(tokens: list[str], said: str) -> Clause | None:
    """Of "who", "what", "which club", "how many people": the answer is a part of it."""
    end = _asking_end(tokens, 1)
    if end >= len(tokens):
        return None
    asking = [token.casefold() for token in tokens[:end]]
    head, rest = tokens[end].casefold(), tokens[end + 1 :]
    if head in AUXILIARY and not rest:
        return None
    if head in AUXILIARY and _is_subject_asked(head, rest[0]):
        filled = _filled(asking, said, subject=True)
        auxiliary, behind = _agreeing(head, filled), " ".join(rest)
        return Clause(auxiliary, f"{filled} {behind}", f"{filled} {auxiliary} {behind}")
    if head in AUXILIARY:
        if head in _BE and not any(is_participle(word) for word in rest[1:]):
            return None
        return Clause(head, _put_in(rest, _filled(asking, said, subject=False)))
    turned = plain(head)
    if (
        turned is None
        and asking[0] in ("who", "what")
        and re.fullmatch(r"[a-z]+[^s]s", tokens[end])
    ):
        turned = singular(head), "does"  # "who bears it"
    if turned is None:
        return None
    filled = _filled(asking, said, subject=True)
    auxiliary = _agreeing(turned[1], filled)
    finite = turned[0] if auxiliary == "do" else head
    told = " ".join([filled, finite, *rest])
    return Clause(auxiliary, " ".join([filled, turned[0], *rest]), told)


def _is_subject_asked(auxiliary: str, following: str) -> bool:
    """Whether the verb follows: "who was arrested", "who will pay", but not "who will Ford pay"."""
    if auxiliary in _DO or NAME.match(following) or following.casefold() in _SUBJECTS:
        return False
    return auxiliary not in _BE | _HAVE or is_participle(following)


def _agreeing(auxiliary: str, subject: str) -> str:
    plural = " and " in subject or subject == "they" or _is_many(subject)
    return _PLURAL.get(auxiliary, auxiliary) if plural else auxiliary


def _is_many(subject: str) -> bool:
    amount = _AMOUNT.match(subject)
    return bool(amount) and not subject.startswith("one ")


def _filled(asking: list[str], said: str, *, subject: bool) -> str:
    """What stands for the answer: its words, if they can stand there, or else a pronoun."""
    noun = " ".join(asking[2:] if asking[0] == "how" else asking[1:])
    if asking[0] == "how":
        if _AMOUNT.match(said.casefold()):
            named = not noun or noun.casefold() in said.casefold()
            return said if named or len(said.split()) > 2 else f"{said} {noun}"
        return noun or "that much"
    if is_nominal(said):
        return said
    if asking[0] in ("who", "whom"):
        return "they" if subject else "them"
    return f"the {noun}" if noun else "that"


def _put_in(rest: list[str], filled: str) -> str:
    """The object behind its verb: at the end, or before what follows the verb."""
    at = len(rest)
    if rest[-1].casefold() not in PREPOSITIONS:
        behind = range(2, len(rest))
        is_next = (i for i in behind if rest[i].casefold() in PREPOSITIONS or rest[i][-3:] == "ing")
        at = next(is_next, at)
        if at == 2 and rest[0].casefold() in DETERMINERS and rest[at][-3:] != "ing":
            at = len(rest)  # "the war in Syria cause"
    return " ".join([*rest[:at], filled, *rest[at:]])
