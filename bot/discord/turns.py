"""How often one person may ask: commands, mentions and buttons have one allowance."""

from __future__ import annotations

import time
from collections.abc import Callable

from discord.ext.commands import CooldownMapping

from bot.conversation import words
from index.errors import PullquoteError

QUESTIONS, PER_S = 10, 30.0
"""So many questions, or presses of a button, in so many seconds."""


class TooOftenError(PullquoteError):
    """One turn too many; ``told``: the person knows already, and needs no more words."""

    def __init__(self, wait_s: float, *, told: bool) -> None:
        self.told = told
        super().__init__(words.SLOWER.format(seconds=round(wait_s) or 1))


class Turns:
    """Counts the turns of each person, who is forgotten when they may ask again.

    ``clock`` counts seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._people: CooldownMapping[int] = CooldownMapping.from_cooldown(
            QUESTIONS, PER_S, lambda person: person
        )
        self._told: dict[int, float] = {}

    def take(self, person: int) -> None:
        """Count one turn.

        Raises:
            TooOftenError: it is one too many; the message says how long to wait.
        """
        now = self._clock()
        wait_s = self._people.update_rate_limit(person, now)
        if wait_s is not None:
            self._told = {each: until for each, until in self._told.items() if until > now}
            told = person in self._told
            self._told[person] = now + wait_s
            raise TooOftenError(wait_s, told=told)
