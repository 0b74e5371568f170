"""A question that leans on the one before -> what to search for; never anything to show as answer.

"When?", "how many of them?", "and China?" can't stand alone. What they leave out is taken from the
earlier question, word for word: nothing is invented. English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.records import Quote

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASKING = _words("who whom whose what which when where why how whos whats")
_AUXILIARY = _words(
    """
    is are was were am be been being do does did has have had will would can could should shall may
    might must isn't isn’t wasn't wasn’t weren't weren’t didn't didn’t doesn't doesn’t don't don’t
    """
)
FUNCTION = (
    _ASKING
    | _AUXILIARY
    | _words(
        """
        a an the and or but nor so if of in on at by to for from with about as into than then there
        not no also too only just even ever exactly else again more most much many long far often
        old any some all both each other others another same one ones i me my we us our you your
        he him his she her hers it its they them their theirs this that these those happen happened
        """
    )
)
"""Words that say nothing of what a question is about."""
_PEOPLE = _words("he him his she her hers they them their theirs")
_THINGS = _words("it its these those")
_LEANING = _words("else others another same too also")
_LEAD = re.compile(r"(?:(?:and|but|or|so|ok|okay|then|also)\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"(?:(?:what|how)\s+about|and)\s+(?P<what>.+)", re.IGNORECASE)
_NAME = re.compile(r"(?<!\w)[^\W\d_a-z][\w’'-]*(?:\s+(?:(?:of|the|al-)\s*)*[^\W\d_a-z][\w’'-]*)*")
_CALENDAR = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July"
    r"|August|September|October|November|December|\d{4})\b"
)
_PREPOSITIONS = _words("about against at before after by during for from in on to under with")
_ASKED = _ASKING | _AUXILIARY | _words("many much long far often")
_PRONOUN = re.compile(r"\b(?:he|him|she|her|it|they|them|there)\b", re.IGNORECASE)
_LAST_NOUN = re.compile(
    r"(?:(?<=\bthe\s)|(?<=\ba\s)|(?<=\ban\s)|(?<=\bany\s)|(?<=\bno\s)|(?<=\bwithout\s)|(?<=\babout\s)"
    r"|(?<=\bof\s)|(?<=\bin\s)|(?<=\bfor\s))[\w’'-]+\Z"
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The question before, and the quote that was shown first for it, if there was one."""

    question: str
    quote: Quote | None = None

    def understood(self, question: str) -> str | None:
        """What to search for instead of the next question; None if it can stand alone."""
        return understood(question, self.question, self.quote.text if self.quote else None)


def understood(question: str, earlier: str, quote: str | None) -> str | None:
    """What to search for instead of a question that can't stand alone; None if it can.

    ``earlier`` is the question before, ``quote`` the text of the first answer to it.

    >>> understood("and when?", "Who vetoed the ceasefire?", None)
    'when vetoed the ceasefire'
    >>> understood("what about Russia?", "What did China do on Monday?", None)
    'What did Russia do on Monday'
    """
    plain = question.strip().rstrip("?!. ")
    rest = _LEAD.sub("", plain, count=1) if _LEAD.match(plain) else plain
    about = _ABOUT.fullmatch(plain)
    words = [word.casefold() for word in _WORD.findall(rest)]
    if not words:
        return None
    if about and not _asks(about["what"]):
        return _replaced(about["what"], earlier.strip().rstrip("?!. "), quote or "")
    if not _leans(rest, words):
        return None
    return _joined(rest, earlier.strip().rstrip("?!. "))


def _asks(text: str) -> bool:
    """Whether a text begins as a question of its own: "who ...", "did ..."."""
    first = _WORD.match(text)
    return first is not None and first[0].casefold() in _ASKING | _AUXILIARY


def _leans(rest: str, words: list[str]) -> bool:
    """Whether a question lacks what it is about: only function words, a pronoun, half a phrase."""
    content = [word for word in words if word not in FUNCTION]
    if not content or _LEANING.intersection(words) or words[-1] in ("so", "this", "that"):
        return True
    if any(_points_back(rest, at) for at in _WORD.finditer(rest)):
        return True
    if _AUXILIARY.intersection(words) or len(content) > 1:
        return False
    # "which countries", "on what day", "the children", but not "who died".
    return len(words) <= 4 and words[0] not in ("who", "what", "whose")


def _points_back(rest: str, at: re.Match[str]) -> bool:
    """Whether the word is a pronoun for something that stands before this question."""
    word, before = at[0].casefold(), rest[: at.start()].casefold().split()
    behind = _WORD.search(rest, at.end())
    following = behind[0].casefold() if behind else ""
    if word in ("it", "them", "him", "these"):
        return True
    if word in _PEOPLE | _THINGS:  # unless "the rebels ... they", "Kerry ... he", "those who"
        named = "the" in before or _NAME.search(rest, 1, at.start())
        return not named and following != "who"
    if word in ("this", "that"):
        return following in _AUXILIARY
    return word == "there" and not {following, *before[-1:]} & _AUXILIARY


def _joined(rest: str, earlier: str) -> str:
    """The question, with the earlier one behind it, without the words that ask."""
    words = list(_WORD.finditer(earlier))
    at = 0
    while at < len(words) - 1 and words[at][0].casefold() in _ASKED:
        at += 1
    about = earlier[words[at].start() :] if words else ""
    asked = [word[0].casefold() for word in words[:at]]
    if (
        len(asked) == 2 and asked[0] in ("who", "where") and asked[1] in ("is", "are")
    ):  # "Who is Dmitry Peskov?", "Where is Jibreen?": all that follows is its name
        named, replaced = _PRONOUN.subn(lambda _: about, rest, count=1)
        if replaced:
            return named
    return f"{rest} {about}".strip()


def _replaced(what: str, earlier: str, quote: str) -> str:
    """The earlier question about something else: in the place of its like, or else at the end."""
    first = what.split()[0].casefold()
    if first in _PREPOSITIONS:
        again = re.search(rf"\b{first}\b", earlier, re.IGNORECASE)
        return f"{earlier[: again.start()]}{what}" if again else f"{earlier} {what}"
    name = _NAME.search(what) or re.search(rf"\b{re.escape(what.title())}\b", f"{earlier} {quote}")
    like = _name_in(earlier, calendar=bool(_CALENDAR.search(what)))
    if not name:
        like = _LAST_NOUN.search(earlier) or like
    if not like:
        return f"{earlier} {what}"
    bare = re.sub(r"^(?:the|an?)\s+", "", what, flags=re.IGNORECASE)
    determined = re.search(r"\b(?:the|an?|any)\s+\Z", earlier[: like.start()], re.IGNORECASE)
    return f"{earlier[: like.start()]}{bare if determined else what}{earlier[like.end() :]}"


def _name_in(question: str, *, calendar: bool) -> re.Match[str] | None:
    """The first name of a question, or the first day or month."""
    for match in _NAME.finditer(question):
        asking = match[0].casefold() in FUNCTION  # it begins the question
        if not asking and bool(_CALENDAR.search(match[0])) == calendar:
            return match
    return None
