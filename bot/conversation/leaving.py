"""What a server that the bot left had: nothing is asked for it any more, and it is forgotten later.

It is kept for ``KEPT_DAYS`` in case the bot is let in again. Articles that it added stay in their
folder, which no other server is answered from; whoever runs the bot deletes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.conversation.memory import DAY_S, Memory

KEPT_DAYS = 30
"""How long the state of a server that the bot left is kept."""


class Leaving:
    """The servers that the bot left; ``clock`` is seconds since 1970."""

    def __init__(self, memory: Memory, *, clock: Callable[[], float] = time.time) -> None:
        self._memory = memory
        self._clock = clock

    def left(self, server: int) -> None:
        """Follow nothing for a server any more, and forget it in ``KEPT_DAYS``."""
        with self._memory.writing() as db:
            db.execute("DELETE FROM standing WHERE guild = ?", (server,))
            db.execute("DELETE FROM digest WHERE server = ?", (server,))
            db.execute("REPLACE INTO departed VALUES (?, ?)", (server, self._clock()))

    def joined(self, server: int) -> None:
        """Keep what a server has that let the bot in again."""
        with self._memory.writing() as db:
            db.execute("DELETE FROM departed WHERE server = ?", (server,))

    async def step(self) -> None:
        """Forget the settings, the answers and who added what of servers left long ago."""
        before = (self._clock() - KEPT_DAYS * DAY_S,)
        if not self._memory.rows("SELECT 1 FROM departed WHERE at < ?", before):
            return
        gone = "IN (SELECT server FROM departed WHERE at < ?)"
        with self._memory.writing() as db:
            db.execute(f"DELETE FROM server WHERE id {gone}", before)  # noqa: S608 - a constant
            db.execute(f"DELETE FROM posted WHERE guild {gone}", before)  # noqa: S608 - a constant
            db.execute(f"DELETE FROM added WHERE server {gone}", before)  # noqa: S608 - a constant
            db.execute(f"DELETE FROM unfinished WHERE server {gone}", before)  # noqa: S608 - a constant
            db.execute("DELETE FROM departed WHERE at < ?", before)
