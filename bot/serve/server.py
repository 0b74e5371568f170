"""``pullquote serve``: questions of other processes, answered by one that has all of it loaded.

A Unix domain socket in the folder of the index, which only its owner may use. ``bot.entry`` is
the other end. Each request is the command line of a ``pullquote ask``; it runs here just as it
would there, in a thread with a screen of its own, beside the others.
"""

from __future__ import annotations

import io
import json
import os
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from bot.screen import Screen, shown_on
from bot.serve.protocol import PROTOCOL, SOCKET
from bot.settings import Settings
from index.errors import PullquoteError
from index.library import Library

REQUEST_BYTES = 1_000_000
REQUEST_S = 10.0
"""A client that has not said all by then is left, however steadily it drips."""
END_S = 5.0
"""How long answers that are being looked for may still take when the server is told to stop."""


class _Caught(io.StringIO):
    """Catches what is printed, as if it were the terminal (or the pipe) of the client."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


Main: TypeAlias = Callable[[Sequence[str]], int]
"""Runs a command line over the library that is open; returns its exit code."""


class Server(socketserver.ThreadingUnixStreamServer):
    """Listens at the index of a library until ``shutdown``, and runs what it is sent by ``main``.

    ``opened`` are the settings that the library was opened with: who set another encoder or store
    is no client.
    """

    daemon_threads = True  # who is told to stop waits for no client, only for answers

    def __init__(self, library: Library, opened: Settings, main: Main) -> None:
        self.library, self._opened, self._main = library, opened, main
        self.path = library.folder / SOCKET
        self._answering = 0
        self._changed = threading.Condition()
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
        """Stop listening; the socket goes, and the answers under way have ``END_S`` to end."""
        super().server_close()
        self.path.unlink(missing_ok=True)
        with self._changed:
            self._changed.wait_for(lambda: not self._answering, END_S)

    @contextmanager
    def underway(self) -> Iterator[None]:
        """Mark what runs inside as an answer that should be finished before the server stops."""
        with self._changed:
            self._answering += 1
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Run the command of a request; the code is None if it is not for this server."""
        out, err = (_Caught(terminal=bool(flag)) for flag in request["terminals"])
        code = None
        try:
            here = self._is_for_here(request)
        except PullquoteError:
            here = False  # the client's process will say so
        if here:
            screen = Screen(out, err, Path(request["cwd"]), dict(request["environment"]))
            with shown_on(screen):
                code = self._main(request["argv"])
        return {"code": code, "out": out.getvalue(), "err": err.getvalue()}

    def _is_for_here(self, request: Mapping[str, Any]) -> bool:
        index = Path(request["cwd"], request["index"])
        same_index = index.resolve() == self.library.folder.resolve()
        same_store = request["store"] == self._opened.store
        same_encoder = request["encoder"] == self._opened.encoder
        try:
            return same_index and same_store and same_encoder and self.library.exists()
        except PullquoteError:
            return False  # the client's process will say so


class _Handler(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def handle(self) -> None:
        """Read one request, answer it."""
        try:
            request = json.loads(self._read())
            known = request["protocol"] == PROTOCOL
        except (OSError, ValueError, KeyError, TypeError):
            known = False  # not one of ours; a client that is answers by itself
        with self.server.underway():
            try:
                answer = self.server.answer(request) if known else {}
            except (ValueError, KeyError, TypeError):
                answer = {}
            told = json.dumps({"protocol": PROTOCOL, "code": None, **answer}).encode()
            try:
                self.request.settimeout(REQUEST_S)
                self.request.sendall(told)
            except OSError:
                return  # the client has gone

    def _read(self) -> bytes:
        """All that the client has to say.

        Raises:
            TimeoutError: it takes longer than ``REQUEST_S``, or never ends.
        """
        until = time.monotonic() + REQUEST_S
        said = bytearray()
        while len(said) <= REQUEST_BYTES:
            if (left_s := until - time.monotonic()) <= 0:
                break
            self.request.settimeout(left_s)
            if not (part := self.request.recv(65_536)):
                return bytes(said)
            said += part
        raise TimeoutError


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
