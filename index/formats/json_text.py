"""A .json file -> its Articles; and JSON of any source -> values, with faults named.

The file is one record, a list of records, or an object with such a list as ``articles``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.errors import ArticleError
from index.formats import rows
from index.formats.fields import shown
from index.formats.source import Place, byte_order_mark, decode, load, require_words
from index.records import Article


def read(path: Path, name: str) -> Iterator[Article | ArticleError]:
    """Yield an article for each record, or an error with the record's number.

    Raises: ``ArticleError`` if the file is not JSON of this shape.
    """
    place = Place(path)
    data = load(path)
    encoding, skip = byte_order_mark(data)
    text = decode(place, data, encoding or "utf-8", skip=skip)
    require_words(place, text)
    found = parse(place, text, "it holds one JSON object, or a list of them")
    records = found
    if isinstance(found, dict):
        records = found["articles"] if "articles" in found and "text" not in found else [found]
    if not isinstance(records, list):
        raise place.error(
            f"holds {shown(records)} where a list of articles belongs; "
            'write [{…}, {…}], or {"articles": [{…}, {…}]}'
        )
    yield from rows.articles(path, name, _records(path, records))


def _records(path: Path, records: list[object]) -> Iterator[rows.Record | ArticleError]:
    for number, record in enumerate(records, 1):
        place = Place(path, number, "record")
        try:
            yield place, require_object(place, record)
        except ArticleError as exc:
            yield exc


def parse(place: Place, text: str, wanted: str) -> object:
    """Return what a JSON text says; ``wanted`` is for the error, and says what belongs there.

    Raises: ``ArticleError``.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise place.error(f"not JSON ({exc.msg} at character {exc.pos + 1}); {wanted}") from exc
    except ValueError as exc:  # Python refuses to convert endless digits
        raise place.error("holds a number too long to be read; shorten it") from exc
    except RecursionError as exc:
        raise place.error("nested too deeply; a record is a flat JSON object") from exc


def require_object(place: Place, record: object) -> Mapping[str, object]:
    """Return a record, which is an object; refuse anything else."""
    if not isinstance(record, dict):
        raise place.error(f"not a JSON object but {shown(record)}; write {{…}} for each record")
    return record
