"""A .warc or .warc.gz file -> an Article for each web page in it.

Reads with warcio. The archive is read twice as a stream: first to see which is the last record
of each address and what is said beside it, then for the pages. A response of success with HTML is
a page; requests, images, redirects and the rest are passed over.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BufferedIOBase, BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from index.errors import ArticleError
from index.formats import webpage
from index.formats.json_text import parse
from index.formats.source import ARTICLE_LIMIT, Place, open_stream, printable, reading
from index.records import Article

HEAD_LIMIT = 1_000_000
"""Bytes of the headers of one record, and of what a metadata record says."""

_BLOCK = 1 << 16
_PAGES = ("text/html", "application/xhtml+xml")
_BROKEN = "the archive breaks off in it; copy or download it again"

logging.getLogger("warcio").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class _Record:
    """A record whose own headers are read, and its content not yet."""

    place: Place
    kind: str
    uri: str
    type: str
    length: int
    stream: Any

    @property
    def key(self) -> bytes:
        return hashlib.blake2b(self.uri.encode(errors="replace"), digest_size=16).digest()


def read(path: Path, name: str) -> Iterator[Article | ArticleError]:
    """Yield the article of each page, or an error with the number of the record.

    Of several records of an address the last one counts. The id is ``name#address``.

    Raises: ``ArticleError`` if the file can't be opened, or holds no page.
    """
    last, said = _survey(path)
    empty, reason = True, ""
    for record in _records(path):
        try:
            if isinstance(record, ArticleError):
                raise record
            elif last.get(record.key) == record.place.number:
                yield _article(name, record, said.get(record.key, {}))
                empty = False
        except ArticleError as exc:
            if exc.reason != reason:  # a page in which the archive breaks off is met twice
                yield exc
            empty, reason = False, exc.reason
    if empty:
        raise Place(path).error("holds no web page; remove it, or save the pages as .html")


def _survey(path: Path) -> tuple[dict[bytes, int], dict[bytes, Mapping[str, object]]]:
    """Return the number of the last page of each address, and what is said beside it."""
    last: dict[bytes, int] = {}
    said: dict[bytes, Mapping[str, object]] = {}
    kept = 0
    for record in _records(path):
        if isinstance(record, ArticleError):
            break  # the second reading comes to it again, and says so
        try:
            if record.kind == "response" and _http(record) is not None:
                last[record.key] = record.place.number or 0
            elif record.kind == "metadata" and record.type == "application/json":
                kept += record.length
                if record.length <= HEAD_LIMIT and kept <= ARTICLE_LIMIT:
                    said[record.key] = _said(record)
        except ArticleError:  # likewise
            last[record.key] = record.place.number or 0
    return last, said


def _said(record: _Record) -> Mapping[str, object]:
    """Return the fields of a metadata record; other programs write theirs in other forms."""
    try:
        found = parse(record.place, _content(record).decode(), "")
    except (ArticleError, UnicodeDecodeError):
        return {}
    wanted = ("title", "published", "outlet", "language", "author")
    return {key: found[key] for key in wanted if key in found} if isinstance(found, dict) else {}


def _records(path: Path) -> Iterator[_Record | ArticleError]:
    """Yield the records; where the archive is damaged, the fault, and nothing behind it."""
    from warcio.recordloader import (  # type: ignore[import-untyped,unused-ignore]
        ArcWarcRecordLoader,
    )

    loader = ArcWarcRecordLoader(arc2warc=False)
    with open_stream(path) as stream:
        for number in count(1):
            place = Place(path, number, "record")
            head = _Head(place, stream)
            try:
                with reading(place):
                    record = _next(place, loader, head)
                if record is None:
                    return
                yield record
                with reading(place):
                    while record.stream.read(_BLOCK):
                        pass
                if record.stream.limit:
                    raise place.error(_BROKEN)
            except ArticleError as exc:
                yield exc
                return


def _next(place: Place, loader: Any, head: _Head) -> _Record | None:
    from warcio.exceptions import (  # type: ignore[import-untyped,unused-ignore]
        ArchiveLoadFailed,
    )

    line = head.readline()
    while line and not line.strip():
        line = head.readline()
    if not line:
        return None
    try:
        found = loader.parse_record_stream(head, line, "warc", no_record_parse=True)
    except ArchiveLoadFailed as exc:
        raise place.error(
            f"no WARC record begins at byte {head.stream.tell() - len(line):,}; the archive is "
            "damaged, and what follows was not read"
        ) from exc
    said = found.rec_headers.get_header
    length = (said("Content-Length") or "").strip()
    if not (length.isascii() and length.isdecimal() and len(length) < 16):
        raise place.error("its header names no length; what follows was not read")
    kind = (said("Content-Type") or "").partition(";")[0].strip().lower()
    return _Record(
        place,
        (said("WARC-Type") or "").strip().lower(),
        (said("WARC-Target-URI") or "").strip(),
        kind,
        int(length),
        found.raw_stream,
    )


class _Head:
    """A stream as warcio wants it, in which headers have an end."""

    def __init__(self, place: Place, stream: BufferedIOBase) -> None:
        self.stream = stream
        self._place = place
        self._left = HEAD_LIMIT

    def read(self, length: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        return self.stream.read(length)

    def readline(self, length: int = HEAD_LIMIT) -> bytes:
        """Return the rest of the line, no more than ``length`` bytes of it."""
        line = self.stream.readline(min(length, self._left))
        self._left -= len(line)
        if self._left <= 0:
            raise self._place.error(
                f"its headers have more than {HEAD_LIMIT:,} bytes; what follows was not read"
            )
        return line


def _http(record: _Record) -> Any:
    """Return the HTTP headers of a page and leave the stream behind them; None if it is none."""
    from warcio.statusandheaders import (  # type: ignore[import-untyped,unused-ignore]
        StatusAndHeadersParser,
    )

    try:
        headers = StatusAndHeadersParser((), verify=False).parse(record.stream)
    except EOFError:  # nothing was answered
        return None
    if not headers.get_statuscode().startswith("2"):
        return None
    kind = (headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return headers if kind in _PAGES else None


def _article(name: str, record: _Record, said: Mapping[str, object]) -> Article:
    place = record.place
    if not record.uri or not printable(record.uri):
        raise place.error("its address is missing or holds a control character")
    headers = _http(record)
    parameters = (headers.get_header("Content-Type") or "").lower()
    _, _, charset = parameters.partition("charset=")
    page = webpage.article(
        place,
        _unpacked(place, _payload(record, headers), headers.get_header("Content-Encoding")),
        id_=f"{name}#{record.uri}",
        path=name,
        charset=charset.partition(";")[0].strip(" \t\"'") or None,
        known=said,
    )
    return replace(page, url=record.uri)


def _content(record: _Record) -> bytes:
    """Return what is left of a record, all of it.

    Raises: ``ArticleError`` if it is too large, or breaks off.
    """
    if record.length > ARTICLE_LIMIT + HEAD_LIMIT:
        raise record.place.error(
            f"too large: {record.length:,} bytes, and one article may have {ARTICLE_LIMIT:,}"
        )
    with reading(record.place):
        data: bytes = record.stream.read()
    if record.stream.limit:
        raise record.place.error(_BROKEN)
    return data


def _payload(record: _Record, headers: Any) -> bytes:
    """Return the body of a response as it was sent, put together from its chunks."""
    from warcio.bufferedreaders import (  # type: ignore[import-untyped,unused-ignore]
        ChunkedDataReader,
    )

    data = _content(record)
    if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        # Some programs keep this header and write the body whole; warcio sees that.
        return bytes(ChunkedDataReader(BytesIO(data)).read())
    return data


def _unpacked(place: Place, data: bytes, packing: str | None) -> bytes:
    """Undo the ``Content-Encoding`` of a body, bounded; some programs have already undone it."""
    packing = (packing or "identity").strip().lower()
    if packing == "identity" or data.lstrip()[:1] == b"<":
        return data
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise place.error(f"packed with {packing[:20]!r}, which is not known here; save the page")
    # gzip or zlib, as the first bytes say; or deflate without a header, which some servers send
    window = zlib.MAX_WBITS | 32 if packing != "deflate" or _is_zlib(data) else -zlib.MAX_WBITS
    unpacker = zlib.decompressobj(window)
    try:
        page = unpacker.decompress(data, ARTICLE_LIMIT + 1)
    except zlib.error as exc:
        raise place.error("its page is packed, and damaged; download it again") from exc
    if len(page) > ARTICLE_LIMIT:
        raise place.error(f"too large: its page unpacks to more than {ARTICLE_LIMIT:,} bytes")
    if not unpacker.eof:
        raise place.error("its page is packed, and breaks off; download it again")
    return page


def _is_zlib(data: bytes) -> bool:
    return len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
