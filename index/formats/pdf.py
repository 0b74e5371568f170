"""A .pdf file -> its Article: the text of its pages, in which lines are paragraphs again.

Sole user of pypdf. A PDF says where letters stand, not what a line or a paragraph is, so the text
here is the article: offsets count in it, and it is what is quoted. Lines that run the full width
are joined; a hyphen at the end of one goes only if the whole word stands elsewhere in the file.
The dates in a PDF are those of the file, not of publication, and aren't read.
"""

from __future__ import annotations

import logging
import re
import struct
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from index.formats.fields import byline
from index.formats.source import (
    Place,
    first_line,
    has_words,
    load,
    printable,
    storable,
)
from index.records import Article

PAGE_LIMIT = 500
"""Pages. An article has a few; more are a book, and would be parsed for minutes."""

OPERATION_LIMIT = 1_000_000
"""Drawing operations of all pages: a dense page of a newspaper has ten thousand."""

SECONDS = 15.0
"""Processor time for a file. Pages that were drawn to be slow have no other bound in pypdf."""

UNREADABLE_SHARE = 0.05
"""Share of letters without a meaning (fonts that don't tell it) above which the text is refused."""

_LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "zlib_maximum_output_length": 20_000_000,
    "zlib_maximum_recovery_input_length": 100_000,
    "brotli_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
    "stream_parsing_work_maximum_count": 500_000,
    "page_tree_maximum_entries": 10_000,
    "page_tree_maximum_page_entries": 100_000,
    "xform_maximum_invocations_per_extraction": 100,
    "jbig2dec_binary": None,
}
_FULL = 0.8  # of the usual width: a line that long goes on in the next
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\ud800-\udfff]")
_HYPHENATED = re.compile(r"([^\W\d_]+)[-\u00ad]\Z")
_LONGEST = 60  # letters of a word before its hyphen; what is longer is none
_WORDS = re.compile(r"[^\W\d_]+")
# What word processors write into the title by themselves.
_NO_TITLE = re.compile(r"untitled|microsoft word|.*\.(?:docx?|odt|rtf|indd|qxp|pdf|txt)\Z", re.I)

logging.getLogger("pypdf").addHandler(logging.NullHandler())


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield the text of the pages as an article.

    Raises: ``ArticleError``.
    """
    place = Place(path)
    title, author, pages = _pages(place, load(path))
    text = "\n".join(pages)
    if not has_words(text):
        raise place.error(
            "holds no text (a scan, perhaps); have its letters recognised, and save it as .txt"
        )
    unreadable = len(_UNREADABLE.findall(text))
    if unreadable > UNREADABLE_SHARE * len(text):
        raise place.error(
            "its fonts don't tell what their letters mean; save its text as .txt instead"
        )
    text = _UNREADABLE.sub("\ufffd", _paragraphs(text))
    title = title or first_line(text)
    yield Article(id=name, title=title, text=text, path=name, author=author)


def _pages(place: Place, data: bytes) -> tuple[str | None, str | None, list[str]]:
    """Return the title and author that the file states, and the text of each page, all bounded."""
    import pypdf
    from pypdf.errors import LimitReachedError, PyPdfError

    # What pypdf raises besides its own on files that are broken; a file is no reason to stop.
    trips = (
        *(PyPdfError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError),
        *(OSError, RecursionError, RuntimeError, TypeError, ValueError, struct.error, zlib.error),
    )
    try:
        with pypdf.apply_configuration(**_LIMITS):
            reader = pypdf.PdfReader(BytesIO(data))
            if reader.is_encrypted:
                raise place.error("encrypted; save a copy that opens without a password")
            return _title(reader), _author(reader), _texts(place, reader)
    except LimitReachedError as exc:
        raise place.error(f"too large inside ({exc}); save its text as .txt") from exc
    except trips as exc:
        raise place.error(
            f"the PDF is damaged ({type(exc).__name__}); save it again, or its text as .txt"
        ) from exc


def _texts(place: Place, reader: Any) -> list[str]:
    if len(reader.pages) > PAGE_LIMIT:
        raise place.error(
            f"too large: it has {len(reader.pages):,} pages, and {PAGE_LIMIT} are read; split it"
        )
    started = time.thread_time()
    operations = 0

    def bound(*_: object) -> None:
        nonlocal operations
        operations += 1
        if operations > OPERATION_LIMIT or time.thread_time() - started > SECONDS:
            raise place.error("its pages are too intricate to be read; save its text as .txt")

    texts = []
    for page in reader.pages:
        bound()
        texts.append(page.extract_text(visitor_operand_before=bound))
    return texts


def _title(reader: Any) -> str | None:
    title = _stated(reader.metadata.title if reader.metadata else None)
    return first_line(title) if title and not _NO_TITLE.match(title) else None


def _author(reader: Any) -> str | None:
    return byline([_stated(reader.metadata.author if reader.metadata else None)])


def _stated(value: object) -> str | None:
    """Return what the file says about itself, on one line, or None if it is nothing to show."""
    line = storable(" ".join(value.split())) if isinstance(value, str) else ""
    return line if has_words(line) and printable(line) else None


def _paragraphs(text: str) -> str:
    """Join the lines of each paragraph: a line that is full goes on in the next one.

    >>> _paragraphs("The vote was post-\\nponed until May,\\nit said.\\nA postponed vote.")
    'The vote was postponed until May, it said.\\nA postponed vote.'
    """
    lines = [line.strip() for line in text.splitlines()]
    widths = sorted(len(line) for line in lines if line)
    full = _FULL * widths[len(widths) * 9 // 10]
    words = set(_WORDS.findall(text))
    joined: list[str] = []  # the lines, and what stands between them
    goes_on = False
    for line in lines:
        if goes_on and line:
            joined[-1], between = _join(joined[-1], line, words)
            joined.append(between)
        elif joined:
            joined.append("\n")
        joined.append(line)
        goes_on = len(line) >= full
    return "".join(joined)


def _join(above: str, below: str, words: set[str]) -> tuple[str, str]:
    """The line above as it goes on below, and what stands between the two."""
    half = _HYPHENATED.search(above, max(0, len(above) - _LONGEST - 1))
    rest = _WORDS.match(below)
    if half is None or rest is None:
        return above, " "
    whole = above.endswith("\u00ad") or half[1] + rest[0] in words
    return (above[:-1] if whole else above), ""
