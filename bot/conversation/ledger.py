"""Who added which article to a server, and when; kept in the bot's memory.

It is the one place where the id of a person is kept: managers must know whom to ask.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.conversation.memory import Memory


@dataclass(frozen=True, slots=True)
class Added:
    """That a person added an article, from a file of this name or a URL (``source``).

    ``at`` is in seconds since 1970.
    """

    article: str
    source: str
    person: int
    at: float


class Ledger:
    """What servers added; ``clock`` is seconds since 1970."""

    def __init__(self, memory: Memory, *, clock: Callable[[], float] = time.time) -> None:
        self._memory = memory
        self._clock = clock

    def note(self, server: int, articles: Iterable[str], source: str, person: int) -> None:
        """Keep who added articles; who added one last counts."""
        rows = [(server, article, source, person, self._clock()) for article in articles]
        with self._memory.writing() as db:
            db.executemany("REPLACE INTO added VALUES (?, ?, ?, ?, ?)", rows)

    def added(self, server: int) -> dict[str, Added]:
        """What a server added, by the article's id."""
        query = "SELECT article, source, person, at FROM added WHERE server = ?"
        return {row[0]: Added(*row) for row in self._memory.rows(query, (server,))}

    def drop(self, server: int, source: str) -> None:
        """Forget who added a file or page that was removed."""
        with self._memory.writing() as db:
            db.execute("DELETE FROM added WHERE server = ? AND source = ?", (server, source))
