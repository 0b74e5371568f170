"""A question that leans on the one before -> the question that a person would ask instead.

"When was that?", "how old is he", "what about Sony?" can't stand alone. What they leave out is
taken from the question before, its short answer and its article. In doubt a question stays as it
was typed, and only the article of the last quote is looked at first. English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from index.english import antecedent
from index.english.antecedent import MANY, PEOPLE, THINGS, Told
from index.english.clause import Clause, asked_for, clause
from index.english.named import NAME, POSSESSIVE, Names
from index.english.verbs import plain
from index.english.words import ASKING, AUXILIARY, DETERMINERS, FUNCTION, PREPOSITIONS, words
from index.records import Answer, Quote

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LIGHT = words("say says said tell told do get")
"""Verbs that any article has."""
_LEANING = words("else others another same too also")
_LEAD = re.compile(r"(?:(?:and|but|or|so|ok|okay|then|also)\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"(?:(?:and\s+)?(?:what|how)\s+about|and)\s+(?P<what>.+)", re.IGNORECASE)
_CALENDAR = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July"
    r"|August|September|October|November|December|\d{4})\b"
)
_WHEN_WHY = r"(?:when|where|why|how(?:\s+(?:long|often|soon|come))?)"
_NOUN = rf"(?!(?:{'|'.join(FUNCTION | PREPOSITIONS)})\b)[a-z-]+"
_BARE = re.compile(
    rf"""(?P<by>(?:(?:{"|".join(PREPOSITIONS)}|of|by|within|around)\s+)?
        (?:{_WHEN_WHY}|(?:which|what|how\s+many|how\s+much)(?:\s+{_NOUN}){{1,2}}|whom|what))
        (?:\s+(?P<behind>{"|".join(PREPOSITIONS)}))?""",
    re.VERBOSE | re.IGNORECASE,
)
_THAT = re.compile(
    rf"""(?P<by>{_WHEN_WHY})\s+(?:(?:is|was|were|did|does|do|has|will)\s+)
        (?:(?:that|this|it)(?:\s+(?:so|happen(?:ed)?))?|he|she|they)""",
    re.VERBOSE | re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:confirm|announce|report|say|said|says|deny|denied|claim|reveal|mention|condemn)\w*\s+"
    r"(it|that|this|so)\Z",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(r"\bit\s+(?:true|possible|likely|clear|raining|snowing)\b", re.IGNORECASE)
_CHARGE_THERE = re.compile(r"\bin charge there\b", re.IGNORECASE)
_LAST_NOUN = re.compile(
    r"(?:(?<=\bthe\s)|(?<=\ba\s)|(?<=\ban\s)|(?<=\bany\s)|(?<=\bno\s)|(?<=\bwithout\s)|(?<=\babout\s)"
    r"|(?<=\bof\s)|(?<=\bin\s)|(?<=\bfor\s))[\w’'-]+\Z"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that leans on an earlier one: what to ask, and which article to look at first."""

    question: str
    article: str | None


@dataclass(frozen=True)
class Earlier:
    """The question before as it was understood, and the quote that was shown first, if one was.

    ``subject`` is whom or what the talk was about, for when the question itself names nothing.
    That is all that is carried along: it does not grow from turn to turn.
    """

    question: str
    quote: Quote | None = None
    subject: str | None = None

    def understood(self, question: str) -> Understood | None:
        """What the next question means; None if it is a new one, with nothing to lean on."""
        typed = self._names.cased(_bare(question))
        if not _WORD.search(typed):
            return None
        article = self.quote.article.id if self.quote else None
        rest = _LEAD.sub("", typed, count=1) if _LEAD.match(typed) else typed
        about = _ABOUT.fullmatch(typed)
        if about and not _asks(about["what"]):
            return Understood(_about(about["what"], self._told) or question, article)
        bare = _completed(rest, self._told)
        if bare is not None:
            return Understood(bare or question, article)
        if _leans(rest):
            return Understood(_resolved(rest, self._told) or question, article)
        if article and _is_about(rest, self._names):
            return Understood(question, article)
        return None

    @cached_property
    def _names(self) -> Names:
        return Names(self.quote.article.text if self.quote else "")

    @cached_property
    def _told(self) -> Told:
        question = self._names.cased(_bare(self.question))
        quote = self.quote
        if quote is None:
            return Told(question, "", "", self.subject, self._names)
        said = quote.article.text[slice(*quote.highlight)] if quote.highlight else ""
        said = " ".join(said.split()).strip(' ,.;:<>()"“”')
        return Told(question, said, quote.text, self.subject, self._names)


def carried(earlier: Earlier | None, answer: Answer) -> Earlier:
    """What the question after an answer may lean on.

    A follow-up that was refused changes nothing: the next one leans on what was answered last.
    """
    leaned = earlier.understood(answer.question) if earlier else None
    shown = answer.quotes or answer.perhaps
    if earlier and leaned and not shown:
        return earlier
    return Earlier(
        answer.understood_as or answer.question,
        shown[0] if shown else None,
        antecedent.subject(earlier._told) if earlier and leaned else None,
    )


def _bare(question: str) -> str:
    return " ".join(question.split()).rstrip("?!. ")


def _asks(text: str) -> bool:
    """Whether a text begins as a question of its own: "who ...", "did ...", "in which ..."."""
    first = [word.casefold() for word in _WORD.findall(text)[:2]]
    asks = ASKING | AUXILIARY
    return bool(first) and (first[0] in asks or (first[0] in PREPOSITIONS and first[-1] in ASKING))


