"""Thumbs in Discord -> labelled questions for `pullquote eval` and `pullquote calibrate`.

A thumb up on a quote says that it answers; one on a refusal, that nothing does. A thumb down says
only that *this* quote is wrong: not which one is right, nor that there is none. No line of
``docs/evaluating.md`` can say so, hence it only takes away from the thumbs up; ``--disputed``
writes what was voted down for a person to label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TextIO

import click

from bot.console import Workspace, echo, to_json
from index.errors import PullquoteError, ReceiptError
from index.library import Library
from index.records import Filters

if TYPE_CHECKING:
    from bot.conversation.memory import Vote


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on one quote, or on the refusal (no ``receipt``), of one question."""

    question: str
    receipt: str | None
    up: int
    down: int
    at: float
    names: tuple[str, ...]

    @property
    def trusted(self) -> bool:
        """Whether more say that it is right than that it is not."""
        return self.up > self.down


@click.group("feedback")
def feedback_command() -> None:
    """What people thought of the answers in Discord."""


@feedback_command.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.option("--disputed", is_flag=True, help="Write what was voted down, to label by hand.")
@click.pass_obj
def export(workspace: Workspace, file: TextIO, disputed: bool) -> int:
    """Write the thumbs as labelled questions to FILE (stdout by default), a JSON object a line.

    `pullquote eval` and `pullquote calibrate` read it. What was voted up and not more often down
    is written, once for each question; a receipt whose article has changed since is left out.

    \b
    pullquote feedback export questions.jsonl
    pullquote calibrate questions.jsonl
    """
    from bot.conversation.memory import Memory

    library, path = workspace.library, workspace.memory_path
    if not path.exists():
        raise PullquoteError(f"{path}: no bot has run over this index yet; start `pullquote bot`")
    memory = Memory(path)
    try:
        votes = memory.votes()
    finally:
        memory.close()
    tallies = count(votes, library.collections().keys())
    if disputed:
        lines = [_disputed(each) for each in tallies if each.receipt and not each.trusted]
        left_out = 0
    else:
        trusted = [each for each in chosen(tallies) if each.trusted]
        usable = [each for each in trusted if _stands(library, each.receipt)]
        lines, left_out = [_case(each) for each in usable], len(trusted) - len(usable)
    file.write("".join(to_json(line) + "\n" for line in lines))
    echo(
        f"pullquote: {len(lines)} questions from {len(votes)} thumbs; {left_out} left out because "
        "their article has changed or gone since",
        err=True,
    )
    return 0


def count(votes: Sequence[Vote], collections: Collection[str]) -> list[Tally]:
    """Count the votes by question and quote, in the order in which they were first given.

    A refusal under filters, or of less than all ``collections``, does not say that the articles
    don't answer, so a vote on it does not count.
    """
    groups: defaultdict[tuple[str, str | None], list[Vote]] = defaultdict(list)
    for vote in votes:
        if vote.receipt or _unrestricted(vote.filters, collections):
            groups[_folded(vote.question), vote.receipt].append(vote)
    return [
        Tally(
            question=group[-1].question,
            receipt=receipt,
            up=sum(vote.up for vote in group),
            down=sum(not vote.up for vote in group),
            at=max(vote.at for vote in group),
            names=tuple(sorted({vote.name for vote in group if vote.name})),
        )
        for (_, receipt), group in groups.items()
    ]


def chosen(tallies: Sequence[Tally]) -> Iterator[Tally]:
    """Of each question, the quote that most say is right, the latest of equals; else the refusal.

    A question whose quote is trusted is answerable, whatever was thought of a refusal before.
    """
    best: dict[str, Tally] = {}

    def rank(tally: Tally) -> tuple[bool, bool, int, float]:
        return tally.trusted, tally.receipt is not None, tally.up - tally.down, tally.at

    for tally in tallies:
        name = _folded(tally.question)
        best[name] = max(best.get(name, tally), tally, key=rank)
    yield from best.values()


def _unrestricted(filters: Filters, collections: Collection[str]) -> bool:
    if replace(filters, collections=None):
        return False
    return filters.collections is None or set(collections) <= set(filters.collections)


def _stands(library: Library, receipt: str | None) -> bool:
    """Whether the article of a receipt is as it was; `eval` refuses one that has changed."""
    if receipt is None:
        return True
    try:
        view = library.source(receipt)
    except ReceiptError:
        return False
    return view.current is None and not view.withdrawn


def _case(tally: Tally) -> dict[str, object]:
    if tally.receipt:
        return {"question": tally.question, "receipt": tally.receipt, **_counts(tally)}
    return {"question": tally.question, "answers": [], **_counts(tally)}


def _disputed(tally: Tally) -> dict[str, object]:
    # Not under "question": `eval` would take a line without answers for an unanswerable one.
    return {"disputed": tally.question, "wrong_receipt": tally.receipt, **_counts(tally)}


def _counts(tally: Tally) -> dict[str, object]:
    by = {"by": list(tally.names)} if tally.names else {}
    return {"up": tally.up, "down": tally.down, **by}


def _folded(question: str) -> str:
    return " ".join(question.casefold().split())
