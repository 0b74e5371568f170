"""The command `ask`: a question -> quotes, or why there are none."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date

import click

from bot.console import (
    EXIT_NO_ANSWER,
    Day,
    Workspace,
    article_option,
    as_json_option,
    echo,
    forgiven,
    format_option,
    index_at_first,
    outlet_option,
    possible,
    print_json,
    print_text,
    since_option,
    undated_option,
    until_option,
)
from bot.render import as_json
from index.english import smalltalk
from index.records import Answer, Filters, Refusal


@click.command("ask")
@click.argument("question", nargs=-1)
@click.option("--top", type=click.IntRange(1, 100), default=3, help="Quotes at the most.")
@since_option
@until_option
@click.option("--as-of", type=Day(end=True), help="Answer as the archive stood on this day.")
@undated_option
@outlet_option
@article_option
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    help="Show quotes that are at least so sure, instead of what `calibrate` fitted.",
)
@click.option(
    "--sort",
    type=click.Choice(["confidence", "newest"]),
    default="confidence",
    show_default=True,
    help="Which of the quotes come first.",
)
@click.option("--context", is_flag=True, help="Show the sentences around each quote.")
@click.option(
    "--explain", is_flag=True, help="Show every candidate, its scores, and what became of it."
)
@click.option(
    "--render", type=click.Choice(["discord"]), help="Print the JSON that the bot would send."
)
@click.option(
    "--questions",
    type=click.File(encoding="utf-8", errors="replace"),
    help="A file with a question a line, or - for stdin; one JSON object a line comes out, "
    "or what --format says.",
)
@format_option
@as_json_option
@click.pass_obj
def ask_command(
    workspace: Workspace,
    question: tuple[str, ...],
    top: int,
    since: date | None,
    until: date | None,
    as_of: date | None,
    undated: bool,
    outlet: tuple[str, ...],
    article: str | None,
    min_confidence: float | None,
    sort: str,
    context: bool,
    explain: bool,
    render: str | None,
    questions: Iterable[str] | None,
    format_: str,
    as_json_: bool,
) -> int:
    """Quote the sentences that answer QUESTION (or - for stdin), with their source.

    The exit code is 4 if nothing is sure enough to be an answer.

    \b
    pullquote ask "who vetoed the ceasefire?"
    pullquote ask "what did the bank announce?" --since "March 1987" --outlet Reuters
    pullquote ask --questions questions.txt > answers.jsonl
    """
    if bool(question) == (questions is not None):
        raise click.UsageError("give a question, or --questions FILE (- for stdin), not both")
    text = _clean(sys.stdin.read() if question == ("-",) else " ".join(question))
    filters = possible(Filters(since, until, outlet or None, article, undated=undated))
    if as_of and since and since > as_of:
        raise click.UsageError(f"--since {since} is after --as-of {as_of}")
    if questions is not None or not smalltalk.reply(text):
        index_at_first(workspace)
        filters = forgiven(filters, workspace.library)

    def answer(text: str) -> Answer:
        if told := smalltalk.reply(text):
            return Answer(text, (), Refusal(told), workspace.library.revision, None, 0.0)
        return workspace.library.ask(
            text,
            top=top,
            filters=filters,
            threshold=min_confidence,
            newest_first=sort == "newest",
            as_of=as_of,
            trace=explain,
        )

    if questions is not None:
        asked = (line.strip() for line in questions if line.strip())
        _print_as("jsonl" if format_ == "plain" else format_, map(answer, asked))
        return 0
    reply = answer(text)
    if render:
        from bot.discord.views import payload
        from bot.render import discord

        print_json(payload(discord.answer(reply, key="0")))
    elif as_json_:
        print_json(as_json.answer(reply))
    elif format_ != "plain":
        _print_as(format_, [reply])
    else:
        _show(reply, context=context)
    return 0 if reply.quotes else EXIT_NO_ANSWER


def _show(reply: Answer, *, context: bool) -> None:
    """Print an answer for people; to what was no question, only what is said to it."""
    if told := smalltalk.reply(reply.question):
        echo(told)
        return
    from bot.render import terminal

    print_text(terminal.answer(reply, context=context))
    if reply.considered:
        from bot.render import tables

        print_text(tables.explained(reply.considered))


def _print_as(format_: str, replies: Iterable[Answer]) -> None:
    """Print answers as they come, in a format that a program or a page takes."""
    from bot.render import formats

    if format_ == "csv":
        echo(formats.csv([formats.ANSWER]))
    for reply in replies:
        if format_ == "jsonl":
            print_json(as_json.answer(reply), indent=None)
        elif format_ == "csv":
            echo(formats.csv(formats.rows(reply)))
        else:
            echo(formats.markdown(reply))


def _clean(text: str) -> str:
    """In one line; a shell may hand over bytes that are no UTF-8: they become question marks."""
    return " ".join(text.encode(errors="replace").decode().split())
