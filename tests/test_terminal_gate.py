"""Nothing from outside reaches a terminal but as text: every field of every record, everywhere."""

from __future__ import annotations

import io
import json
import os
import pty
import random
import re
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Group
from rich.style import Style
from rich.table import Table
from rich.text import Text
from test_architecture import ROOT

from bot.cli import COMMANDS, main
from bot.console import Workspace, echo, print_json, print_text
from bot.conversation.memory import Memory, Posted
from bot.render.gate import render
from bot.screen import Screen, shown_on
from bot.settings import load_settings
from bot.signs import escaped, styled, visible
from index import Library
from index.ask.judge import FusionJudge
from index.web.state import State

NASTY = "\x1b[31m\x1b]0;x\x07\x9b2J\x85\x7f\b\u202e\u2066\u061c\u200b\u200e\ufeff\U000e0041"
"""Colours, titles and cursors by C0 and C1, turned writing, and what nobody sees."""
UNSEEN = "\u202e\u2066\u061c\u200b\U000e0041"
"""What of it the name of a file, an id or an address may hold and still be taken."""
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
STYLE = re.compile("\x1b\\[[0-9;]*m|\x1b]8;(id=[0-9-]+;(https?|file)://[!-~]+|;)\x1b\\\\")
"""A colour or weight, or the beginning or end of a link to an address of the web or a file."""


class Caught(io.StringIO):
    """A terminal, or a pipe, whose output is kept."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        """As it was made."""
        return self.terminal


def record(number: int, **fields: object) -> str:
    """A line of JSON Lines with something nasty in every field."""
    nasty = {name: f"{NASTY} {name}" for name in ("title", "outlet", "author", "language")}
    text = f"Council {number} {NASTY} lost the vote in {NASTY} Paris. Snow {NASTY} fell."
    url = f"https://example.org/{number}?{UNSEEN}"
    return json.dumps({"id": f"{number}{UNSEEN}", "text": text, "url": url, **nasty, **fields})


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An index in which names, fields, failures, feeds and votes are all nasty."""
    folder = tmp_path / f"news{UNSEEN}"
    folder.mkdir()
    (folder / f"d{NASTY}.txt").write_text("Vote\nIts name is not taken.")
    lines = [record(1), record(2, published="2016-12-08"), record(3, published=NASTY), NASTY]
    (folder / f"a{UNSEEN}.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / f"b{UNSEEN}.txt").write_text(f"Vote {NASTY}\nThe council won {NASTY} it.", "utf-8")
    (folder / f"c{UNSEEN}.pdf").write_text(NASTY, "utf-8")
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([folder])
    library.set_threshold(0.0)
    (folder / f"b{UNSEEN}.txt").write_text(f"Vote {NASTY}\nNobody {NASTY} won it.", "utf-8")
    now = datetime.now(UTC)
    with closing(State(library.folder)) as state, state.writing():
        state.follow(f"https://example.org/{NASTY}", now)
        state.took_feed(f"https://example.org/{NASTY}", NASTY, None, None, now=now, due=now)
        state.failed(f"https://example.org/{NASTY}", NASTY, now, now + timedelta(days=1))
    made = Workspace(library, load_settings(), main)
    memory = Memory(made.memory_path)
    quote = library.ask("council vote").quotes[0]
    memory.vote(Posted(1, 2, f"vote? {NASTY}", (str(quote.receipt),), 1), 5, up=True, name=NASTY)
    memory.close()
    yield made
    library.close()


def run(workspace: Workspace, argv: Sequence[str], *, terminal: bool) -> tuple[int, str]:
    """Run a command line; its exit code, and all that it printed."""
    # A progress bar, which moves the cursor itself, is shown where errors go, and has no such text.
    out, err = Caught(terminal=terminal), Caught(terminal=False)
    with shown_on(Screen(out, err, Path.cwd(), {"TERM": "xterm-256color"})):
        code = main(argv, workspace)
    return code, out.getvalue() + err.getvalue()


def lines_of(workspace: Workspace) -> list[list[str]]:
    """Command lines, at least one of every command that ends by itself and needs no network."""
    answer = workspace.library.ask("council vote", top=9)
    receipts = [str(quote.receipt) for quote in answer.quotes]
    Path("questions.jsonl").write_text(
        json.dumps({"question": f"who lost the vote {NASTY}", "answers": ["Council"]}), "utf-8"
    )
    return [
        ["ask", "council vote", "--top", "9", "--context", "--explain"],
        ["ask", f"council vote {NASTY}", "--json", "--explain"],
        ["ask", "council vote", "--render", "discord"],
        ["ask", f"{NASTY}zebra"],
        ["ask", "council", "--since", NASTY],
        ["ask", "council", "--outlet", NASTY],
        ["check", f"lost the vote in {NASTY} London"],
        ["check", "lost the vote in Paris", "--json"],
        *(["source", receipt] for receipt in receipts),
        *(["source", receipt, "--json"] for receipt in receipts),
        ["source", f"{NASTY}:1-2@0123456789ab"],
        ["show", answer.quotes[0].article.id],
        ["show", NASTY],
        ["list", "--format", "md"],
        ["ask", "council vote", "--format", "csv"],
        ["status"],
        ["status", "--json"],
        ["status", "--failed"],
        ["status", "--failed", "--json"],
        ["verify"],
        ["verify", "--json"],
        ["doctor"],
        ["doctor", "--json"],
        ["eval", "questions.jsonl", "--verbose"],
        ["eval", "questions.jsonl", "--verbose", "--json"],
        ["calibrate", "questions.jsonl", "--precision", "0.1", "--dry-run"],
        ["feeds", "list"],
        ["feeds", "list", "--json"],
        ["feeds", "remove", f"https://example.org/{NASTY}x"],
        ["feeds", "add", NASTY],
        ["add", f"ftp://{NASTY}", "--json"],
        ["feedback", "export", "-"],
        ["index", f"nowhere{NASTY}"],
        ["index", "--dry-run"],
        ["index", "--json"],
        *(["source", receipt, "--diff"] for receipt in receipts),
        ["chat"],
        ["compact"],
        ["list"],
        ["list", "--json"],
        ["outlets"],
        ["outlets", "--json"],
        ["config"],
        ["config", "--json"],
        ["completion", "bash"],
        ["publish"],
        *(
            ["timeline", "council vote", "--format", each]
            for each in ("plain", "md", "html", "json")
        ),
        [NASTY],
        ["ask", f"--{NASTY}"],
    ]


@pytest.mark.parametrize("terminal", [True, False], ids=["on a terminal", "piped"])
def test_no_command_prints_what_a_terminal_would_obey_or_hide(workspace, terminal, monkeypatch):
    """Every field of every record, names and failures too, in text and in JSON, in errors too."""
    lines = lines_of(workspace)
    assert {argv[0] for argv in lines} >= COMMANDS.keys() - {"bot", "serve"}
    shown = ""
    for argv in lines:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"council vote {NASTY}\n:source\n:more\n"))
        code, printed = run(workspace, argv, terminal=terminal)
        assert code != 3, printed
        found = FORBIDDEN.search(STYLE.sub("", printed) if terminal else printed)
        assert found is None, (argv, printed[max(0, found.start() - 50) :][:100])
        shown += printed
    assert "\\u202e" in shown, "JSON escapes"
    assert "␛]0;x␇" in shown, "text has signs"
    for field in ("title", "outlet"):
        assert f" {field}" in shown


