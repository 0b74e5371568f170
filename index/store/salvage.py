"""A catalog that can't be used as it is -> one that can, with all that could be read of it.

What people gave the index must outlive its file: what is followed, the fitted threshold, the
versions behind receipts. So must what took long to make, the embeddings. A damaged catalog, or one
of another version, is read row by row, stepping over what can't be; every article and vector is
compared with its digest or its length before it is believed. Sentences are not taken: a rebuild
cuts the articles again, and finds their embeddings by their words.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from index.records import Article
from index.store import private
from index.store.catalog import NOBODY, VECTOR, Catalog, FileState, kept_readers
from index.store.engine import Filed

KEPT = "kept.json"
"""Beside the catalog: what must outlive even one of which nothing can be read."""
LOST = "lost"
"""Where a catalog says what could not be kept of the one before it, until it is rebuilt."""
PAST = "past"
"""Where it keeps the number of the last revision of the one before it."""
SOMEWHERE = Path("/unknown")
"""Where nobody may read when it is lost who may: while that is kept, all else is closed, too."""
METAS = ("threshold", "perhaps", "revision", "next_sentence", "owner")
FARTHEST = 62
"""Rows are looked for behind a damaged one up to two to this power further."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is followed (path to label), facts, the last article's number, and who may read."""

    roots: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    last_filed: int = 0
    readers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog) -> Kept:
        """What is to be kept of a catalog."""
        metas = {key: value for key in METAS if (value := catalog.meta(key)) is not None}
        return cls(catalog.roots(), metas, catalog.last_filed, catalog.said())

    @classmethod
    def load(cls, folder: Path) -> Kept | None:
        """What was kept beside the catalog; None if nothing was, or it can't be read."""
        try:
            kept = cls(**json.loads((folder / KEPT).read_text("utf-8")))
            each = (kept.roots, kept.meta, kept.readers)
            return kept if all(isinstance(one, dict) for one in each) else None
        except (OSError, ValueError, TypeError):
            return None

    def save(self, folder: Path) -> None:
        """Keep it beside the catalog, at once or not at all."""
        if self == Kept.load(folder):
            return
        draft = folder / f"{KEPT}.new"
        private.file(draft)
        with draft.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self), indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / KEPT)


class _Old:
    """What can be read of a catalog in whatever state; ``broken`` names the tables that can't."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self.broken: set[str] = set()

    def close(self) -> None:
        """Move what is in the write-ahead log into the file, if that can be, and close it."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def small(self, table: str, columns: str) -> list[Row]:
        """The rows of a small table, up to the first that can't be read."""
        rows = []
        try:
            for row in self._db.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608
                rows.append(row)
        except sqlite3.Error:
            self.broken.add(table)
        return rows

    def numbered(self, table: str, columns: Sequence[str]) -> Iterator[Row]:
        """The rows of a table that has an ``id``, which comes first, in its order."""
        known = {name for _, name, *_ in self.small(f"pragma_table_info('{table}')", "*")}
        asked = ", ".join(each if each in known else "NULL" for each in columns)
        query = f"SELECT id, {asked} FROM {table} WHERE id >= ? ORDER BY id"  # noqa: S608
        at: int | None = 0
        while at is not None:
            try:
                for row in self._db.execute(query, (at,)):
                    yield row
                    at = row[0] + 1
                return
            except sqlite3.Error:
                self.broken.add(table)
                at = self._behind(f"{query} LIMIT 1", at)

    def _behind(self, query: str, at: int) -> int | None:
        """About where rows can be read again behind a place at which they can't; None if nowhere.

        Looked for at twice the distance each time, then between the last two places.
        """
        for power in range(FARTHEST):
            low, high = at + (1 << power >> 1), at + (1 << power)
            if self._readable(query, high):
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (low, middle) if self._readable(query, middle) else (middle, high)
                return high
        return None

    def _readable(self, query: str, at: int) -> bool:
        try:
            self._db.execute(query, (at,)).fetchone()
        except sqlite3.Error:
            return False
        return True


def followed(path: Path) -> dict[str, str]:
    """What a catalog that can't be used follows, as far as that is known: path to label."""
    kept = Kept.load(path.parent) or Kept()
    if not path.exists():
        return kept.roots
    with closing(_Old(path)) as old:
        roots = _roots(old)
        return kept.roots | roots if old.broken else roots


