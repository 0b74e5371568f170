"""The command `compact`: an index -> a smaller one that answers the same."""

from __future__ import annotations

import click

from bot.console import Workspace, echo, locked, progress_bar


@click.command("compact")
@click.pass_obj
def compact_command(workspace: Workspace) -> int:
    """Give back the space of what is dead: vectors that no article uses, deleted rows.

    It needs room for the index a second time while it runs; questions are answered meanwhile. Old
    versions of articles stay, so that their receipts still resolve.
    """
    library = workspace.library
    before = library.status().size_bytes
    with progress_bar() as progress:
        dropped = locked(lambda wait_s: library.compact(wait_s=wait_s, progress=progress))
    after = library.status().size_bytes
    echo(f"{dropped} vectors dropped; {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} now")
    return 0
