"""Judged candidates -> an answer: fold copies, order, quote and prove, or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from index.ask.search import Found, missing_words
from index.english.copies import fold, voices
from index.errors import StoreDamagedError
from index.records import Filters, Judgement, Quote, Refusal
from index.store.catalog import embedding_key
from index.store.revisions import Revision


def quotes(
    judged: Sequence[tuple[Found, Judgement]],
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
        StoreDamagedError: a stored article no longer holds the words that were indexed.
    """
    rows = fold([found.text for found, _ in judged])
    copies = [[judged[row] for row in group] for group in rows]
    order = _by_date if newest_first else _by_confidence
    groups = sorted(copies, key=lambda group: order(*group[0]))
    return tuple(_quote(group, revision) for group in groups[:top])


def refuse(
    question: str, filters: Filters, nearest: Sequence[tuple[Found, Judgement]], revision: Revision
) -> Refusal:
    """Say what was missing."""
    words = missing_words(question, revision.lexical, filters)
    covers = revision.catalog.dates(filters)
    best = quotes(nearest, revision, 1)
    if not len(revision.lexical):
        reason = "the index is empty; add articles and run `pullquote index`"
    elif not best:
        reason = "no article passes the filters"
    elif words and not any(found.candidate.coverage for found, _ in nearest):
        reason = "no article mentions " + ", ".join(words)
    elif best[0].confidence < 0.005:
        reason = "no sentence in the articles comes near the question"
    else:
        reason = f"the nearest sentence answers with a confidence of only {best[0].confidence:.2f}"
    return Refusal(reason, words, covers, best[0] if best else None)


def _by_confidence(found: Found, judgement: Judgement) -> tuple[float, float]:
    published = found.filed.article.published or date.min
    return -judgement.confidence, -published.toordinal()


def _by_date(found: Found, judgement: Judgement) -> tuple[float, float]:
    return _by_confidence(found, judgement)[::-1]


def _quote(group: list[tuple[Found, Judgement]], revision: Revision) -> Quote:
    """Quote the earliest of the copies; those without a date come after those with one."""
    first, *others = sorted(
        group,
        key=lambda each: (
            each[0].filed.article.published or date.max,
            each[0].filed.article.id,  # not the number, which depends on the order of arrival
            each[0].id,
        ),
    )
    found, judgement = first
    article, sentence = found.filed.article, found.candidate.sentence
    text = found.text
    proven = embedding_key(revision.encoder, text) == revision.catalog.key_of(found.id)
    if not proven or article.digest != found.filed.digest:
        raise StoreDamagedError(
            revision.catalog.path, f"{article.id} no longer holds the words that were indexed"
        )
    also_in = {other.filed.article.id: other.filed.article for other, _ in others}
    also_in.pop(article.id, None)
    return Quote(
        article=article,
        start=sentence.start,
        end=sentence.end,
        text=text,
        paragraph=sentence.paragraph,
        confidence=max(judgement.confidence for _, judgement in group),
        highlight=judgement.highlight,
        before=article.text[found.around[0].start : sentence.start],
        after=article.text[sentence.end : found.around[-1].end],
        also_in=tuple(also_in.values()),
        voices=voices([article, *also_in.values()]) if also_in else 1,
    )
