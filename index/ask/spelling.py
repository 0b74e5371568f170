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

from index.ask.search import WORD, question_weights
from index.english.words import FUNCTION
from index.records import Filters
from index.store.dense import Ids
from index.store.revisions import Revision

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
    unknown = [at for at in WORD.finditer(question) if not _stands(at, revision, filters)]
    if len(unknown) > MOST:
        return None
    for match in unknown:
        around = f"{question[: match.start()]} {question[match.end() :]}"
        meant = _meant(match[0].casefold(), around, revision, filters)
        if meant:
            pieces += [question[end : match.start()], meant]
            end = match.end()
    return "".join([*pieces, question[end:]]) if pieces else None


def _stands(at: re.Match[str], revision: Revision, filters: Filters) -> bool:
    """Whether a word is one of the articles', or none that a slip can be told of."""
    word, name = at[0], at.start() > 0 and not at[0].islower()
    if len(word) < (SHORTEST_NAME if name else SHORTEST) or not word.isalpha():
        return True
    terms = revision.lexical.analyzer.terms(word)
    return not terms or any(revision.lexical.has(term, filters) for term in terms)


def _meant(word: str, around: str, revision: Revision, filters: Filters) -> str | None:
    """The word one slip away that stands beside most of the other words of the question."""
    lexical = revision.lexical
    near = set(slips(word))
    if asking := near & FUNCTION:
        return min(asking)
    others = question_weights(around, lexical)
    best = (-1.0, "")
    for term in lexical.known(set(lexical.analyzer.terms(" ".join(near))), LOOKED_AT):
        ids = np.sort(lexical.search([term], IN_SENTENCES, filters))
        written = next((w for w in _words(ids, revision) if w.casefold() in near), None)
        if written:
            beside = float(lexical.coverage("passage", others, ids).max())
            best = max(best, (beside, written), key=lambda each: each[0])  # else the commoner
    meant = best[1]
    return (meant.lower() if meant.isupper() else meant) or None  # no shouting: it was a headline


def _words(ids: Ids, revision: Revision) -> Iterator[str]:
    sentences = revision.catalog.sentences(ids.tolist())
    articles = revision.catalog.articles_of({article for article, _ in sentences.values()})
    for article, sentence in sentences.values():
        yield from WORD.findall(articles[article].article.text[sentence.start : sentence.end])


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
