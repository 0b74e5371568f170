"""Looks again and again whether there is something to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from index.errors import PullquoteError

EVERY_S = 1.0
"""Between two looks: soon after an article is live, standing questions are asked of it."""
PAUSE_S = 30.0
"""How long what failed is left alone."""

Step: TypeAlias = Callable[[], Awaitable[None]]
"""Does what is to be done, cheaply nothing mostly, and goes on from there when called again."""

log = logging.getLogger(__name__)


async def watch(
    steps: Sequence[Step],
    ready: Callable[[], bool],
    *,
    every_s: float = EVERY_S,
    pause_s: float = PAUSE_S,
) -> None:
    """Call each step in turn, for ever, while ``ready``; one that fails rests for a while."""
    loop = asyncio.get_running_loop()
    rests = dict.fromkeys(range(len(steps)), 0.0)
    while True:
        for number, step in enumerate(steps):
            if not ready() or loop.time() < rests[number]:
                continue
            try:
                await step()
            except PullquoteError as exc:
                rests[number] = loop.time() + pause_s
                log.warning("put off for %.0f s: %s", pause_s, exc)
        await asyncio.sleep(every_s)
