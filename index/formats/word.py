"""A .docx file -> its Article: every paragraph is a line, those in tables and boxes too.

Sole user of python-docx. What is struck out in tracked changes is left out. The dates of a document
are those of the file, not of publication, and aren't read.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from index.formats.fields import byline
from index.formats.source import (
    ARTICLE_LIMIT,
    Place,
    first_line,
    has_words,
    load,
    require_no_nul,
    require_words,
    storable,
)
from index.records import Article

XML_LIMIT = 10_000_000
"""Bytes of all XML in the document, unpacked. A novel has two million; as a tree, these take
three hundred million bytes of memory."""

PART_LIMIT = 5_000
"""Files inside the document."""

_BEGINNING = 64  # bytes of a part that are looked at
_BEFORE_XML = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"
_EBCDIC = b"\x4c\x6f\xa7\x94"
_TRIPS = (
    *(zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError, RuntimeError),
    *(zlib.error, LookupError),
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SIGNS = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield the document as an article; the title is the one it states, else the first line.

    Raises: ``ArticleError``.
    """
    place = Place(path)
    data = load(path)
    _require_small(place, data)
    title, author, text = _contents(place, data)
    require_no_nul(place, text)
    require_words(place, text)
    text = storable(text)
    title = title or first_line(text)
    yield Article(id=name, title=title, text=text, path=name, author=author)


def _require_small(place: Place, data: bytes) -> None:
    """Refuse what isn't a zip file, and what would fill the memory when it is unpacked."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise place.error("encrypted, or an old .doc; save it as .docx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = package.infolist()
            few = parts[: PART_LIMIT + 1]
            xml = sum(part.file_size for part in few if _may_be_xml(package, part))
    except _TRIPS as exc:
        raise place.error(_DAMAGED.format(type(exc).__name__)) from exc
    if len(parts) > PART_LIMIT or xml > XML_LIMIT or _total(parts) > 5 * ARTICLE_LIMIT:
        raise place.error(
            f"too large: its {len(parts):,} parts unpack to {_total(parts):,} bytes, {xml:,} of "
            "them XML; save its text as .txt"
        )


def _may_be_xml(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part could be parsed: as it is called, or, since it may lie anywhere, begins."""
    if part.filename.lower().endswith((".xml", ".rels")):
        return True
    with package.open(part) as stream:
        begin = stream.read(_BEGINNING).lstrip(_BEFORE_XML)
    return not begin or begin.startswith((b"<", _EBCDIC))


_DAMAGED = "the document is damaged ({}); save it again, or its text as .txt"


def _total(parts: list[zipfile.ZipInfo]) -> int:
    return sum(part.file_size for part in parts)


def _contents(place: Place, data: bytes) -> tuple[str | None, str | None, str]:
    """Return the title and author that the document states, and its text."""
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    # How python-docx trips over packages whose parts don't belong together.
    trips = (
        *(AssertionError, AttributeError, EOFError, LookupError, NotImplementedError, OSError),
        *(OpcError, RecursionError, RuntimeError, TypeError, ValueError),
        *(etree.LxmlError, zipfile.BadZipFile, zlib.error),
    )
    try:
        document = docx.Document(BytesIO(data))
        said = document.core_properties
        title, author = _stated(said.title), byline([_stated(said.author)])
        text = "\n".join(_paragraph(each) for each in document.element.body.iter(f"{_WORD}p"))
    except trips as exc:
        raise place.error(_DAMAGED.format(type(exc).__name__)) from exc
    return title and first_line(title), author, text


def _stated(value: str) -> str | None:
    line = storable(" ".join(value.split()))
    return line if has_words(line) and "\0" not in line else None


def _paragraph(paragraph: Any) -> str:
    """Return the text of a paragraph without that of paragraphs inside it, as in a text box."""
    pieces = []
    for node in paragraph.iter(f"{_WORD}t", *_SIGNS):
        inside = next(node.iterancestors(f"{_WORD}p", _FALLBACK))
        if inside is paragraph:
            pieces.append(_SIGNS.get(node.tag) or node.text or "")
    return "".join(pieces)
