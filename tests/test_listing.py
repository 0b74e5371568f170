"""What the terminal tells of the archive: articles, outlets; and of its settings."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from encoders import WordEncoder

from bot.cli import cli, main
from bot.console import Workspace
from bot.screen import Screen, shown_on
from bot.settings import Settings
from index import Library
from index.ask.judge import FusionJudge
from index.encoder.export import DEFAULT_NAME, DEFAULT_WEIGHTS

RECORDS = [
    {"id": "1", "title": "Truce ends", "text": "China vetoed it.", "published": "2016-12-05"},
    {"id": "2", "title": "Vote lost", "text": "The council lost the vote.", "outlet": "Reuters"},
    {"id": "3", "title": "A flood", "text": "Water rose.", "published": "2016-12-08"},
    {"id": "4", "title": "Snow", "text": "Snow fell.", "published": "2016-12-08"},
]
PACKAGED = f"{DEFAULT_NAME}@{DEFAULT_WEIGHTS[:12]}"
"""An encoder of this name is taken for the packaged one, which completion opens by itself."""
OUTLETS = {"1": "Reuters", "3": "BBC", "4": "AFP"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An index of four articles by three outlets, one of them undated."""
    lines = [{**each, "outlet": OUTLETS.get(each["id"], each.get("outlet"))} for each in RECORDS]
    archive = tmp_path / "news.jsonl"
    archive.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    library = Library(tmp_path / "index", encoder=WordEncoder(PACKAGED), judge=FusionJudge())
    library.sync([archive])
    yield Workspace(library, Settings(), main)
    library.close()


def test_articles_are_listed_from_the_newest_on(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line each: by day, then by outlet; the undated last."""
    assert main(["list"], workspace) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2016-12-08  AFP      Snow  news.jsonl#4",
        "2016-12-08  BBC      A flood  news.jsonl#3",
        "2016-12-05  Reuters  Truce ends  news.jsonl#1",
        "undated     Reuters  Vote lost  news.jsonl#2",
    ]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (["--since", "2016-12-06"], ["4", "3"]),
        (["--until", "2016-12-05"], ["1"]),
        (["--outlet", "reuters"], ["1", "2"]),
        (["--outlet", "bbc", "--since", "December 2016"], ["3"]),
        (["--outlet", "bbc", "--outlet", "AFP"], ["4", "3"]),
        (["--until", "2016-12-05", "--undated"], ["1", "2"]),
    ],
)
def test_the_list_can_be_narrowed(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], filters: list[str], ids: list[str]
) -> None:
    """By the first day, the last day and the outlet, as `ask` can."""
    assert main(["list", "--json", *filters], workspace) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["id"].partition("#")[2] for each in listed] == ids
    assert {"title", "outlet", "published", "url", "path"} <= listed[0].keys()


def test_a_list_of_nothing_says_so(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, so that a pipe gets nothing."""
    assert main(["list", "--outlet", "Router"], workspace) == 0
    out, err = capsys.readouterr()
    assert out.strip() == ""
    assert err == "pullquote: no outlet is called Router; did you mean Reuters?\n"


def test_a_list_says_what_dates_left_out(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many articles have no date, and how to have them."""
    assert main(["list", "--since", "2016"], workspace) == 0
    assert capsys.readouterr().err == (
        "pullquote: 1 article without a date was left out; --undated takes them in.\n"
    )
    assert main(["list", "--since", "2016", "--undated"], workspace) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--since", "2016-12-08", "--until", "2016-12-05"],
        ["ask", "who?", "--since", "2016-12-08", "--until", "2016-12-05"],
        ["ask", "who?", "--since", "2016-12-08", "--as-of", "2016-12-05"],
        ["ask", "who?", "--since", "2016-13-01"],
    ],
)
def test_filters_that_no_day_can_pass_are_mistakes_of_usage(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Exit code 2, and what is wrong; nothing is asked."""
    assert main(arguments, workspace) == 2
    err = capsys.readouterr().err
    assert " is after --" in err or "is not a date" in err


def test_outlets_are_counted(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A line each with the number of its articles; the same in JSON."""
    assert main(["outlets"], workspace) == 0
    assert capsys.readouterr().out.splitlines() == ["1  AFP", "1  BBC", "2  Reuters"]
    assert main(["outlets", "--json"], workspace) == 0
    assert json.loads(capsys.readouterr().out)[2] == {"outlet": "Reuters", "articles": 2}


def test_every_setting_is_told_with_where_it_is_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment before .env before default; what --index says before all; secrets are hidden."""
    Path(".env").write_text(
        "PULLQUOTE_METRICS_PORT=9000\nPULLQUOTE_DISCORD_TOKEN=abc.def\nPULLQUOTE_ENCODER=\n",
        "utf-8",
    )
    monkeypatch.setenv("PULLQUOTE_PROXY", "http://ann:s3cret@host:3128")
    assert main(["--index", "there", "config", "--json"]) == 0
    out = capsys.readouterr().out
    told = {each["name"]: (each["value"], each["from"]) for each in json.loads(out)}
    assert told.keys() == {f"PULLQUOTE_{name.upper()}" for name in Settings.model_fields}
    assert told["PULLQUOTE_INDEX"] == ("there", "--index")
    assert told["PULLQUOTE_METRICS_PORT"] == ("9000", ".env")
    assert told["PULLQUOTE_DISCORD_TOKEN"] == ("(hidden)", ".env")
    assert told["PULLQUOTE_PROXY"] == ("http://(hidden)@host:3128", "environment")
    assert told["PULLQUOTE_ENCODER"] == (None, "default")
    assert told["PULLQUOTE_ARTICLES"] == ("seeds", "default")


def test_settings_are_shown_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, value and origin, one below the other."""
    assert main(["config"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(Settings.model_fields)
    assert lines[0].split() == ["PULLQUOTE_ARTICLES", "seeds", "(default)"]
    assert "unset  (default)" in lines[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed asks `pullquote` itself, by the name that click looks for."""
    assert main(["completion", shell]) == 0
    assert f"_PULLQUOTE_COMPLETE={shell}_complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "completed"), [("r", ["Reuters"]), ("", ["AFP", "BBC", "Reuters"]), ("x", [])]
)
def test_outlets_complete_from_the_index(
    workspace: Workspace, typed: str, completed: list[str]
) -> None:
    """In whatever case the beginning was typed."""
    shell = ShellComplete(cli, {}, "pullquote", "_PULLQUOTE_COMPLETE")
    folder = str(workspace.library.folder)
    found = shell.get_completions(["--index", folder, "list", "--outlet"], typed)
    assert [each.value for each in found] == completed


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("NEWS", {"news.jsonl#1", "news.jsonl#2", "news.jsonl#3", "news.jsonl#4"}), ("x", set())],
)
def test_articles_complete_from_the_index(
    workspace: Workspace, typed: str, completed: set[str]
) -> None:
    """For --article and for `show`."""
    shell = ShellComplete(cli, {}, "pullquote", "_PULLQUOTE_COMPLETE")
    folder = str(workspace.library.folder)
    for words in (["ask", "--article"], ["show"]):
        found = shell.get_completions(["--index", folder, *words], typed)
        assert {each.value for each in found} == completed


