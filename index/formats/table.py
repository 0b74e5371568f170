"""A .csv file -> its Articles, one a row, read as a stream.

The first row names the fields, which are those of JSON Lines; other columns are passed over. A
comma, a semicolon or a tab parts them: whichever makes ``text`` one of the names.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from itertools import count
from pathlib import Path

from index.errors import ArticleError
from index.formats import rows
from index.formats.source import (
    ARTICLE_LIMIT,
    EMPTY,
    Place,
    byte_order_mark,
    open_file,
    reading,
    recognised,
)
from index.records import Article

FIELDS = frozenset(
    (
        *("id", "title", "text", "published", "date", "outlet", "source", "url", "link"),
        *("language", "lang", "author", "authors", "byline"),
    )
)
"""The columns that are read; each at most once."""

_BLOCK = 1 << 20


def read(path: Path, name: str) -> Iterator[Article | ArticleError]:
    """Yield an article for each row, or an error with the number of the row's last line.

    Raises: ``ArticleError`` if the file can't be opened, or its first row doesn't name ``text``.
    """
    # The library has one such limit for the whole process; nothing else here reads CSV.
    csv.field_size_limit(ARTICLE_LIMIT)
    with open_file(path) as raw:
        encoding = _encoding(Place(path), raw)
        with TextIOWrapper(raw, encoding=encoding, newline="") as text:
            yield from rows.articles(path, name, _records(path, text))


def _encoding(place: Place, raw: BufferedReader) -> str:
    """Find the encoding by reading the file once; it stands at its beginning again afterwards."""
    with reading(place):
        head = raw.peek(4)
    marked, _ = byte_order_mark(head)
    if marked:
        return "utf-8-sig" if marked == "utf-8" else "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, at = None, 0
    try:
        with reading(place):
            while block := raw.read(_BLOCK):
                decoder.decode(block)
                at += len(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as exc:
        raw.seek(0)
        encoding = recognised(raw.read(_BLOCK))
        if encoding is None:
            raise place.error(
                f"wrong encoding: a byte near offset {at + exc.start} is not UTF-8; "
                "save it as UTF-8"
            ) from exc
    raw.seek(0)
    return encoding or "utf-8"


def _records(path: Path, text: TextIOWrapper) -> Iterator[rows.Record | ArticleError]:
    lines = _lines(path, text)
    header = next(lines, None)
    if header is None:
        raise Place(path).error(EMPTY)
    delimiter, names = _header(Place(path, 1), header)
    table = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(table, None)
        except csv.Error as exc:  # whatever follows may be in quotes or not
            place = Place(path, table.line_num + 1)
            yield place.error(f"not CSV ({exc}); mend it: what follows was not read")
            return
        except ArticleError as exc:
            yield exc
            return
        if row is None:
            return
        place = Place(path, table.line_num + 1)
        if len(row) == len(names):
            yield place, {k: v for k, v in zip(names, row, strict=True) if k in FIELDS}
        elif row:
            yield place.error(
                f"has {len(row)} fields, and the first row names {len(names)}; "
                "put a text that holds the separator in quotes"
            )


def _lines(path: Path, text: TextIOWrapper) -> Iterator[str]:
    """Yield the lines with their ends; one without an end would fill the memory."""
    for number in count(1):
        place = Place(path, number)
        try:
            with reading(place):
                line = text.readline(ARTICLE_LIMIT)
        except UnicodeDecodeError as exc:
            raise place.error(
                f"wrong encoding: not {exc.encoding.upper()}; save it as UTF-8"
            ) from exc
        if len(line) == ARTICLE_LIMIT:
            raise place.error(
                f"too large: the line has {ARTICLE_LIMIT:,} characters or more; split it"
            )
        if not line:
            return
        yield line


def _header(place: Place, line: str) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the columns in lower case."""
    found = []
    for delimiter in ",;\t":
        try:
            row = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            continue  # quotes that make no sense with this delimiter
        names = [name.strip().lower() for name in row]
        if "text" in names:
            found.append((delimiter, names))
    several = [each for each in found if len(each[1]) > 1]
    found = several or found[:1]  # one column has no delimiter in its name
    if len(found) != 1:
        raise place.error(
            'the first row names no column "text"; let it name the columns, parted by commas, '
            "semicolons or tabs"
        )
    _, names = found[0]
    twice = next((name for name in names if name in FIELDS and names.count(name) > 1), None)
    if twice:
        raise place.error(f'the first row names "{twice}" twice; rename one of the columns')
    return found[0]
