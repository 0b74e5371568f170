"""Figures -> tables for a terminal, as rich ``Table``; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.render.layout import BLANK, INDENT, Hanging
from bot.signs import visible
from index.measure.evaluate import Evaluation, Outcome
from index.measure.figures import Level, Threshold
from index.records import Article, Considered

EXPLAINED = 20
"""Candidates that are explained to a person."""
_MARKS = {"right": "green", "refused": "green", "wrong": "red", "missed": "yellow"}


def articles(listed: Sequence[Article]) -> RenderableType:
    """A line for each article: its day, outlet, title and id, the outlets of one width."""
    width = max((cell_len(visible(each.outlet or "-")) for each in listed), default=0)
    return Group(*(_article(each, width) for each in listed))


def _article(article: Article, width: int) -> Hanging:
    published = article.published.isoformat() if article.published else "undated"
    outlet = visible(article.outlet or "-")
    lead = Text(f"{published:10}  ").append(outlet + " " * (width - cell_len(outlet)) + "  ")
    body = Text(" ".join(visible(article.title).split()), "bold")
    return Hanging(lead, body.append(f"  {visible(article.id)}", "not bold dim"))


def outlets(counts: Mapping[str, int]) -> RenderableType:
    """A line for each outlet: the number of its articles, and its name."""
    width = max((len(f"{count:,}") for count in counts.values()), default=0)
    return Group(
        *(
            Hanging(Text(f"{count:{width},}  "), Text(visible(name)))
            for name, count in counts.items()
        )
    )


def settings(found: Sequence[Mapping[str, str | None]]) -> RenderableType:
    """A line for each setting: its name, its value, and where it is ``from``."""
    width = max(len(each["name"] or "") for each in found)
    return Group(
        *(
            Hanging(
                Text(f"{each['name']:{width}}  "),
                Text(visible(each["value"]) if each["value"] is not None else "unset").append(
                    f"  ({each['from']})", "dim"
                ),
            )
            for each in found
        )
    )


def explained(every: Sequence[Considered]) -> RenderableType:
    """A block a candidate: numbers below each other, what became of it, and its words."""
    head = Text(" meaning  words  fused  reader  confidence  ", "heading")
    lines: list[RenderableType] = [BLANK, Hanging(head, Text("fate", "heading"))]
    for each in every[:EXPLAINED]:
        fused = f"{each.candidate.score:.2f}"
        reader = "-" if each.reader is None else f"{each.reader:.2f}"
        sureness = "-" if each.confidence is None else f"{each.confidence:.2f}"
        numbers = f"{each.meaning or '-':>8}  {each.words or '-':>5}  {fused:>5}  {reader:>6}"
        lines.append(Hanging(Text(f"{numbers}  {sureness:>10}  "), Text(each.fate)))
        words = Text(visible(" ".join(each.text.split()))).append("  ")
        words.append(visible(each.candidate.sentence.article), "source")
        lines.append(Hanging(INDENT, words))
    if len(every) > EXPLAINED:
        lines.append(Text(f"{len(every) - EXPLAINED} more; --json has all", "source"))
    return Group(*lines)


def evaluation(result: Evaluation, *, verbose: bool = False) -> RenderableType:
    """All figures, the curve and the reliability table; each question with ``verbose``."""
    answerable = sum(each.case.answerable for each in result.outcomes)
    figures = {
        "questions": f"{len(result.outcomes)}, {answerable} of them answerable",
        "right sentence first": _share(result.first),
        "among the first 3": _share(result.first_3),
        "among the first 10": _share(result.first_10),
        "MRR@10": _share(result.mrr),
        "span F1": _share(result.span_f1),
        "span exact match": _share(result.span_exact),
        "threshold": _share(result.threshold),
        "answered": _share(result.answered),
        "precision of the answered": _share(result.precision),
        "refusal precision": _share(result.refusal_precision),
        "refusal recall": _share(result.refusal_recall),
        "AUROC, answerable or not": _share(result.auroc),
        "AURC": _share(result.aurc),
        "expected calibration error": _share(result.ece),
    }
    plain = Table(box=None, show_header=False, pad_edge=False)
    plain.add_column()
    plain.add_column(justify="right")
    for name, figure in figures.items():
        plain.add_row(name, figure)
    parts: list[RenderableType] = [_questions(result.outcomes), ""] if verbose else []
    parts += [plain, "", coverage(result.curve), "", _reliability(result)]
    return Group(*parts)


def coverage(levels: Iterable[Level]) -> Table:
    """Coverage against precision, from the surest on."""
    table = _table("threshold", "answered", "coverage", "precision", "risk")
    for level in levels:
        shares = (level.coverage, level.precision, 1 - level.precision)
        table.add_row(_share(level.threshold), str(level.answered), *map(_share, shares))
    return table


def threshold(fitted: Threshold, *, kept: bool) -> RenderableType:
    """Coverage against precision, the threshold that was chosen, and whether the index keeps it."""
    chosen = fitted.chosen
    told = (
        f"threshold {chosen.threshold:.4f}: {chosen.answered} of {chosen.of} questions answered, "
        f"{chosen.right} of them right\n"
    )
    if perhaps := fitted.perhaps:
        told += (
            f"perhaps from {perhaps.threshold:.4f}: {perhaps.answered} more, "
            f"{perhaps.right} of them right\n"
        )
    else:
        told += "nothing below it is right often enough to be shown as perhaps\n"
    told += "kept in the index" if kept else "a dry run: the index keeps what it had"
    return Group(coverage(fitted.levels), "", Text(told))


def _reliability(result: Evaluation) -> Table:
    table = _table("confidence", "questions", "mean", "right")
    for each in result.reliability:
        between = f"{each.low:.1f}-{each.high:.1f}"
        table.add_row(between, str(each.questions), _share(each.confidence), _share(each.right))
    return table


def _questions(outcomes: Iterable[Outcome]) -> Group:
    """A line each, whole also when piped: verdict, rank, confidence, question, best quote."""
    lines = []
    for each in outcomes:
        lead = Text.assemble((f"{each.verdict:7}", _MARKS[each.verdict]))
        lead.append(f" {each.rank or '-':>2}  {each.confidence:.3f}  ")
        quote = " ".join(each.best.text.split()) if each.best else "-"
        body = Text.assemble((visible(each.case.question), "heading"), "  ")
        lines.append(Hanging(lead, body.append(visible(quote), "source")))
    return Group(*lines)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