def test_names_may_be_typed_in_part(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of outlets and articles, in whatever case; what they are taken for is said on stderr."""
    assert main(["list", "--outlet", "REUT", "--format", "csv"], workspace) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert err == "pullquote: --outlet REUT is taken for Reuters\n"
    assert main(["ask", "china vetoed", "--article", "truce"], workspace) == 0
    assert "is taken for news.jsonl#1" in capsys.readouterr().err
    assert main(["ask", "china vetoed", "--article", "news"], workspace) == 2
    assert "several are called so" in capsys.readouterr().err
    assert main(["ask", "china vetoed", "--article", "nobody's"], workspace) == 4


def test_an_article_is_shown_by_part_of_its_name(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole, with where it is; of a name that is nobody's or several articles' it says so."""
    assert main(["show", "truce", "ends"], workspace) == 0
    assert capsys.readouterr().out.startswith("Truce ends · Reuters · 2016-12-05\n")
    assert main(["show", "news.jsonl#1", "--json"], workspace) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "China vetoed it."
    assert main(["show", "zebra"], workspace) == 1
    assert "no article is called so" in capsys.readouterr().err
    assert main(["show", "news"], workspace) == 1
    assert "several articles are called so, such as news.jsonl#1" in capsys.readouterr().err


def test_an_article_opens_in_the_editor(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its file, where it has no page; without a good editor it says what to do."""

    def run(editor: str) -> int:
        environment = {"EDITOR": editor}
        with shown_on(Screen(sys.stdout, sys.stderr, Path.cwd(), environment)):
            return main(["show", "truce", "--open"], workspace)

    script = Path("editor").absolute()
    script.write_text('#!/bin/sh\necho "$2" > opened\n')
    script.chmod(0o755)
    assert run(f"{script} -w") == 0
    assert Path("opened").read_text().strip().endswith("news.jsonl")
    assert run("") == 1
    assert "set EDITOR" in capsys.readouterr().err
    assert run("no-such-editor") == 1
    assert "no-such-editor: No such file" in capsys.readouterr().err


def test_a_long_text_goes_through_the_pager(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, with its styles; a pager that isn't there is none."""
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdout", terminal)
    for pager in ("tee paged", "no-such-pager"):
        environment = {"PAGER": pager, "TERM": "xterm", "PATH": os.environ["PATH"]}
        with shown_on(Screen(terminal, sys.stderr, Path.cwd(), environment)):
            assert main(["show", "truce"], workspace) == 0
    assert "Truce ends\x1b" in Path("paged").read_text()
    assert terminal.getvalue().count("China vetoed it.") == 1


def test_without_an_index_nothing_completes() -> None:
    """No message, and no fault, on the line that is being typed."""
    shell = ShellComplete(cli, {}, "pullquote", "_PULLQUOTE_COMPLETE")
    assert shell.get_completions(["ask", "--outlet"], "R") == []
