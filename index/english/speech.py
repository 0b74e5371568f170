"""A sentence of an article -> who says so: the speaker, as a slice of the article.

The sentence itself may name the speaker (``attribution``), or lie in a quotation that another
sentence attributes; "he said" and "the company said" take their name from up to six sentences
before. What is not sure is left out: no speaker is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.english.attribution import Slice
from index.english.discourse import Stretch, View
from index.english.lexicon import SAYING
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
)

_BACK = 6  # sentences looked through for a name
_AHEAD = 4  # and for the end of a quotation
_PHRASE = 12  # code points of a quotation that is only a phrase
_OPENING_WORDS = 4
_OF_SEX = {True: ("spokesman", "chairman"), False: ("spokeswoman", "chairwoman")}
"""By "is it said of a woman": the words that say it is a man, and the other way round."""


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
    view = View(text, sentences)
    own = view.attribution(number)
    if own is not None:
        kind_of = "direct" if _direct(view.tokens(number)) else "reported"
        at, mention = number, own
    elif view.within(number) and (other := attributing(view, number)):
        kind_of, (at, mention) = "direct", other
    else:
        return None
    named = _named(view, at, mention)
    if named is None:
        return None
    return Speech("direct" if kind_of == "direct" else "reported", *named, own)


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


def attributing(view: View, number: int) -> tuple[int, Slice] | None:
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


def _named(view: View, number: int, mention: Slice) -> Slice | None:
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


def _person(view: View, number: int, *, female: bool) -> Slice | None:
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


def _group(view: View, number: int, noun: str | None) -> Slice | None:
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


def _people(view: View, number: int) -> Slice | None:
    """Which people "they" means: those that spoke last."""
    for at in range(number - 1, max(number - _BACK, 0) - 1, -1):
        mention = view.attribution(at)
        words = view.words(mention) if mention is not None else ["they"]
        if kind(words) is Kind.PEOPLE and words[0].casefold() not in PRONOUNS:
            return mention
    return None
