"""The program as it is against the loopback Discord, through every fault: nothing lost or doubled.

Most tests share one bot, which each must leave in health; each has a channel and a person of its
own. Whatever was asked must have been answered once at the end of the test, and of the module.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from discord_double import Channel, Double, Message, Reaction, RunningBot, User, running_bot
from discord_double.faults import Faults
from filelock import FileLock

from bot.commands.discord import LOG_IN
from bot.conversation import words
from bot.conversation.memory import Memory
from bot.conversation.unfinished import Unfinished
from bot.discord.articles import RESUMED
from bot.discord.run import INTENT, LIMIT_S, LOGIN
from index import Library

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.model,
    pytest.mark.xdist_group("bot_e2e"),
]

BOT = [Path(sys.executable).parent / "pullquote", "bot"]
QUESTION, QUOTED = "Who vetoed the ceasefire?", "vetoed"
POSTS, ACKS, EDITS = (
    "POST /channels/*/messages",
    "POST /interactions/*/callback",
    "PATCH /webhooks/*",
)
PATIENCE_S = 60.0
ORCHARD = "Mayor Adaeze Okafor opened the Zanzibar orchard on Monday with 45 guests."
PEOPLE = 1000  # one for each question that is asked while an index is replaced


def final(reaction: Reaction) -> bool:
    """Whether more stands there than a place in the line."""
    return any("Busy" not in said.text for said in reaction.messages)


def waits(reaction: Reaction) -> bool:
    """Whether a place in the line was told."""
    return any("Busy" in str([said.text, *said.versions]) for said in reaction.messages)


@dataclass
class Shared:
    """What the tests share: a Discord, the bot in it, people who have not asked yet."""

    double: Double
    bot: RunningBot
    index: Path
    followed: Path
    people: Iterator[User]
    asked: list[Reaction] = field(default_factory=list)


@dataclass
class Here:
    """A channel and a person of one test."""

    shared: Shared
    channel: Channel
    user: User
    asked: list[Reaction] = field(default_factory=list)

    @property
    def double(self) -> Double:
        """The Discord."""
        return self.shared.double

    async def mention(self, question: str = QUESTION, user: User | None = None) -> Reaction:
        """Ask by a mention, and do not wait for the answer."""
        asked = await self.double.mention(
            question, channel=self.channel, user=user or self.user, until=None
        )
        self.asked.append(asked)
        return asked

    async def ask(self, question: str = QUESTION, user: User | None = None) -> Reaction:
        """Ask by the command, and do not wait for the answer."""
        asked = await self.double.slash(
            "ask",
            {"question": question},
            channel=self.channel,
            user=user or self.user,
            until=None,
        )
        self.asked.append(asked)
        return asked

    async def answered(self) -> list[Message]:
        """Wait for the answers to all that was asked so far; there is one to each."""
        return [(await each.until(final, PATIENCE_S)).message for each in self.asked]

    async def both_answered(self) -> None:
        """Ask in both ways at the same time; the article is quoted."""
        await self.mention()
        await self.ask()
        assert all(QUOTED in said.text for said in (await self.answered())[-2:])


def copied(seed_index: Path, folder: Path) -> Path:
    """An index of the seeds that is written to, with links to the models, which are not."""
    shutil.copytree(seed_index / "models", folder / "models", copy_function=os.link)
    ignored = shutil.ignore_patterns("models")
    return Path(shutil.copytree(seed_index, folder, ignore=ignored, dirs_exist_ok=True))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    seed_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shared]:
    """A bot that runs for the whole module, over the seeds and a folder that begins empty."""
    folder = tmp_path_factory.mktemp("e2e")
    index, followed = copied(seed_index, folder / "index"), folder / "followed"
    followed.mkdir()
    library = Library(index)
    await asyncio.to_thread(library.sync, [followed])
    library.close()
    # Discord waits longer than the double by default, for a machine that is busy with other tests.
    async with Double(folder, heartbeat_limit_s=20) as double:
        people = iter([double.add_user(f"reader-{number}") for number in range(PEOPLE)])
        async with running_bot(double, BOT, {"PULLQUOTE_INDEX": str(index)}) as bot:
            shared = Shared(double, bot, index, followed, people)
            yield shared
        assert [len(each.messages) for each in shared.asked] == [1] * len(shared.asked)
        assert double.refused_hosts == []


@pytest_asyncio.fixture(loop_scope="module")
async def here(shared: Shared, request: pytest.FixtureRequest) -> AsyncIterator[Here]:
    """A place in the shared Discord, which finds nothing wrong with what the bot does."""
    double = shared.double
    name = request.node.name.removeprefix("test_")[:90]
    here = Here(shared, await double.add_channel(name), next(shared.people))
    try:
        yield here
        await here.answered()
        assert double.violations == []
        assert double.faults.pending == []
    finally:
        double.violations.clear()
        double.faults = Faults()
        shared.asked += here.asked


@pytest_asyncio.fixture(loop_scope="module")
async def double(tmp_path: Path) -> AsyncIterator[Double]:
    """A Discord of one test alone."""
    async with Double(tmp_path) as double:
        yield double
        assert double.refused_hosts == []


# The ways to ask


async def test_a_question_is_answered_and_its_buttons_work(here: Here):
    """By mention, command and button; acknowledged in time."""
    said = await here.mention()
    await here.ask()
    answer, _ = await here.answered()
    assert answer.reply_to is said.trigger
    context = await here.double.click(answer, "Context", user=here.user)
    assert QUOTED in context.message.text
    assert max(here.double.ack_times) < 3


async def test_the_menus_leave_out_the_mention_of_the_bot(here: Here):
    """Also where the message was one that the bot answered."""
    said = await here.mention("China on Monday vetoed a UN Security Council resolution")
    await here.answered()
    asked = await here.double.message_command("Ask about this", said.trigger, user=here.user)
    assert "quoter" not in (await asked.until(final)).message.text
    checked = await here.double.message_command("Check this quote", said.trigger, user=here.user)
    assert "Word for word" in (await checked.until(final)).message.text


async def test_a_server_adds_lists_and_removes_articles(here: Here):
    """Its titles and who added them are shown as Discord allows; what is removed is gone."""
    double, by = here.double, {"channel": here.channel, "user": here.double.manager}
    file = ("market.txt", b"The market\nThe covered market of Kyoto closed for 12 weeks.\n")
    added = await double.slash("articles add", {"file": file}, until=final, **by)
    assert "The market" in added.message.text
    listed = await double.slash("articles list", until=final, **by)
    assert f"added by {double.manager.mention}" in listed.message.text
    found = await double.slash("articles search", {"words": "market"}, until=final, **by)
    assert "The market" in found.message.text
    offered = await double.autocomplete("articles remove", "article", "market", **by)
    assert [each["value"] for each in offered] == ["market.txt"]
    gone = await double.slash("articles remove", {"article": "market.txt"}, until=final, **by)
    assert "1 article" in gone.message.text


# The gateway


async def test_op_7(here: Here):
    """The bot comes back and resumes; what runs goes on, what is asked meanwhile is heard."""
    gateway = here.double.gateway
    before, identified = gateway.resumes, gateway.identifies
    await here.mention()
    await gateway.reconnect()
    await here.mention()
    await here.ask()
    await here.answered()
    await here.double.until(lambda: gateway.resumes == before + 1)
    assert gateway.identifies == identified


async def test_missed_events_are_heard_by_resuming(here: Here):
    """Messages and commands that were sent while the line was down."""
    gateway = here.double.gateway
    before, identified = gateway.resumes, gateway.identifies
    async with gateway.down():
        await here.double.until(lambda: gateway.knocking > 0)
        await here.mention()
        await here.ask()
        await here.mention()
    await here.answered()
    assert (gateway.resumes, gateway.identifies) == (before + 1, identified)


async def test_an_invalid_session_that_can_be_resumed(here: Here):
    """It is."""
    gateway = here.double.gateway
    before, identified = gateway.resumes, gateway.identifies
    await here.mention()
    await gateway.invalidate(resumable=True)
    await here.mention()
    await here.answered()
    await here.double.until(lambda: gateway.resumes == before + 1)
    assert gateway.identifies == identified


async def test_an_invalid_session_that_cannot_be_resumed(here: Here):
    """The bot begins a new one; what runs is answered, the commands are not told again."""
    gateway = here.double.gateway
    ready, synced = gateway.ready, commands_told(here.double)
    asked = await here.ask()
    await asked.until(lambda each: each.acknowledged)
    await gateway.invalidate(resumable=False)
    await here.answered()
    await here.double.until(lambda: gateway.ready == ready + 1)
    await here.both_answered()
    assert commands_told(here.double) == synced


async def test_close_4000(here: Here):
    """The bot resumes."""
    gateway = here.double.gateway
    before, identified = gateway.resumes, gateway.identifies
    await here.mention()
    await gateway.close(4000)
    await here.mention()
    await here.answered()
    assert (gateway.resumes, gateway.identifies) == (before + 1, identified)


async def test_a_line_that_breaks_without_a_word(here: Here):
    """Twice in a row; the bot connects again each time."""
    gateway = here.double.gateway
    before = gateway.resumes
    for number in (1, 2):
        gateway.cut()
        await here.mention()
        await here.answered()
        assert gateway.resumes == before + number


def commands_told(double: Double) -> int:
    """How often Discord was told of the commands."""
    return sum(asked.method == "PUT" for asked in double.requests)


# The interface: at each place where an answer passes, one fault

EVERYWHERE: dict[str, Callable[[Faults, str], None]] = {
    "429": lambda faults, at: faults.rate_limit(at),
    "429 without Retry-After": lambda faults, at: faults.rate_limit(at, header=False),
    "429 everywhere": lambda faults, at: faults.rate_limit(at, everywhere=True),
    "429 without Via": lambda faults, at: faults.rate_limit(at, via=False, retry_after=1),
    "429 without Via and Retry-After": lambda faults, at: faults.rate_limit(
        at, via=False, header=False
    ),
    "500": lambda faults, at: faults.status(at, 500),
    "502": lambda faults, at: faults.status(at, 502),
    "a slow answer": lambda faults, at: faults.slow(at, 1.0),
    "cut after it was done": lambda faults, at: faults.cut(at),
    "cut before it was done": lambda faults, at: faults.cut(at, done=False),
}


@pytest.mark.parametrize("fault", EVERYWHERE)
async def test_an_answer_outlasts(here: Here, fault: str):
    """A post, an acknowledgement and an edit that Discord fails once each."""
    for place in (POSTS, ACKS, EDITS):
        EVERYWHERE[fault](here.double.faults, place)
    await here.both_answered()


async def test_a_command_that_expired(here: Here):
    """It can't be answered; the next one is."""
    late = await here.double.slash(
        "ask",
        {"question": QUESTION},
        channel=here.channel,
        user=here.user,
        expired=True,
        until=None,
    )
    await here.double.until(lambda: "404 (10062)" in here.shared.bot.written)
    assert not late.acknowledged
    await here.both_answered()
    assert late.messages == []


