"""The buttons of an answer: they work for everybody, for ever, and once a press."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bot_world
import discord
import pytest
from bot_world import QUESTION, VETO, labels, new_bot, text, world, write

from bot.conversation import words
from bot.conversation.memory import Memory, ServerSettings
from bot.discord.turns import QUESTIONS as TURNS
from index import Library

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library that no test changes."""
    library = bot_world.library(tmp_path_factory.mktemp("bot"))
    yield library
    library.close()


async def test_context_shows_the_sentences_around(library: Library, memory: Memory) -> None:
    """To who pressed it alone."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        assert "The mayor spoke." not in text(answer)
        pressed = await here.alice.click(answer, label="Context")
        assert pressed.ephemeral
        assert "The mayor spoke." in text(pressed.response)
        again = await here.alice.click(pressed.response, label="Source")
        assert "Veto" in text(again.response)


async def test_source_shows_the_article(library: Library, memory: Memory) -> None:
    """With the quote in bold."""
    async with world(library, memory) as here:
        pressed = await here.alice.click(await here.ask(QUESTION), label="Source")
        assert pressed.ephemeral
        assert f"**{VETO}**" in text(pressed.response)
        assert "The council met in winter." in text(pressed.response)


async def test_more_shows_the_next_quote(library: Library, memory: Memory) -> None:
    """One at a time, until there are no more; in place of the page before, and back again."""
    async with world(library, memory) as here:
        pressed = await here.alice.click(await here.ask(QUESTION), label="More")
        assert "minister spoke" in text(pressed.response)
        assert "Delete" not in labels(pressed.response)
        page = pressed.response.id
        while "More" in labels(pressed.response):
            pressed = await here.alice.click(pressed.response, label="More")
            assert pressed.response.id == page
        while "Back" in labels(pressed.response):
            pressed = await here.alice.click(pressed.response, label="Back")
            assert pressed.response.id == page
        assert VETO in text(pressed.response)
        assert "More" in labels(here.last())
        source = await here.alice.click(pressed.response, label="Source")
        assert source.ephemeral


async def test_a_thumb_is_kept_with_the_quote_it_was_on(library: Library, memory: Memory) -> None:
    """Of a person's thumbs on one quote the last counts; nobody's name is kept."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        more = await here.alice.click(answer, label="More")
        pressed = await here.alice.click(answer, label="👎")
        assert text(pressed.response) == words.THANKS
        await here.alice.click(answer, label="👍")
        (vote,) = memory.votes()
        assert (vote.up, vote.question, vote.name) == (True, QUESTION, None)
        assert str(vote.receipt).startswith("city/veto.md:")
        await here.alice.click(more.response, label="👍")
        assert str(memory.votes()[-1].receipt).startswith("city/again.md:")


async def test_who_asked_deletes_an_answer(library: Library, memory: Memory) -> None:
    """After a restart, too; nothing is kept of it, thumbs and what More made of it included."""
    async with world(library, memory) as here:
        for by_command in (False, True):
            if by_command:
                answer = (await here.alice.slash(here.channel, "ask", question=QUESTION)).response
            else:
                answer = await here.ask(QUESTION)
            posted = memory.posted_as(answer.id)
            assert posted is not None
            await here.alice.click(answer, label="👍")
            memory.remember(replace(posted, message=None, key="more"))
            await here.env.restart_bot(new_bot(library, memory))
            await here.alice.click(answer, label="Delete")
            assert answer.id not in [each.id for each in here.channel.history()]
            assert memory.rows("SELECT * FROM posted") == []
            assert memory.votes() == []


async def test_who_asked_deletes_an_answer_that_only_they_see(
    library: Library, memory: Memory
) -> None:
    """It is in no channel, and forgotten all the same."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(private=True))
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        more = await here.alice.click(told.response, label="More")
        await here.alice.click(more.response, label="Delete")
        assert memory.rows("SELECT * FROM posted") == []


async def test_others_delete_an_answer_only_if_they_manage_messages(
    library: Library, memory: Memory
) -> None:
    """Who may not is told so; who may needs no memory of it."""
    async with world(library, memory) as here:
        role = here.guild.create_role(
            "Moderators", permissions=discord.Permissions(manage_messages=True)
        )
        bob = here.guild.add_member(here.env.create_user("bob"))
        mod = here.guild.add_member(here.env.create_user("mod"), roles=[role])
        answer = await here.ask(QUESTION)
        pressed = await bob.click(answer, label="Delete")
        assert pressed.ephemeral
        assert text(pressed.response) == words.NOT_YOURS
        posted = memory.posted_as(answer.id)
        assert posted is not None
        memory.forget(posted.key)
        await mod.click(answer, label="Delete")
        assert answer.id not in [each.id for each in here.channel.history()]


async def test_an_answer_deleted_in_discord_is_forgotten(library: Library, memory: Memory) -> None:
    """One, or many at once; others are kept."""
    async with world(library, memory) as here:
        answers = [await here.ask(QUESTION) for _ in range(4)]
        here.env.backend.delete_message(here.channel.id, answers[0].id)
        here.env.backend.bulk_delete_messages(here.channel.id, [each.id for each in answers[1:3]])
        await here.env.settle()
        kept = [memory.posted_as(each.id) is not None for each in answers]
        assert kept == [False, False, False, True]


async def test_buttons_work_after_a_restart(library: Library, memory: Memory) -> None:
    """The bot knows them by their ids."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        await here.env.restart_bot(new_bot(library, memory))
        pressed = await here.alice.click(answer, label="Context")
        assert "The mayor spoke." in text(pressed.response)


