"""A question with a slip of the finger -> the question that was meant, if the articles tell.

A word that stands nowhere in what is searched is taken for one that does, if one letter was left
out, put in, exchanged, or swapped with the next. Which words there are is known from the articles,
not from a dictionary, so names count. What was searched for is always said with the answer.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import numpy as np

from index.ask.narrowing import within
from index.ask.search import WORD
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


def corrected(question: str, revision: Revision, filters: Filters) -> str | None:
    """The question with its slips mended; None if there are none, or none that can be.

    Raises:
        StoreDamagedError: the index can't be read.
    """
    pieces, end = [], 0
    looked_at = [at for at in WORD.finditer(question) if _telling(at)]
    words = {at[0] for at in looked_at}  # what stands in an article is no slip, filtered or not
    missing = revision.missing(words, within(filters)) if words else ()
    unknown = [at for at in looked_at if at[0] in missing]
    if len(unknown) > MOST:
        return None
    for match in unknown:
        around = f"{question[: match.start()]} {question[match.end() :]}"
        meant = _meant(match[0].casefold(), around, revision, filters)
        if meant:
            pieces += [question[end : match.start()], meant]
            end = match.end()
    return "".join([*pieces, question[end:]]) if pieces else None


def _telling(at: re.Match[str]) -> bool:
    """Whether a slip can be told of a word."""
    word, name = at[0], at.start() > 0 and not at[0].islower()
    return len(word) >= (SHORTEST_NAME if name else SHORTEST) and word.isalpha()


def _meant(word: str, around: str, revision: Revision, filters: Filters) -> str | None:
    """The word one slip away that stands beside most of the other words of the question."""
    near = set(slips(word))
    if asking := near & FUNCTION:
        return min(asking)
    terms = revision.commonest(set(revision.terms(" ".join(near))), LOOKED_AT)
    holding = revision.holding([[term] for term in terms], IN_SENTENCES, filters)
    ids = np.unique(np.concatenate([*holding, np.empty(0, dtype=np.int64)]))
    places = {place.id: place for place in revision.located(ids.tolist())}
    others = revision.rarity(revision.terms(around))
    (beside,) = revision.coverage([(others, ids)])
    best = (-1.0, "")
    for held in holding:
        words = (w for id_ in np.sort(held).tolist() for w in WORD.findall(places[id_].text))
        written = next((w for w in words if w.casefold() in near), None)
        if written:
            most = float(beside[np.searchsorted(ids, held)].max())
            best = max(best, (most, written), key=lambda each: each[0])  # else the commoner
    meant = best[1]
    return (meant.lower() if meant.isupper() else meant) or None  # no shouting: it was a headline


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
