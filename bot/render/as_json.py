"""Answer -> the JSON that ``docs/json.md`` describes; offsets are code points, dates ISO 8601."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from index.ask.source import SourceView
from index.english.dates import mentioned
from index.library import Status
from index.records import Answer, Article, Considered, Failure, Quote, Refusal

if TYPE_CHECKING:
    from index.ask.check import Check, Match
    from index.ingest.sync import Report
    from index.measure.evaluate import Evaluation, Outcome
    from index.measure.figures import Level, Threshold


def answer(answer: Answer) -> dict[str, Any]:
    """An answer; ``explain`` is there only when the answer carries its candidates."""
    rendered = {
        "question": answer.question,
        "understood_as": answer.understood_as,
        "did_you_mean": answer.did_you_mean,
        "time": answer.time,
        "quotes": [quote(each) for each in answer.quotes],
        "verdict": verdict(answer),
        "perhaps": [quote(each) for each in answer.perhaps],
        "sure_from": round(answer.sure_from, 4),
        "perhaps_from": round(answer.perhaps_from, 4),
        "conflicts": [list(pair) for pair in answer.conflicts],
        "refusal": refusal(answer.refusal) if answer.refusal else None,
        "revision": answer.revision,
        "newest": _day(answer.newest),
        "undated_left_out": answer.undated_left_out,
        "unknown_outlets": list(answer.unknown_outlets),
        "elapsed_ms": round(answer.elapsed_ms, 1),
    }
    if answer.considered:
        rendered["explain"] = [_considered(each) for each in answer.considered]
    return rendered


def _considered(each: Considered) -> dict[str, Any]:
    signals = ("cosine", "coverage", "context", "score")
    return {
        "article": each.candidate.sentence.article,
        "start": each.candidate.sentence.start,
        "end": each.candidate.sentence.end,
        "text": each.text,
        "rank_by_meaning": each.meaning,
        "rank_by_words": each.words,
        **{name: round(getattr(each.candidate, name), 4) for name in signals},
        "reader": None if each.reader is None else round(each.reader, 4),
        "confidence": None if each.confidence is None else round(each.confidence, 4),
        "fate": each.fate,
    }


def verdict(answer: Answer) -> str:
    """``sure``, ``perhaps`` or ``refused``."""
    if answer.quotes:
        return "sure"
    return "perhaps" if answer.perhaps else "refused"


def quote(quote: Quote) -> dict[str, Any]:
    """A quote with its place and its receipt."""
    return {
        "text": quote.text,
        "article": article(quote.article),
        "start": quote.start,
        "end": quote.end,
        "paragraph": quote.paragraph,
        "highlight": list(quote.highlight) if quote.highlight else None,
        "context": {"before": quote.before, "after": quote.after},
        "confidence": round(quote.confidence, 4),
        "also_in": [article(each) for each in quote.also_in],
        "voices": quote.voices,
        "said_by": _place(quote.article.text, quote.said_by) if quote.said_by else None,
        "lead": [_place(quote.article.text, span) for span in quote.lead],
        "against": _place(quote.article.text, quote.against) if quote.against else None,
        "dates": [
            {"start": start, "end": end, "day": day.isoformat()}
            for start, end, day in mentioned(quote)
        ],
        "receipt": str(quote.receipt),
    }


def _place(text: str, span: tuple[int, int]) -> dict[str, Any]:
    start, end = span
    return {"text": text[start:end], "start": start, "end": end}


def check(check: Check) -> dict[str, Any]:
    """A quotation that was looked up, with the passages that hold it."""
    matches = [_match(each, check.text) for each in check.matches]
    return {
        "text": check.text,
        "found": check.found,
        "matches": matches,
        "revision": check.revision,
    }


def _match(match: Match, text: str) -> dict[str, Any]:
    body = match.article.text
    return {
        "kind": match.kind,
        "text": body[match.start : match.end],
        "article": article(match.article),
        "start": match.start,
        "end": match.end,
        "spans": [list(span) for span in match.spans],
        "similarity": round(match.similarity, 4),
        "sentence": _place(body, match.whole),
        "around": [_place(body, span) for span in match.around],
        "turned": [_place(body, span) for span in match.turned],
        "differences": [
            {
                "kind": each.kind,
                "asked": {"span": list(each.asked), "text": text[slice(*each.asked)]},
                "found": {"span": list(each.found), "text": body[slice(*each.found)]},
            }
            for each in match.differences
        ],
        "receipt": str(match.receipt),
    }


def refusal(refusal: Refusal) -> dict[str, Any]:
    """Why nothing was quoted."""
    return {
        "reason": refusal.reason,
        "missing_words": list(refusal.missing_words),
        "filtered_words": list(refusal.filtered_words),
        "covers": [_day(day) for day in refusal.covers] if refusal.covers else None,
        "nearest": quote(refusal.nearest) if refusal.nearest else None,
    }


def article(article: Article) -> dict[str, Any]:
    """Where a quote is from."""
    return {
        "id": article.id,
        "title": article.title,
        "path": article.path,
        "url": article.url,
        "author": article.author,
        "outlet": article.outlet,
        "published": _day(article.published),
    }


def source(view: SourceView) -> dict[str, Any]:
    """A whole article with the place of a receipt in it."""
    return {
        "article": {**article(view.article), "text": view.article.text},
        "start": view.start,
        "end": view.end,
        "changed": view.current is not None,
        "now": view.current.text if view.current else None,
        "gone": view.withdrawn,
        "weak": view.weak,
    }


def report(report: Report) -> dict[str, Any]:
    """What bringing the index up to date did."""
    failed = [{"path": str(error.path), "reason": error.reason} for error in report.failed]
    told = {**asdict(replace(report, failed=(), named=())), "failed": failed}
    del told["named"]  # numbers are what a program wants of each run
    return told


def failure(failure: Failure) -> dict[str, Any]:
    """What could not be taken; times are ISO 8601, in UTC."""
    times = {
        "first": failure.first.isoformat(),
        "last": failure.last.isoformat(),
        "next_try": failure.next_try.isoformat() if failure.next_try else None,
    }
    return {**asdict(failure), **times}


def status(status: Status) -> dict[str, Any]:
    """What the index holds."""
    covers = [_day(day) for day in status.covers] if status.covers else None
    return {**asdict(status), "folder": str(status.folder), "covers": covers}


def evaluation(result: Evaluation, *, verbose: bool = False) -> dict[str, Any]:
    """The figures of labelled questions; ``outcomes`` are there only with ``verbose``."""
    rendered = {
        "questions": len(result.outcomes),
        "answerable": sum(each.case.answerable for each in result.outcomes),
        "first": result.first,
        "first_3": result.first_3,
        "first_10": result.first_10,
        "mrr_10": result.mrr,
        "span_f1": result.span_f1,
        "span_exact": result.span_exact,
        "threshold": result.threshold,
        "answered": result.answered,
        "precision": result.precision,
        "refusal_precision": result.refusal_precision,
        "refusal_recall": result.refusal_recall,
        "auroc": result.auroc,
        "aurc": result.aurc,
        "ece": result.ece,
        "curve": [level(each) for each in result.curve],
        "reliability": [asdict(each) for each in result.reliability],
    }
    if verbose:
        rendered["outcomes"] = [_outcome(each) for each in result.outcomes]
    return rendered


def threshold(fitted: Threshold, *, wanted: float, kept: bool) -> dict[str, Any]:
    """A threshold that was fitted to a wanted precision, and whether the index keeps it."""
    return {
        **level(fitted.chosen),
        "perhaps": level(fitted.perhaps) if fitted.perhaps else None,
        "wanted": wanted,
        "kept": kept,
        "levels": [level(each) for each in fitted.levels],
    }


def level(level: Level) -> dict[str, Any]:
    """What a threshold does."""
    return {**asdict(level), "coverage": level.coverage, "precision": level.precision}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "question": outcome.case.question,
        "verdict": outcome.verdict,
        "answerable": outcome.case.answerable,
        "rank": outcome.rank,
        "confidence": outcome.confidence,
        "text": outcome.best.text if outcome.best else None,
        "receipt": str(outcome.best.receipt) if outcome.best else None,
        "highlight": outcome.highlight,
        "f1": outcome.span[0] if outcome.span and outcome.highlight else None,
        "exact": bool(outcome.span[1]) if outcome.span and outcome.highlight else None,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
