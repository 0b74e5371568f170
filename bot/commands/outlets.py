"""The command `outlets`: who published the articles of the index, and how many."""

from __future__ import annotations

from collections import Counter

import click

from bot.console import Workspace, as_json_option, echo, print_json, print_text


@click.command("outlets")
@as_json_option
@click.pass_obj
def outlets_command(workspace: Workspace, as_json_: bool) -> int:
    """List the outlets with the number of their articles, in the order of the alphabet."""
    named = (each.outlet for each in workspace.library.articles())
    counts = dict(sorted(Counter(outlet for outlet in named if outlet).items()))
    if as_json_:
        print_json([{"outlet": name, "articles": count} for name, count in counts.items()])
    else:
        from bot.render import tables

        print_text(tables.outlets(counts))
    if not counts:
        echo("pullquote: no article names its outlet", err=True)
    return 0
