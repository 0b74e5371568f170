"""How answers are laid out and styled, and what signs say where nothing can be styled.

The names of styles that the other modules of this folder use are those of ``THEME``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from rich.theme import Theme

from bot.signs import visible

THEME = Theme(
    {
        "answer": "bold",  # the short answer inside a quote
        "quoted": "none",  # a quote, where something stands around it
        "passage": "reverse",  # a quote inside its whole article
        "around": "dim",  # what stands around a quote
        "source": "dim",
        "heading": "bold",
        "sure": "green",
        "perhaps": "yellow",
        "unsure": "red",
        "removed": "red strike",
        "added": "green bold",
    }
)
SIGNS = {"answer": ("**", "**"), "quoted": ("[[", "]]"), "passage": ("[[", "]]")}
"""What stands around words of a style in a pipe, and wherever else there are no styles."""
BLANK, INDENT, MARGIN = Text(""), Text("   "), Text("")
LEAST = 20
"""Cells that a line keeps, however narrow the screen is."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text behind a lead, such as a number: wrapped, its lines begin below each other.

    Where lines are kept whole, as in a pipe, it is one line. ``whole`` words are never broken, be
    they longer than the screen is wide, and a body with ``no_wrap`` is one line everywhere.
    """

    lead: Text
    body: Text
    whole: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, at the width that there is."""
        lead, body = _signed(self.lead, console), _signed(self.body, console)
        width = max(options.max_width - lead.cell_len, LEAST)
        if options.no_wrap or body.no_wrap:
            lines = [body]
        elif self.whole:
            lines = list(body.divide(_breaks(body.plain, width)))
        else:
            lines = list(body.wrap(console, width))
        for number, line in enumerate(lines):
            if len(lines) > 1:
                line.rstrip()
            before = " " * lead.cell_len if number else lead
            yield Text.assemble(before, line, no_wrap=True, overflow="ignore")


def _breaks(text: str, width: int) -> list[int]:
    """Where lines begin, but for the first, if words are kept whole.

    >>> _breaks("a/long/path, 2", 8)
    [13]
    """
    breaks, used = [], 0
    for word in re.finditer(r"\S+\s*", text):
        if used and used + cell_len(word[0].rstrip()) > width:
            breaks.append(word.start())
            used = 0
        used += cell_len(word[0])
    return breaks


def _signed(text: Text, console: Console) -> Text:
    """The text as it is, or with ``SIGNS`` where the console can't style it."""
    if console.color_system:
        return text
    # At one place inner signs close before outer ones, and outer ones open before inner ones.
    signs = []
    for span in text.spans:
        if (around := SIGNS.get(str(span.style))) and span:
            length = span.end - span.start
            signs += [(span.end, 0, length, around[1]), (span.start, 1, -length, around[0])]
    parts, at = [], 0
    for place, _, _, sign in sorted(signs):
        parts += [text.plain[at:place], sign]
        at = place
    return Text("".join([*parts, text.plain[at:]]), no_wrap=text.no_wrap)


def headed(heading: str, text: str) -> Hanging:
    """A line that begins a block."""
    return Hanging(MARGIN, Text.assemble((heading, "heading"), text))


def receipt(receipt: str) -> Hanging:
    """Whole, however narrow the terminal is: it is there to be copied."""
    return Hanging(INDENT, Text(f"receipt {visible(receipt)}", "source", no_wrap=True))
