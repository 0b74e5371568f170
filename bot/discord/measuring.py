"""What happens in Discord -> the metrics."""

from __future__ import annotations

import asyncio
import logging

from bot.conversation.desk import TurnedAwayError
from bot.conversation.memory import Posted
from bot.conversation.watching import watch
from bot.discord.client import Part, PullquoteBot
from bot.metrics import Metrics, Outcome
from index.errors import PullquoteError
from index.library import Library
from index.records import Answer

log = logging.getLogger(__name__)


def measuring(metrics: Metrics) -> Part:
    """The part of the bot that counts."""

    async def part(bot: PullquoteBot) -> None:
        async def on_answered(posted: Posted, answer: Answer, seconds: float) -> None:
            outcome: Outcome = "refused" if answer.refusal else "answered"
            metrics.question(outcome, seconds)
            told = {
                "guild": posted.server,
                "channel": posted.channel,
                "outcome": outcome,
                "seconds": round(seconds, 3),
                "revision": answer.revision,
            }
            log.info("a question", extra=told)

        async def on_unanswered(error: PullquoteError, seconds: float) -> None:
            outcome: Outcome = "busy" if isinstance(error, TurnedAwayError) else "failed"
            metrics.question(outcome, seconds)
            log.info("a question", extra={"outcome": outcome, "seconds": round(seconds, 3)})

        async def on_ready() -> None:
            metrics.ready(now=True)

        async def on_resumed() -> None:
            metrics.ready(now=True)

        async def on_disconnect() -> None:
            metrics.ready(now=False)

        for listener in (on_answered, on_unanswered, on_ready, on_resumed, on_disconnect):
            bot.add_listener(listener)
        metrics.watch(lambda: bot.desk.waiting, lambda: bot.latency)
        bot.keep(watch([Newest(bot.library, metrics).step], lambda: True), "metrics of the index")

    return part


class Newest:
    """Tells the metrics of each new revision."""

    def __init__(self, library: Library, metrics: Metrics) -> None:
        self._library = library
        self._metrics = metrics
        self._told = 0

    async def step(self) -> None:
        """Look whether there is a new revision.

        Raises:
            PullquoteError: the index can't be read.
        """
        try:
            revision = await asyncio.to_thread(self._live)
            if revision != self._told:
                covers = (await asyncio.to_thread(self._library.status)).covers
                self._metrics.indexed(revision, covers[1] if covers else None)
                self._told = revision
        except PullquoteError:
            self._told = 0
            self._metrics.unindexed()
            raise

    def _live(self) -> int:
        """The number of the live revision, which can be read."""
        revision = self._library.revision
        _ = self._library.last_filed
        return revision
