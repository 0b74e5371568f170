"""An article as its sentences hang together: tokens, quotations, who speaks and who is named.

What ``speech`` and ``lead`` share. Everything is made when it is first asked for, and once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from index.english.attribution import Slice, attributed
from index.english.lexicon import LEAD_IN, SAYING
from index.english.nouns import QUOTED, Kind, Token, kind, named_as_person, tokens
from index.english.quotation import quotations
from index.english.words import FUNCTION

_LONGEST = 4_000  # code points of a sentence that are read


class Stretch(Protocol):
    """A sentence: ``start`` and ``end`` in the text, ``paragraph`` its line."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def paragraph(self) -> int:
        """The number of its line."""


class View:
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
        """The words and marks of a sentence; what is quoted in it is one token."""
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
        """Who a sentence itself says that it is said by."""
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
        """The words of a slice of the article."""
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
