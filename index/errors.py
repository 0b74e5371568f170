"""What can go wrong and a person can mend; every message names the thing and the next step.

PullquoteError
├── ArticleError          a file or record that cannot be taken as an article
├── CollectionError       a name that nothing followed has
├── EncoderError          the embedding model is missing, altered, or its export is not faithful
├── ModelError            the reader's weights are missing, altered, or of another format
├── PrecisionError        no threshold keeps the precision that was asked for
├── QuestionsError        a file of labelled questions that cannot be read
├── ReceiptError          a receipt that is malformed or resolves to nothing
├── StoreError            the index on disk cannot be used
│   ├── StoreMissingError     there is none yet
│   ├── StoreFormatError      another program, format number or encoder made it
│   ├── StoreDamagedError     a file is missing, truncated or altered
│   └── StoreLockedError      another process is writing
└── WatchError            the operating system lets nothing be watched

Mistakes of a caller stay ``ValueError``. "No answer" is a value (``Refusal``), not an error.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

REBUILD = "run `pullquote index --rebuild`"


def shown(path: Path | str) -> str:
    r"""The name of a file as it can be written anywhere: bytes that are no UTF-8 become \xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class PullquoteError(Exception):
    """Something that the person at the keyboard can mend."""


class ArticleError(PullquoteError):
    """A file or record that cannot be taken as an article; the others go on."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{shown(path)}: {reason}")


class CollectionError(PullquoteError):
    """A name that nothing followed has; ``known`` are the names that there are."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        there = ", ".join(self.known) or "none: run `pullquote index FOLDER`"
        super().__init__(f"nothing followed is called {name}, letter for letter; there is {there}")


class EncoderError(PullquoteError):
    """The embedding model is missing, altered, or its export is not faithful to it."""


class ModelError(PullquoteError):
    """The reader's weights are missing, altered, or of another format."""


class PrecisionError(PullquoteError):
    """No threshold keeps the precision that was asked for; ``best`` is the most that one does."""

    def __init__(self, precision: float, best: float | None, questions: int) -> None:
        self.precision = precision
        self.best = best
        most = "too few to tell" if best is None else f"the most is {best:.3f}"
        super().__init__(
            f"no threshold keeps a precision of {precision:g} over these {questions} questions: "
            f"{most}; label more of them, or ask for less with --precision"
        )


class QuestionsError(PullquoteError):
    """A file of labelled questions that cannot be read; docs/evaluating.md shows one."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}; see docs/evaluating.md")


class ReceiptError(PullquoteError):
    """A receipt that is malformed, or that resolves to nothing in this index."""

    def __init__(self, receipt: str, reason: str) -> None:
        self.receipt = receipt
        super().__init__(f"{receipt}: {reason}")


class StoreError(PullquoteError):
    """The index on disk cannot be used as it is."""


class StoreMissingError(StoreError):
    """There is no index in this folder or store yet."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = folder
        super().__init__(f"{folder}: no index here yet; run `pullquote index`")


class StoreFormatError(StoreError):
    """The index was made by another program, format number or encoder."""


class StoreDamagedError(StoreError):
    """A file of the index is missing, truncated or altered."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        super().__init__(f"{path}: {reason}; {REBUILD}")


class StoreLockedError(StoreError):
    """Another process is writing to the index."""

    def __init__(self, folder: Path, holder: str) -> None:
        self.folder = folder
        self.holder = holder
        super().__init__(
            f"{folder}: {holder} is writing to this index; wait for it to finish, or stop it"
        )


class WatchError(PullquoteError):
    """The operating system lets nothing be watched: following folders can't go on."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the folders can't be watched ({reason}); on Linux, raise fs.inotify.max_user_watches "
            "and fs.inotify.max_user_instances, or run `pullquote index` from a timer"
        )
