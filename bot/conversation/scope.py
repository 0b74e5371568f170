"""Which collections a server is answered from: never from what is private to another.

A collection is what the index follows under one label. What came through a server's own
``/articles`` lies in a folder of that server and is private to it; who may read another is kept
with it in the index, where the owner of the bot said so, and once anything is kept from anybody,
nobody may read what nothing was said of.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bot.conversation.memory import ServerSettings

SERVERS = ".servers"
"""The folder in the index for what servers add: hidden, so that a followed folder around the
index does not take it in, too."""


class Followed(Protocol):
    """The part of ``Library`` that is needed here."""

    @property
    def folder(self) -> Path:
        """Where the index lies."""

    def collections(self) -> dict[str, Path]:
        """The folders and files that the index follows, by label."""

    def readers(self) -> Mapping[str, frozenset[int] | None]:
        """The servers that may read each of them, by label; all, if None."""


class Scope:
    """Who may see what of a library."""

    def __init__(self, library: Followed) -> None:
        self._library = library

    def folder(self, server: int) -> Path:
        """Where what a server adds is kept; it need not exist yet."""
        return self._library.folder.resolve() / SERVERS / f"server-{server}"

    def visible(self, server: int | None) -> tuple[str, ...]:
        """The labels of all collections that a server, or a direct message (None), may see."""
        own = None if server is None else self.folder(server)
        followed = self._library.collections()
        readers = self._library.readers()  # what came since the line above is in none of the two
        return tuple(
            label
            for label, path in followed.items()
            if (path == own if path.parent.name == SERVERS else _open(readers, label, server))
        )

    def closed(self) -> tuple[str, ...]:
        """The labels of what no server may read, of those that no server added."""
        readers = self._library.readers()
        return tuple(
            label
            for label, path in self._library.collections().items()
            if path.parent.name != SERVERS and readers.get(label) == frozenset()
        )

    def collections(self, server: int | None, settings: ServerSettings) -> tuple[str, ...]:
        """The labels to answer from: what the server chose, as far as it may see it."""
        visible = self.visible(server)
        if settings.collections is None:
            return visible
        return tuple(label for label in visible if label in settings.collections)


def _open(readers: Mapping[str, frozenset[int] | None], label: str, server: int | None) -> bool:
    who = readers.get(label, frozenset())
    return who is None or server in who
