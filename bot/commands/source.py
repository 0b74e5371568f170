"""The command `source`: a receipt -> the article as it was quoted."""

from __future__ import annotations

import click

from bot.console import Workspace, as_json_option, echo, open_option, print_json


@click.command("source")
@click.argument("receipt")
@click.option("--diff", is_flag=True, help="Show what has changed in the article since.")
@open_option
@as_json_option
@click.pass_obj
def source_command(
    workspace: Workspace, receipt: str, diff: bool, open_: bool, as_json_: bool
) -> int:
    """Show the article at a RECEIPT as it was quoted, the quote marked; on a terminal by $PAGER.

    That it has changed, or is gone, since is said on stderr. With --diff, only what has changed is
    shown; with --json, both versions are in it, and --diff does nothing.
    """
    view = workspace.library.source(receipt)
    if view.current:
        echo("pullquote: the article has changed since; this is as it was quoted", err=True)
    if view.withdrawn:
        echo("pullquote: the article is gone from the index since", err=True)
    if view.weak:
        echo(
            "pullquote: this receipt is of an earlier version, and short: another text could have "
            "been made to fit it; its quote, asked or checked again, has a receipt that proves it",
            err=True,
        )
    if as_json_:
        from bot.render import as_json

        print_json(as_json.source(view))
        return 0
    from bot.pager import open_article, page_text
    from bot.render import terminal

    if open_:
        open_article(view.article, view.article.text[view.start : view.end])
    else:
        page_text(terminal.difference(view) if diff else terminal.source(view))
    return 0
