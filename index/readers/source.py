"""A path -> bytes -> text, bounded; knows what is not text and says so in a sentence."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from index.errors import ArticleError

ARTICLE_LIMIT = 20_000_000
"""Bytes of one article. A thick novel has two million: more is a dump of many articles, and is
held in memory several times over while it is segmented."""

TITLE_LIMIT = 300
"""Code points of a title taken from the text. A longer first line is no headline; it is cut."""

EMPTY = "empty: there is not one letter or digit in it; put the article in, or remove it"
BINARY = "binary, not text: it holds {}; save the article as plain text in UTF-8"

# What no text holds: the C0 controls without tab, line ends, form feed, DOS's end of file, escape.
_BINARY_BYTE = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_WORD = re.compile(r"[^\W_]")
# A line ends where str.splitlines ends it, because the sentences are counted by such lines.
_FIRST_LINE = re.compile(r"\S[^\n\v\f\r\x1c-\x1e\x85\u2028\u2029]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault is: a file, or one line of it (counted from 1)."""

    path: Path
    line: int | None = None

    def error(self, reason: str) -> ArticleError:
        """Return the error for ``reason``, which says what is wrong and what to do."""
        return ArticleError(
            self.path, reason if self.line is None else f"line {self.line}: {reason}"
        )

    def system_error(self, exc: OSError) -> ArticleError:
        """Return the error for what the operating system said."""
        said = exc.strerror or str(exc)
        return self.error(f"cannot be read ({said}); check that it exists and may be read")


def check_name(path: Path, name: str) -> None:
    """Refuse a file name that could not be shown or stored as an id."""
    if _UNPRINTABLE.search(name):
        raise Place(path).error(
            "its name holds a control character or is not valid UTF-8; rename it"
        )


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading bytes: no folder, and nothing that could block or never end.

    Raises: ``ArticleError``.
    """
    place = Place(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise place.error("a folder, not a file; give the folder itself to `pullquote index`")
        if not stat.S_ISREG(mode):
            raise place.error("not an ordinary file (a device, pipe or socket); remove it")
        return path.open("rb")
    except OSError as exc:
        raise place.system_error(exc) from exc
    except ValueError as exc:  # a NUL in the path
        raise place.error("its name can't be opened; rename it") from exc


def load(path: Path) -> bytes:
    """Return the bytes of a file of one article, at most ``ARTICLE_LIMIT``.

    Raises: ``ArticleError``.
    """
    with open_file(path) as stream:
        try:
            data = stream.read(ARTICLE_LIMIT + 1)
            size = max(len(data), path.stat().st_size)
        except OSError as exc:
            raise Place(path).system_error(exc) from exc
    if len(data) > ARTICLE_LIMIT:
        raise Place(path).error(
            f"too large: {size:,} bytes, and one article may have {ARTICLE_LIMIT:,}; "
            "split it, or put its articles into a .jsonl file"
        )
    return data


def load_text(path: Path) -> str:
    """Return the text of a file in UTF-8, or UTF-16 with a byte order mark, without the mark.

    Nothing else is changed, line ends included.

    Raises: ``ArticleError``.
    """
    data = load(path)
    encoding, skip = byte_order_mark(data)
    text = decode(Place(path), data, encoding or "utf-8", skip=skip)
    require_words(Place(path), text)
    return text


def byte_order_mark(data: bytes) -> tuple[str | None, int]:
    """Return the encoding that a byte order mark stands for, and the length of the mark."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding, len(mark)
    return None, 0


def decode(place: Place, data: bytes, encoding: str, *, skip: int = 0) -> str:
    """Decode ``data`` behind its first ``skip`` bytes, strictly; refuse what isn't text.

    Raises: ``ArticleError``, with the offset of the byte (counted from 0, in the line if the
    place is a line).
    """
    try:
        text = data[skip:].decode(encoding)
    except UnicodeDecodeError as exc:
        control = _BINARY_BYTE.search(data) if not encoding.startswith("utf-16") else None
        if control:
            what = f"byte {data[control.start()]:#04x} at offset {control.start()}"
            raise place.error(BINARY.format(what)) from exc
        at = skip + exc.start
        raise place.error(
            f"wrong encoding: byte {data[at]:#04x} at offset {at} is not {encoding.upper()}; "
            "save it as UTF-8"
        ) from exc
    require_no_nul(place, text)
    return text


def require_no_nul(place: Place, text: str) -> None:
    """Refuse text with a NUL character, which only binary files hold."""
    at = text.find("\0")
    if at >= 0:
        raise place.error(BINARY.format(f"a NUL at character {at}"))


def require_words(place: Place, text: str) -> None:
    """Refuse text without a letter or a digit."""
    if not has_words(text):
        raise place.error(EMPTY)


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit, of any script."""
    return _WORD.search(text) is not None


def storable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 can't hold, by U+FFFD; the length stays."""
    return _SURROGATE.sub("\ufffd", text)


def printable(text: str) -> bool:
    """Whether a text can stand in an id: no controls, no line breaks, nothing unencodable."""
    return not _UNPRINTABLE.search(text)


def first_line(text: str) -> str:
    r"""Return the first line with anything on it, stripped, cut at ``TITLE_LIMIT``.

    >>> first_line("\r\n  Vote postponed  \r\nThe vote was")
    'Vote postponed'
    """
    match = _FIRST_LINE.search(text)
    return match[0].rstrip()[:TITLE_LIMIT].rstrip() if match else ""
