"""The loopback Discord itself: a good bot passes and survives, each broken one is noticed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from discord_double import Double, Reaction, running_bot
from discord_double.world import pings

BOTS = Path(__file__).parent / "broken_bots"
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def double(tmp_path: Path) -> AsyncIterator[Double]:
    """A Discord of this test alone."""
    async with Double(tmp_path) as double:
        yield double


def bot(name: str) -> list[Path]:
    """What starts one of the small bots."""
    return [BOTS / f"{name}.py"]


async def test_a_good_bot_is_served_in_every_way(double):
    """Mention, direct message, commands, menu, buttons, modal, file, thread: all go through."""
    async with running_bot(double, bot("correct")):
        said = await double.mention("who won?")
        assert said.message.text == f"> {double.bot.mention} who won?"
        assert (await double.dm("and who lost?")).message.text == "> and who lost?"
        again = await double.reply(said.message, "why?")
        assert again.message.reply_to is again.trigger

        choices = await double.autocomplete("ask", "outlet", "C", {"question": "x"})
        assert [choice["value"] for choice in choices] == ["Courier", "Chronicle"]
        asked = await double.slash("ask", {"question": "who?", "outlet": "Courier"})
        assert asked.message.text == "> who? (Courier)"
        assert asked.message.buttons[0]["url"] == "https://example.org/"
        added = await double.slash("articles add", {"file": ("a.txt", b"seven by")})
        assert added.message.text == "8 bytes"
        assert added.message.ephemeral

        context = await double.click(said.message, "Context")
        assert (context.message.text, context.message.ephemeral) == ("context", True)
        more = await double.click(said.message, "correct:more")
        assert more.updated
        assert said.message.text == "> more"
        wrong = await double.click(said.message, "Wrong")
        thanks = await double.submit(wrong, {"words": "all of it"})
        assert thanks.message.text == "> all of it"
        checked = await double.message_command("Check this quote", said.trigger)
        await checked.until(lambda reaction: len(reaction.messages) == 2)
        assert checked.messages[1].channel.parent is double.channel
        assert double.typed == [checked.messages[1].channel]
    assert double.violations == []
    assert double.refused_hosts == []
    assert len(double.ack_times) == 8


async def test_a_good_bot_survives_the_gateway(double):
    """Op 7, resuming what was missed, both invalid sessions, close 4000: no question is lost."""
    gateway = double.gateway
    async with running_bot(double, bot("correct")):
        await gateway.reconnect()
        await double.until(lambda: gateway.resumes == 1)
        async with gateway.down():
            missed = [await double.mention(f"question {n}", until=None) for n in range(3)]
        for reaction in missed:
            assert await reaction.until(lambda r: r.answered)
        assert (gateway.resumes, gateway.identifies) == (2, 1)

        await gateway.close(4000)
        assert (await double.mention("after 4000")).answered
        await gateway.invalidate(resumable=True)
        await double.until(lambda: gateway.resumes == 4)
        await gateway.invalidate(resumable=False)
        await double.until(lambda: gateway.ready == 2)
        assert (await double.mention("after all of that")).message
    assert [len(reaction.messages) for reaction in missed] == [1, 1, 1]
    assert double.violations == []


async def test_a_good_bot_survives_faults_of_the_interface(double):
    """429 in all its forms, 500, 502, slow and cut answers: each question is answered once."""
    posts = "POST /channels/*/messages"
    faults = double.faults
    faults.rate_limit(posts, retry_after=0.1)
    faults.rate_limit(posts, header=False, retry_after=0.1)
    faults.rate_limit(posts, via=False)
    async with running_bot(double, bot("correct")):
        limited = await double.mention("limited")
        faults.status(posts, 500)
        failing = await double.mention("failing")
        faults.cut(posts)
        cut = await double.mention("cut after", until=lambda r: len(faults.met) == 5)
        faults.cut(posts, done=False)
        lost = await double.mention("cut before")
        faults.slow(posts, 0.2)
        slow = await double.mention("slow")
        faults.status("POST /webhooks/*", 502)
        bad = await double.slash("ask", {"question": "bad gateway"})
    answers = [r.message.text for r in (limited, failing, cut, lost, slow, bad)]
    assert len(set(answers)) == 6
    assert faults.pending == []
    assert [met.split()[1] for met in faults.met] == [*["429"] * 3, "500", *["200"] * 3, "502"]
    assert double.violations == []


async def test_refusals_of_the_world_are_not_held_against_the_bot(double):
    """A forbidden channel, a question that is gone, an interaction too late: refused, and heard."""
    closed = await double.add_channel("closed")
    await double.forbid(closed, announced=True)
    async with running_bot(double, bot("correct")):
        await double.mention("here?", channel=closed, until=None)
        await double.until(lambda: [r.status for r in double.requests][-1] == 403)
        double.faults.rate_limit("POST /channels/*/messages", retry_after=0.5)
        gone = await double.mention("gone", until=lambda r: bool(double.faults.met))
        await double.delete(gone.trigger)
        await double.until(lambda: double.requests[-1].status == 400)
        assert double.requests[-1].answer["code"] == 50035
        late = await double.slash("ask", {"question": "late"}, expired=True, until=None)
        await double.until(lambda: double.requests[-1].status == 404)
        assert double.requests[-1].answer["code"] == 10062
        assert (await double.mention("still there?")).answered
    assert not late.acknowledged
    assert double.violations == []


async def noticed(double: Double, name: str, what: str, **options: object) -> Reaction:
    """Ask a broken bot until the double has noticed ``what``."""
    async with running_bot(double, bot(name)):
        if options:
            reaction = await double.slash("ask", options, until=None)
        else:
            reaction = await double.mention("who?", until=None)
        await double.until(lambda: any(what in each for each in double.violations))
    return reaction


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("overlong", "2000"),
        ("duplicate", "custom_id"),
        ("pinging", "pings @everyone"),
        ("blocking", "no heartbeat"),
    ],
)
async def test_a_bad_answer_to_a_mention_is_noticed(double, name, what):
    """Too long, two buttons of one name, a ping, or thought on the event loop."""
    if name == "blocking":
        double.gateway.limit_s = 2.0
    await noticed(double, name, what)
    if name == "blocking":
        assert max(double.heartbeat_lateness) > 2
    if name in ("overlong", "duplicate"):
        assert double.messages()[1:] == []


@pytest.mark.parametrize(
    ("name", "what", "code"),
    [
        ("late", "acknowledged after 3.", 10062),
        ("twice", "acknowledged twice", 40060),
        ("eager", "before acknowledging", 10015),
    ],
)
async def test_a_bad_answer_to_a_command_is_noticed(double, name, what, code):
    """Late, twice, or before it was acknowledged."""
    await noticed(double, name, what, question="who?")
    assert code in [r.answer["code"] for r in double.requests if r.status in (400, 404)]


async def test_a_command_described_at_length_is_noticed(double):
    """The registration is refused, and the bot ends."""
    async with running_bot(double, bot("wordy"), ready=False) as running:
        assert await running.ended() == 1
    assert "Invalid Form Body" in running.written
    assert "description" in double.violations[0]


@pytest.mark.parametrize(
    ("name", "env", "what"),
    [("privileged", {}, "4014"), ("correct", {"PULLQUOTE_DISCORD_TOKEN": "wrong"}, "401")],
)
async def test_a_bot_that_may_not_come_in_ends(double, name, env, what):
    """A privileged intent or a wrong token: the bot is shown the door, and says why."""
    async with running_bot(double, bot(name), env, ready=False) as running:
        assert await running.ended() == 1
    asked = [str(request.status) for request in double.requests]
    assert what in [*asked, *map(str, double.gateway.closed_with)]
    assert "PrivilegedIntentsRequired" in running.written or "LoginFailure" in running.written


async def test_a_worker_left_behind_is_noticed_and_ended(double):
    """What a bot leaves running fails the test, and does not outlive it."""
    running = running_bot(double, bot("orphaning"))
    started = await running.__aenter__()
    assert len(started.members()) == 2
    with pytest.raises(AssertionError, match="processes left behind"):
        await running.__aexit__(None, None, None)
    assert started.members() == []


async def test_the_proxy_leads_nowhere_else(double):
    """A host that is not Discord's is refused, and remembered."""
    env = {**os.environ, **double.env, "https_proxy": double.env["PULLQUOTE_PROXY"]}
    code = "import urllib.request as u; u.urlopen('https://example.org/')"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=env, stderr=subprocess.DEVNULL
    )
    assert await process.wait() == 1
    assert double.refused_hosts == ["CONNECT example.org:443"]


@pytest.mark.parametrize(
    ("text", "allowed", "woken"),
    [
        ("<@1> <@!2> <@&3> @here", None, ["<@1>", "<@!2>", "<@&3>", "@here"]),
        ("<@1> <@&3> @everyone", {"parse": []}, []),
        ("<@1> <@2> @everyone", {"parse": [], "users": ["2"]}, ["<@2>"]),
        ("<@1> <@&3> @everyone", {"parse": ["roles", "everyone"]}, ["<@&3>", "@everyone"]),
        ("`<@1>` ```\n@everyone``` \\<@2>", None, ["<@2>"]),
        ("<#1> </ask:1> <t:1> everyone", None, []),
    ],
)
async def test_who_is_pinged(text, allowed, woken):
    """Mentions count unless they stand in code or are not allowed."""
    assert pings([text], allowed, None) == woken
