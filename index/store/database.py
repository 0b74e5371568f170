"""SQLite files that say what they are, and become what this version reads; knows only errors.

The catalog, the memory of the web and that of a bot are such files. Each carries the mark of its
kind (``application_id``) and the number of its version (``user_version``) in its header.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from index.errors import StoreFormatError, StoreMissingError
from index.store import private

Connection = sqlite3.Connection
Error = sqlite3.Error
OperationalError = sqlite3.OperationalError
"""A full disk, a lock, missing rights: the file is whole."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A kind of file: its mark, and the migrations that make it, in order.

    The first migration makes version ``first`` of nothing, each other one the next version of the
    one before. A new file runs all of them, so that there is one truth. None is ever changed once
    it was released: another is added, and tested on a file of the version before. ``remedy`` is
    what to do with a file of a version that can't be read, ``functions`` are what migrations call
    by name beside SQLite's own.
    """

    application: int
    first: int
    migrations: tuple[str, ...]
    remedy: str
    functions: Mapping[str, Callable[..., str]] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """The version that the migrations end at, which this program reads."""
        return self.first + len(self.migrations) - 1


def connect(
    path: Path,
    schema: Schema,
    *,
    create: bool = True,
    timeout_s: float = 30.0,
    synchronous: Literal["FULL", "NORMAL"] = "NORMAL",
) -> sqlite3.Connection:
    """Open a file, which is made or brought to this version where it must be.

    The connection commits by itself (transactions are begun by hand, where it shows) and may be
    used by any thread, by one at a time. Killed at any instant, a migration has happened or not.
    What was committed outlives the process; only ``FULL`` lets it outlive a power cut, too. A new
    file, and what SQLite keeps beside it, is its owner's alone.

    Raises:
        StoreMissingError: the file is empty and not to be made: its writer was killed, or is slow.
        StoreFormatError: it is of another kind, or of a version that no migration leads from.
        sqlite3.Error: it can't be read, or must be written and can't.
    """
    private.file(path)
    database = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=timeout_s
    )
    try:
        database.execute(f"PRAGMA synchronous={synchronous}")
        if _due(database, path, schema, create=create):
            for name, function in schema.functions.items():
                database.create_function(name, -1, function, deterministic=True)
            database.execute("PRAGMA journal_mode=WAL")
            with transaction(database, "BEGIN IMMEDIATE"):
                # Looked at again: another process may have been quicker.
                for migration in _due(database, path, schema, create=create):
                    for statement in migration.split(";"):
                        database.execute(statement)
                database.execute(f"PRAGMA application_id={schema.application}")
                database.execute(f"PRAGMA user_version={schema.version}")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def transaction(database: sqlite3.Connection, begin: str) -> Iterator[None]:
    """All of it is committed at the end of the block, or, after an error, nothing."""
    database.execute(begin)
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _due(
    database: sqlite3.Connection, path: Path, schema: Schema, *, create: bool
) -> tuple[str, ...]:
    """The migrations that a file lacks."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if database.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        if not create:
            raise StoreMissingError(path.parent)
        return schema.migrations
    if application != schema.application:
        raise StoreFormatError(
            f"{path}: a database of another program; move it away, or choose another --index"
        )
    if not schema.first <= version <= schema.version:
        raise StoreFormatError(
            f"{path}: format {version}, this version reads {schema.version}; {schema.remedy}"
        )
    return schema.migrations[version - schema.first + 1 :]
