"""A question with a slip of the finger -> the question that was meant, if the articles tell.

A word that stands nowhere in what may be searched is taken for one that does, if one letter was
left out, put in, exchanged, or swapped with the next; but only where that is clearly likelier than
that the word is one of its own. An English word, a name with capitals inside, and a name that is
like no name of the articles stay as they are; where it is not sure, the other word is offered. What
was searched for is always said with the answer.
"""

from __future__ import annotations

import re
import string
from calendar import month_name
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from index.ask.narrowing import within
from index.ask.search import WORD
from index.ask.vocabulary import is_english
from index.english.dates import WEEKDAYS
from index.english.words import FUNCTION
from index.records import Filters
from index.store.engine import Revision

SHORTEST, SHORTEST_NAME = 5, 6
"""Letters of the words that are looked at: shorter ones, and names even more, have neighbours that
are words of their own."""
MOST = 5
"""Unknown words of a question beyond which it is not mistyped, but in another language."""
LOOKED_AT, IN_SENTENCES = 5, 20
"""Terms that may have been meant, the commonest, and sentences in which each is looked for."""
BESIDE_NAME, BESIDE = 0.5, 0.3
"""Share of the question's other words, by rarity, that must stand where a word does to be sure: of
a name, and of a word for which another letter than one near by on the keyboard was typed."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiouy")
_CALENDAR = frozenset((*WEEKDAYS, *month_name))


@dataclass(frozen=True, slots=True)
class Mended:
    """A question with its slips mended, where that is sure; ``offered``, with the doubtful ones.

    Each is None where it is no other than the one before.
    """

    text: str | None = None
    offered: str | None = None


@dataclass(frozen=True, slots=True)
class _Meant:
    """A word of the articles, as it stands there, and how it stands to the question.

    ``is_name`` is None where it may be either: a day, a word that is written both ways, an English
    one that only begins sentences.
    """

    written: str
    is_name: bool | None
    beside: float


def corrected(question: str, revision: Revision, filters: Filters) -> Mended:
    """The question with its slips mended, and with those that may be slips.

    Raises:
        StoreDamagedError: the index can't be read.
        ModelError: the list of English words is missing or altered.
    """
    looked_at = [at for at in WORD.finditer(question) if _telling(at)]
    words = {at[0] for at in looked_at}  # what stands in an article is no slip, filtered or not
    missing = revision.missing(words, within(filters)) if words else ()
    unknown = [at for at in looked_at if at[0] in missing]
    if not unknown or len(unknown) > MOST:
        return Mended()
    others = " ".join(at[0] for at in WORD.finditer(question) if at[0] not in missing)
    surely: dict[int, str] = {}
    perhaps: dict[int, str] = {}
    for at in unknown:
        word = at[0].casefold()
        if asking := set(slips(word)) & FUNCTION:
            surely[at.start()] = min(asking)
            continue
        if is_english(word):
            continue
        meant = _meant(word, others, revision, filters)
        if meant is None or (_is_name(at) and meant.is_name is False):
            continue
        sure = _sure(word, meant, as_name=_is_name(at))
        if sure or meant.beside >= BESIDE or _alike(word, meant.written.casefold()):
            # No shouting: it was a headline.
            written = meant.written.lower() if meant.written.isupper() else meant.written
            (surely if sure else perhaps)[at.start()] = written
    text = _with(question, unknown, surely)
    offered = _with(question, unknown, surely | perhaps) if perhaps else None
    return Mended(text, offered)


def _with(question: str, words: list[re.Match[str]], meant: dict[int, str]) -> str | None:
    """The question with other words in the places of some."""
    pieces, end = [], 0
    for at in words:
        if at.start() in meant:
            pieces += [question[end : at.start()], meant[at.start()]]
            end = at.end()
    return "".join([*pieces, question[end:]]) if pieces else None


def _telling(at: re.Match[str]) -> bool:
    """Whether a slip can be told of a word; capitals inside, as in iPhone, are meant."""
    word = at[0]
    inside = any(letter.isupper() for letter in word[1:])
    shouted = inside and at.string.isupper()
    least = SHORTEST_NAME if _is_name(at) else SHORTEST
    return len(word) >= least and word.isalpha() and (shouted or not inside)


def _is_name(at: re.Match[str]) -> bool:
    """Whether it is written as a name is, and does not only begin the question."""
    return at.start() > 0 and not at[0].islower() and not at.string.isupper()


def _meant(word: str, others: str, revision: Revision, filters: Filters) -> _Meant | None:
    """The word one slip away that stands beside most of the question's words that stand at all."""
    near = set(slips(word))
    terms = revision.commonest(set(revision.terms(" ".join(near))), LOOKED_AT)
    holding = revision.holding([[term] for term in terms], IN_SENTENCES, filters)
    ids = np.unique(np.concatenate([*holding, np.empty(0, dtype=np.int64)]))
    places = {place.id: place for place in revision.located(ids.tolist())}
    weights = revision.rarity(revision.terms(others))
    (beside,) = revision.coverage([(weights, ids)])
    best: _Meant | None = None
    for held in holding:
        texts = [places[id_].text for id_ in np.sort(held).tolist()]
        found = [at for text in texts for at in WORD.finditer(text) if at[0].casefold() in near]
        if found:
            most = float(beside[np.searchsorted(ids, held)].max())
            if best is None or most > best.beside:  # else the commoner
                best = _Meant(found[0][0], _names(found), most)
    return best


def _names(found: list[re.Match[str]]) -> bool | None:
    """Whether a word is a name, by how it stands in sentences."""
    small = any(at[0].islower() for at in found)
    inside = any(at.start() > 0 and at[0].istitle() for at in found)
    if small != inside:
        return None if found[0][0].title() in _CALENDAR else inside
    return None if small or is_english(found[0][0]) else True


def _sure(word: str, meant: _Meant, *, as_name: bool) -> bool:
    """Whether a word is likelier a slip for another than one of its own."""
    other = meant.written.casefold()
    if not _alike(word, other):
        return False
    if as_name if meant.is_name is None else meant.is_name:
        return meant.beside >= BESIDE_NAME
    return len(word) != len(other) or _easily_exchanged(word, other) or meant.beside >= BESIDE


def _alike(word: str, other: str) -> bool:
    """Whether both begin alike, as they nearly always do, also where these letters were swapped."""
    return word[0] == other[0] or word[:2] == other[1::-1]


def _easily_exchanged(word: str, other: str) -> bool:
    """Of two words of a length: letters swapped, or neighbours on the keyboard, or two vowels."""
    pairs = [(a, b) for a, b in zip(word, other, strict=True) if a != b]
    if len(pairs) != 1:
        return True
    (pair,) = pairs
    return set(pair) <= _VOWELS or any(
        abs(row.find(pair[0]) - row.find(pair[1])) == 1
        for row in _ROWS
        if pair[0] in row and pair[1] in row
    )


def slips(word: str) -> Iterator[str]:
    """Every word that is one letter left out, put in, exchanged or swapped away.

    >>> {"ceasefire", "ceasfir"} <= set(slips("ceasfire")), "vote" in slips("veto")
    (True, False)
    """
    letters = sorted({*string.ascii_lowercase, *word})
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in letters)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
