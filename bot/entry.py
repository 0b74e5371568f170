"""The console script: hand a question to a running ``pullquote serve``, or else run it here.

It imports next to nothing: with a server, the start of Python is most of what a question takes.
Whatever is in the way of being served (no server, another one's index, a broken connection) leads
silently to the ordinary way, which says what is wrong, if anything is. So does a socket that
another user listens at: a question, and what is shown of its answer, are nobody else's.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from bot.serve.protocol import PASSED, PROTOCOL, SOCKET, split
from bot.signs import styled

CONNECT_S, ANSWER_S = 0.2, 60.0
HERE = frozenset({"-", "--questions", "-h", "--help"})
"""Arguments of ``ask`` that are no work for a server: they read a stream, or answer at once."""


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
    folder = index or _setting("PULLQUOTE_INDEX", environment) or ".pullquote"
    path = os.path.join(folder, SOCKET)  # noqa: PTH118 - pathlib alone takes as long as the rest
    if not os.path.exists(path):  # noqa: PTH110
        return None
    request = {
        "protocol": PROTOCOL,
        "argv": list(argv),
        "cwd": os.getcwd(),  # noqa: PTH109
        "index": folder,
        "encoder": _setting("PULLQUOTE_ENCODER", environment),
        "store": _setting("PULLQUOTE_STORE", environment),
        "terminals": [sys.stdout.isatty(), sys.stderr.isatty()],
        "environment": _passed(environment),
    }
    try:
        answer = json.loads(_exchange(path, json.dumps(request).encode()))
        if answer["protocol"] != PROTOCOL or answer["code"] is None:
            return None
        code, out, err = int(answer["code"]), styled(answer["out"]), styled(answer["err"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # nothing was shown yet: this process answers
    sys.stderr.write(err)
    sys.stdout.write(out)
    return code


def _setting(name: str, environment: Mapping[str, str]) -> str | None:
    """What the settings will say: from the environment, else from ``.env``; None if empty."""
    for variable, value in (*environment.items(), *_dotenv()):
        if value and variable.upper() == name:
            return value
    return None


def _dotenv() -> Iterator[tuple[str, str]]:
    try:
        with open(".env", encoding="utf-8") as file:  # noqa: PTH123
            for line in file:
                name, _, value = line.partition("=")
                yield name.strip().removeprefix("export ").strip(), value.strip().strip("\"'")
    except (OSError, ValueError):
        return  # whoever reads the settings will say so


def _passed(environment: Mapping[str, str]) -> dict[str, str]:
    passed = {name: value for name, value in environment.items() if name in PASSED}
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
        if _listener(connection, path) != os.geteuid():
            raise PermissionError(path)
        connection.settimeout(ANSWER_S)
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts: list[Any] = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def _listener(connection: socket.socket, path: str) -> int:
    """The user who listens at the other end; where the system can't say, whose the socket is."""
    peer = getattr(socket, "SO_PEERCRED", None)
    if peer is None:
        return os.stat(path).st_uid  # noqa: PTH116
    process_user_group = connection.getsockopt(socket.SOL_SOCKET, peer, 12)
    return int.from_bytes(process_user_group[4:8], sys.byteorder)