HARM = (
    *(
        "\x1b[31m",
        "\x1b[2J",
        "\x1b[1;1H",
        "\x1b[6n",
        "\x1b[?1049h",
        "\x1b]0;x\x07",
        "\x1b]52;c;eA==\x07",
    ),
    *(
        "\x1b]8;;ftp://a\x1b\\",
        "\x1bP0;x\x1b\\",
        "\x1bc",
        "\x9b31m",
        "\x9d0;x\x9c",
        "\x90x\x9c",
        "\x85",
        "\x84",
    ),
    *(
        "\x07",
        "\b\b\b",
        "\x0b",
        "\x0c",
        "\x0e",
        "\x7f",
        "\x01",
        "\x1b",
        "\x9b",
        "\r",
        "\u2028",
        "\u2029",
    ),
    *(
        "\u202e",
        "\u202d",
        "\u2066",
        "\u2069",
        "\u061c",
        "\u200e",
        "\u200f",
        "\u200b",
        "\u2060",
        "\ufeff",
    ),
    *("\ufff9", "\ufffb", "\u180e", "\U000e0041", "\U000e0001", "\U000e007f"),
)
MOVES = re.compile("\x1b\\[\\?25[lh]\r?|\r?\x1b\\[[12]?[AK]")
"""What our progress bar hides and moves the cursor by; no hostile string has any of it."""
STRINGS = 500
IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f/\u2028\u2029]")
"""What the name of a file with articles may not hold."""


