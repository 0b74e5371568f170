"""Views, the greeting with its buttons and form, and questions that are edited."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta

import bot_world
import discord
import pytest
from bot_world import QUESTION, VETO, labels, text, world

import bot.discord
from bot.conversation import words
from bot.conversation.memory import Memory, ServerSettings
from bot.discord import mentions
from bot.discord.panel import PANEL_S, Form, Panel
from bot.discord.parts import helping
from bot.discord.views import layout
from bot.discord.welcome import TRY, card
from index import Library

pytestmark = pytest.mark.asyncio

PARTS = (helping(14),)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library that no test changes."""
    library = bot_world.library(tmp_path_factory.mktemp("bot"))
    yield library
    library.close()


def views() -> list[type]:
    """Every view and form that the bot's modules define."""
    modules = [
        importlib.import_module(f"bot.discord.{each.name}")
        for each in pkgutil.iter_modules(bot.discord.__path__)
    ]
    found = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, (discord.ui.view.BaseView, discord.ui.Modal))
        and each.__module__.startswith("bot.")
    }
    return sorted(found, key=str)


async def test_every_view_ends_and_says_what_goes_wrong() -> None:
    """All are panels or forms; what else is shown is finished, and heard by its buttons' ids."""
    names = {each.__name__ for each in views()}
    assert {"SettingsPanel", "FollowedPanel", "Question"} <= names
    for each in views():
        assert issubclass(each, (Panel, Form)), each
    for made in (Panel(None, "Title"), Form(None, "Title")):  # type: ignore[arg-type]
        assert made.timeout == PANEL_S < 15 * 60
    assert layout(card()).is_finished()


async def test_a_panel_that_fails_tells_who_chose(
    library: Library, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in a form, too: nobody waits for nothing."""
    async with world(library, memory, parts=PARTS) as here:
        monkeypatch.setattr("bot.discord.answering.to_interaction", None)
        message = await _greeting(here)
        shown = await here.alice.click(message, label=TRY["ask"])
        told = await here.alice.submit_modal(shown, {"question": QUESTION})
        assert text(told.response) == words.BUG
        assert told.ephemeral
        assert here.env.errors


async def test_the_greeting_has_three_buttons_that_work(library: Library, memory: Memory) -> None:
    """It stands in the first channel that takes it; a form asks, the others tell."""
    async with world(library, memory, parts=PARTS) as here:
        message = await _greeting(here)
        assert labels(message) == list(TRY.values())
        held = await here.alice.click(message, label=TRY["holds"])
        assert held.ephemeral
        assert "Articles: 3" in text(held.response)
        helped = await here.alice.click(message, label=TRY["help"])
        assert text(helped.response) == words.HELP
        shown = await here.alice.click(message, label=TRY["ask"])
        answer = await here.alice.submit_modal(shown, {"question": QUESTION})
        assert VETO.split()[0] in text(answer.response)


async def _greeting(here: bot_world.World) -> discord.Message:
    guild = here.bot.get_guild(here.guild.id)
    assert guild is not None
    here.bot.dispatch("guild_join", guild)
    await here.env.settle()
    return here.last()


async def test_a_question_that_is_edited_is_answered_in_the_same_place(
    library: Library, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a minute, once for each wording; what was answered before is forgotten."""
    async with world(library, memory) as here:
        await here.alice.send(here.channel, f"{here.me} who spoke of the weather?")
        asked, first = here.channel.history()[-2:]
        await here.alice.edit(asked, f"{here.me} {QUESTION}")
        assert here.last().id == first.id
        assert VETO in text(here.last()).replace("**", "")
        kept = memory.rows("SELECT question FROM posted")
        assert kept == [(QUESTION,)]
        edits = len(here.sent("PATCH", "/messages/"))
        await here.alice.edit(asked, f"{here.me} {QUESTION}")
        assert len(here.sent("PATCH", "/messages/")) == edits
        monkeypatch.setattr(mentions, "EDITED_S", -timedelta(hours=1).total_seconds())
        await here.alice.edit(asked, f"{here.me} who opened the orchard?")
        assert len(here.sent("PATCH", "/messages/")) == edits


async def test_a_mention_that_is_put_in_by_an_edit_is_answered(
    library: Library, memory: Memory
) -> None:
    """It was no question before."""
    async with world(library, memory) as here:
        asked = await here.alice.send(here.channel, QUESTION)
        await here.alice.edit(asked, f"{here.me} {QUESTION}")
        assert VETO in text(here.last()).replace("**", "")


async def test_the_role_of_the_bot_is_a_mention(
    library: Library, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Discord does not show the text, the asker is told how to ask."""
    async with world(library, memory) as here:
        handle = here.guild.create_role("Pullquote")
        guild = here.bot.get_guild(here.guild.id)
        assert guild is not None
        role = guild.get_role(handle.id)
        monkeypatch.setattr(discord.Guild, "self_role", role)
        await here.alice.send(here.channel, f"{handle.mention} {QUESTION}")
        assert text(here.last()) == words.NOT_MY_ROLE
        await here.alice.send(here.channel, f"{handle.mention} {here.me} {QUESTION}")
        assert memory.rows("SELECT question FROM posted") == [(QUESTION,)]


async def test_a_new_post_of_a_chosen_forum_is_answered_by_its_title(
    library: Library, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once; none of another channel, and none without the setting."""
    monkeypatch.setattr(mentions, "POST_S", 0.0)
    async with world(library, memory) as here:
        asked = await here.alice.send(here.channel, "Look:")
        guild = here.bot.get_guild(here.guild.id)
        channel = here.bot.get_channel(here.channel.id)
        assert guild is not None
        assert isinstance(channel, discord.TextChannel)
        thread = await channel.create_thread(name=QUESTION, message=asked)
        thread.owner_id = here.alice.id
        here.bot.dispatch("thread_create", thread)
        await here.env.settle()
        assert memory.rows("SELECT question FROM posted") == []
        memory.set_settings(guild.id, ServerSettings(forums=frozenset({channel.id})))
        assert memory.settings_for(guild.id).forums == {channel.id}
        for _ in range(2):
            here.bot.dispatch("thread_create", thread)
        async with asyncio.timeout(60):
            while not here.sent("POST", f"/channels/{thread.id}/messages"):
                await asyncio.sleep(0.05)
        await here.bot.finish(20)
        assert memory.rows("SELECT question, channel FROM posted") == [(QUESTION, thread.id)]
