"""A .jsonl or .jsonl.gz file -> its Articles, one a line, read as a stream.

Memory is bounded by one line and sixteen bytes for each record's id, however large the file
becomes when it is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from index.errors import ArticleError
from index.formats import rows
from index.formats.json_text import parse, require_object
from index.formats.source import Place, byte_order_mark, decode, open_stream, reading
from index.records import Article

LINE_LIMIT = 20_000_000
"""Bytes of one line, unpacked, without its end: a line is an article, as large as one may be."""


def read(path: Path, name: str) -> Iterator[Article | ArticleError]:
    """Yield an article for each line that isn't blank, or an error with the line's number.

    Raises: ``ArticleError`` if the file can't be opened, or holds nothing.
    """
    yield from rows.articles(path, name, _records(path))


def _records(path: Path) -> Iterator[rows.Record | ArticleError]:
    number = 0
    with open_stream(path) as stream:
        while True:
            try:
                with reading(Place(path, number + 1)):
                    passed, line, long = _next(stream)
            except ArticleError as exc:  # what follows can't be read
                yield exc
                return
            if not line:
                return
            number += passed
            place = Place(path, number)
            try:
                yield place, require_object(place, _parsed(place, line, long=long))
            except ArticleError as exc:
                yield exc


def _next(stream: BufferedIOBase) -> tuple[int, bytes, bool]:
    """Return how many lines were read, the last of them, and whether it is too long.

    Those before it are blank; at the end of the file, it is empty.
    """
    passed = 1
    while (line := stream.readline(LINE_LIMIT + 1)).isspace():
        passed += 1
    long = len(line) > LINE_LIMIT and not line.endswith(b"\n")
    if long:
        _skip(stream)
    return passed, line, long


def _skip(stream: BufferedIOBase) -> None:
    """Read what is left of a line."""
    while (piece := stream.readline(LINE_LIMIT)) and not piece.endswith(b"\n"):
        pass


def _parsed(place: Place, line: bytes, *, long: bool) -> object:
    if long:
        raise place.error(
            f"too large: the line has more than {LINE_LIMIT:,} bytes, the most that one article "
            "may have; split it"
        )
    encoding, skip = byte_order_mark(line) if place.number == 1 else (None, 0)
    if encoding not in (None, "utf-8"):
        raise place.error("wrong encoding: this is UTF-16; save the file as UTF-8")
    return parse(place, decode(place, line, "utf-8", skip=skip), "each line holds one JSON object")
