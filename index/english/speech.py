"""A sentence of an article -> who says so: the speaker, as a slice of the article.

The sentence itself may name the speaker (``attribution``), or lie in a quotation that another
sentence attributes; "he said" and "the company said" take their name from up to six sentences
before. What is not sure is left out: no speaker is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index.english.attribution import LEAD_IN, SAYING, Slice, attributed
from index.english.followup import FUNCTION
from index.english.nouns import (
    COMPANIES,
    FEMALE,
    HE,
    LEANING_GROUPS,
    MALE,
    PRONOUNS,
    QUOTED,
    SHE,
    Kind,
    Token,
    kind,
    named_as_person,
    tokens,
)
from index.english.quotation import quotations

_BACK = 6  # sentences looked through for a name
_AHEAD = 4  # and for the end of a quotation
_LONGEST = 4_000  # code points of a sentence that are read
_PHRASE = 12  # code points of a quotation that is only a phrase
_OPENING_WORDS = 4
_OF_SEX = {True: ("spokesman", "chairman"), False: ("spokeswoman", "chairwoman")}
"""By "is it said of a woman": the words that say it is a man, and the other way round."""


class Stretch(Protocol):
    """A sentence: ``start`` and ``end`` in the text, ``paragraph`` its line."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def paragraph(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Speech:
    """Who says a sentence: ``text[start:end]`` names the speaker.

    ``kind`` is "direct" where the sentence gives the speaker's own words between quotation marks,
    else "reported". ``mention`` is where the sentence itself says who ("he"), None where it is
    part of a longer quotation.
    """

    kind: Literal["direct", "reported"]
    start: int
    end: int
    mention: tuple[int, int] | None


def speech(text: str, sentences: Sequence[Stretch], number: int) -> Speech | None:
    """Who says sentence ``number``, or None where the article says so itself or it isn't sure.

    >>> from index.english.segment import segment
    >>> text = "Ann Lee runs the bank. It is safe, she said."
    >>> found = speech(text, segment(text), 1)
    >>> found and text[found.start : found.end]
    'Ann Lee'
    """
    view = _View(text, sentences)
    own = view.attribution(number)
    if own is not None:
        kind_of = "direct" if _direct(view.tokens(number)) else "reported"
        at, mention = number, own
    elif view.within(number) and (other := _attributing(view, number)):
        kind_of, (at, mention) = "direct", other
    else:
        return None
    named = _named(view, at, mention)
    if named is None:
        return None
    return Speech("direct" if kind_of == "direct" else "reported", *named, own)


class _View:
    """An article as it is asked for here: tokens, quotations and attributions, each made once."""

    def __init__(self, text: str, sentences: Sequence[Stretch]) -> None:
        self.text, self.sentences = text, sentences
        self._quoted: dict[int, list[Slice]] = {}
        self._tokens: dict[int, list[Token]] = {}
        self._attributions: dict[int, Slice | None] = {}

    def quoted(self, number: int) -> list[Slice]:
        """The quotations of the paragraph of a sentence."""
        paragraph = self.sentences[number].paragraph
        if paragraph not in self._quoted:
            first = last = number
            while first and self.sentences[first - 1].paragraph == paragraph:
                first -= 1
            while (
                last + 1 < len(self.sentences) and self.sentences[last + 1].paragraph == paragraph
            ):
                last += 1
            start, end = self.sentences[first].start, self.sentences[last].end
            self._quoted[paragraph] = quotations(self.text, start, end)
        return self._quoted[paragraph]

    def tokens(self, number: int) -> list[Token]:
        if number not in self._tokens:
            start, end = self.sentences[number].start, self.sentences[number].end
            end = min(end, start + _LONGEST)
            inside = [
                (max(a, start), min(b, end))
                for a, b in self.quoted(number)
                if a < end and b > start
            ]
            self._tokens[number] = tokens(self.text, start, end, inside)
        return self._tokens[number]

    def attribution(self, number: int) -> Slice | None:
        if number not in self._attributions:
            self._attributions[number] = attributed(self.tokens(number))
        return self._attributions[number]

    def within(self, number: int) -> bool:
        """Whether a sentence is nothing but quotation."""
        found = self.tokens(number)
        return any(token.text == QUOTED for token in found) and not any(
            token.word for token in found
        )

    def words(self, where: Slice) -> list[str]:
        return [token.text for token in tokens(self.text, *where) if token.word]

    def speaks(self, number: int) -> bool:
        """Whether a verb of saying stands in a sentence outside quotations."""
        return any(token.text in SAYING for token in self.tokens(number))

    def is_person(self, words: Sequence[str]) -> bool:
        """Whether a name is a person's: it says so, or the article gives a title or first name."""
        known = kind(words)
        if known is not None:
            return known is Kind.PERSON
        return (
            len(words) < 4
            and all(word[:1].isupper() for word in words)
            and named_as_person(self.text, words[-1])
        )

    def may_be_person(self, words: Sequence[str]) -> bool:
        """Whether a name is a person's, or looks like a surname that once had a first name."""
        return self.is_person(words) or (
            kind(words) is None
            and len(words) < 4
            and all(word[:1].isupper() and not word.isupper() for word in words)
            and re.search(rf"(?<!\w)[A-Z][a-z]+ {re.escape(words[-1])}(?! ?[A-Z])", self.text)
            is not None
        )

    def subject(self, number: int) -> Slice | None:
        """The name that a sentence begins with, where it does."""
        phrase: list[Token] = []
        for token in self.tokens(number)[:8]:
            if not token.word or not token.capital:
                break
            phrase.append(token)
        if not phrase or phrase[0].text.casefold() in FUNCTION | LEAD_IN:
            return None
        return phrase[0].start, phrase[-1].end


