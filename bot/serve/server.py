"""``pullquote serve``: questions of other processes, answered by one that has all of it loaded.

A Unix domain socket in the folder of the index, which only its owner may use. ``bot.entry`` is
the other end. Each request is the command line of a ``pullquote ask``; it runs here just as it
would there, with its output caught, one at a time.
"""

from __future__ import annotations

import io
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeAlias

from bot.serve.protocol import PROTOCOL, SOCKET, passes, split
from bot.settings import Settings, load_settings
from index.errors import PullquoteError
from index.library import Library

REQUEST_BYTES = 1_000_000
IDLE_S = 10.0
"""A client that says nothing for so long is left."""


class _Screen(io.StringIO):
    """Catches what is printed, as if it were the terminal (or the pipe) of the client."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


Main: TypeAlias = Callable[[Sequence[str], Settings], int]
"""Runs a command line under a client's settings, over the library that is open; its exit code."""


class Server(socketserver.ThreadingUnixStreamServer):
    """Listens at the index of a library until ``shutdown``, and runs what it is sent by ``main``.

    ``opened`` are the settings that the library was opened with: who set another encoder or store
    is no client.
    """

    def __init__(self, library: Library, opened: Settings, main: Main) -> None:
        self.library, self._opened, self._main = library, opened, main
        self.path = library.folder / SOCKET
        self._running = threading.Lock()  # output, folder and environment are the process's
        _remove_stale(self.path)
        before = os.umask(0o177)
        try:
            super().__init__(str(self.path), _Handler)
        except OSError as exc:
            raise PullquoteError(
                f"{self.path}: can't listen here ({exc}); choose an --index with a shorter path, "
                "on a disk that knows sockets"
            ) from exc
        finally:
            os.umask(before)

    def server_close(self) -> None:
        """Stop listening; the socket goes."""
        super().server_close()
        self.path.unlink(missing_ok=True)

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Run the command of a request; the code is None if it is not for this server."""
        out, err = (_Screen(terminal=bool(flag)) for flag in request["terminals"])
        with self._running, _as_client(request), redirect_stdout(out), redirect_stderr(err):
            code = self._run(request["argv"])
        return {"protocol": PROTOCOL, "code": code, "out": out.getvalue(), "err": err.getvalue()}

    def _run(self, argv: list[str]) -> int | None:
        given, _ = split(argv)
        try:
            settings, there = load_settings(), self.library.exists()
        except PullquoteError:
            return None  # the client's process will say so
        same_index = Path(given or settings.index).resolve() == self.library.folder.resolve()
        same_store = (settings.encoder, settings.store) == (
            self._opened.encoder,
            self._opened.store,
        )
        if not same_index or not same_store or not there:
            return None
        return self._main(argv, settings)


class _Handler(socketserver.StreamRequestHandler):
    timeout = IDLE_S

    def handle(self) -> None:
        """Read one request, answer it."""
        try:
            request = json.loads(self.rfile.read(REQUEST_BYTES))
            known = request["protocol"] == PROTOCOL
            answer = self.server.answer(request) if known else {}  # type: ignore[attr-defined]
        except (ValueError, KeyError, TypeError, TimeoutError):
            answer = {}  # not one of ours; a client that is answers by itself
        try:
            self.wfile.write(json.dumps({"protocol": PROTOCOL, "code": None, **answer}).encode())
        except OSError:
            return  # the client has gone


@contextmanager
def _as_client(request: Mapping[str, Any]) -> Iterator[None]:
    """Stand in the client's folder and environment."""
    cwd, before = Path.cwd(), dict(os.environ)
    mine = [name for name in before if passes(name)]
    try:
        os.chdir(request["cwd"])
        for name in mine:
            del os.environ[name]
        os.environ.update(request["environment"])
        yield
    finally:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(before)


def _remove_stale(path: Path) -> None:
    """Remove the socket of a server that was killed; one that lives is left alone."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise PullquoteError(f"{path}: served already; stop that server first")
