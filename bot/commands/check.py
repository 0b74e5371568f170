"""The command `check`: a quotation -> where it stands in the articles."""

from __future__ import annotations

import sys

import click

from bot.console import (
    EXIT_NO_ANSWER,
    Workspace,
    as_json_option,
    index_at_first,
    print_json,
    print_text,
)
from bot.render import as_json


@click.command("check")
@click.argument("text", nargs=-1, required=True)
@click.option("--top", type=click.IntRange(1, 100), default=5, help="Passages at the most.")
@as_json_option
@click.pass_obj
def check_command(workspace: Workspace, text: tuple[str, ...], top: int, as_json_: bool) -> int:
    """Say whether TEXT (or - for stdin) stands in the articles, and where: earliest source first.

    Word for word is exit code 0; with other words, signs, dashes or capitals, which are marked, or
    nowhere, is 4; so is word for word in sentences that may turn it round ("It is not true that"),
    which are shown whole. White space and the shape of quote marks don't count, and "..." stands
    for words left out.

    \b
    pullquote check "the war will continue"
    pbpaste | pullquote check -
    """
    words = sys.stdin.read() if text == ("-",) else " ".join(text)
    words = words.encode(errors="replace").decode()  # a shell may hand over bytes that are no UTF-8
    if not any(letter.isalnum() for letter in words):
        raise click.UsageError("give the words to look up")
    index_at_first(workspace)
    check = workspace.library.check(words, top=top)
    if as_json_:
        print_json(as_json.check(check))
    else:
        from bot.render import checked

        print_text(checked.check(check))
    return 0 if check.exact else EXIT_NO_ANSWER
