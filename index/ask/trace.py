"""What was found, judged and quoted -> for each candidate, why it was or was not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.ask.judge import Judged
from index.ask.search import WEIGHTS, Hit
from index.english.copies import fold
from index.records import Considered, Judgement, Quote


def considered(
    found: Sequence[Hit], judged: Judged, shown: Sequence[Quote], *, least: float
) -> tuple[Considered, ...]:
    """Every candidate: those that were judged, surest first, then the others as they were found.

    ``shown`` are the quotes, in the order of their numbers, and ``least`` is the confidence that
    was asked of them.
    """
    meaning = _ranks({each.id: each.candidate.cosine for each in found})
    words = _ranks({each.id: _by_words(each) for each in found})
    judgements: dict[int, Judgement] = {each.id: judgement for each, judgement in judged}
    every = {each.id: each for each, _ in judged} | {each.id: each for each in found}
    order = sorted(every.values(), key=lambda each: _place(each, judgements.get(each.id)))
    places = {(quote.article.id, quote.start): n for n, quote in enumerate(shown, start=1)}
    carried = _copies(order, places)
    made = []
    for each in order:
        judgement = judgements.get(each.id)
        sentence = each.candidate.sentence
        number = places.get((sentence.article, sentence.start))
        made.append(
            Considered(
                candidate=each.candidate,
                text=each.text,
                meaning=meaning.get(each.id),
                words=words.get(each.id),
                reader=judgement.score if judgement else None,
                confidence=judgement.confidence if judgement else None,
                fate=_fate(number, carried.get(each.id), judgement, least),
            )
        )
    return tuple(made)


def _fate(
    number: int | None, copy_of: int | None, judgement: Judgement | None, least: float
) -> str:
    if number:
        return f"quote {number}"
    if copy_of:
        return f"same words as quote {copy_of}"
    if judgement is None:
        return "not read: others came nearer"
    if judgement.confidence < least:
        return f"below {least:.2f}"
    return "behind what is quoted"


def _copies(every: Sequence[Hit], places: Mapping[tuple[str, int], int]) -> dict[int, int]:
    """The candidates with the words of a quote, and its number."""
    copies = {}
    for rows in fold([each.text for each in every]):
        group = [every[row] for row in rows]
        keys = [(each.candidate.sentence.article, each.candidate.sentence.start) for each in group]
        numbers = [places[key] for key in keys if key in places]
        copies.update({each.id: numbers[0] for each in group if numbers})
    return copies


def _by_words(found: Hit) -> float:
    _, coverage, context = WEIGHTS
    return coverage * found.candidate.coverage + context * found.candidate.context


def _ranks(scores: Mapping[int, float]) -> dict[int, int]:
    """From 1, the highest first; equal ones share a rank."""
    order = sorted(scores.values(), reverse=True)
    ranks: dict[float, int] = {}
    for rank, score in enumerate(order, start=1):
        ranks.setdefault(score, rank)
    return {id_: ranks[score] for id_, score in scores.items()}


def _place(found: Hit, judgement: Judgement | None) -> tuple[bool, float, float]:
    sureness = judgement.confidence if judgement else 0.0
    return judgement is None, -sureness, -found.candidate.score
