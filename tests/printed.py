"""What a rich renderable looks like where nothing is styled: in a pipe."""

from __future__ import annotations

from bot.render.gate import render


def printed(renderable: object) -> str:
    """The text as it is piped."""
    return render(renderable, terminal=False, styled=False, environment={})
