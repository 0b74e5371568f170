"""New folders and files that nobody but their owner may enter or read.

What lies in an index may be unpublished, and so may what was asked of it. Folders and files that
are there already keep the rights that they have: who wants others to read gives these rights.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def folder(path: Path) -> None:
    """Make a folder, and those above it, where they are missing.

    Raises: ``OSError``.
    """
    try:
        path.mkdir(FOLDER)
    except FileNotFoundError:
        folder(path.parent)
        folder(path)
    except OSError:
        if not path.is_dir():
            raise


def file(path: Path) -> None:
    """Make an empty file where there is none, before who writes it makes one that others read.

    Where it can't be made it isn't: who opens it next will say why.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))
