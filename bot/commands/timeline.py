"""The command `timeline`: a story over time, one quote a day or article, the newest last."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from bot.console import (
    EXIT_NO_ANSWER,
    Day,
    Workspace,
    article_option,
    echo,
    forgiven,
    index_at_first,
    outlet_option,
    possible,
    print_json,
    print_text,
    since_option,
    until_option,
)
from index.records import Filters

if TYPE_CHECKING:
    from index.ask.timeline import Every


@click.command("timeline")
@click.argument("words", nargs=-1, required=True)
@since_option
@until_option
@click.option("--as-of", type=Day(end=True), help="As the archive stood on this day.")
@outlet_option
@article_option
@click.option(
    "--every",
    type=click.Choice(["day", "article"]),
    default="day",
    show_default=True,
    help="What has one quote each.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["plain", "md", "html", "json"]),
    default="plain",
    show_default=True,
    help="What is printed.",
)
@click.pass_obj
def timeline_command(
    workspace: Workspace,
    words: tuple[str, ...],
    since: date | None,
    until: date | None,
    as_of: date | None,
    outlet: tuple[str, ...],
    article: str | None,
    every: Every,
    format_: str,
) -> int:
    """Tell the story of a question, or of WORDS, over time: one quote a day, the newest last.

    Copies of the same words are told once, on their first day; articles without a date are left
    out. Exit code 4 if there is nothing to tell.

    \b
    pullquote timeline "ceasefire in Aleppo"
    pullquote timeline "the new bridge" --since "March 2016" --format html > bridge.html
    """
    # A shell may hand over bytes that are no UTF-8; they become question marks.
    text = " ".join(words).strip().encode(errors="replace").decode()
    if not text:
        raise click.UsageError("say what the story is about")
    index_at_first(workspace)
    filters = possible(Filters(since, until, outlet or None, article))
    filters = forgiven(filters, workspace.library)
    story = workspace.library.timeline(text, filters=filters, every=every, as_of=as_of)
    from bot.render import timeline as render

    if format_ == "json":
        print_json(render.to_json(story))
    elif format_ == "md":
        echo(render.markdown(story))
    elif format_ == "html":
        echo(render.html(story))
    else:
        print_text(render.plain(story))
    if not story.quotes:
        echo("pullquote: no dated article comes near enough to that", err=True)
        return EXIT_NO_ANSWER
    return 0
