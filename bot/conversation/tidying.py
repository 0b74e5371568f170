"""Forgets what is too old, once a day."""

from __future__ import annotations

import time

from bot.conversation.memory import DAY_S, Memory

KEPT_DAYS = 90
"""How long an answer's buttons work and it can be followed up."""


def kept_days(correction_days: float) -> float:
    """How long an answer is kept, where one may be corrected for ``correction_days``."""
    return max(KEPT_DAYS, correction_days)


class Tidying:
    """Forgets old answers, but none that may still be corrected."""

    def __init__(self, memory: Memory, correction_days: float) -> None:
        self._memory = memory
        self._days = kept_days(correction_days)
        self._next = 0.0

    async def step(self) -> None:
        """Forget what is too old, if that was not done today."""
        now = time.time()
        if now >= self._next:
            self._memory.prune(self._days)
            self._next = now + DAY_S
