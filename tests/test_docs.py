"""What the documents promise is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from bot.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CONTEXT = click.Context(cli)
COMMANDS = re.findall(r"^\$ (pullquote .*?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_is_understood(line: str) -> None:
    """The command exists and knows every option that the README gives it."""
    name, *arguments = shlex.split(line)[1:]
    command = cli.get_command(CONTEXT, name)
    assert command is not None
    options = {option for parameter in command.params for option in parameter.opts}
    assert {each for each in arguments if each.startswith("--")} <= options


def test_every_command_is_where_its_name_leads() -> None:
    """Each is imported only when it is run, and is there then."""
    names = cli.list_commands(CONTEXT)
    commands = [cli.get_command(CONTEXT, name) for name in names]
    assert [command and command.name for command in commands] == names
    assert all(command and command.callback for command in commands)


def test_the_readme_shows_every_command() -> None:
    """No command is left untold."""
    told = {shlex.split(line)[1] for line in COMMANDS}
    assert told | {"status"} >= set(cli.list_commands(CONTEXT))


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    """Every relative link names a file or folder that is there."""
    links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


def test_nothing_but_articles_lies_in_seeds() -> None:
    """Every file of seeds/ is one that the index takes."""
    from index.formats import readable

    assert [path.name for path in (ROOT / "seeds").iterdir() if not readable(path)] == []
