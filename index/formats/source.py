"""A path -> bytes -> text, bounded; knows what is not text and says so in a sentence."""

from __future__ import annotations

import gzip
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ArticleError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ARTICLE_LIMIT = 20_000_000
"""Bytes of one article. A thick novel has two million: more is a dump of many articles, and is
held in memory several times over while it is segmented."""

TITLE_LIMIT = 300
"""Code points of a title taken from the text. A longer first line is no headline; it is cut."""

UNPACKED_SLACK = 4_000_000
UNPACKED_RATIO = 100
"""A gzip file may unpack to this many bytes, and to so many times its size besides: text packs to a
third or a tenth, and only a bomb to less than a hundredth."""

SAMPLE = 100_000
"""Bytes by which an undeclared encoding is recognised."""

EMPTY = "empty: there is not one letter or digit in it; put the article in, or remove it"
BINARY = "binary, not text: it holds {}; save the article as plain text in UTF-8"

# What no text holds: the C0 controls without tab, line ends, form feed, DOS's end of file, escape.
_BINARY_BYTE = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# The encodings that newsrooms wrote before UTF-8. Fewer of them are told apart more surely.
_LEGACY = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "koi8_r", "cp866", "iso8859_2"),
    *("cp932", "euc_jp", "gb18030", "big5hkscs", "cp949"),
)
# How much less disorder, or more likeness to a language, the best must have than any that reads
# the bytes differently. On 216 passages of 60 to 250 letters in 12 languages and 12 encodings, 115
# were read so, and none wrongly; with 0.05, 4 were.
_LEAD = 0.08
_HIGH = bytes(range(128, 256))
_FOREIGN = 4  # letters beyond ASCII below which nothing can be told
_BLOCK = 1 << 16
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WORD = re.compile(r"[^\W_]")
# A line ends where str.splitlines ends it, because the sentences are counted by such lines.
_FIRST_LINE = re.compile(r"\S[^\n\v\f\r\x1c-\x1e\x85\u2028\u2029]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault is: a file, or one line or record of it (counted from 1)."""

    path: Path
    number: int | None = None
    unit: str = "line"

    def error(self, reason: str) -> ArticleError:
        """Return the error for ``reason``, which says what is wrong and what to do."""
        where = "" if self.number is None else f"{self.unit} {self.number}: "
        return ArticleError(self.path, where + reason)

    def system_error(self, exc: OSError) -> ArticleError:
        """Return the error for what the operating system said."""
        said = exc.strerror or str(exc)
        return self.error(f"cannot be read ({said}); check that it exists and may be read")


def check_name(path: Path, name: str) -> None:
    """Refuse a file name that could not be shown or stored as an id."""
    if not printable(name):
        raise Place(path).error(
            "its name holds a control character or is not valid UTF-8; rename it"
        )


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading bytes: no folder, and nothing that could block or never end.

    Raises: ``ArticleError``.
    """
    place = Place(path)
    try:
        _require_regular(place, path.stat())  # to open a device may do something
        # It may be another by now: nothing is waited for, and what was opened is looked at.
        file = os.fdopen(os.open(path, _READ), "rb")
        try:
            _require_regular(place, os.fstat(file.fileno()))
        except ArticleError:
            file.close()
            raise
        return file
    except OSError as exc:
        raise place.system_error(exc) from exc
    except ValueError as exc:  # a NUL in the path
        raise place.error("its name can't be opened; rename it") from exc


def _require_regular(place: Place, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise place.error("a folder, not a file; give the folder itself to `pullquote index`")
    if not stat.S_ISREG(found.st_mode):
        raise place.error("not an ordinary file (a device, pipe or socket); remove it")


class _Unpacked(RawIOBase):
    """What a gzip file unpacks to; of a bomb, as much as its size allows, and an error."""

    def __init__(self, path: Path, packed: BufferedReader) -> None:
        self._path = path
        self._gzip = gzip.GzipFile(fileobj=packed)
        self._most = UNPACKED_SLACK + UNPACKED_RATIO * os.fstat(packed.fileno()).st_size
        self._given = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._given

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._gzip.read1(len(view))
        view[: len(data)] = data
        self._given += len(data)
        if self._given > self._most:
            raise Place(self._path).error(
                f"unpacks to more than {self._most:,} bytes, as no text does; unpack it yourself "
                "if it is to be trusted"
            )
        return len(data)


@contextmanager
def open_stream(path: Path) -> Iterator[BufferedIOBase]:
    """Open a file of any size, unpacked if its name ends in .gz; read it inside ``reading``.

    Raises: ``ArticleError``.
    """
    with open_file(path) as raw:
        if path.name.lower().endswith(".gz"):
            with BufferedReader(_Unpacked(path, raw), _BLOCK) as stream:
                yield stream
        else:
            yield raw


@contextmanager
def reading(place: Place) -> Iterator[None]:
    """Name what goes wrong while a stream of ``open_stream`` is read, as an ``ArticleError``."""
    try:
        yield
    except gzip.BadGzipFile as exc:
        raise place.error(
            f"not gzip ({exc}); pack it again, or name it without .gz if it isn't packed"
        ) from exc
    except EOFError as exc:
        raise place.error("the gzip file breaks off here; copy or download it again") from exc
    except zlib.error as exc:
        raise place.error("the gzip file is damaged here; copy or download it again") from exc
    except OSError as exc:
        raise place.system_error(exc) from exc


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
    """Return the text of a file without a byte order mark; nothing else of it is changed.

    It is UTF-8, or UTF-16 with a mark, or what ``recognised`` is sure of. Line ends stay as they
    are, and so do combining characters: offsets count what stands in the file.

    Raises: ``ArticleError``.
    """
    data = load(path)
    text = decode_any(Place(path), data)
    require_words(Place(path), text)
    return text


def decode_any(place: Place, data: bytes) -> str:
    """Decode bytes that declare no encoding: a mark's, else UTF-8, else a recognised one.

    Raises: ``ArticleError``, which names the first byte that is not UTF-8.
    """
    encoding, skip = byte_order_mark(data)
    try:
        return decode(place, data, encoding or "utf-8", skip=skip)
    except ArticleError:
        known = recognised(data) if encoding is None else None
        if known is None:
            raise
    return decode(place, data, known)


def recognised(data: bytes) -> str | None:
    """Return the encoding of text that is not UTF-8, or None where a doubt remains.

    A wrong letter in a quote would be worse than a refused file: whatever else could have been
    meant must look much less like a language.
    """
    import charset_normalizer  # late: hardly any file needs it

    sample = data[:SAMPLE]
    if len(data) > SAMPLE:  # not within a character of several bytes
        sample = sample[: sample.rfind(b"\n") + 1]
    if _BINARY_BYTE.search(data) or len(sample) - len(sample.translate(None, _HIGH)) < _FOREIGN:
        return None
    found = charset_normalizer.from_bytes(
        sample, cp_isolation=list(_LEGACY), enable_fallback=False, preemptive_behaviour=False
    )
    best = found.best()
    if best is None or best.chaos >= _LEAD:
        return None
    rivals = [match for match in found if str(match) != str(best)]
    clear = all(
        rival.chaos - best.chaos > _LEAD or best.coherence - rival.coherence > _LEAD
        for rival in rivals
    )
    return best.encoding if clear else None


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
