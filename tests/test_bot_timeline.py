"""/timeline in Discord: a story over time, from what may be seen where it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bot_world
import pytest
from bot_world import text, world

from bot.conversation.memory import Memory
from index import Library

pytestmark = pytest.mark.asyncio


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """The articles of the bot's world."""
    library = bot_world.library(tmp_path)
    yield library
    library.close()


async def test_a_story_is_told_with_the_newest_last(library: Library, memory: Memory) -> None:
    """It is acknowledged first; each day has its quote and source."""
    async with world(library, memory) as here:
        told = await here.alice.slash(here.channel, "timeline", story="ceasefire")
        seen = text(told.response)
        assert seen.index("2016-12-06") < seen.index("2016-12-09")
        assert "The minister spoke of the ceasefire." in seen
        assert "Harbour Post" in seen
        assert here.sent("POST", "/callback")[0] == {"type": 5}


async def test_filters_hold_and_other_collections_stay_unseen(
    library: Library, memory: Memory
) -> None:
    """What is private to another server is told nowhere else."""
    async with world(library, memory, private={"secret": [1]}) as here:
        told = await here.alice.slash(here.channel, "timeline", story="ceasefire", until="2015")
        assert "Nothing to tell" in text(told.response)
        told = await here.alice.slash(here.channel, "timeline", story="judge opened the orchard")
        assert "orchard on Sunday" not in text(told.response)


async def test_a_day_that_cannot_be_read_is_said(library: Library, memory: Memory) -> None:
    """To the asker alone; so is a story without a word."""
    async with world(library, memory) as here:
        for typed in ({"story": "ceasefire", "since": "someday"}, {"story": "?"}):
            told = await here.alice.slash(here.channel, "timeline", **typed)
            assert told.ephemeral
        assert here.env.errors
