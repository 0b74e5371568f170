"""Draws the terminal as SVG: ``python -m bench.terminal_picture`` makes those in docs/."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.cli import main as run
from bot.console import Workspace
from bot.screen import Screen, shown_on
from bot.settings import Settings
from index import Library

ROOT = Path(__file__).parent.parent
COLUMNS = 88
LINES = {
    "terminal-answer": ["ask", "who vetoed the ceasefire?"],
    "terminal-perhaps": ["ask", "how many children were killed?", "--context"],
    "terminal-refusal": ["ask", "what is the capital of Mongolia?"],
}


def main() -> None:
    """Ask the seeds and draw what the terminal shows."""
    environment = {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "index") as library:
        library.sync([ROOT / "seeds"])
        workspace = Workspace(library, Settings(), run)
        for name, argv in LINES.items():
            out = io.StringIO()
            out.isatty = lambda: True  # type: ignore[method-assign]
            with shown_on(Screen(out, sys.stderr, ROOT, environment)):
                run(argv, workspace)
            (ROOT / "docs" / f"{name}.svg").write_text(drawn(argv, out.getvalue()), "utf-8")
            sys.stderr.write(f"docs/{name}.svg\n")


def drawn(argv: list[str], printed: str) -> str:
    """The SVG of a command line and what it printed; wrapped already, but for receipts."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    words = [f'"{part}"' if " " in part else part for part in argv]
    console.print(Text(f"$ pullquote {' '.join(words)}", "bold"))
    console.print(Text.from_ansi(printed))
    # Without the fonts that it would fetch from elsewhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="pullquote"), flags=re.S)


if __name__ == "__main__":
    main()
