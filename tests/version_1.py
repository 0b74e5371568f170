"""What the first version left on disk, put where a test wants it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

DATA = Path(__file__).parent / "data" / "version-1"
WORLD = "/tmp/pullquote-version-1"  # noqa: S108 - the folder that its catalogs name
RECEIPTS = (DATA / "receipts.txt").read_text("utf-8").split()
"""Of the three versions of an article, the last of them live, and of one that was withdrawn."""


def world(folder: Path) -> Path:
    """Copy the folders, the file and the index to ``folder``, as if they always lay there."""
    shutil.copytree(DATA / "world", folder)
    moved(folder / "index" / "catalog.db", folder)
    return folder


def moved(catalog: Path, folder: Path) -> Path:
    """Let the paths in a catalog lead to ``folder``."""
    with closing(sqlite3.connect(catalog)) as database, database:
        for table in ("root", "file", "failure", "article"):
            move = f"UPDATE {table} SET path = replace(path, ?, ?)"  # noqa: S608
            database.execute(move, (WORLD, str(folder)))
    return catalog