def salvage(path: Path, new: Catalog) -> None:
    """Fill an empty catalog with what can be read of another; its meta says what is ``LOST``.

    The articles have no sentences in it, and it no revision, until it is rebuilt.
    """
    kept = Kept.load(path.parent)
    with closing(_Old(path)) as old, new.writing():
        _restore_facts(old, kept, new)
        numbers = [seq for (seq,) in old.small("sqlite_sequence", "seq") if isinstance(seq, int)]
        last = max([0, *numbers, kept.last_filed if kept else 0])
        gone = last - sum(new.restore(filed) for filed in _articles(old))
        new.skip_to(last)
        new.restore_embeddings(_embeddings(old))
        lost = {
            "what it followed (name it again)": "root" in old.broken and kept is None,
            "who may read what (say it again)": "readers" in old.broken and kept is None,
            "a threshold, if one was fitted": "meta" in old.broken and kept is None,
            f"{gone} versions of articles": gone > 0,
            "versions of articles": gone <= 0 and "article" in old.broken,
            "embeddings": "embedding" in old.broken,
        }
        if any(lost.values()):
            new.set_meta(LOST, ", ".join(what for what, is_lost in lost.items() if is_lost))


def _restore_facts(old: _Old, kept: Kept | None, new: Catalog) -> None:
    """What is followed and by whom it may be read, the threshold, what is known of files."""
    beside = kept or Kept()
    roots, metas = _roots(old), {str(key): str(v) for key, v in old.small("meta", "key, value")}
    if "root" in old.broken:
        roots = beside.roots | roots
    if "meta" in old.broken:
        metas = beside.meta | metas
    for root, label in roots.items():
        with suppress(sqlite3.IntegrityError):
            new.add_root(root, label)
    for path, who in _said(old, kept).items():
        new.say(path, who)
    for name in METAS:
        if name in metas:
            # Its revision is gone with its sentences; the next one has the number behind it.
            new.set_meta(PAST if name == "revision" else name, metas[name])
    for name, *state in old.small("file", "name, path, size, mtime_ns, digest"):
        with suppress(sqlite3.IntegrityError):  # it is read again in any case
            new.set_file(name, FileState(*state))


def _roots(old: _Old) -> dict[str, str]:
    rows = old.small("root", "path, label")
    return {
        path: label for path, label in rows if isinstance(path, str) and Path(path).is_absolute()
    }


def _said(old: _Old, kept: Kept | None) -> dict[str, str]:
    """Who may read what, as it was kept; where that is lost, nobody may until it is said again."""
    tables = {name for (name,) in old.small("sqlite_master", "name")}
    if "sqlite_master" in old.broken:
        old.broken.add("readers")
    rows = old.small("readers", "path, who") if "readers" in tables else []
    said = {path: who for path, who in rows if isinstance(path, str) and isinstance(who, str)}
    if "readers" not in old.broken:
        return said
    return (kept.readers if kept else {str(SOMEWHERE): kept_readers(NOBODY)}) | said


def _articles(old: _Old) -> Iterator[Filed]:
    """The versions of articles that are as they were filed, what is shown beside the text, too."""
    columns = (
        *("file", "live", "digest", "name", "title", "text", "published", "outlet", "url", "path"),
        *("language", "author", "facts_digest"),
    )
    for id_, file, live, digest, name, title, text, published, *about, facts in old.numbered(
        "article", columns
    ):
        try:
            day = date.fromisoformat(published) if published else None
            article = Article(name, title, text, day, *about)
            filed = Filed(id_, file, article, digest, 0, 0, bool(live), facts)
            whole = filed.whole
        except (TypeError, ValueError, AttributeError):
            whole = False
        if whole:
            yield replace(filed, facts_digest=article.facts_digest)  # older catalogs had none


def _embeddings(old: _Old) -> Iterator[tuple[bytes, bytes]]:
    """The embeddings that are vectors of length 1, each with its key."""
    for _, digest, vector in old.numbered("embedding", ("digest", "vector")):
        if isinstance(digest, bytes) and isinstance(vector, bytes) and len(vector) % 2 == 0:
            length = float(np.linalg.norm(np.frombuffer(vector, VECTOR).astype(np.float32)))
            if abs(length - 1) < 0.01:
                yield digest, vector
                continue
        old.broken.add("embedding")
