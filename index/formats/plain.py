"""A .txt file -> its Article: the text is the file, so offsets hold in the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.formats.source import first_line, load_text
from index.records import Article


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield the file as an article; its first line with anything on it is the title.

    Raises: ``ArticleError``.
    """
    text = load_text(path)
    yield Article(id=name, title=first_line(text), text=text, path=name)
