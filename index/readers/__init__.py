"""A file -> Articles. The suffix chooses the module; nothing is guessed from the content.

``plain`` reads text, ``markdown`` text with front matter, ``jsonlines`` many records a file,
``webpage`` HTML. They share ``source`` (bytes -> text) and ``fields`` (what a source says about
its article). Nothing here walks a folder, fetches from the network or keeps anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from index.readers import jsonlines, markdown, plain, webpage
from index.readers.source import Place, check_name
from index.records import Article

_FORMATS: dict[str, Callable[[Path, str], Iterator[Article]]] = {
    ".txt": plain.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".jsonl": jsonlines.read,
    ".jsonl.gz": jsonlines.read,
    ".html": webpage.read,
    ".htm": webpage.read,
}

SUFFIXES = frozenset(_FORMATS)
"""The endings of the files that a folder is searched for, in lower case."""


def readable(path: Path) -> bool:
    """Whether a folder is asked for this file: a known suffix, in any case, and not hidden."""
    return not path.name.startswith(".") and _suffix(path) is not None


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield the articles of one file, in the order in which they stand.

    ``name`` is the stable id of the file ("seeds/a.txt") and becomes the article's id and path; a
    file of many records appends ``#`` and the record's id, else its URL, else its line number.
    A file of many records is read as it is asked for: the articles before a bad line are yielded.

    Raises: ``ArticleError``, when iterated, if the file or a record in it can't be taken.
    """
    check_name(path, name)
    suffix = _suffix(path)
    if suffix is None:
        known = ", ".join(sorted(SUFFIXES))
        raise Place(path).error(f"its name ends in no known format; give it one of {known}")
    yield from _FORMATS[suffix](path, name)


def _suffix(path: Path) -> str | None:
    name = path.name.lower()
    return next((suffix for suffix in _FORMATS if name.endswith(suffix)), None)
