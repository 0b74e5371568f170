"""The command `doctor`: everything that can be wrong -> what to do about it."""

from __future__ import annotations

from typing import Any

import click

from bot.console import EXIT_FAULT, Workspace, as_json_option, echo, print_json, progress_bar
from index.ask.reader import Reader
from index.errors import ModelError


@click.command("doctor")
@as_json_option
@click.pass_obj
def doctor_command(workspace: Workspace, as_json_: bool) -> int:
    """Look at everything that can be wrong, and say what to do; exit code 1 if anything is."""
    findings: list[dict[str, Any]] = []
    with progress_bar() as progress:
        for finding in workspace.library.examine(progress):
            findings.append({"what": finding.what, "problems": list(finding.problems)})
    findings.append({"what": "reader", "problems": _reader_problems()})
    if as_json_:
        print_json(findings)
    else:
        for each in findings:
            echo(f"{'wrong' if each['problems'] else 'ok   '}  {each['what']}")
            for problem in each["problems"]:
                echo(f"       {problem}")
    return EXIT_FAULT if any(each["problems"] for each in findings) else 0


def _reader_problems() -> list[str]:
    try:
        Reader().load()
    except ModelError as exc:
        return [str(exc)]
    return []
