"""What is being added to servers: noted before it begins, until its person was told how it ended.

What a stop or a kill cuts short is found here at the next start, and finished or undone then.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.conversation.memory import Memory


@dataclass(frozen=True, slots=True)
class Addition:
    """What a person adds to a server, by a command in a channel.

    ``source`` is the name of a file (``file``), or else a link. ``after`` is the number of the
    article that was filed last before it. A file that is ``checked`` has an article in it, and is
    written.
    """

    server: int
    channel: int
    person: int
    source: str
    file: bool
    after: int
    checked: bool = False
    key: str = field(default_factory=lambda: secrets.token_hex(4))


class Unfinished:
    """What is being added now, or was when the bot was ended."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def begin(self, addition: Addition) -> None:
        """Note it before anything is done."""
        values = (addition.key, addition.server, addition.channel, addition.person)
        with self._memory.writing() as db:
            db.execute(
                "INSERT INTO unfinished VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, addition.source, addition.file, addition.after, addition.checked),
            )

    def checked(self, addition: Addition) -> None:
        """Note that its file is written and has an article in it."""
        with self._memory.writing() as db:
            db.execute("UPDATE unfinished SET checked = 1 WHERE key = ?", (addition.key,))

    def end(self, addition: Addition) -> None:
        """Forget it: its person knows what became of it."""
        with self._memory.writing() as db:
            db.execute("DELETE FROM unfinished WHERE key = ?", (addition.key,))

    def every(self) -> list[Addition]:
        """All of it."""
        columns = "server, channel, person, source, file, after, checked, key"
        rows = self._memory.rows(f"SELECT {columns} FROM unfinished")  # noqa: S608 - a constant
        return [
            Addition(server, channel, person, source, bool(file), after, bool(checked), key)
            for server, channel, person, source, file, after, checked, key in rows
        ]