def _leans(rest: str) -> bool:
    """Whether a question lacks what it is about: only function words, a pronoun, half a phrase."""
    found = [word.casefold() for word in _WORD.findall(rest)]
    content = [word for word in found if word not in FUNCTION]
    if not content or _LEANING.intersection(found) or found[-1] in ("so", "this", "that"):
        return True
    if any(_points_back(rest, at) for at in _WORD.finditer(rest)):
        return True
    if AUXILIARY.intersection(found) or len(content) > 1:
        return False
    # "which countries", "on what day", "the children", but not "who died".
    return len(found) <= 4 and found[0] not in ("who", "what", "whose")


def _points_back(rest: str, at: re.Match[str]) -> bool:
    """Whether the word is a pronoun for something that stands before this question."""
    word, before = at[0].casefold(), rest[: at.start()].casefold().split()
    behind = _WORD.search(rest, at.end())
    following = behind[0].casefold() if behind else ""
    if word in ("it", "them", "him", "these"):
        return True
    if word in PEOPLE | THINGS | MANY | {"those"}:  # unless "Kerry ... he", "those who"
        named = "the" in before or NAME.search(rest, 1, at.start())
        return not named and following != "who"
    if word in ("this", "that"):
        return following in AUXILIARY
    return word == "there" and not {following, *before[-1:]} & AUXILIARY


def _is_about(rest: str, names: Names) -> bool:
    """Whether a question that names nothing speaks of what the article does, by half its words."""
    if any(match.start() for match in NAME.finditer(rest)):
        return False
    content = [word for word in _WORD.findall(rest) if word.casefold() not in FUNCTION | _LIGHT]
    return 2 * sum(names.mentions(word) for word in content) >= len(content) > 0


def _completed(rest: str, told: Told) -> str | None:
    """A bare question word with the statement behind the last question; None if it is not bare.

    "" where it is, but the last question can't be turned.
    """
    bare = _BARE.fullmatch(rest) or _THAT.fullmatch(rest)
    if bare is None or plain(bare["by"].split()[-1]):  # "how many kids died" is whole
        return None
    by = bare["by"]
    stated = clause(told.question, told.said)
    if stated is None:
        return ""
    noun = re.fullmatch(r"(?:how (?:many|much)|which|what) (.+)", by, re.IGNORECASE)
    if noun:  # "how many slaves" takes them from where they stood
        without = re.sub(rf"\s(?:the )?{re.escape(noun[1])}\b", "", f" {stated.rest}", count=1)
        if without.strip() == stated.rest:
            return ""
        stated = Clause(stated.auxiliary, without.strip())
    behind = bare.groupdict().get("behind") or ""
    if by.casefold() == "what" and not behind:
        return ""
    return stated.asked(by, behind)


def _resolved(rest: str, told: Told) -> str | None:
    """The question with what its pronoun means; None where that is not known."""
    if again := re.fullmatch(r"(who|what|where|which)\s+else", rest, re.IGNORECASE):
        before = re.match(rf"{again[1]}\b", told.question, re.IGNORECASE)
        return f"{rest}{told.question[before.end() :]}" if before else None
    if reported := _REPORTED.search(rest):
        stated = clause(told.question, told.said)
        return f"{rest[: reported.start(1)]}that {stated.told}" if stated and stated.told else None
    if _EMPTY_IT.search(rest):
        return None
    for at in _WORD.finditer(rest):
        if not _points_back(rest, at):
            continue
        if at[0].casefold() == "there":
            where = antecedent.place(told)
            if where and _CHARGE_THERE.search(rest):
                return _CHARGE_THERE.sub(f"in charge of {where.partition(' ')[2]}", rest)
            return f"{rest[: at.start()]}{where}{rest[at.end() :]}" if where else None
        if found := antecedent.meant(at[0], told):
            return antecedent.replaced(rest, at, found)
    return None


def _about(what: str, told: Told) -> str | None:
    """The earlier question about something else, in the place of its like; None if it has none."""
    earlier = told.question
    first = what.split()[0].casefold()
    if first in PREPOSITIONS:
        again = re.search(rf"\b{first}\b", earlier, re.IGNORECASE)
        return f"{earlier[: again.start()]}{what}" if again else f"{earlier} {what}"
    named = NAME.search(what) is not None
    asked = asked_for(earlier).casefold()
    if not named and asked.startswith(("how many ", "how much ")):
        kind = asked.split(" ", 2)[2]
        return re.sub(rf"\b{re.escape(kind)}\b", what, earlier, count=1, flags=re.IGNORECASE)
    like = _like(what, told) if named else _LAST_NOUN.search(earlier)
    if like is None:
        if not named or not asked.startswith("who"):
            return None
        stated = clause(earlier, what)  # "who vetoed it", "and France?"
        return f"{stated.auxiliary} {stated.rest}" if stated else None
    bare = re.sub(r"^(?:the|an?)\s+", "", what, flags=re.IGNORECASE)
    determined = earlier[: like.start()].split()[-1:]
    bare = bare if determined and determined[0].casefold() in DETERMINERS else what
    return f"{earlier[: like.start()]}{bare}{earlier[like.end() :]}"


def _like(what: str, told: Told) -> re.Match[str] | None:
    """The name in the earlier question that is of the same kind: a day, a person, another thing."""
    calendar = bool(_CALENDAR.search(what))
    found = []
    for match in NAME.finditer(told.question):
        whole = re.compile(re.escape(POSSESSIVE.sub("", match[0]))).match(
            told.question, match.start()
        )
        if whole and whole[0].casefold() not in FUNCTION:
            found.append(whole)
    found = [match for match in found if bool(_CALENDAR.search(match[0])) == calendar]
    if told.names.is_person(what) and asked_for(told.question).casefold().startswith("who"):
        return next((match for match in found if told.names.is_person(match[0])), None)
    return next(iter(found), None)
