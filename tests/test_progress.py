"""What indexing tells while it runs, when it is cut short, and at the end."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from encoders import WordEncoder

from bot.cli import main
from bot.console import Workspace, going_on
from bot.screen import Screen, shown_on
from bot.settings import Settings
from index import Library
from index.ask.judge import FusionJudge
from index.encoder.encode import Matrix

Run = Callable[..., tuple[int, str, str]]


class InterruptedEncoder(WordEncoder):
    """Somebody presses Ctrl-C while it embeds."""

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Never ends well."""
        raise KeyboardInterrupt


@pytest.fixture
def news() -> Path:
    """Two articles, and three files that are none."""
    folder = Path("news").absolute()
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(f"Flood in {name}\nThe river rose.", "utf-8")
    for name in ("x", "y", "z"):
        (folder / f"{name}.txt").write_bytes(b"\xff\xfe\x00\x01\x02\x00binary\x00")
    return folder


@pytest.fixture
def run(news: Path) -> Run:
    """Run a command line: its exit code, what went to stdout, and what to stderr."""

    def run(
        *argv: str, encoder: WordEncoder | None = None, terminal: bool = False
    ) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        err.isatty = lambda: terminal  # type: ignore[method-assign]
        given = encoder or WordEncoder()
        with Library("index", encoder=given, judge=FusionJudge()) as library:
            workspace = Workspace(library, Settings(articles=news), main)
            with shown_on(Screen(out, err, Path.cwd(), {"TERM": "xterm", "COLUMNS": "100"})):
                code = main(argv, workspace)
        return code, out.getvalue(), err.getvalue()

    return run


def test_what_changed_is_named_if_asked_for(run: Run, news: Path) -> None:
    """New, changed or gone before each id; else only how many."""
    assert "new      news/a.txt\nnew      news/b.txt\n2 new, 0 changed" in run("index", "-v")[1]
    (news / "a.txt").write_text("Flood in a\nThe river fell.", "utf-8")
    (news / "b.txt").unlink()
    assert "changed  news/a.txt\ngone     news/b.txt\n0 new, 1 changed" in run("index", "-v")[1]
    assert "news/a.txt" not in run("index")[1]


def test_failures_are_one_line_unless_asked_for(run: Run) -> None:
    """The first, and how many more; with -v each."""
    code, _, err = run("index")
    assert code == 1
    assert "x.txt" in err
    assert "y.txt" not in err
    assert "and 2 more could not be read: `pullquote status --failed` names them" in err
    _, _, err = run("index", "-v")
    assert [name in err for name in ("x.txt", "y.txt", "z.txt")] == [True] * 3


def test_cut_short_it_says_what_is_kept(run: Run) -> None:
    """Exit code 130; the next run goes on."""
    code, _, err = run("index", encoder=InterruptedEncoder())
    assert code == 130
    assert "what was embedded so far is kept" in err
    assert run("index")[1].startswith("2 new")


def test_progress_is_counted_on_a_terminal(run: Run) -> None:
    """What is being done, how much of it is done, of how much; in a pipe nothing."""
    _, _, err = run("index", terminal=True)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", err)
    assert re.search(r"embedding.*3/3", shown)
    assert re.search(r"reading.*5/5", shown)
    assert "embedding" not in run("index", "--rebuild")[2]


def test_the_first_use_says_how_long_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """The export of the encoder, once."""
    with Library("index") as library, going_on(library):
        assert "the first time, the encoder is exported" in capsys.readouterr().err
        (library.folder / "models").mkdir(parents=True)
    with Library("index") as library, going_on(library):
        assert capsys.readouterr().err == ""