async def test_a_question_that_is_deleted_before_the_answer(here: Here):
    """The answer comes without a reference."""
    here.double.faults.rate_limit(POSTS, retry_after=0.7)
    asked = await here.mention()
    await here.double.until(lambda: bool(here.double.faults.met))
    await here.double.delete(asked.trigger)
    (answer,) = await here.answered()
    assert answer.reply_to is None
    assert QUOTED in answer.text


@pytest.mark.parametrize("code", [50001, 50013])
async def test_a_channel_without_permission(here: Here, code: int):
    """There nobody can be told, and it is tried once; commands are answered, other channels too."""
    await here.double.forbid(here.channel, code, announced=True)
    refused = await here.double.mention(QUESTION, channel=here.channel, user=here.user, until=None)
    posts = f"/channels/{here.channel.id}/messages"
    told = f"reply in {here.channel.id} refused by Discord: 403 ({code})"
    await here.double.until(lambda: told in here.shared.bot.written)
    await here.ask()
    here.channel = here.double.channel
    await here.mention()
    await here.answered()
    assert [asked.path for asked in here.double.requests].count(posts) == 1
    assert refused.messages == []


# The index


async def test_an_index_that_is_replaced_while_asked(here: Here):
    """Another process writes it all anew; what is asked meanwhile is answered."""
    library = Library(here.shared.index)
    before = library.revision
    rebuilding = await asyncio.create_subprocess_exec(
        *(BOT[0], "--index", here.shared.index, "index", "--rebuild"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    meanwhile = 0
    while rebuilding.returncode is None or library.revision == before:
        assert rebuilding.returncode in (None, 0)
        meanwhile += rebuilding.returncode is None
        user = next(here.shared.people)
        asked = await here.mention(user=user) if meanwhile % 2 else await here.ask(user=user)
        await asked.until(final, PATIENCE_S)
    await here.both_answered()
    assert meanwhile > 2
    assert all(QUOTED in said.text for said in await here.answered())
    library.close()


async def test_an_article_that_is_dropped_into_a_folder(here: Here):
    """The bot takes it by itself, posts it where it was waited for, and answers from it."""
    await here.double.slash(
        "follow", {"question": "Who opened the orchard?"}, channel=here.channel, user=here.user
    )
    path = here.shared.followed / "orchard.txt"
    path.write_text(f"The orchard\n{ORCHARD}\nIt was a cold day.\n", "utf-8")
    messages = here.double.messages
    await here.double.until(lambda: "45 guests" in messages(here.channel)[-1].text, PATIENCE_S)
    asked = await here.ask("Who opened the Zanzibar orchard?")
    await asked.until(final)
    assert "45 guests" in asked.message.text
    assert sum("45 guests" in said.text for said in messages(here.channel)) == 2


async def test_an_index_that_is_missing_at_first(seed_index: Path, double: Double, tmp_path: Path):
    """The bot says so, and answers once there is one."""
    index = tmp_path / "late"
    index.mkdir()
    async with running_bot(double, BOT, {"PULLQUOTE_INDEX": str(index)}):
        assert (await double.mention(QUESTION)).message.text == words.NO_INDEX
        copied(seed_index, index)
        assert QUOTED in (await double.mention(QUESTION)).message.text
        asked = await double.slash("ask", {"question": QUESTION})
        assert QUOTED in (await asked.until(final)).message.text
    assert double.violations == []


# Its beginning and its end


@pytest.mark.parametrize(("token", "said"), [("", LOG_IN), ("wrong", LOGIN)])
async def test_without_the_right_token_one_line_says_what_to_do(
    double: Double, token: str, said: str
):
    """With exit code 1."""
    env = {"PULLQUOTE_DISCORD_TOKEN": token}
    async with running_bot(double, BOT, env, ready=False) as running:
        assert await running.ended(PATIENCE_S) == 1
    assert running.written.splitlines()[-1] == f"pullquote: {said}"
    assert "Traceback" not in running.written
    assert double.violations == []


async def test_refused_intents_end_the_bot(double: Double):
    """With a line that says what to do, and exit code 1."""
    async with running_bot(double, BOT) as running:
        await double.gateway.close(4014)
        assert await running.ended(PATIENCE_S) == 1
    assert running.written.splitlines()[-1] == f"pullquote: {INTENT}"
    assert "Traceback" not in running.written


async def test_a_stop_while_articles_are_added(seed_index: Path, double: Double, tmp_path: Path):
    """It ends soon whatever runs; the next start finishes it and says so where it was asked, once.

    What runs waits for another writer, for a minute, and can't be hurried.
    """
    index = copied(seed_index, tmp_path / "index")
    env = {"PULLQUOTE_INDEX": str(index)}
    file = ("market.txt", b"The market\nThe covered market of Kyoto closed for 12 weeks.\n")
    by = {"channel": double.channel, "user": double.manager}
    async with running_bot(double, BOT, env) as bot:
        with FileLock(index / "writer.lock"):
            asked = await double.slash("articles add", {"file": file}, until=None, **by)
            saved = index / f".servers/server-{double.guild.id}/market.txt"
            await double.until(saved.exists, PATIENCE_S)
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended(LIMIT_S + 30) == 0
        assert asked.message.text == RESUMED
    about = f"What {double.manager.mention} added before I was restarted: market.txt"

    def told() -> list[str]:
        said = [each.text for each in double.messages(double.channel)]
        return [text for text in said if about in text]

    async with running_bot(double, BOT, env):
        await double.until(lambda: bool(told()), PATIENCE_S)
        listed = await double.slash("articles list", until=final, **by)
        assert f"added by {double.manager.mention}" in listed.message.text
    (text,) = told()
    assert "**New or changed**: 1 article\n- The market" in text
    with closing(Memory(index / "discord.sqlite")) as memory:
        assert Unfinished(memory).every() == []


async def test_sigterm_finishes_what_runs(here: Here):
    """Who waits is turned away; no process stays. The last test: it ends the bot of all others."""
    questions = [f"{QUESTION} {'please ' * number}" for number in range(8)]
    for question in questions:
        await here.ask(question, user=next(here.shared.people))
    # Who is told a place in the line was overtaken by those whose answer is being looked for.
    await here.double.until(lambda: any(map(waits, here.asked)), PATIENCE_S)
    here.shared.bot.process.send_signal(signal.SIGTERM)
    assert await here.shared.bot.ended(PATIENCE_S) == 0
    assert here.shared.bot.members() == []
    said = [message.text for message in await here.answered()]
    turned_away = ["restarted" in text for text in said]
    assert [QUOTED in text for text in said] == [not away for away in turned_away]
    assert not all(turned_away)
