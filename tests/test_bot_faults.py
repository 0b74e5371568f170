"""What goes wrong between Discord and the bot: no question is lost, and none answered twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import bot_world
import discord
import pytest
import simcord
from bot_world import QUESTION, VETO, Gate, new_bot, text, world

from bot.cli import main
from bot.conversation import words
from bot.conversation.memory import Memory, ServerSettings
from bot.discord import client, delivery
from bot.discord.client import PullquoteBot
from bot.discord.delivery import insist
from index import Library

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def judge() -> Gate:
    """The judge of this module's library."""
    return Gate()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, judge: Gate) -> Iterator[Library]:
    """A library that no test changes."""
    library = bot_world.library(tmp_path_factory.mktemp("bot"), judge=judge)
    yield library
    library.close()


async def test_a_message_that_comes_again_is_answered_once(
    library: Library, memory: Memory
) -> None:
    """Discord sends again what it thinks was missed; also to a bot that was restarted."""
    async with world(library, memory) as here:
        await here.ask(QUESTION)
        (asked, _) = here.channel.history()
        stored = here.env.backend.get_message(here.channel.id, asked.id)
        here.env.backend.announce_message_create(stored)
        await here.env.settle()
        await here.env.restart_bot(new_bot(library, memory))
        here.env.backend.announce_message_create(stored)
        await here.env.settle()
        assert len(here.channel.history()) == 2


async def test_a_question_that_is_deleted_meanwhile_is_answered_all_the_same(
    library: Library, memory: Memory, judge: Gate
) -> None:
    """Discord makes a plain message of the reply."""
    async with world(library, memory, settle_timeout=0.3) as here:
        judge.open.clear()
        with pytest.raises(TimeoutError):
            await here.ask(QUESTION)
        here.env.backend.delete_message(here.channel.id, here.last().id)
        judge.open.set()
        await here.env.settle(timeout=5)
        (answer,) = here.channel.history()
        assert VETO in text(answer)
        (body,) = here.sent("POST", f"/channels/{here.channel.id}/messages")
        assert body["message_reference"]["fail_if_not_exists"] is False


async def test_a_place_in_the_line_that_is_deleted_does_not_take_the_answer_with_it(
    library: Library, memory: Memory, judge: Gate
) -> None:
    """It is sent anew."""
    async with world(library, memory, settle_timeout=0.3) as here:
        judge.open.clear()
        for number in range(1, 6):
            with pytest.raises(TimeoutError):
                await here.ask(f"{QUESTION} {'please ' * number}")
        assert "you are number" in text(here.last())
        here.env.backend.delete_message(here.channel.id, here.last().id)
        judge.open.set()
        await here.env.settle(timeout=5)
        mine = [each for each in here.channel.history() if each.author == here.bot.user]
        assert [VETO in text(each) for each in mine] == [True] * 5


