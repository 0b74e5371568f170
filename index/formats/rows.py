"""The records of one file -> its Articles: fields, ids, and each id only once.

What .jsonl, .json and .csv have in common. A record that can't be taken is an error among the
articles, and the others go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.errors import ArticleError
from index.formats import fields
from index.formats.source import (
    EMPTY,
    Place,
    first_line,
    printable,
    require_no_nul,
    require_words,
    storable,
)
from index.records import Article

Record = tuple[Place, Mapping[str, object]]
"""Where a record stands, and what it says."""


def articles(
    path: Path, name: str, records: Iterator[Record | ArticleError]
) -> Iterator[Article | ArticleError]:
    """Yield an article for each record, or why there is none; sixteen bytes a record are kept.

    Raises: ``ArticleError`` if there is not one record.
    """
    seen: dict[bytes, int] = {}  # digest of a record's id -> the number of the record that has it
    nothing = True
    for record in records:
        nothing = False
        if isinstance(record, ArticleError):
            yield record
            continue
        try:
            yield _article(name, *record, seen)
        except ArticleError as exc:
            yield exc
    if nothing:
        raise Place(path).error(EMPTY)


def _article(
    name: str, place: Place, record: Mapping[str, object], seen: dict[bytes, int]
) -> Article:
    key = _key(place, record)
    text = record.get("text")
    if text is None:
        raise place.error('has no "text"; every record needs one')
    if not isinstance(text, str):
        raise place.error(f'"text" is {fields.shown(text)}, not a text; write it in quotes')
    require_no_nul(place, text)
    # Wires send bulletins whose text is a row of asterisks: the headline is the article.
    require_words(place, f"{record.get('title') or ''}{text}")
    text = storable(text)
    found = fields.article(
        place, record, id_=f"{name}#{key}", path=name, text=text, title=first_line(text)
    )
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    first = seen.setdefault(digest, place.number or 0)
    if first != place.number:
        raise place.error(
            f"has the same id as {place.unit} {first}: {fields.shown(key)}; "
            "give every record its own, or remove one of the two"
        )
    return found


def _key(place: Place, record: Mapping[str, object]) -> str:
    """Return what tells a record from the others of its file: id, else URL, else its number."""
    own = record.get("id")
    if isinstance(own, int) and not isinstance(own, bool):
        return str(own)
    named = {"id": own, "url": record.get("url"), "link": record.get("link")}
    key = fields.string(place, named, "id", "url", "link")
    if key is None:
        return str(place.number)
    if not printable(key):
        raise place.error("its id or URL holds a control character; remove it")
    return key
