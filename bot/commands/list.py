"""The command `list`: the articles of the index, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import click

from bot.console import (
    Workspace,
    as_json_option,
    echo,
    forgiven,
    format_option,
    outlet_option,
    possible,
    print_json,
    print_text,
    since_option,
    undated_option,
    until_option,
)
from index.records import Filters

if TYPE_CHECKING:
    from index.records import Article


@click.command("list")
@since_option
@until_option
@undated_option
@outlet_option
@format_option
@as_json_option
@click.pass_obj
def list_command(
    workspace: Workspace,
    since: date | None,
    until: date | None,
    undated: bool,
    outlet: tuple[str, ...],
    format_: str,
    as_json_: bool,
) -> int:
    """List the articles: day, outlet, title, id; the newest first, undated ones last.

    \b
    pullquote list --since "March 1987" --outlet Reuters
    """
    filters = possible(Filters(since, until, outlet or None, undated=undated))
    filters = forgiven(filters, workspace.library)
    passing = workspace.library.articles(filters)
    # Without their texts: only these are large, and none is shown.
    listed = sorted((replace(each, text="") for each in passing), key=_place)
    if as_json_:
        from bot.render import as_json

        print_json([as_json.article(each) for each in listed])
    elif format_ != "plain":
        _print_as(format_, listed)
    else:
        from bot.render import tables

        print_text(tables.articles(listed))
    narrowed = workspace.library.narrowed(filters)
    for told in (narrowed.nothing,) if narrowed.nothing else narrowed.unknown:
        echo(f"pullquote: {told}", err=True)
    if narrowed.undated:
        from bot.render.terminal import left_out

        echo(f"pullquote: {left_out(narrowed.undated)}", err=True)
    return 0


def _print_as(format_: str, listed: Sequence[Article]) -> None:
    """Print articles in a format that a program or a page takes."""
    from bot.render import as_json, formats

    if format_ == "csv":
        echo(formats.csv([formats.ARTICLE, *map(formats.article, listed)]))
    for each in listed if format_ == "jsonl" else ():
        print_json(as_json.article(each), indent=None)
    for each in listed if format_ == "md" else ():
        echo(formats.listed(each))


def _place(article: Article) -> tuple[int, str, str, str]:
    """Where it stands in the list: by day, then outlet, title, id."""
    day = -article.published.toordinal() if article.published else 0
    return day, article.outlet or "", article.title, article.id
