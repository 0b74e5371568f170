"""A question and its quotes -> quotes that show the other side: a denial, a verdict, a "not".

An accusation answers no question of guilt by itself, and a sentence that says no is read as a yes
where its "not" is overlooked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.english.attribution import Slice
from index.english.blame import Blame, blame, culprit, doubt, named
from index.english.negation import denies, denying
from index.english.segment import segment
from index.english.stance import Stance, accuses, counterpart, only_accuses, stances, taken
from index.english.values import Kind, kind
from index.records import Quote

_SETTLED = frozenset((Stance.VERDICT, Stance.DENIAL, Stance.OPEN))
_JUDGED = _SETTLED - {Stance.OPEN}
_MISSING = {
    Stance.VERDICT: frozenset(),
    Stance.DENIAL: frozenset((Stance.VERDICT,)),
    Stance.OPEN: frozenset((Stance.VERDICT, Stance.DENIAL)),
}
"""What belongs to a quote that gives a verdict, denies or leaves open, the first of these first."""


def weigh(question: str, quotes: Sequence[Quote]) -> tuple[tuple[Quote, ...], tuple[Quote, ...]]:
    """The quotes that may answer, and those that stand alone where guilt is asked for.

    Guilt is asked for by the words of the question, or where the first quote accuses. Then a quote
    may answer if it denies, judges or leaves open itself, or beside the sentence of its article
    that does: ``Quote.against``. Where a question asks who did it, that holds for the quotes that
    only accuse; what is told as a fact may answer. Of all other questions every quote may answer.
    """
    asked = blame(question)
    if asked is None and culprit(question):
        return _named(question, quotes)
    if asked is None and quotes and accuses(quotes[0].text):
        asked = doubt(question)
    if asked is None:
        return tuple(quotes), ()
    answering: list[Quote] = []
    alone: list[Quote] = []
    for each in quotes:
        against = _against(question, asked, each)
        settled = taken(each.text) & _SETTLED or denies(question, each.text)
        (answering if against or settled else alone).append(replace(each, against=against))
    return tuple(answering), tuple(alone)


def _named(question: str, quotes: Sequence[Quote]) -> tuple[tuple[Quote, ...], tuple[Quote, ...]]:
    """The quotes that say who did wrong, and those that only accuse whom they name."""
    answering: list[Quote] = []
    alone: list[Quote] = []
    for each in quotes:
        if not only_accuses(each.text):
            answering.append(each)
            continue
        start, end = each.highlight or (each.start, each.end)
        suspect = named(each.article.text[start:end])
        against = _against(question, suspect, each, _JUDGED)
        (answering if against else alone).append(replace(each, against=against))
    return tuple(answering), tuple(alone)


def _against(
    question: str, asked: Blame, quote: Quote, settling: frozenset[Stance] = _SETTLED
) -> Slice | None:
    """The sentence of the article that stands against what a quote says, if the quote needs one."""
    own = taken(quote.text)
    wanted = next((_MISSING[each] for each in _MISSING if each in own), settling)
    text = quote.article.text
    spans = segment(text)
    number = next((n for n, span in enumerate(spans) if span.start == quote.start), -1)
    found = [each for each in stances(text, spans, asked) if each.stance in wanted]
    other = counterpart(text, spans, question, found, number)
    return (spans[other.number].start, spans[other.number].end) if other else None


def turn(question: str, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes; of those that say no to a yes-or-no question, the words that do so marked."""
    if kind(question, "") is not Kind.YES_NO:
        return tuple(quotes)
    return tuple(_turned(question, each) for each in quotes)


def _turned(question: str, quote: Quote) -> Quote:
    words = denying(question, quote.text)
    if words is None:
        return quote
    return replace(quote, highlight=(quote.start + words[0], quote.start + words[1]))
