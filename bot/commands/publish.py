"""The command `publish`: the index in the folder -> the same revision in the store."""

from __future__ import annotations

import click

from bot.console import Workspace, echo, locked, progress_bar


@click.command("publish")
@click.option(
    "--anew",
    is_flag=True,
    help="Write everything again, also over the articles of another index.",
)
@click.pass_obj
def publish_command(workspace: Workspace, anew: bool) -> int:
    """Make what the index holds the live revision of the Milvus that PULLQUOTE_STORE names.

    `pullquote index` does so itself; this mirrors an index that was there before, and mends what
    `doctor` found. Who asks is answered from the revision before until this one is whole.
    """
    library = workspace.library
    if workspace.settings.store is None:
        raise click.UsageError("there is nothing to publish to; set PULLQUOTE_STORE")
    with progress_bar() as progress:
        done = locked(lambda wait_s: library.publish(anew=anew, wait_s=wait_s, progress=progress))
    echo(f"revision {done.revision} is live: {done.added} articles came, {done.removed} went")
    return 0