def hostile_strings() -> list[str]:
    """Words, and among them what a terminal obeys or hides; each other, and the same every time."""
    made = random.Random(STRINGS)  # noqa: S311 - the same every time is what is wanted
    found = []
    for number in range(STRINGS):
        parts = [
            HARM[number % len(HARM)],
            *made.choices([*HARM, "vote ", "mayor"], k=made.randint(0, 5)),
        ]
        made.shuffle(parts)
        found.append(f"{number}{''.join(parts)}")
    return found


def on_terminal() -> None:
    """Every command over hostile strings and with them as its words, in a process of its own."""
    strings, folder = hostile_strings(), Path.cwd()
    library = Library(folder / "index", encoder=WordEncoder(), judge=FusionJudge())
    workspace = Workspace(library, load_settings(), main)
    codes = [
        main(argv, workspace) for argv in (["index", "news"], ["status", "--failed"], ["doctor"])
    ]
    quotes = library.ask("council", top=50, threshold=0.0).quotes
    receipts, ids = [str(each.receipt) for each in quotes], [each.article.id for each in quotes]
    words = [
        *(
            ["ask", "council {}"],
            ["ask", "{}", "--top", "9", "--context"],
            ["ask", "vote", "--outlet", "{}"],
        ),
        *(
            ["check", "{}"],
            ["source", "{}"],
            ["show", "{}"],
            ["list", "--outlet", "{}"],
            ["ask", "--{}"],
        ),
        *(
            ["timeline", "council {}"],
            ["{}"],
            ["feeds", "remove", "{}"],
            ["index", "{}"],
            ["ask", "vote", "--since", "{}"],
        ),
    ]
    for number, string in enumerate(strings):
        argv = words[number % len(words)]
        codes.append(main([each.replace("{}", string) for each in argv], workspace))
    (folder / "questions.jsonl").write_text(
        "".join(
            json.dumps({"question": f"vote {each}", "answers": [each]}) + "\n"
            for each in strings[:20]
        )
    )
    sys.stdin = io.StringIO("".join(f"vote {each}\n:source\n:more\n" for each in strings[:50]))
    rest = [
        *(["source", each] for each in receipts[:20]),
        *(["source", each, "--diff"] for each in receipts[:5]),
        *(["show", each] for each in ids[:20]),
        *(
            ["list"],
            ["outlets"],
            ["status"],
            ["verify"],
            ["compact"],
            ["config"],
            ["feeds", "list"],
            ["chat"],
        ),
        *(
            ["completion", "bash"],
            ["publish"],
            ["feedback", "export", "-"],
            ["add", f"ftp://{strings[0]}"],
        ),
        *(["eval", "questions.jsonl", "--verbose"], ["calibrate", "questions.jsonl", "--dry-run"]),
        *(["list", "--json"], ["outlets", "--json"], ["timeline", "council", "--top", "50"]),
    ]
    codes += [main(argv, workspace) for argv in rest]
    (folder / "codes.json").write_text(
        json.dumps([codes, sorted({argv[0] for argv in rest + words})])
    )


