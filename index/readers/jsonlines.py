"""A .jsonl or .jsonl.gz file -> its Articles, one a line, read as a stream.

Memory is bounded by one line and sixteen bytes for each record's id, however large the file
becomes when it is unpacked.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from itertools import count
from pathlib import Path

from index.readers import fields
from index.readers.source import (
    EMPTY,
    Place,
    byte_order_mark,
    decode,
    first_line,
    open_file,
    printable,
    require_no_nul,
    require_words,
    storable,
)
from index.records import Article

LINE_LIMIT = 20_000_000
"""Bytes of one line, unpacked, without its end: a line is an article, as large as one may be."""


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield an article for each line that isn't blank; a bad line ends it.

    Raises: ``ArticleError``, with the number of the line.
    """
    lines: dict[bytes, int] = {}  # digest of a record's id -> the line that has it
    for place, line in _lines(path):
        record = _record(place, line)
        key = _key(place, record)
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        first = lines.setdefault(digest, place.line or 0)
        if first != place.line:
            raise place.error(
                f"has the same id as line {first}: {fields.shown(key)}; "
                "give every record its own, or remove one of the two"
            )
        yield _article(place, name, key, record)
    if not lines:
        raise Place(path).error(EMPTY)


def _lines(path: Path) -> Iterator[tuple[Place, bytes]]:
    with open_file(path) as raw:
        packed = path.name.lower().endswith(".gz")
        with gzip.GzipFile(fileobj=raw) if packed else raw as stream:
            for number in count(1):
                place = Place(path, number)
                line = _line(place, stream)
                if not line:
                    return
                if line.strip():
                    yield place, line


def _line(place: Place, stream: BufferedIOBase) -> bytes:
    try:
        line = stream.readline(LINE_LIMIT + 1)
    except gzip.BadGzipFile as exc:
        raise place.error(
            f"not gzip ({exc}); pack it again, or name it .jsonl if it isn't packed"
        ) from exc
    except EOFError as exc:
        raise place.error("the gzip file breaks off here; copy or download it again") from exc
    except zlib.error as exc:
        raise place.error("the gzip file is damaged here; copy or download it again") from exc
    except OSError as exc:
        raise place.system_error(exc) from exc
    if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
        raise place.error(
            f"too large: the line has more than {LINE_LIMIT:,} bytes, the most that one article "
            "may have; split it"
        )
    return line


def _record(place: Place, line: bytes) -> Mapping[str, object]:
    encoding, skip = byte_order_mark(line) if place.line == 1 else (None, 0)
    if encoding not in (None, "utf-8"):
        raise place.error("wrong encoding: this is UTF-16; save the file as UTF-8")
    text = decode(place, line, "utf-8", skip=skip)
    try:
        record = json.loads(text)
    except json.JSONDecodeError as exc:
        raise place.error(
            f"not JSON ({exc.msg} at character {exc.pos + 1}); each line holds one JSON object"
        ) from exc
    except ValueError as exc:  # Python refuses to convert endless digits
        raise place.error("holds a number too long to be read; shorten it") from exc
    except RecursionError as exc:
        raise place.error("nested too deeply; a record is a flat JSON object") from exc
    if not isinstance(record, dict):
        raise place.error(f"not a JSON object but {fields.shown(record)}; write {{…}} on each line")
    return record


def _key(place: Place, record: Mapping[str, object]) -> str:
    """Return what tells a record from the others of its file: id, else URL, else line number."""
    own = record.get("id")
    if isinstance(own, int) and not isinstance(own, bool):
        return str(own)
    named = {"id": own, "url": record.get("url"), "link": record.get("link")}
    key = fields.string(place, named, "id", "url", "link")
    if key is None:
        return str(place.line)
    if not printable(key):
        raise place.error("its id or URL holds a control character; remove it")
    return key


def _article(place: Place, name: str, key: str, record: Mapping[str, object]) -> Article:
    text = record.get("text")
    if text is None:
        raise place.error('has no "text"; every record needs one')
    if not isinstance(text, str):
        raise place.error(f'"text" is {fields.shown(text)}, not a text; write it in quotes')
    require_no_nul(place, text)
    # Wires send bulletins whose text is a row of asterisks: the headline is the article.
    require_words(place, f"{record.get('title') or ''}{text}")
    text = storable(text)
    return fields.article(
        place, record, id_=f"{name}#{key}", path=name, text=text, title=first_line(text)
    )
