"""A pronoun, and what was asked and answered before -> whom or what the pronoun means.

The choice is by kind: "she" is a person whom the article does not call "he", "it" is no person,
"there" is a place. English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.english.clause import asked_for, is_nominal, units
from index.english.named import NAME, POSSESSIVE, Names
from index.english.verbs import is_participle
from index.english.words import AUXILIARY, FUNCTION, words

PEOPLE = words("he him his she her hers")
THINGS = words("it its")
MANY = words("they them their theirs")
_LONGEST = 4  # words and names of a phrase
_OWNERS = words("his her its their")
_SEVERAL = re.compile(rf"{NAME.pattern}(?:,\s+{NAME.pattern})*\s+and\s+{NAME.pattern}")
_PLACED = re.compile(r"\b(?:based|headquartered|located)\Z")


@dataclass(frozen=True, slots=True)
class Told:
    """What a question may lean on: the one before as it was understood, and the answer to it.

    ``said`` is the short answer or "", ``quote`` the text of the quote or "". ``subject`` is whom
    or what the talk was about before that question, for one that names nothing.
    """

    question: str
    said: str
    quote: str
    subject: str | None
    names: Names


def subject(told: Told) -> str | None:
    """Whom or what a question is about, for the questions that follow it: its first name."""
    return next(iter(_names(told.question)), told.subject)


def meant(pronoun: str, told: Told) -> str | None:
    """Whom or what a pronoun means after what was told; None if nothing there fits it."""
    pronoun = pronoun.casefold()
    if pronoun in PEOPLE:
        return _person(pronoun, told)
    if pronoun in THINGS:
        return _thing(pronoun, told)
    return _group(told) if pronoun in MANY else None


def place(told: Told) -> str | None:
    """What "there" means, with its preposition: "in Jibreen", "at Titan"."""
    asked = asked_for(told.question).casefold()
    if asked == "where" and is_nominal(told.said) and not _PLACED.search(told.question):
        return f"in {told.said}" if NAME.match(told.said) else told.said
    if asked == "where" and (found := _names(told.question) or _phrases(told)):
        at = "at" if _PLACED.search(told.question) else "in"
        return f"{at} {found[-1]}"
    found = [name for name in _phrases(told) if told.names.is_person(name) is not True]
    return f"at {found[0]}" if found else None


def replaced(question: str, at: re.Match[str], by: str) -> str:
    """The question with a pronoun replaced, as an owner where it stood for one."""
    pronoun = at[0].casefold()
    behind = question[at.end() :].split()
    owner = pronoun in _OWNERS and bool(behind)
    if pronoun == "her" and behind:
        owner = behind[0].casefold() not in FUNCTION
    if owner:
        by += "'" if by.endswith("s") else "'s"
    return f"{question[: at.start()]}{by}{question[at.end() :]}"


def _person(pronoun: str, told: Told) -> str | None:
    """The likeliest: one who is known as a person, and of the answer before the question."""
    wanted = "he" if pronoun in ("he", "him", "his") else "she"
    candidates = []
    asked = asked_for(told.question).casefold()
    if asked.startswith("who") or (asked and _names(told.said) == [told.said]):
        candidates += _names(told.said)  # it asked for a person, or was answered by a name
    candidates += _names(told.question)
    known = {name: told.names.is_person(name) for name in candidates}
    fitting = [
        name
        for name, person in known.items()
        if person is not False and told.names.gender(name) in (wanted, None)
    ]
    fitting.sort(key=lambda name: known[name] is not True)
    if fitting:
        return fitting[0]
    if told.subject and told.names.is_person(told.subject) is not False:
        return told.subject
    return _only([name for name in _names(told.quote) if told.names.is_person(name)])


def _thing(pronoun: str, told: Told) -> str | None:
    """What the question is about, unless it asked for a thing and has its name now."""
    asked, said = asked_for(told.question).casefold(), told.said
    if _names(said) == [said] and " and " not in said:
        person = told.names.is_person(said)
        if (asked.startswith("who") and person is False) or (
            asked.startswith(("which", "what")) and not person
        ):
            return said
    possible = [
        phrase
        for phrase in (*_phrases(told), *([told.subject] if told.subject else []))
        if told.names.is_person(phrase) is not True
    ]
    if pronoun == "its":  # "the company's offer": whose, not what
        possible = [re.sub(r"['’]s?\s.*", "", phrase) for phrase in possible]
    return next((phrase for phrase in possible if not _is_plural(phrase)), None)


def _group(told: Told) -> str | None:
    """Those of the answer, if there are several, or else the first that may be many."""
    asked, said = asked_for(told.question), told.said
    if asked.casefold().startswith("how many "):
        noun = asked.split(" ", 2)[2]
        counted = re.match(r"[\d,.]+", said)
        return f"the {counted[0]} {noun}" if counted else f"the {noun}"
    by_name = asked.casefold().startswith(("who", "which", "what"))
    if by_name and is_nominal(said) and (" and " in said or _is_plural(said)):
        return said
    if several := _SEVERAL.search(told.question):
        return several[0]
    possible = [*([said] if by_name and _names(said) == [said] else []), *_phrases(told)]
    plural = [phrase for phrase in possible if _is_plural(phrase)]
    others = [
        phrase for phrase in possible if NAME.match(phrase) and not told.names.is_person(phrase)
    ]
    return next(iter([*plural, *others]), told.subject)


def _names(text: str) -> list[str]:
    """The names in a text, without a question's first word."""
    found = (POSSESSIVE.sub("", match[0]) for match in NAME.finditer(text))
    return [name for name in found if name.casefold() not in FUNCTION]


def _phrases(told: Told) -> list[str]:
    """The names and the phrases with "the" of a question, in order, as far as the article has them.

    "Michigan General's offer" is one; "the provisional deal include" is not in the article.
    """
    found: list[str] = []
    parts, at = units(told.question), 0
    while at < len(parts):
        phrase, at = _phrase(parts, at, told.names)
        if phrase:
            found.append(phrase)
    return found


def _phrase(parts: list[str], at: int, names: Names) -> tuple[str | None, int]:
    """The phrase that begins with a word, if one does, and where to look for the next."""
    first = parts[at]
    named = NAME.fullmatch(first) is not None and first.casefold() not in FUNCTION
    if not named and first.casefold() != "the":
        return None, at + 1
    if named and not POSSESSIVE.search(first):
        return first, at + 1
    end = at + 1
    while end < len(parts) and end - at < _LONGEST and not _ends(parts[end]):
        end += 1
    for stop in range(end, at + 1, -1):
        if names.holds(" ".join(parts[at:stop])) or names.holds(" ".join(parts[at + 1 : stop])):
            return " ".join(parts[at:stop]), stop
    if end == len(parts) and at and parts[at - 1].casefold() in AUXILIARY:
        end -= 1  # the verb: "did the provisional deal include"
    if end > at + 1:
        return " ".join(parts[at:end]), end
    return (POSSESSIVE.sub("", first) if named else None), at + 1


def _ends(word: str) -> bool:
    """Whether a phrase ends before a word: "the film is", "the city declared"."""
    return word.casefold() in FUNCTION or is_participle(word)


def _is_plural(phrase: str) -> bool:
    last = phrase.split()[-1]
    common = last.islower() and last.endswith("s") and not last.endswith(("ss", "us", "is"))
    return common or " and " in phrase or last in ("people", "children", "men", "women")


def _only(names: list[str]) -> str | None:
    """The one that all are, or end like."""
    longest = max(names, key=len, default=None)
    return longest if longest and all(longest.endswith(name) for name in names) else None
