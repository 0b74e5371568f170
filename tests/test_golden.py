"""Every command as it looks at 60, 80 and 120 columns, in a pipe, and in colour: word for word.

``python -m pytest tests/test_golden.py --golden-anew`` writes the files in ``tests/golden/`` anew;
read what changed before you commit it.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SEEDS
from encoders import WordEncoder

from bot.cli import COMMANDS, main
from bot.console import Workspace
from bot.screen import Screen, shown_on
from bot.settings import Settings
from index import Library

GOLDEN = Path(__file__).parent / "golden"
RECORDS = [
    {
        "id": "1",
        "title": "Ferry crew on strike",
        "text": "The crew of the harbour ferry went on strike on Monday. Mayor Ann Holm called it "
        "“a storm in a tea cup”. She said that 1,400 passengers had to wait.",
        "published": "2016-12-07",
        "outlet": "Daily Record",
        "author": "Ann Lee",
        "url": "https://example.org/2016/12/07/a-ferry-and-its-crew-are-on-strike-in-the-harbour",
    },
    {
        "id": "2",
        "title": "Strike stops ferry",
        "text": "The crew of the harbour ferry went on strike on Monday.",
        "published": "2016-12-08",
        "outlet": "Evening Post",
    },
    {
        "id": "3",
        "title": "Bridge opened",
        "text": "The bridge over the river opened on Sunday. Rain fell all day.",
        "published": "2016-12-05",
        "outlet": "Daily Record",
    },
]
VETO = "who vetoed the ceasefire?"
FERRY = "who went on strike?"
LINES = {
    "ask": ["ask", VETO],
    "ask-context": ["ask", VETO, "--context", "--top", "1"],
    "ask-copies": ["ask", FERRY, "--min-confidence", "0", "--top", "2"],
    "ask-explain": ["ask", VETO, "--explain", "--top", "1"],
    "ask-refused": ["ask", "what is the capital of Mongolia?"],
    "ask-nothing": ["ask", "thanks"],
    "check": ["check", "killed 372 people in east Aleppo, including 46 children"],
    "check-exact": ["check", "went on strike on Monday"],
    "check-nowhere": ["check", "zebra"],
    "config": ["config"],
    "doctor": ["doctor"],
    "eval": ["eval", "questions.jsonl", "--verbose"],
    "calibrate": ["calibrate", "questions.jsonl", "--precision", "0.1", "--dry-run"],
    "compact": ["compact"],
    "feedback": ["feedback", "export", "-"],
    "feeds": ["feeds", "list"],
    "index-dry": ["index", "--dry-run"],
    "list": ["list"],
    "outlets": ["outlets"],
    "show": ["show", "bridge"],
    "source": ["source", "RECEIPT"],
    "source-diff": ["source", "RECEIPT", "--diff"],
    "timeline": ["timeline", "ferry", "strike"],
    "status": ["status"],
    "status-failed": ["status", "--failed"],
    "verify": ["verify"],
    "usage": ["ask", "--top", "0", VETO],
}
SCREENS = {
    "60": (True, {"COLUMNS": "60", "NO_COLOR": "1"}),
    "80": (True, {"COLUMNS": "80", "NO_COLOR": "1"}),
    "120": (True, {"COLUMNS": "120", "NO_COLOR": "1"}),
    "pipe": (False, {}),
    "colour": (True, {"COLUMNS": "80", "TERM": "xterm-256color"}),
}
"""Whether it is a terminal, and its environment."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of the seeds and of three dated articles, and what failed."""
    folder = tmp_path_factory.mktemp("golden")
    shutil.copytree(SEEDS, folder / "news" / "seeds")
    lines = [*map(json.dumps, RECORDS), "no JSON"]
    (folder / "news" / "papers.jsonl").write_text("\n".join(lines), "utf-8")
    questions = [{"question": VETO, "answers": ["China"]}, {"question": "who?", "answers": []}]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), "utf-8")
    with Library(folder / "index", encoder=WordEncoder()) as library:
        library.sync([folder / "news"])
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The folder, in which one stands; its own copy, for some commands write."""
    folder = shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(folder)
    with Library("index", encoder=WordEncoder()) as library:
        yield Workspace(library, Settings(), main)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_command_looks_as_it_did(
    workspace: Workspace, screen: str, made: Path, request: pytest.FixtureRequest
) -> None:
    """Lines hang, receipts are whole, and nothing is styled but on a terminal that wants it."""
    terminal, environment = SCREENS[screen]
    receipt = str(workspace.library.ask(FERRY, threshold=0.0).quotes[0].receipt)
    shown = ""
    for name, argv in LINES.items():
        out, err = io.StringIO(), io.StringIO()
        out.isatty = lambda: terminal  # type: ignore[method-assign]
        with shown_on(Screen(out, err, made, environment)):
            code = main([receipt if part == "RECEIPT" else part for part in argv], workspace)
        printed = out.getvalue() + err.getvalue()
        shown += f"──── {name}: exit code {code}\n{plain(printed, workspace, made)}\n"
    golden = GOLDEN / f"{screen}.txt"
    if request.config.getoption("--golden-anew"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, "utf-8")
    assert shown == golden.read_text("utf-8")


def plain(printed: str, workspace: Workspace, made: Path) -> str:
    """What differs between machines and days is taken out, and styles become something to read."""
    for pattern, instead in (
        (re.escape(f"{made}/"), ""),
        (re.escape(f"{Path.cwd()}/"), ""),
        (r"[\d.,]+ (MB|now)", r"0.0 \1"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-11-24 12:00 UTC"),
        (r"id=[\d-]+;", "id=1;"),
        (r" +-?\d+\.\d\d(?=  +\d\.\d\d  )", "    0.00"),  # the reader's score, in full precision
        ("\x1b", "␛"),
    ):
        printed = re.sub(pattern, instead, printed)
    return printed


def test_every_command_is_there() -> None:
    """But those that go on, reach for the network, or print what a shell is to run."""
    elsewhere = {"add", "bot", "chat", "completion", "publish", "serve"}
    assert {argv[0] for argv in LINES.values()} == COMMANDS.keys() - elsewhere


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_only_what_is_to_be_copied_is_wider_than_the_screen(columns: str) -> None:
    """No line of what is laid out, but receipts and addresses."""
    sections = (GOLDEN / f"{columns}.txt").read_text("utf-8").split("──── ")
    laid_out = [each for each in sections if each.startswith(("ask", "check", "so", "list", "st"))]
    lines = [line for each in laid_out for line in each.splitlines() if len(line) > int(columns)]
    assert [line for line in lines if not re.match(r" *(receipt |https://\S+$)", line)] == []
