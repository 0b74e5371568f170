"""What a server and those who hand it a question agree on; imported wherever a command starts."""

from __future__ import annotations

from collections.abc import Sequence

SOCKET = "serve.sock"
"""Its name in the folder of the index."""
PROTOCOL = 2
"""Bump when the fields of a request or of its answer change their meaning."""
PASSED = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLORTERM", "COLUMNS")
"""What goes with a request of the client's environment: how an answer is shown, no secret."""


def split(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """The index that a command line names, and the command with its arguments.

    >>> split(["--color=never", "--index", "i", "ask", "who?"])
    ('i', ['ask', 'who?'])
    """
    index, rest = None, list(argv)
    while rest and rest[0].partition("=")[0] in ("--index", "--color"):
        option, given, value = rest.pop(0).partition("=")
        if not given:
            value = rest.pop(0) if rest else ""
        if option == "--index":
            index = value
    return index, rest
