"""The command ``pullquote``: which commands there are, and what exit code each error becomes.

Results go to stdout, everything else to stderr. Exit codes: 0 answered or done, 1 a fault that a
person can mend, 2 usage, 3 a bug, 4 no answer found, 130 interrupted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from bot.console import (
    EXIT_BUG,
    EXIT_FAULT,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    Workspace,
    color_option,
    echo,
    open_library,
)

COMMANDS = {
    "add": "feeds",
    "ask": "ask",
    "bot": "discord",
    "calibrate": "evaluate",
    "chat": "chat",
    "check": "check",
    "compact": "compact",
    "completion": "completion",
    "config": "config",
    "doctor": "doctor",
    "eval": "evaluate",
    "feedback": "feedback",
    "feeds": "feeds",
    "index": "index",
    "list": "list",
    "outlets": "outlets",
    "publish": "publish",
    "serve": "serve",
    "show": "show",
    "source": "source",
    "status": "status",
    "timeline": "timeline",
    "verify": "verify",
}
"""Each command, and the module of ``bot.commands`` in which it is: ``ask_command`` in ``ask``."""


class Commands(click.Group):
    """The commands, of which only the names are known until one is asked for."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a name, imported now; None if there is none."""
        if name in COMMANDS:
            module = import_module(f"bot.commands.{COMMANDS[name]}")
            command: click.Command = getattr(module, f"{name}_command")
            if color_option not in command.params:
                command.params.append(color_option)
            self.add_command(command)
        return super().get_command(context, name)


def main(argv: Sequence[str] | None = None, workspace: Workspace | None = None) -> int:
    """Run one command and return its exit code; a server hands in the ``workspace`` it keeps."""
    try:
        return int(cli.main(argv, prog_name="pullquote", standalone_mode=False, obj=workspace) or 0)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.ClickException as exc:
        shown = io.StringIO()
        exc.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True)
        return EXIT_USAGE
    except (KeyboardInterrupt, click.Abort):
        echo("pullquote: interrupted", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has seen enough, as `head` does.
        sys.stdout = None
        return 0
    except Exception as exc:  # noqa: BLE001 - the last resort, which says so
        import traceback

        from index.errors import PullquoteError

        if isinstance(exc, PullquoteError):
            echo(f"pullquote: {exc}", err=True)
            return EXIT_FAULT
        echo(traceback.format_exc().rstrip("\n"), err=True)
        echo("pullquote: this is a bug; please report the lines above", err=True)
        return EXIT_BUG


@click.group(
    cls=Commands,
    params=[color_option],
    commands={name: click.Command(name) for name in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Completion: eval "$(pullquote completion bash)" (or zsh, fish).',
)
@click.option(
    "--index",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the index lies (PULLQUOTE_INDEX; .pullquote by default).",
)
@click.version_option(package_name="pullquote")
@click.pass_context
def cli(context: click.Context, index: Path | None) -> None:
    """Ask a folder of news articles; be quoted the exact words that answer.

    \b
    pullquote ask "who vetoed the ceasefire?"
    pullquote index ~/clippings
    pullquote source "seeds/a.txt:6-24@uqh5b4hi3jwl2z2de5cobunz4dy7ookz"
    """
    if context.obj:
        return
    from bot.settings import load_settings

    settings = load_settings()
    library = open_library(index or settings.index, settings)
    context.obj = Workspace(library, settings, main)
    context.call_on_close(library.close)


if __name__ == "__main__":
    sys.exit(main())
