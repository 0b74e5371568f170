"""A web server on this machine that can misbehave: raw answers by path, and a log of requests."""

from __future__ import annotations

import gzip
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat

Answer = Callable[["Asked"], Iterable[bytes]]
"""A request -> the bytes to send, in pieces."""


@dataclass(frozen=True)
class Asked:
    """A request as it came in; header names are in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class BadServer:
    """Answers at ``url(path)`` as ``routes`` say, with 404 elsewhere."""

    port: int = 0
    routes: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path, by whichever name of this machine."""
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [each.path for each in self.asked if each.path != "/robots.txt"]

    def raw(self, path: str, *pieces: bytes) -> None:
        """Answer with these bytes and nothing else."""
        self.routes[path] = lambda _: pieces

    def page(
        self,
        path: str,
        body: str | bytes,
        kind: str = "text/html; charset=utf-8",
        status: str = "200 OK",
        **headers: str,
    ) -> None:
        """Answer properly; ``Content_Encoding`` and the like are further headers."""
        data = body.encode() if isinstance(body, str) else body
        said = {"Content-Type": kind, "Content-Length": str(len(data)), **headers}
        self.raw(path, head(status, **said), data)

    def redirect(self, path: str, to: str, status: str = "302 Found") -> None:
        """Send elsewhere."""
        self.raw(path, head(status, Location=to, Content_Length="0"))

    def article(self, path: str, text: str, etag: str | None = None) -> None:
        """An article's page, which knows its ETag."""
        data = article(text).encode()

        def answer(asked: Asked) -> Iterable[bytes]:
            if etag and asked.headers.get("if-none-match") == etag:
                return [head("304 Not Modified", ETag=etag)]
            kind = "text/html; charset=utf-8"
            tag = {"ETag": etag} if etag else {}
            return [head("200 OK", Content_Type=kind, Content_Length=str(len(data)), **tag), data]

        self.routes[path] = answer

    def endless(self, path: str, piece: bytes = b"<p>on and on</p>" * 64) -> None:
        """A body without an end."""

        def answer(_: Asked) -> Iterator[bytes]:
            yield head("200 OK", Content_Type="text/html")
            yield from repeat(piece)

        self.routes[path] = answer

    def drip(self, path: str, first: bytes, piece: bytes) -> None:
        """First these bytes, then a piece every now and then, until nobody listens."""

        def answer(_: Asked) -> Iterator[bytes]:
            yield first
            while not self.stopped.wait(0.02):
                yield piece

        self.routes[path] = answer

    def bomb(self, path: str, size: int) -> None:
        """A small gzip of ``size`` zeros, declared as HTML."""
        self.page(path, gzip.compress(bytes(size)), Content_Encoding="gzip")


def head(status: str, **headers: str) -> bytes:
    """The head of an answer; ``Content_Type`` stands for Content-Type."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status}\r\n{''.join(lines)}\r\n".encode("latin-1")


def article(text: str, title: str = "Ferry strike", links: str = "") -> str:
    """A page with an article in it, long enough to be found."""
    filler = "The harbour was quiet, and the crews waited for word from the mayor's office. " * 3
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{links}</head><body>'
        f"<nav><a href='/'>Home</a></nav><article><h1>{title}</h1><p>{text}</p><p>{filler}</p>"
        "</article><footer>Imprint</footer></body></html>"
    )


@contextmanager
def serve() -> Iterator[BadServer]:
    """A server until the end of the block."""
    bad = BadServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = iter(lambda: self.rfile.readline().decode("latin-1").strip(), "")
            try:
                path = next(lines, "").split(" ")[1]
                split = [line.partition(":") for line in lines]
                asked = Asked(path, {name.lower(): value.strip() for name, _, value in split})
                bad.asked.append(asked)
                answer = bad.routes.get(path, lambda _: [head("404 Not Found", Content_Length="0")])
                for piece in answer(asked):
                    if bad.stopped.is_set():
                        return
                    self.wfile.write(piece)
            except (ConnectionError, IndexError):
                return  # the other side has heard enough, or said nothing

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        bad.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield bad
        finally:
            bad.stopped.set()
            server.shutdown()
            thread.join()
