"""What the documents promise is there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from bot.cli import cli, main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CONTEXT = click.Context(cli)
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")))
COMMAND = re.compile(r"^(?:\$ |    )?(pullquote [a-z].*?)(?:\s+#.*)?$", re.MULTILINE)
COMMANDS = COMMAND.findall(README)
SHOWN = re.compile(r"^\$ ((?:pullquote|make ask) [^\n]*)\n((?:(?!\$ |```)[^\n]*\n)+)", re.MULTILINE)
"""A command, and what the page says that it prints."""
EXAMPLES = [each.groups() for page in PAGES for each in SHOWN.finditer(page.read_text("utf-8"))]
RECEIPT = re.findall(r"receipt (seeds/\S+)", README)[0]
FIELDS = re.compile(r"^\| (`[^|]+) \|", re.MULTILINE)


@pytest.mark.parametrize(
    "line", sorted({line for page in PAGES for line in COMMAND.findall(page.read_text("utf-8"))})
)
def test_every_command_of_the_documents_is_understood(line: str) -> None:
    """The command exists and knows every option that a page gives it."""
    name, *arguments = shlex.split(line)[1:]
    command = cli.get_command(CONTEXT, name)
    assert command is not None
    if isinstance(command, click.Group):
        command = command.get_command(CONTEXT, arguments[0])
        assert command is not None
    options = {option for parameter in command.params for option in parameter.opts}
    assert {each.partition("=")[0] for each in arguments if each.startswith("--")} <= options


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


@pytest.fixture
def afresh(with_models: Callable[[Path], Path]) -> Callable[[], None]:
    """Make this folder as whoever reads the README has it: the seeds, and no index of them yet."""
    shutil.copytree(ROOT / "seeds", "seeds")

    def make() -> None:
        shutil.rmtree(".pullquote", ignore_errors=True)
        with_models(Path(".pullquote"))

    make()
    return make


@pytest.mark.model
def test_commands_print_what_the_documents_show(
    afresh: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that a page shows with its output, to the letter; `make test` is not run."""
    assert len(EXAMPLES) >= 3
    for line, output in EXAMPLES:
        program, *arguments = shlex.split(line)
        if program == "make":
            afresh()
            runs = [["index"], ["ask", "--", arguments[1].removeprefix("Q=")]]
        else:
            runs = [arguments]
        capsys.readouterr()
        for each in runs:
            main(each)
        assert capsys.readouterr().out.rstrip("\n") == output.rstrip("\n"), line


def documented(after: str) -> set[str]:
    """The names in the first table of docs/json.md behind some words."""
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    table = re.search(r"(?:^\|.*\n)+", page[page.index(after) :], re.MULTILINE)
    assert table
    return {name for cell in FIELDS.findall(table[0]) for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.model
@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize(
    ("after", "line"),
    [
        ("prints one object; `pullquote ask", "ask --json --explain 'who vetoed the ceasefire?'"),
        ("`pullquote check --json` prints", "check --json 'the war will continue'"),
        ("`pullquote status --json` prints", "status --json"),
        ("`pullquote index --json` prints", "index --json"),
        ("`pullquote source --json` prints", f"source --json {RECEIPT}"),
    ],
)
def test_json_has_the_names_that_the_page_tells(
    capsys: pytest.CaptureFixture[str], after: str, line: str
) -> None:
    """No field is left untold, and none is told that is not there."""
    main(["index"])
    capsys.readouterr()
    assert main(shlex.split(line)) == 0
    assert set(json.loads(capsys.readouterr().out)) == documented(after)


@pytest.mark.model
@pytest.mark.usefixtures("afresh")
def test_quotes_and_refusals_in_json_have_the_names_that_the_page_tells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a quote and of a refusal."""
    assert main(["ask", "--json", "who vetoed the ceasefire?"]) == 0
    (quote, *_) = json.loads(capsys.readouterr().out)["quotes"]
    assert set(quote) == documented("A quote:")
    assert main(["ask", "--json", "what is the capital of Mongolia?"]) == 4
    assert set(json.loads(capsys.readouterr().out)["refusal"]) == documented("A refusal:")
