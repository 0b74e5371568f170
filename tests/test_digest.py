"""The daily digest: what came, once, by outlet, to the channels that want it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bot_world
import pytest
from bot_world import text, world
from test_render_discord import ARTICLE, assert_accepted, read

from bot.conversation.asking import Place
from bot.conversation.digest import Digest, Digests
from bot.conversation.memory import DAY_S, Memory, ServerSettings
from bot.discord.client import PullquoteBot
from bot.discord.digests import DigestCommand
from bot.render.discord_digest import card
from bot.render.discord_text import size
from index import Library
from index.records import Article, Filters

pytestmark = pytest.mark.asyncio

FIRST = "The river flood closed the school on Sunday."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of this test alone."""
    made = bot_world.library(tmp_path)
    yield made
    made.close()


async def digest(bot: PullquoteBot) -> None:
    """The command, without what runs by itself."""
    await bot.add_cog(DigestCommand(bot))


async def test_a_digest_is_begun_posted_once_and_ended(
    library: Library, memory: Memory, tmp_path: Path
) -> None:
    """Only what came since, and of the server's own articles; an empty day posts nothing."""
    async with world(library, memory, parts=[digest], private={"secret": [1]}) as here:
        role = here.guild.create_role("M", permissions=bot_world.discord.Permissions(32))
        mara = here.guild.add_member(here.env.create_user("mara"), roles=[role])
        begun = await mara.slash(here.channel, "digest")
        assert "From tomorrow" in text(begun.response)
        command = here.bot.get_cog("DigestCommand")
        assert isinstance(command, DigestCommand)
        now = [0.0]
        ((due,),) = memory.rows("SELECT due FROM digest")
        command._digests._clock = lambda: due + now[0]
        before = here.last().id
        await command.step()
        assert here.last().id == before
        for folder in ("city", "secret"):
            path = tmp_path / "articles" / folder / "flood.txt"
            path.write_text(f"Flood in {folder}\n{FIRST}\nThe mayor spoke.\n")
        library.sync()
        await command.step()
        assert here.last().id == before
        now[0] = DAY_S
        for _ in range(2):
            await command.step()
        said = text(here.last())
        assert f"> {FIRST}" in said.replace("\\", "")
        assert "Flood in city" in said
        assert "secret" not in said
        assert len(here.sent("POST", f"/channels/{here.channel.id}/messages")) == 1
        ended = await mara.slash(here.channel, "digest")
        assert "No digest any more" in text(ended.response)
        assert memory.rows("SELECT * FROM digest") == []


async def test_a_channel_that_refuses_has_no_digest_any_more(
    library: Library, memory: Memory, tmp_path: Path
) -> None:
    """It is kept how far it told before it is posted."""
    async with world(library, memory) as here:
        clock = [0.0]
        digests = Digests(memory, library, here.bot.asking.place, clock=lambda: clock[0])
        await digests.switch(here.guild.id, here.channel.id)
        (tmp_path / "articles" / "city" / "flood.txt").write_text(f"Flood\n{FIRST}\n")
        library.sync()
        clock[0] = DAY_S * 3.5
        told: list[Article] = []

        async def refuse(asked: Digest, articles: list[Article]) -> bool:
            told.extend(articles)
            ((after, due),) = memory.rows("SELECT after, due FROM digest")
            assert (after, due) == (library.last_filed, DAY_S * 4)
            assert asked.channel == here.channel.id
            return False

        await digests.step(refuse)
        assert [each.title for each in told] == ["Flood"]
        assert not digests.end(here.channel.id)


async def test_the_card_fits_whatever_came() -> None:
    """By outlet, the title is no first sentence, and what there is no room for is counted."""
    seen = read(card([replace(ARTICLE, title="Truce ends")]))
    assert "Reuters\nThe council met.Truce ends · 2016-12-08" in seen
    long = "He met *them* on Monday " + "word " * 900
    many = [
        Article(f"{number}", long, long, outlet=f"{number % 40}{long}") for number in range(400)
    ]
    message = card(many)
    assert_accepted(message)
    assert sum(size(each.markdown) for each in message.texts) <= 3900
    assert "more not shown" in read(message)


async def test_what_is_filed_while_a_digest_is_made_is_told_once(memory: Memory) -> None:
    """It is in this digest, or in the next one, and never in both."""

    class Filing:
        numbers = iter([1, 2, 3, 3, 3])

        @property
        def last_filed(self) -> int:
            self.last = next(self.numbers)
            return self.last

        def rebuilt_since(self, number: int) -> bool:
            return False

        def articles(self, filters: Filters) -> list[Article]:
            return [replace(ARTICLE, id=str(n)) for n in range(2, self.last + 1)]

    async def place(server: int | None) -> Place:
        return Place(server, ServerSettings(), ())

    told: list[list[str]] = []

    async def post(digest: Digest, articles: list[Article]) -> bool:
        told.append([each.id for each in articles])
        return True

    digests = Digests(memory, Filing(), place, clock=lambda: now)
    now = 0.0
    await digests.switch(1, 7)
    now = DAY_S + 1.0
    await digests.step(post)
    assert told == [["2", "3"]]
    assert memory.rows("SELECT after FROM digest") == [(3,)]
