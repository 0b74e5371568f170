"""A file -> Articles, read by a process of its own: what everybody uses for files of others.

The same as ``index.formats.read``, and slower by the JSON in which the articles come over. A file
that takes too much time or memory, or that trips its reader, is refused like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from index.errors import ArticleError
from index.formats import read as read_here
from index.formats.source import Place
from index.isolation import pool
from index.records import Article

STEP_S = 30
"""Seconds of processor time for one article; the slowest that is taken needs half of it."""
SURVEY = 5_000_000
"""Bytes that are read in a second before the first article: some formats are read twice."""
PACE = 50_000
"""Bytes for which a file may take a second in all, beyond the first article's: web pages in a
packed archive, the slowest, take a fifth of that."""


def read(path: Path, name: str) -> Iterator[Article | ArticleError]:
    """Yield the articles of one file, as ``index.formats.read`` does, within time and memory.

    Raises: ``ArticleError``, when iterated, if the file as a whole can't be taken.
    """
    size = 0
    with suppress(OSError, ValueError):  # the reader says what is wrong with it
        size = path.stat().st_size
    allowance = pool.Allowance(STEP_S + size // SURVEY, STEP_S + size // SURVEY + size // PACE)
    taken, refused = False, None
    try:
        for told in pool.run(tell, str(path.absolute()), name, allowance=allowance):
            match told:
                case ["refused", str(reason)]:  # the last thing that is said
                    refused = reason
                case _:
                    each = _understood(path, name, told)
                    taken = taken or isinstance(each, Article)
                    yield each
    except pool.WorkerError as exc:
        rest = "; what follows was not read" if taken else ""
        raise Place(path).error(
            f"reading it {exc.reason}{rest}; save the text as .txt, or remove it"
        ) from exc
    if refused is not None:
        raise ArticleError(path, refused)


def tell(path: str, name: str) -> Iterator[list[Any]]:
    """Read a file in this process, and say in JSON what comes: the task of a worker."""
    try:
        for each in read_here(Path(path), name):
            if isinstance(each, ArticleError):
                yield ["left out", each.reason]
            else:
                day = each.published.isoformat() if each.published else None
                said = (each.title, each.text, day, each.outlet, each.url, each.language)
                yield ["article", each.id, *said, each.author]
    except ArticleError as exc:
        yield ["refused", exc.reason]


def _understood(path: Path, name: str, told: Any) -> Article | ArticleError:
    """Take what a worker says, as far as it makes sense.

    Raises:
        WorkerError: it makes no sense.
    """
    match told:
        case ["left out", str(reason)]:
            return ArticleError(path, reason)
        case ["article", str(id_), str(title), str(text), day, *rest] if (
            (id_ == name or id_.startswith(f"{name}#"))
            and len(rest) == len(("outlet", "url", "language", "author"))
            and all(each is None or isinstance(each, str) for each in (day, *rest))
        ):
            outlet, url, language, author = rest
            with suppress(ValueError):
                published = None if day is None else date.fromisoformat(day)
                return Article(id_, title, text, published, outlet, url, name, language, author)
    raise pool.WorkerError("made the process that did say what makes no sense")
