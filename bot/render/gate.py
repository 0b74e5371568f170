"""Rich renderables -> what is written to a terminal; whatever stands in them, only we style it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from bot.signs import visible


def render(renderable: Any, *, terminal: bool, environment: Mapping[str, str]) -> str:
    """The text, with styles for a terminal as its environment asks (NO_COLOR, COLUMNS, ...).

    Piped, it keeps its lines whole, for grep; a terminal wraps between words.
    """
    screen = _Screen(terminal=terminal)
    console = _Gate(
        file=screen, highlight=False, soft_wrap=not terminal, _environ=dict(environment)
    )
    console.print(renderable)
    return screen.getvalue()


class _Screen(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class _Gate(Console):
    """Text and style are still apart here: what looks like a style in the text is none of ours."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)
