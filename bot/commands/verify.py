"""The command `verify`: the index against the files it was made from."""

from __future__ import annotations

import click

from bot.console import EXIT_FAULT, Workspace, as_json_option, echo, print_json, progress_bar


@click.command("verify")
@as_json_option
@click.pass_obj
def verify_command(workspace: Workspace, as_json_: bool) -> int:
    """Compare every sentence of the index with the files on disk; exit code 1 if any differs.

    What can't be read, and is listed by `pullquote status --failed`, is not compared.
    """
    with progress_bar() as progress:
        wrong = workspace.library.verify(progress)
    status = workspace.library.status()
    if status.failed:
        echo(
            f"pullquote: {status.failed} files, records, pages or feeds can't be taken, and were "
            "not compared; see `pullquote status --failed`",
            err=True,
        )
    if as_json_:
        print_json({"sentences": status.sentences, "wrong": wrong})
    else:
        for line in wrong:
            echo(line)
        verdict = f"{len(wrong)} faults" if wrong else "as on disk"
        echo(f"{status.articles} articles, {status.sentences} sentences: {verdict}")
    return EXIT_FAULT if wrong else 0