async def test_nothing_is_kept_in_memory_for_a_button(library: Library, memory: Memory) -> None:
    """discord.py keeps no view of an answer, so that memory stays flat."""
    async with world(library, memory) as here:
        await here.ask(QUESTION)
        await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert list(here.bot.persistent_views) == []
        store = here.bot._connection._view_store
        assert not store._views
        assert not store._synced_message_views


async def test_an_answer_that_is_forgotten_is_said_to_be(library: Library, memory: Memory) -> None:
    """It can be asked again."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        posted = memory.posted_as(answer.id)
        assert posted is not None
        memory.forget(posted.key)
        pressed = await here.alice.click(answer, label="Source")
        assert pressed.ephemeral
        assert text(pressed.response) == words.FORGOTTEN


async def test_the_buttons_of_a_refusal_open_what_came_nearest(
    library: Library, memory: Memory
) -> None:
    """Where something did."""
    async with world(library, memory) as here:
        library.set_threshold(0.999)
        try:
            told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        finally:
            library.set_threshold(0.0)
        assert "Perhaps" in text(told.response)
        for label in ("Context", "Source"):
            pressed = await here.alice.click(told.response, label=label)
            assert VETO in text(pressed.response)
        pressed = await here.alice.click(told.response, label="👎")
        assert [each.receipt for each in memory.votes()] == [None]


async def test_a_changed_article_is_shown_as_it_was_quoted(memory: Memory, tmp_path: Path) -> None:
    """And it is said that it has changed."""
    library = bot_world.library(tmp_path)
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        changed = {**bot_world.ARTICLES}
        changed["city/veto.md"] = changed["city/veto.md"].replace(VETO, "Nobody did anything.")
        write(tmp_path / "articles", changed)
        library.sync()
        pressed = await here.alice.click(answer, label="Source")
        assert "has changed since" in text(pressed.response)
        assert VETO in text(pressed.response)
        pressed = await here.alice.click(answer, label="Context")
        assert VETO in text(pressed.response)
    library.close()
    shutil.rmtree(tmp_path / "index")


async def test_a_button_of_another_server_opens_nothing(library: Library, memory: Memory) -> None:
    """Even if its message is carried there."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        posted = memory.posted_as(answer.id)
        assert posted is not None
        other = here.env.create_guild("Elsewhere")
        channel = other.create_text_channel("news")
        eve = other.add_member(here.env.create_user("eve"))
        assert here.bot.user is not None
        carried = here.env.backend.create_message(
            channel.id,
            here.bot.user.id,
            components=[each.to_dict() for each in answer.components],
            flags=discord.MessageFlags(components_v2=True).value,
        )
        message = next(each for each in channel.history() if each.id == carried.id)
        pressed = await eve.click(message, label="Source")
        assert text(pressed.response) == words.ELSEWHERE


async def test_sharing_asks_as_it_was_understood(library: Library, memory: Memory) -> None:
    """With the same filters."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(private=True))
        told = await here.alice.slash(here.channel, "ask", question=QUESTION, outlet="Harbour Post")
        shared = await here.alice.click(told.response, label="Share")
        assert "minister spoke" in text(shared.response)
        assert not shared.ephemeral


async def test_presses_mentions_and_commands_are_counted_together(
    library: Library, memory: Memory
) -> None:
    """Of 25 presses of Share few post; that it is too often is said once, to who pressed alone."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(private=True))
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        pressed = [await here.alice.click(told.response, label="Share") for _ in range(25)]
        posted = {each.response.id for each in pressed if not each.response.ephemeral}
        assert len(posted - {told.response.id}) == TURNS - 1
        assert ["again in" in text(each.response) for each in pressed].count(True) == 1
        before = len(here.channel.history())
        await here.alice.send(here.channel, f"<@{here.bot.user.id}> {QUESTION}")
        assert len(here.channel.history()) == before + 1


async def test_share_posts_nothing_where_the_bot_may_not_speak(
    library: Library, memory: Memory
) -> None:
    """The settings may have changed since the answer was given."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(private=True))
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        other = here.guild.create_text_channel("other")
        memory.set_settings(
            here.guild.id, ServerSettings(private=True, channels=frozenset({other.id}))
        )
        pressed = await here.alice.click(told.response, label="Share")
        assert pressed.ephemeral
        assert text(pressed.response) == words.NOT_HERE


async def test_what_may_have_been_meant_is_asked_by_a_button(
    library: Library, memory: Memory
) -> None:
    """For all, where its asker presses; for who pressed alone, where another does."""
    async with world(library, memory) as here:
        bob = here.guild.add_member(here.env.create_user("bob"))
        answer = await here.ask("who spoke of the oxchard?")
        offered = "Did you mean: who spoke of the orchard?"
        assert offered in labels(answer)
        pressed = await bob.click(answer, label=offered)
        assert pressed.ephemeral
        assert "who spoke of the orchard?" in text(pressed.response)
        pressed = await here.alice.click(answer, label=offered)
        assert not pressed.ephemeral
        assert "who spoke of the orchard?" in text(pressed.response)
        assert offered not in labels(pressed.response)
