"""Work -> a few threads, in turn; who waits is told where they stand, and too many are turned away.

The event loop only waits here, so that it acknowledges and beats in time whatever is searched.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from index.errors import PullquoteError

T = TypeVar("T")
Told: TypeAlias = Callable[[int], Awaitable[object]]
"""Is told the position in the line, from 1."""

WORKERS = 2
"""Threads: the models release the interpreter and bring threads of their own."""
SEATS = 200
"""Who may wait: at a quarter of a second of two processors a question, the last for half a
minute."""
TELL_FROM = 3
"""The position in the line from which it is told: who is nearer is served in about a second."""
BEHIND = 10
"""How much nicer the threads are than the event loop: it gets nine times their share."""
KEEP_S = 5.0
"""How long what was found serves whoever asks the same."""


class TurnedAwayError(PullquoteError):
    """The line is full, or the bot is stopping: ask again in a moment."""


class Desk:
    """Runs blocking work off the event loop, first come, first served."""

    def __init__(self, workers: int = WORKERS, seats: int = SEATS) -> None:
        self._pool = ThreadPoolExecutor(workers, "pullquote", step_back)
        self._free = asyncio.Semaphore(workers)
        self._idle = workers
        self._seats = seats
        self._line: deque[asyncio.Task[Any]] = deque()
        self._recent: dict[Hashable, tuple[asyncio.Task[Any], float]] = {}
        self._closing = False

    @property
    def waiting(self) -> int:
        """How many wait for a thread."""
        return max(0, len(self._line) - self._idle)

    async def run(
        self, work: Callable[[], T], *, key: Hashable | None = None, told: Told | None = None
    ) -> T:
        """Do the work in a thread when its turn comes.

        Work with the same ``key``, under way or just done, is done once. ``told`` is called once,
        with the position in the line, if that is long.

        Raises:
            TurnedAwayError: too many wait, or the desk is closing.
            Whatever the work raises.
        """
        task = self._shared(key) or self._join(work, key)
        position = self._line.index(task) + 1 - self._idle if task in self._line else 0
        if told is not None and position >= TELL_FROM:
            await told(position)
        # Who gives up leaves the work to the others who wait for it.
        result: T = await asyncio.shield(task)
        return result

    def close(self) -> None:
        """Take nothing more and turn away who waits; what runs may end."""
        self._closing = True
        self._pool.shutdown(wait=False)

    def _shared(self, key: Hashable | None) -> asyncio.Task[Any] | None:
        now = time.monotonic()
        for old, (task, begun) in list(self._recent.items()):
            failed = task.done() and (task.cancelled() or task.exception() is not None)
            if failed or (task.done() and now - begun > KEEP_S):
                del self._recent[old]
        recent = self._recent.get(key)
        return recent[0] if recent else None

    def _join(self, work: Callable[[], T], key: Hashable | None) -> asyncio.Task[T]:
        if self._closing:
            raise TurnedAwayError("I am being restarted; ask again in a moment.")
        if self.waiting >= self._seats:
            raise TurnedAwayError("too many questions at once; ask again in a moment.")
        task = asyncio.create_task(self._serve(work))
        self._line.append(task)
        if key is not None:
            self._recent[key] = (task, time.monotonic())
        return task

    async def _serve(self, work: Callable[[], T]) -> T:
        async with self._free:
            self._line.popleft()  # the semaphore serves in turn, as this line does
            if self._closing:
                raise TurnedAwayError("I am being restarted; ask again in a moment.")
            self._idle -= 1
            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
            finally:
                self._idle += 1


def step_back() -> None:
    """Leave the processor to the event loop when it wants it; on Linux, threads have priorities.

    Called in the thread that steps back; threads that the models begin later inherit this.
    """
    if sys.platform == "linux":
        me = threading.get_native_id()
        nicer = min(19, os.getpriority(os.PRIO_PROCESS, me) + BEHIND)
        os.setpriority(os.PRIO_PROCESS, me, nicer)
