"""How often one person may ask; commands and mentions are counted apart."""

from __future__ import annotations

import time
from collections.abc import Callable

from discord.ext.commands import CooldownMapping

from bot.conversation import words
from index.errors import PullquoteError

QUESTIONS, PER_S = 5, 30.0
"""So many questions in so many seconds."""


class Turns:
    """Counts the questions of each person, who is forgotten when they may ask again.

    ``clock`` counts seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._people: CooldownMapping[int] = CooldownMapping.from_cooldown(
            QUESTIONS, PER_S, lambda person: person
        )

    def take(self, person: int) -> None:
        """Count one question.

        Raises:
            PullquoteError: it is one too many; the message says how long to wait.
        """
        wait_s = self._people.update_rate_limit(person, self._clock())
        if wait_s is not None:
            raise PullquoteError(words.SLOWER.format(seconds=round(wait_s) or 1))
