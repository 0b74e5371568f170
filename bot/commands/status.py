"""The command `status`: what the index holds, and what could not be taken."""

from __future__ import annotations

import click

from bot.console import EXIT_FAULT, Workspace, as_json_option, print_json, print_text
from bot.render import as_json, holdings


@click.command("status")
@click.option("--failed", is_flag=True, help="List what could not be taken, and why.")
@as_json_option
@click.pass_obj
def status_command(workspace: Workspace, failed: bool, as_json_: bool) -> int:
    """Say what the index holds: articles, sentences, dates, encoder, revision, size."""
    library = workspace.library
    if failed:
        failures = library.failures()
        if as_json_:
            print_json([as_json.failure(each) for each in failures])
        else:
            print_text(holdings.failures(failures))
        return EXIT_FAULT if failures else 0
    status = library.status()
    if as_json_:
        print_json(as_json.status(status))
    else:
        print_text(holdings.status(status))
    return 0
