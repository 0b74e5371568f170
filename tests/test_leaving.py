"""A server that the bot left is forgotten, after a while in which it may come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation.leaving import KEPT_DAYS, Leaving
from bot.conversation.ledger import Ledger
from bot.conversation.memory import DAY_S, Memory, Posted, ServerSettings
from bot.conversation.unfinished import Addition, Unfinished

LEFT, STAYED = 7, 8


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Two servers with all that is kept of one."""
    made = Memory(tmp_path / "discord.sqlite")
    for server in (LEFT, STAYED):
        made.set_settings(server, ServerSettings(thread=True))
        made.remember(Posted(server, server, "who?", (), 1, message=server))
        made.follow(server, server, "who?", 0)
        Ledger(made).note(server, ["server/a.txt"], "a.txt", 1)
        Unfinished(made).begin(Addition(server, server, 1, "b.txt", file=True, after=0))
    yield made
    made.close()


def kept(memory: Memory, server: int) -> list[bool]:
    """Whether its settings, an answer, who added an article and what is being added are kept."""
    settings = memory.settings_for(server) == ServerSettings(thread=True)
    answer, added = memory.posted_as(server) is not None, bool(Ledger(memory).added(server))
    return [settings, answer, added, server in {each.server for each in Unfinished(memory).every()}]


@pytest.mark.parametrize(("days", "there"), [(29, True), (31, False)])
@pytest.mark.parametrize("again", [False, True])
def test_a_server_that_was_left(memory: Memory, days: int, there: bool, again: bool) -> None:
    """It follows nothing at once, and is forgotten after 30 days unless it is joined again."""
    assert KEPT_DAYS == 30
    now = [1e9]
    leaving = Leaving(memory, clock=lambda: now[0])
    leaving.left(LEFT)
    assert [each.server for each in memory.following()] == [STAYED]
    if again:
        leaving.joined(LEFT)
    now[0] += days * DAY_S
    asyncio.run(leaving.step())
    assert kept(memory, LEFT) == [there or again] * 4
    assert kept(memory, STAYED) == [True] * 4
