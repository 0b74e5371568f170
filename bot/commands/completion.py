"""The command `completion`: the lines that make a shell complete ``pullquote``."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from bot.console import echo

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> int:
    """Print what SHELL needs to complete commands, options, and outlets from the index.

    \b
    eval "$(pullquote completion bash)"              (in ~/.bashrc; zsh likewise)
    pullquote completion fish > ~/.config/fish/completions/pullquote.fish
    """
    root = context.find_root().command
    echo(SHELLS[shell](root, {}, "pullquote", "_PULLQUOTE_COMPLETE").source())
    return 0
