"""Judged candidates -> an answer: fold copies, order, quote and prove, or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.ask.differ import conflicts, newer_first
from index.ask.narrowing import within
from index.ask.search import Hit, missing_words
from index.ask.sides import turn, weigh
from index.english.attribution import Slice
from index.english.copies import fold, voices
from index.english.lead import lead
from index.english.segment import segment
from index.english.speech import speech
from index.errors import StoreDamagedError
from index.records import Filters, Judgement, Quote, Refusal, Sentence
from index.store.engine import Revision, embedding_key

WEIGHED = 8
"""Quotes that are compared with each other, also where fewer are shown: what comes first doesn't
depend on how many."""
ONLY_ACCUSED = (
    "it is only an accusation: its article has no denial, no verdict, and not that it is open"
)
"""Why an accusation alone is no answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told for a question, as ``Answer`` has it: best first, or a refusal."""

    quotes: tuple[Quote, ...]
    perhaps: tuple[Quote, ...]
    conflicts: tuple[tuple[int, int], ...]
    refusal: Refusal | None


def tell(
    question: str,
    filters: Filters,
    nothing: str | None,
    judged: Sequence[tuple[Hit, Judgement]],
    revision: Revision,
    top: int,
    *,
    least: float,
    perhaps: float,
    newest_first: bool = False,
) -> Told:
    """The quotes whose confidence is ``least`` or more, or a refusal.

    ``nothing`` says which of the filters left no article, if one did.

    Beside a refusal stand those that reach ``perhaps``, and those that only accuse where guilt is
    asked for.

    Raises:
        StoreDamagedError: a stored article no longer holds the words that were indexed.
    """
    sure = [each for each in judged if each[1].confidence >= least]
    less = [each for each in judged if perhaps <= each[1].confidence] if not sure else []
    shown = quotes(sure or less, revision, max(top, WEIGHED), newest_first=newest_first)
    answering, alone = weigh(question, turn(question, shown))
    if not newest_first:
        answering = newer_first(question, answering)
    if sure and answering:
        answering = answering[:top]
        return Told(answering, (), conflicts(question, answering), None)
    doubtful = (answering + alone)[:top]
    refusal = refuse(question, filters, nothing, judged, revision)
    if doubtful:
        refusal = replace(refusal, nearest=doubtful[0])
    if sure:
        refusal = replace(refusal, reason=ONLY_ACCUSED)
    return Told((), doubtful, (), refusal)


def quotes(
    judged: Sequence[tuple[Hit, Judgement]],
    revision: Revision,
    top: int,
    *,
    newest_first: bool = False,
) -> tuple[Quote, ...]:
    """The best ``top`` quotes: surest first, newer before older when equally sure.

    ``newest_first`` turns that around: by date, and surer first on the same day.

    Sentences that say the same words (see ``copies``) are one quote, shown from the earliest of the
    articles that carry them.

    Raises:
        StoreDamagedError: a stored article, or what is shown of it, is no longer as indexed.
    """
    rows = fold([found.text for found, _ in judged])
    copies = [[judged[row] for row in group] for group in rows]
    order = _by_date if newest_first else _by_confidence
    groups = sorted(copies, key=lambda group: order(*group[0]))
    shown = [sorted(group, key=_earliest) for group in groups[:top]]
    return quoted(shown, revision)


def quoted(
    groups: Sequence[Sequence[tuple[Hit, Judgement]]], revision: Revision
) -> tuple[Quote, ...]:
    """A quote of each group of copies: the first of them, the others carry its words, too.

    Raises:
        StoreDamagedError: a stored article or what is shown of it, is no longer as indexed.
    """
    _prove([found for group in groups for found, _ in group], revision)
    return tuple(_quote(group) for group in groups)


def refuse(
    question: str,
    filters: Filters,
    nothing: str | None,
    nearest: Sequence[tuple[Hit, Judgement]],
    revision: Revision,
) -> Refusal:
    """Say what was missing; ``nothing`` is which filter left no article, if one did."""
    every = within(filters)
    words = missing_words(question, revision, every)
    filtered: tuple[str, ...] = ()
    if not nothing and filters != every:
        passing = missing_words(question, revision, filters)
        filtered = tuple(word for word in passing if word not in words)
    covers = revision.dates(filters)
    best = quotes(nearest, revision, 1)
    if nothing or not best:
        reason = nothing or "no article has a sentence"
    elif (words or filtered) and not any(found.candidate.coverage for found, _ in nearest):
        which = "no article that passes the filters" if filtered else "no article"
        reason = f"{which} mentions {', '.join((*words, *filtered))}"
    elif best[0].confidence < 0.005:
        reason = "no sentence in the articles comes near the question"
    else:
        reason = f"the nearest sentence answers with a confidence of only {best[0].confidence:.2f}"
    return Refusal(reason, words, covers, best[0] if best else None, filtered)


def _by_confidence(found: Hit, judgement: Judgement) -> tuple[float, float]:
    published = found.filed.article.published or date.min
    return -judgement.confidence, -published.toordinal()


def _by_date(found: Hit, judgement: Judgement) -> tuple[float, float]:
    return _by_confidence(found, judgement)[::-1]


def _earliest(each: tuple[Hit, Judgement]) -> tuple[date, str, int]:
    """The earliest of copies comes first; those without a date after those with one."""
    article = each[0].filed.article
    # Not by the number of the article, which depends on the order of arrival.
    return article.published or date.max, article.id, each[0].id


def _prove(shown: Sequence[Hit], revision: Revision) -> None:
    """Compare what is about to be quoted with what was indexed."""
    keys = revision.keys([found.id for found in shown])
    for found, key in zip(shown, keys, strict=True):
        if embedding_key(revision.encoder, found.text) != key or not found.filed.whole:
            raise StoreDamagedError(
                revision.place,
                f"{found.filed.article.id} is no longer as it was indexed",
            )


def _quote(group: Sequence[tuple[Hit, Judgement]]) -> Quote:
    """Quote the first of the copies; the others carry its words, too."""
    (found, judgement), *others = group
    article, sentence = found.filed.article, found.candidate.sentence
    said_by, before = _spoken(article.text, sentence)
    also_in = {other.filed.article.id: other.filed.article for other, _ in others}
    also_in.pop(article.id, None)
    return Quote(
        article=article,
        start=sentence.start,
        end=sentence.end,
        text=found.text,
        paragraph=sentence.paragraph,
        confidence=max(judgement.confidence for _, judgement in group),
        highlight=judgement.highlight,
        before=article.text[found.around[0].start : sentence.start],
        after=article.text[sentence.end : found.around[-1].end],
        also_in=tuple(also_in.values()),
        voices=voices([article, *also_in.values()]) if also_in else 1,
        said_by=said_by,
        lead=before,
    )


def _spoken(text: str, sentence: Sentence) -> tuple[Slice | None, tuple[Slice, ...]]:
    """Who says a sentence, and which sentences before it it leans on, as slices of the text."""
    spans = segment(text)
    number = next((n for n, span in enumerate(spans) if span.start == sentence.start), None)
    if number is None:  # an older version cut it otherwise
        return None, ()
    told = speech(text, spans, number)
    said_by = (told.start, told.end) if told else None
    return said_by, tuple((spans[n].start, spans[n].end) for n in lead(text, spans, number))