@pytest.mark.parametrize("code", [50013, 50001])
async def test_a_channel_without_permission_is_logged(
    library: Library, memory: Memory, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    """There is nobody to tell; a command is answered there nevertheless."""
    async with world(library, memory) as here:
        here.env.inject_error(
            "POST", f"/channels/{here.channel.id}/messages", status=403, code=code
        )
        await here.ask(QUESTION)
        assert len(here.channel.history()) == 1
        assert f"403 ({code})" in caplog.text
        assert QUESTION not in caplog.text
        assert memory.latest_in(here.channel.id) is None
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert VETO in text(told.response)


async def test_an_interaction_that_expired_is_dropped(
    library: Library, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """And logged; the next one is answered."""
    async with world(library, memory) as here:
        here.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert not told.followups
        assert "404 (10062)" in caplog.text
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert VETO in text(told.response)


async def test_an_acknowledgement_that_came_through_though_its_answer_was_lost(
    library: Library, memory: Memory
) -> None:
    """The question is answered."""
    async with world(library, memory) as here:
        reply_made = delivery.InteractionReply.acknowledge

        async def twice(self: delivery.InteractionReply) -> bool:
            await self._interaction.response.defer(thinking=True)
            self._interaction.response._response_type = None
            return await reply_made(self)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivery.InteractionReply, "acknowledge", twice)
            told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert VETO in text(told.response)


async def test_a_bug_is_logged_and_the_asker_told(
    library: Library, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """By mention, by command, and by button; the bot goes on."""
    async with world(library, memory) as here:
        assert text(await here.ask("bug?")) == words.BUG
        told = await here.alice.slash(here.channel, "ask", question="bug?")
        assert words.BUG in text(told.response)
        assert caplog.text.count("KeyError") >= 2
        assert here.env.errors
        assert VETO in text(await here.ask(QUESTION))


async def test_what_concerns_who_runs_the_bot_is_not_told_to_the_channel(
    tmp_path: Path, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """An index that can't be used is a matter of the log, with its path."""
    library = bot_world.library(tmp_path)
    manifest = next((tmp_path / "index").glob("revisions/*/manifest.json"))
    manifest.write_text("{}", "utf-8")
    library.close()
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        assert text(answer) == words.BROKEN
        assert str(tmp_path) in caplog.text
        assert str(tmp_path) not in text(answer)
    library.close()


async def test_a_damaged_catalog_is_a_matter_of_the_log_too(
    tmp_path: Path, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where not even the collections can be named."""
    library = bot_world.library(tmp_path)
    library.close()
    for left in (tmp_path / "index").glob("catalog*"):
        left.write_bytes(b"no catalog at all" * 1000)
    async with world(library, memory) as here:
        assert text(await here.ask(QUESTION)) == words.BROKEN
        assert await here.alice.autocomplete(here.channel, "ask", "outlet", "h") == []
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert text(told.response) == words.BROKEN
        assert here.env.errors
    assert str(tmp_path) in caplog.text


async def test_a_broken_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some times, and then it is an error."""
    monkeypatch.setattr(delivery, "PAUSE_S", 0.0)
    tries: list[int] = []

    async def send() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise aiohttp.ServerDisconnectedError
        return "sent"

    assert await insist(send) == "sent"

    async def fail() -> str:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await insist(fail)


class Limiting:
    """Cloudflare's answer to too many requests."""

    status, reason = 429, "Too Many Requests"

    def __init__(self, retry_after: str | None) -> None:
        self.headers = {} if retry_after is None else {"Retry-After": retry_after}


@pytest.mark.parametrize(
    ("retry_after", "waited_s"),
    [
        ("0.4", 0.4),
        ("3600", 0.7),  # the longest wait that is kept
        ("Tue, 24 Nov 2026 16:00:00 GMT", 0.0),
        (None, 0.0),
    ],
)
async def test_who_is_limited_waits_as_long_as_is_asked_for(
    retry_after: str | None, waited_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Retry-After, in seconds, within a bound; without it, as for a broken connection."""
    monkeypatch.setattr(delivery, "PAUSE_S", 0.0)
    monkeypatch.setattr(delivery, "LIMITED_S", 0.7)
    loop = asyncio.get_running_loop()
    tries: list[float] = []

    async def send() -> str:
        tries.append(loop.time())
        if len(tries) < 2:
            raise discord.HTTPException(Limiting(retry_after), "You are being rate limited.")
        return "sent"

    assert await insist(send) == "sent"
    first, second = tries
    assert waited_s - 0.01 <= second - first < waited_s + 10


async def test_what_discord_refuses_for_good_is_not_tried_again() -> None:
    """Only a limit passes."""
    tries: list[int] = []

    async def send() -> None:
        tries.append(1)
        response = Limiting("0.1")
        response.status = 403
        raise discord.HTTPException(response, "Missing Permissions")

    with pytest.raises(discord.HTTPException):
        await insist(send)
    assert len(tries) == 1


async def test_commands_are_told_to_discord_only_when_they_changed(
    library: Library, memory: Memory
) -> None:
    """Of which it allows two hundred a day."""

    async def part(bot: PullquoteBot) -> None:
        @bot.tree.command(name="another", description="One more.")
        async def another(interaction: object) -> None: ...

    async with world(library, memory) as here:
        assert len(here.sent("PUT", "/commands")) == 1
        await here.env.restart_bot(new_bot(library, memory))
        assert len(here.sent("PUT", "/commands")) == 1
        await here.env.restart_bot(new_bot(library, memory, parts=[part]))
        assert len(here.sent("PUT", "/commands")) == 2
        (told,) = [each for each in here.sent("PUT", "/commands")[0] if each["name"] == "ask"]
        assert told["integration_types"] == [0, 1]
        assert told["contexts"] == [0, 1, 2]


async def test_a_refused_list_of_commands_does_not_stop_the_bot(
    library: Library, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told again at the next start."""
    bot = new_bot(library, memory)
    env = simcord.Env(bot, shard_count=1, approved_intents=bot_world.INTENTS)
    env.inject_error("PUT", "/applications/*/commands", status=403, code=50001)
    await env.start()
    assert "403 (50001)" in caplog.text
    assert memory.meta(client.COMMANDS) is None
    await env.restart_bot(new_bot(library, memory))
    assert memory.meta(client.COMMANDS) is not None
    await env.shutdown()


async def test_stopping_finishes_what_runs_and_turns_away_what_waits(
    library: Library, memory: Memory, judge: Gate
) -> None:
    """Within bounds; then it is closed."""
    async with world(library, memory, settle_timeout=0.3) as here:
        judge.open.clear()
        for number in range(1, 4):
            with pytest.raises(TimeoutError):
                await here.alice.slash(
                    here.channel, "ask", question=f"{QUESTION} {'please ' * number}"
                )
        stopping = asyncio.create_task(here.bot.finish(10.0))
        await asyncio.sleep(0)
        judge.open.set()
        await stopping
        said = [text(each) for each in here.channel.history()]
        assert [VETO in each for each in said] == [True, True, False]
        assert "restarted" in said[2]
        assert here.bot.is_closed()


async def test_a_service_that_fails_is_logged_and_the_bot_goes_on(
    library: Library, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """A service ends with the bot."""
    ended = asyncio.Event()

    async def failing() -> None:
        raise RuntimeError("no more")

    async def lasting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def part(bot: PullquoteBot) -> None:
        bot.keep(failing(), "the failing one")

    async with world(library, memory, parts=[part]) as here:
        assert VETO in text(await here.ask(QUESTION))
        assert "the failing one" in caplog.text
        here.bot.keep(lasting(), "the lasting one")
        await asyncio.sleep(0)
        await here.bot.close()
        assert ended.is_set()


async def test_settings_are_read_anew_for_each_question(library: Library, memory: Memory) -> None:
    """What a server sets counts from the next question on."""
    async with world(library, memory) as here:
        assert "Herald" in text(await here.ask(QUESTION))
        memory.set_settings(here.guild.id, ServerSettings(collections=("secret",)))
        assert "Secret Weekly" in text(await here.ask(QUESTION))


async def test_without_a_token_one_line_says_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With exit code 1."""
    assert main(["bot"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "PULLQUOTE_DISCORD_TOKEN" in told


async def test_logs_name_no_question(
    library: Library, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor any answer."""
    caplog.set_level(logging.INFO)
    async with world(library, memory) as here:
        await here.ask(QUESTION)
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("bot")]
    assert ours
    assert not [each for each in ours if "ceasefire" in each]
