"""Which collections a server is answered from: never from what is private to another.

A collection is what the index follows under one label. What came through a server's own
``/articles`` lies in a folder of that server and is private to it; others are private to the
servers that the owner of the bot named, or open to all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


class Scope:
    """Who may see what; ``private`` names servers, by id, for the labels that only they may see."""

    def __init__(self, library: Followed, private: Mapping[str, Collection[int]]) -> None:
        self._library = library
        self._private = private

    def folder(self, server: int) -> Path:
        """Where what a server adds is kept; it need not exist yet."""
        return self._library.folder.resolve() / SERVERS / f"server-{server}"

    def visible(self, server: int | None) -> tuple[str, ...]:
        """The labels of all collections that a server, or a direct message (None), may see."""
        own = None if server is None else self.folder(server)
        return tuple(
            label
            for label, path in self._library.collections().items()
            if (path == own if path.parent.name == SERVERS else self._open(label, server))
        )

    def collections(self, server: int | None, settings: ServerSettings) -> tuple[str, ...]:
        """The labels to answer from: what the server chose, as far as it may see it."""
        visible = self.visible(server)
        if settings.collections is None:
            return visible
        return tuple(label for label in visible if label in settings.collections)

    def _open(self, label: str, server: int | None) -> bool:
        return label not in self._private or server in self._private[label]
