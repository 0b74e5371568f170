"""Where a command prints, and which folder it was called from: this process's, or a client's.

A server answers many shells at once; each of its threads has a screen of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Screen:
    """What results and everything else are written to; ``environment`` says in which colours.

    ``color`` is when there are any: ``always``, ``never``, or ``auto``, which is on a terminal.
    """

    out: TextIO
    err: TextIO
    folder: Path
    environment: Mapping[str, str]
    color: str = "auto"

    @property
    def styled(self) -> bool:
        """Whether results are coloured, weighted and linked; with NO_COLOR nothing is, unasked."""
        if self.color != "auto":
            return self.color == "always"
        if self.environment.get("NO_COLOR"):
            return False
        return self.out.isatty() or bool(self.environment.get("FORCE_COLOR"))


_given: ContextVar[Screen | None] = ContextVar("screen", default=None)


def screen() -> Screen:
    """The screen that was given for the length of a block, else that of the process."""
    return _given.get() or Screen(sys.stdout, sys.stderr, Path.cwd(), os.environ)


@contextmanager
def shown_on(given: Screen) -> Iterator[None]:
    """Print there, inside the block and in this thread."""
    token = _given.set(given)
    try:
        yield
    finally:
        _given.reset(token)