def _direct(found: Sequence[Token]) -> bool:
    """Whether a sentence gives the very words: a quotation begins it, or follows verb or colon."""
    for at, token in enumerate(found):
        if token.text == QUOTED and token.end - token.start > _PHRASE:
            before = found[at - 1].text if at else ":"
            if before in (":", ",") or before in SAYING or at == 0:
                return True
            if at < _OPENING_WORDS and found[at - 1].text in (",", "However", "But", "And"):
                return True
    return False


def _attributing(view: _View, number: int) -> tuple[int, Slice] | None:
    """The sentence that says who says the quotation that ``number`` lies in, and its words."""
    end = view.sentences[number].end
    span = next(((a, b) for a, b in view.quoted(number) if a < end <= b), None)
    last = min(number + _AHEAD, len(view.sentences) - 1)
    if span is not None and span[1] > end:
        for at in range(number + 1, last + 1):
            if view.sentences[at].end >= span[1]:
                mention = view.attribution(at)
                if mention is not None and mention[0] >= span[1]:
                    return at, mention
                break
    for at in range(number - 1, max(number - _BACK, 0) - 1, -1):
        mention = view.attribution(at)
        if mention is not None:
            return at, mention
        if not view.within(at):
            return None
    return None


def _named(view: _View, number: int, mention: Slice) -> Slice | None:
    """The name for who is mentioned: the mention itself, or where it leans, what it leans on."""
    words = view.words(mention)
    low = [word.casefold() for word in words]
    if len(low) == 1 and low[0] in PRONOUNS:
        if low[0] in HE | SHE:
            return _person(view, number, female=low[0] in SHE)
        return _people(view, number) if low[0] == "they" else _group(view, number, None)
    if len(low) == 2 and low[0] == "the" and low[1] in LEANING_GROUPS:
        return _group(view, number, low[1]) or mention
    return mention


def _person(view: _View, number: int, *, female: bool) -> Slice | None:
    """Whom "he" or "she" means."""
    for at in range(number - 1, max(number - _BACK, 0) - 1, -1):
        if view.within(at):
            continue
        where = view.attribution(at)
        subject = where or view.subject(at)
        if subject is None:
            if view.speaks(at):
                return None  # somebody does: it was not understood who
            continue
        words = view.words(subject)
        low = words[0].casefold()
        if len(words) == 1 and low in (HE if female else SHE):
            return None
        if low in PRONOUNS or (words[0].isupper() and len(words[0]) > 1):
            continue
        if not view.may_be_person(words):
            if kind(words) is None:
                return None  # the name of something: it is not known of what
            continue
        title = words[0].strip(".")
        if title in (MALE if female else FEMALE) or words[-1] in _OF_SEX[not female]:
            return None
        return subject
    return None


def _group(view: _View, number: int, noun: str | None) -> Slice | None:
    """Which body "it" or "the company" means: the one that spoke last."""
    for at in range(number - 1, max(number - _BACK, 0) - 1, -1):
        mention = view.attribution(at)
        if mention is None:
            continue
        words = view.words(mention)
        low = [word.casefold() for word in words]
        if low == ["it"] or (len(low) == 2 and low[0] == "the" and low[1] in LEANING_GROUPS):
            continue
        if low[0] in PRONOUNS or kind(words) in (Kind.PERSON, Kind.PEOPLE) or view.is_person(words):
            if noun is None:
                return None
            continue
        if noun is not None and noun not in COMPANIES and noun not in low:
            return None
        return mention if any(word[:1].isupper() for word in words[1:] or words) else None
    return None


def _people(view: _View, number: int) -> Slice | None:
    """Which people "they" means: those that spoke last."""
    for at in range(number - 1, max(number - _BACK, 0) - 1, -1):
        mention = view.attribution(at)
        if mention is not None and kind(words := view.words(mention)) is Kind.PEOPLE:
            if words[0].casefold() not in PRONOUNS:
                return mention
    return None