def test_500_hostile_strings_on_a_terminal(tmp_path):
    """As titles, outlets, authors, texts, names and words of commands, on a pseudo-terminal."""
    folder = tmp_path / "news"
    folder.mkdir()
    strings = hostile_strings()
    lines = [
        record(
            number,
            title=each,
            outlet=each,
            author=each,
            text=f"The council {each} met {each}. It {each} won.",
        )
        for number, each in enumerate(strings)
    ]
    (folder / "all.jsonl").write_text("\n".join(lines), "utf-8")
    for number, each in enumerate(strings[:100]):
        (folder / f"{IN_NAMES.sub('', each)}.txt").write_text(
            f"{each}\nCouncil {number} {each}.", "utf-8"
        )
        (folder / f"{IN_NAMES.sub('', each)}.pdf").write_text(each, "utf-8")
    ours, theirs = pty.openpty()
    as_it_is = termios.tcgetattr(theirs)
    as_it_is[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, as_it_is)
    here = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(
        [sys.executable, "-c", "import test_terminal_gate; test_terminal_gate.on_terminal()"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": here, "TERM": "xterm-256color", "PAGER": "cat"},
    ) as process:
        os.close(theirs)
        shown = b"".join(read_all(ours))
    printed = shown.decode("utf-8", "surrogateescape")
    assert process.returncode == 0, printed[-2000:]
    plain = STYLE.sub("", MOVES.sub("", printed))
    found = FORBIDDEN.search(plain)
    assert found is None, plain[max(0, found.start() - 100) :][:200]
    codes, commands = json.loads((tmp_path / "codes.json").read_text())
    assert {*commands, "index", "status", "doctor"} >= COMMANDS.keys() - {"bot", "serve"}
    assert 3 not in codes, "no command failed in a way that nobody thought of"
    assert codes.count(0) > 100
    assert "\x1b[2m" in printed, "it was styled"
    assert all(f"{number}" in printed for number in range(STRINGS))


def read_all(terminal: int) -> Iterator[bytes]:
    """What is printed on a terminal until nobody has it open; Linux says that by an error."""
    with os.fdopen(terminal, "rb", buffering=0) as file:
        while True:
            try:
                part = file.read(65536)
            except OSError:
                return
            if not part:
                return
            yield part


@pytest.mark.parametrize(
    ("color", "environment", "terminal", "colored"),
    [
        ([], {}, True, True),
        ([], {}, False, False),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"TERM": "dumb"}, True, False),
        ([], {"FORCE_COLOR": "1"}, False, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        (["--color", "always"], {"NO_COLOR": "1"}, False, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_styles_are_there_when_they_are_wanted(workspace, color, environment, terminal, colored):
    """Colours, weights and links, all or none, where --color stands before the command or behind.

    What is served passes the same gate once more, and is not changed by it.
    """
    for argv in ([*color, "ask", "council vote"], ["ask", "council vote", *color]):
        out, environment = Caught(terminal=terminal), {"TERM": "xterm", **environment}
        with shown_on(Screen(out, Caught(terminal=False), Path.cwd(), environment)):
            assert main(argv, workspace) == 0
        assert ("\x1b[2m" in out.getvalue()) is colored
        assert ("\x1b]8;id=" in out.getvalue()) is colored
        assert ("\x1b" in out.getvalue()) is colored
        assert styled(out.getvalue()) == out.getvalue()


def test_a_link_to_no_address_is_none(capsys):
    """Whatever an article gives as its URL: a terminal is told to open pages and files alone."""
    for url in ("javascript:x", "https://a/\x1b\\", "ftp://a", "https://ä"):
        shown = Text("text", Style(link=url))
        assert render(shown, terminal=True, styled=True, environment={}) == "text\n"


def test_json_means_the_same(workspace):
    """Who reads the JSON reads the article's own characters."""
    code, printed = run(workspace, ["source", "--json", receipt(workspace)], terminal=False)
    assert code == 0
    assert NASTY in json.loads(printed)["article"]["text"]


def receipt(workspace: Workspace) -> str:
    """Of a quote with something nasty in it."""
    quotes = workspace.library.ask("council vote", top=9).quotes
    return next(str(each.receipt) for each in quotes if NASTY in each.article.text)


@given(st.text())
def test_signs_stand_one_for_one(text):
    """But for line ends of two characters; nothing forbidden is left, and nothing else changes."""
    plain = text.replace("\r\n", "\n")
    shown = visible(text)
    assert len(shown) == len(plain)
    assert FORBIDDEN.search(shown) is None
    assert [a for a, b in zip(plain, shown, strict=True) if a != b] == FORBIDDEN.findall(plain)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_json_means_the_same(text):
    """And has nothing that a terminal would obey or hide."""
    made = escaped(json.dumps([text], ensure_ascii=False))
    assert json.loads(made) == [text]
    assert FORBIDDEN.search(made) is None


@given(
    st.lists(
        st.sampled_from(
            [*"a\x1b[3;1m]8\x07\x9b\n\\ ", "\x1b]8;id=7;", "https://a/", "\x1b]8;;\x1b\\"]
        )
    ).map("".join)
)
def test_of_a_served_answer_only_colours_are_kept(text):
    """What is no style of ours becomes text."""
    assert FORBIDDEN.search(STYLE.sub("", styled(text))) is None


def test_renderables_of_every_kind_pass_the_gate(capsys):
    """Text, a table and a group: what stands in them has no say in how it looks."""
    table = Table("a")
    table.add_row(f"cell {NASTY}")
    print_text(Group(Text(f"text {NASTY}", "bold"), table, f"words {NASTY}"))
    print_json({NASTY: NASTY})
    echo(NASTY, err=True)
    assert FORBIDDEN.search("".join(capsys.readouterr())) is None


def test_text_leaves_by_the_console_alone():
    """No other module of the bot prints, or writes to a stream of the process."""
    leaves = re.compile(r"click\.echo|\bprint\(|sys\.std(out|err)\.write|click\.secho")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        if leaves.search(path.read_text("utf-8"))
    }
    assert found == {"bot/entry.py", "bot/render/gate.py"}
