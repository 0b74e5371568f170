"""A .md file -> its Article: front matter says what is known of it, the body is the text.

The body is kept exactly as it stands, Markdown included. Front matter is YAML in which every value
is a string: ``title: 1984`` is a title, ``date: 2016-12-08`` a date, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.formats import fields
from index.formats.source import Place, first_line, load_text, require_words
from index.records import Article

FRONT_LIMIT = 64_000
"""Code points of front matter. It is a few lines; YAML takes a minute over some megabytes."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_OPENING = re.compile(r"-{3,}[ \t]*(?:\r?\n|\Z)")
_CLOSING = re.compile(r"^-{3,}[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?")


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield the body as an article; the title is from the front matter, else the first line.

    Raises: ``ArticleError``; what is wrong in the front matter is named with its line.
    """
    place = Place(path)
    front, body = _split(place, load_text(path))
    require_words(place, body)
    line = first_line(body)
    heading = _HEADING.fullmatch(line)
    title = heading[1] if heading and heading[1] else line
    known = _front_matter(place, front) if front is not None else {}
    yield fields.article(place, known, id_=name, path=name, text=body, title=title)


def _split(place: Place, text: str) -> tuple[str | None, str]:
    """Return the front matter without its fences, or None, and all that stands below it."""
    opening = _OPENING.match(text)
    if opening is None:
        return None, text
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise place.error(
            "line 1 opens front matter with --- and no line closes it; "
            "add a line --- behind it, or remove the first line"
        )
    if closing.start() > FRONT_LIMIT:
        raise place.error(
            f"the front matter is larger than {FRONT_LIMIT:,} characters; "
            "close it with a line --- above the text"
        )
    return text[opening.end() : closing.start()], text[closing.end() :]


def _front_matter(place: Place, front: str) -> Mapping[str, object]:
    import frontmatter  # late: few files need it
    import yaml  # type: ignore[import-untyped,unused-ignore]

    try:
        found = frontmatter.YAMLHandler().load(front, Loader=yaml.BaseLoader)
    except yaml.YAMLError as exc:
        if isinstance(exc, yaml.reader.ReaderError):  # a character that YAML doesn't allow
            above, why = front.count("\n", 0, exc.position), exc.reason
        else:
            mark = getattr(exc, "problem_mark", None)
            above, why = getattr(mark, "line", 0), getattr(exc, "problem", None)
        raise Place(place.path, above + 2).error(  # counted from 1, and the fence is the first
            f"the front matter is not YAML ({why}); put values with special characters in quotes"
        ) from exc
    except RecursionError as exc:
        raise place.error("the front matter is nested too deeply; keep to `name: value`") from exc
    if found is None or found == "":
        return {}
    if not isinstance(found, dict):
        raise Place(place.path, 2).error(
            "between the two --- stands no front matter (lines of `name: value`); write it so, "
            "or remove the first line"
        )
    return {
        key: value
        for key, value in found.items()
        if isinstance(key, str) and not (isinstance(value, str) and value in _NULLS)
    }
