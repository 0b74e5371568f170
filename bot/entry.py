"""The console script: hand a question to a running ``pullquote serve``, or else run it here.

It imports next to nothing: with a server, the start of Python is most of what a question takes.
Whatever is in the way of being served (no server, another one's index, a broken connection) leads
silently to the ordinary way, which says what is wrong, if anything is.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from bot.serve.protocol import PROTOCOL, SOCKET, passes, split

CONNECT_S, ANSWER_S = 0.2, 60.0
HERE = frozenset({"--questions", "-h", "--help"})
"""Options of ``ask`` that are no work for a server: they read a stream, or answer at once."""


def entry() -> NoReturn:
    """Run as the console script."""
    code = forward(sys.argv[1:], os.environ)
    if code is None:
        from bot.cli import main

        code = main()
    sys.exit(code)


def forward(argv: Sequence[str], environment: Mapping[str, str]) -> int | None:
    """Let a server answer; return its exit code, or None if this process has to."""
    index, command = split(argv)
    if command[:1] != ["ask"] or any(part.partition("=")[0] in HERE for part in command):
        return None
    folder = index or environment.get("PULLQUOTE_INDEX") or _dotenv() or ".pullquote"
    path = os.path.join(folder, SOCKET)  # noqa: PTH118 - pathlib alone takes as long as the rest
    if not os.path.exists(path):  # noqa: PTH110
        return None
    request = {
        "protocol": PROTOCOL,
        "argv": list(argv),
        "cwd": os.getcwd(),  # noqa: PTH109
        "terminals": [sys.stdout.isatty(), sys.stderr.isatty()],
        "environment": _passed(environment),
    }
    try:
        answer = json.loads(_exchange(path, json.dumps(request).encode()))
        if answer["protocol"] != PROTOCOL or answer["code"] is None:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # nothing was shown yet: this process answers
    sys.stderr.write(answer["err"])
    sys.stdout.write(answer["out"])
    return int(answer["code"])


def _dotenv() -> str | None:
    try:
        with open(".env", encoding="utf-8") as file:  # noqa: PTH123
            for line in file:
                name, _, value = line.partition("=")
                if name.strip() == "PULLQUOTE_INDEX":
                    return value.strip().strip("\"'")
    except (OSError, ValueError):
        return None  # whoever reads the settings will say so
    return None


def _passed(environment: Mapping[str, str]) -> dict[str, str]:
    passed = {name: value for name, value in environment.items() if passes(name)}
    try:
        passed.setdefault("COLUMNS", str(os.get_terminal_size(sys.stdout.fileno()).columns))
    except (OSError, ValueError):
        return passed  # not a terminal: nothing wraps
    return passed


def _exchange(path: str, request: bytes) -> bytes:
    """Send a request, return the answer; both end where the sender has no more to say."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(CONNECT_S)
        connection.connect(path)
        connection.settimeout(ANSWER_S)
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts: list[Any] = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)
