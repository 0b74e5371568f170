"""A URL -> the bytes of its page or feed, within limits; sole user of httpx.

Everything that a server may do wrong ends in a ``FetchError``: too many bytes (counted decoded),
too much time (for the whole of a fetch, however it drips), too many redirects, an address that is
private, an encoding that was not asked for, a body that stops short.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from importlib.metadata import version
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from index.web import addresses
from index.web.robots import AGENT, Robots
from index.web.urls import FetchError, RefusedError, UnreachableError, clean, host_of

USER_AGENT = f"{AGENT}/{version(AGENT)} (+https://pypi.org/project/{AGENT}/)"
LONGEST_WAIT = timedelta(days=1)
"""A Retry-After is heeded so far."""
USUAL_WAIT = timedelta(minutes=5)
"""How long a host is left alone that asks for it without saying how long."""
SHOWN = 80
"""Characters of what a server calls its content that an error repeats."""

_REDIRECTS = (301, 302, 303, 307, 308)
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may take; ``delay_s`` lies between two requests to the same host."""

    bytes: int = 10_000_000
    seconds: float = 30.0
    redirects: int = 5
    delay_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is (UTC), and how to wait."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: 200 with a decoded body, or 304 without one. ``url`` is where it came from."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def content_type(self) -> str:
        """The kind of content, without parameters, in lower case; empty if it isn't said."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


class Fetcher:
    """Fetches for the length of one run, one request at a time.

    Hosts that asked to be left alone stand in ``left_alone`` with the error that says so; those
    that could not be reached join them until the run ends.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        limits: Limits,
        clock: Clock,
        resolve: addresses.Resolve = addresses.resolve,
        left_alone: Mapping[str, FetchError],
    ) -> None:
        self.left_alone = dict(left_alone)
        self._allow_private = allow_private
        self._limits = limits
        self._clock = clock
        self._resolve = resolve
        self._robots = Robots(lambda url: self._follow(url, None, {}).body)
        self._last: dict[str, datetime] = {}

    def get(
        self,
        url: str,
        kinds: Collection[str],
        *,
        etag: str | None = None,
        modified: str | None = None,
    ) -> Fetched:
        """Fetch a clean URL, or learn that it is as ``etag`` and ``modified`` say (status 304).

        Raises:
            FetchError: it can't be had, or its content is none of ``kinds`` (``*/*`` is any).
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        return self._follow(url, kinds, {key: value for key, value in conditions.items() if value})

    def _follow(
        self, url: str, kinds: Collection[str] | None, conditions: Mapping[str, str]
    ) -> Fetched:
        """Fetch through redirects; what is of no particular kind is a robots.txt itself."""
        cookies = httpx.Cookies()
        left = self._limits.seconds
        for _ in range(self._limits.redirects + 1):
            self._refuse_left_alone(host_of(url))
            self._wait(host_of(url), self._robots.check(url) if kinds is not None else 0.0)
            started = time.monotonic()
            answer = self._request(url, kinds, conditions, cookies, started + left)
            left -= time.monotonic() - started
            if isinstance(answer, Fetched):
                return answer
            try:
                url = clean(answer, url)
            except RefusedError as exc:
                raise RefusedError(f"redirected to {answer[:200]!r}: {exc.reason}") from exc
        raise FetchError(f"more than {self._limits.redirects} redirects")

    def _request(
        self,
        url: str,
        kinds: Collection[str] | None,
        conditions: Mapping[str, str],
        cookies: httpx.Cookies,
        deadline: float,
    ) -> Fetched | str:
        """Ask once; return the answer, or where it redirects to. Takes its cookies along."""
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": ", ".join(kinds) if kinds else "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **conditions,
        }
        backend = _CheckedBackend(self._allow_private, self._resolve, deadline)
        transport = _Transport(backend, self._tls if url.startswith("https") else None)
        try:
            with (
                httpx.Client(
                    transport=transport, headers=headers, cookies=cookies, trust_env=False
                ) as client,
                client.stream("GET", url) as response,
            ):
                cookies.update(client.cookies)
                return self._take(url, response, kinds, bool(conditions))
        except httpcore.TimeoutException as exc:
            raise self._unreachable(
                url, f"not had within {self._limits.seconds:g} s; its server is slow or silent"
            ) from exc
        except httpcore.NetworkError as exc:
            raise self._unreachable(url, f"its server can't be reached ({exc})") from exc
        except (httpcore.ProtocolError, httpx.RequestError, httpx.InvalidURL) as exc:
            raise FetchError(f"its server doesn't speak HTTP properly ({exc})") from exc

    def _take(
        self, url: str, response: httpx.Response, kinds: Collection[str] | None, conditional: bool
    ) -> Fetched | str:
        status = response.status_code
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
        if status in _REDIRECTS and "location" in response.headers:
            return response.headers["location"]
        if status == HTTPStatus.NOT_MODIFIED and conditional:
            return Fetched(url, status, headers, b"")
        if status != HTTPStatus.OK:
            raise self._not_ok(url, status, response.headers.get("retry-after"))
        said = Fetched(url, status, headers, b"")
        if kinds is not None and "*/*" not in kinds and said.content_type not in kinds:
            kind = said.content_type[:SHOWN] or "of no stated type"
            hint = "; a feed is followed by `pullquote feeds add`" if "xml" in kind else ""
            raise FetchError(f"its content is {kind}{hint}")
        body = self._body(response)
        return Fetched(url, status, headers, body)

    def _body(self, response: httpx.Response) -> bytes:
        limit = self._limits.bytes
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise FetchError(f"sent in the encoding {encoding[:40]!r}, which was not asked for")
        raw = _at_most(response.iter_raw(), limit)
        if "gzip" in encoding:
            return b"".join(_at_most(_inflate(raw, limit + 1), limit))
        return b"".join(raw)

    def _not_ok(self, url: str, status: int, retry_after: str | None) -> FetchError:
        try:
            said = f"answered {status} {HTTPStatus(status).phrase}"
        except ValueError:
            said = f"answered {status}"
        if status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            return FetchError(said, status=status)
        until = _until(retry_after, self._clock.now())
        error = FetchError(
            f"{host_of(url)} {said}: it is left alone until {until:%Y-%m-%d %H:%M} UTC",
            status=status,
            until=until,
        )
        self.left_alone[host_of(url)] = error
        return error

    def _refuse_left_alone(self, host: str) -> None:
        error = self.left_alone.get(host)
        if error and (error.until is None or self._clock.now() < error.until):
            raise type(error)(error.reason, until=error.until)

    def _unreachable(self, url: str, reason: str) -> FetchError:
        error = UnreachableError(reason)
        self.left_alone[host_of(url)] = error
        return error

    def _wait(self, host: str, asked_s: float) -> None:
        """Let the delay pass since the last request to this host; a clock may have jumped."""
        delay = max(self._limits.delay_s, asked_s)
        if host in self._last:
            passed = (self._clock.now() - self._last[host]).total_seconds()
            if passed < delay:
                self._clock.sleep(min(delay - passed, delay))
        self._last[host] = self._clock.now()

    @cached_property
    def _tls(self) -> SSLContext:
        return httpx.create_ssl_context()


class _Transport(httpx.BaseTransport):
    """httpx over a network of our own; errors stay those of httpcore."""

    def __init__(self, backend: httpcore.NetworkBackend, tls: SSLContext | None) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its answer is read later, from the stream."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and hands out streams that end at the deadline."""

    def __init__(self, allow_private: bool, resolve: addresses.Resolve, deadline: float) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; the host's name is not looked up again."""
        try:
            found = addresses.checked(
                host, port, allow_private=self._allow_private, ask=self._resolve
            )
        except OSError as exc:
            raise httpcore.ConnectError(f"the name {host} is not known") from exc
        error: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in found:
            try:
                stream = self._plain.connect_tcp(address, port, _left(self._deadline))
            except httpcore.ConnectError as exc:
                error = exc
            else:
                return _TimedStream(stream, self._deadline)
        raise error


