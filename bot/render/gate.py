"""Rich renderables -> what is written to a terminal; whatever stands in them, only we style it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.style import Style

from bot.render.layout import THEME
from bot.signs import LINK, visible


def render(renderable: Any, *, terminal: bool, styled: bool, environment: Mapping[str, str]) -> str:
    """The text, ``styled`` or plain; the environment says how wide it is, and which colours it has.

    Piped, it keeps its lines whole, for grep; a terminal wraps between words.
    """
    screen = _Screen(terminal=terminal)
    console = _Gate(
        file=screen,
        highlight=False,
        theme=THEME,
        force_terminal=styled or terminal,
        color_system="auto" if styled else None,
        no_color=False,  # what NO_COLOR asks for is no styling at all: that is decided already
        _environ=dict(environment),
    )
    # Not cropped: who copies a receipt from a narrow terminal gets all of it.
    console.print(renderable, soft_wrap=not terminal, crop=False)
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
            yield Segment(text if control else visible(text), _linked(style), control)


def _linked(style: Style | None) -> Style | None:
    """The style, without a link that is no address as a terminal wants it."""
    if style and style.link and not LINK.fullmatch(style.link):
        return style.update_link(None)
    return style
