"""How often one person may ask; commands and mentions are counted apart."""

from __future__ import annotations

import time

from discord.app_commands import Cooldown

from bot.conversation import words
from index.errors import PullquoteError

QUESTIONS, PER_S = 5, 30.0
"""So many questions in so many seconds."""
PEOPLE = 10_000
"""From so many on, those who may ask again are forgotten."""


class Turns:
    """Counts the questions of each person; kept in memory only."""

    def __init__(self) -> None:
        self._people: dict[int, Cooldown] = {}

    def take(self, person: int) -> None:
        """Count one question.

        Raises:
            PullquoteError: it is one too many; the message says how long to wait.
        """
        now = time.monotonic()
        if len(self._people) >= PEOPLE:
            people = self._people.items()
            self._people = {id_: each for id_, each in people if each.get_tokens(now) < QUESTIONS}
        counted = self._people.setdefault(person, Cooldown(QUESTIONS, PER_S))
        wait_s = counted.update_rate_limit(now)
        if wait_s is not None:
            raise PullquoteError(words.SLOWER.format(seconds=round(wait_s) or 1))
