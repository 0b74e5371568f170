"""A file -> Articles. The suffix chooses the module; nothing is guessed from the content.

``plain`` reads text, ``markdown`` text with front matter, ``webpage`` HTML, ``warc`` archives of
it, ``pdf`` and ``word`` documents; ``jsonlines``, ``json_text`` and ``table`` read many records a
file, and share ``rows``. All share ``source`` (bytes -> text) and ``fields`` (what a source says
about its article); ``dateline`` fills in what it doesn't say. Nothing here walks a folder, fetches
from the network or keeps anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from index.errors import ArticleError
from index.formats import (
    dateline,
    json_text,
    jsonlines,
    markdown,
    pdf,
    plain,
    table,
    warc,
    webpage,
    word,
)
from index.formats.source import Place, check_name
from index.records import Article

_PLACE = re.compile(r"\A(?:line|record) \d+: ")

FAULT_LIMIT = 1000
"""Faults of one file that are told one by one. A file that begins with so many and no article is
of another kind, and is refused."""

_FORMATS: dict[str, Callable[[Path, str], Iterator[Article | ArticleError]]] = {
    ".txt": plain.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".jsonl": jsonlines.read,
    ".jsonl.gz": jsonlines.read,
    ".json": json_text.read,
    ".csv": table.read,
    ".html": webpage.read,
    ".htm": webpage.read,
    ".warc": warc.read,
    ".warc.gz": warc.read,
    ".pdf": pdf.read,
    ".docx": word.read,
}

_RECORDS = (".jsonl", ".jsonl.gz", ".json", ".csv", ".warc", ".warc.gz")
"""The endings of files of many records."""
_AMBIGUOUS = re.compile(rf"({'|'.join(map(re.escape, _RECORDS))})([#%])", re.IGNORECASE)
_RECORD = re.compile(rf"({'|'.join(map(re.escape, _RECORDS))})(?:~\d+)?#", re.IGNORECASE)

SUFFIXES = frozenset(_FORMATS)
"""The endings of the files that a folder is searched for, in lower case."""


def readable(path: Path) -> bool:
    """Whether a folder is asked for this file: a known suffix, in any case, and not hidden."""
    return not path.name.startswith(".") and _suffix(path) is not None


def distinct(name: str) -> str:
    """Return the name of a file as ids may begin with it: no record of another file has it as id.

    The id of a record is the name of its file, ``#``, and what tells the record from the others.
    Where a name itself goes on so behind the ending of such a file, that is written otherwise.

    >>> distinct("news/#1.txt"), distinct("a.jsonl#x.txt"), distinct("a.jsonl%23x.txt")
    ('news/#1.txt', 'a.jsonl%23x.txt', 'a.jsonl%2523x.txt')
    """
    return _AMBIGUOUS.sub(lambda match: match[1] + ("%23" if match[2] == "#" else "%25"), name)


def collection(article: str) -> str:
    """Return the label of what is followed that the id of an article begins with.

    >>> collection("news/a.jsonl#1"), collection("a.jsonl#news/1"), collection("news#1.txt")
    ('news', 'a.jsonl', 'news#1.txt')
    """
    label = article.partition("/")[0]
    record = _RECORD.search(label)
    return label[: record.end() - 1] if record else label


def read(path: Path, name: str) -> Iterator[Article | ArticleError]:
    """Yield the articles of one file, in the order in which they stand.

    ``name`` is the stable id of the file ("seeds/a.txt") and becomes the article's id and path; a
    file of many records appends ``#`` and the record's id, else its URL, else its number. For a
    record that can't be taken, the error stands in its place; of very many, the last one counts
    the rest. What a source doesn't say is taken from the dateline, if there is one.

    Raises: ``ArticleError``, when iterated, if the file as a whole can't be taken.
    """
    check_name(path, name)
    suffix = _suffix(path)
    if suffix is None:
        known = ", ".join(sorted(SUFFIXES))
        raise Place(path).error(f"its name ends in no known format; give it one of {known}")
    faults = 0
    before: list[ArticleError] | None = []  # the faults before the first article
    for found in _FORMATS[suffix](path, name):
        if isinstance(found, Article):
            yield from before or ()
            before = None
            yield _completed(found)
            continue
        faults += 1
        if before is not None:
            before.append(found)
            if faults > FAULT_LIMIT:
                raise _refused(path, before, f"its first {FAULT_LIMIT:,}")
        elif faults <= FAULT_LIMIT:
            yield found
    if before and len(before) > 1 and len(set(map(_why, before))) == 1:
        raise _refused(path, before, f"its {len(before):,}")
    yield from before or ()
    if faults > FAULT_LIMIT:
        yield Place(path).error(
            f"{faults - FAULT_LIMIT:,} more records can't be taken; mend those named first"
        )


def _refused(path: Path, faults: list[ArticleError], which: str) -> ArticleError:
    """Why a file is refused of which no record could be taken: what is wrong with most of them."""
    (why, number), *_ = Counter(map(_why, faults)).most_common(1)
    most = "each" if number == len(faults) else f"{number:,} of them"
    return Place(path).error(f"not one of {which} records can be taken: {most} {why}")


def _why(fault: ArticleError) -> str:
    """The reason of a fault without its place."""
    return _PLACE.sub("", fault.reason)


def _completed(article: Article) -> Article:
    """Add what the dateline says, where the source says nothing."""
    if article.published and article.outlet:
        return article
    found = dateline.find(article.text)
    if found is None:
        return article
    return replace(
        article,
        published=article.published or found.published,
        outlet=article.outlet or found.outlet,
    )


def _suffix(path: Path) -> str | None:
    name = path.name.lower()
    return next((suffix for suffix in _FORMATS if name.endswith(suffix)), None)