class _TimedStream(httpcore.NetworkStream):
    """A stream on which nothing happens after the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what comes in time."""
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write what is taken in time."""
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Continue encrypted, in time."""
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the stream below knows."""
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """The seconds until the deadline, of which there are some."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is up")
    return left


def _at_most(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Pass the chunks on until there are too many bytes in them."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise FetchError(f"larger than {limit:,} bytes")
        yield chunk


def _inflate(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Inflate gzip, also in several members; no step makes more than ``most`` bytes."""
    inflater = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        rest = chunk
        while rest:
            if inflater.eof:
                if not rest.startswith(b"\x1f"):
                    return  # padding behind the last member, as gzip itself allows
                inflater = zlib.decompressobj(_GZIP)
            try:
                yield inflater.decompress(rest, most)
            except zlib.error as exc:
                raise FetchError(f"its gzip is broken ({exc})") from exc
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if not inflater.eof:
        raise FetchError("its gzip stops short")


def _until(retry_after: str | None, now: datetime) -> datetime:
    """When a host may be asked again: what it says, within reason."""
    wait = USUAL_WAIT
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=int(text[:9]))
    elif text:
        try:
            said = parsedate_to_datetime(text)
        except ValueError:
            said = now + USUAL_WAIT  # neither seconds nor a date: as if it said nothing
        wait = (said if said.tzinfo else said.replace(tzinfo=UTC)) - now
    return now + min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)
