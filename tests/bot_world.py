"""A server in a simulated Discord, with the real bot in it, over a real library."""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import simcord
from encoders import WordEncoder

from bot.conversation.memory import Memory
from bot.conversation.scope import Scope
from bot.discord.client import Part, PullquoteBot
from bot.discord.parts import questions
from index import Library
from index.ask.judge import FusionJudge, Judge, Judged
from index.ask.search import Hit, Question
from index.store.engine import Revision

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
QUESTION = "who vetoed the ceasefire?"
VETO = "Russia and China vetoed the ceasefire on Monday."
ARTICLES = {
    "city/veto.md": (
        "---\ntitle: Veto\noutlet: Herald\ndate: 2016-12-06\nurl: https://example.org/veto\n---\n"
        f"The council met in winter.\n{VETO}\nThe mayor spoke.\n"
    ),
    "city/again.md": (
        "---\ntitle: Again\noutlet: Harbour Post\ndate: 2016-12-09\n---\n"
        "The minister spoke of the ceasefire.\n"
    ),
    "secret/orchard.md": (
        "---\ntitle: Orchard\noutlet: Secret Weekly\ndate: 2016-12-07\n---\n"
        f"The judge opened the orchard on Sunday.\n{VETO}\n"
    ),
}


class Gate(FusionJudge):
    """Judges when it is let, and fails as only a bug does where the question says so."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.asked: list[str] = []

    def judge(
        self, question: Question, found: Sequence[Hit], top: int, revision: Revision, /
    ) -> Judged:
        """Wait for the gate, then judge as ever."""
        self.open.wait(20)
        self.asked.append(question.text)
        if "bug" in question.text:
            raise KeyError("bug")
        return super().judge(question, found, top, revision)


def write(folder: Path, articles: Mapping[str, str] = ARTICLES) -> list[Path]:
    """Write articles; return the folders to follow."""
    for name, text in articles.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sorted({folder / Path(name).parts[0] for name in articles})


def library(folder: Path, *, judge: Judge | None = None) -> Library:
    """A library with the articles above."""
    made = Library(folder / "index", encoder=WordEncoder(), judge=judge or FusionJudge())
    made.sync(write(folder / "articles"))
    return made


@dataclass
class World:
    """What a test acts on: ``alice`` is a member of ``guild``, and ``channel`` is in it."""

    env: simcord.Env
    bot: PullquoteBot
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    alice: simcord.MemberActor

    @property
    def me(self) -> str:
        """How the bot is mentioned."""
        assert self.bot.user is not None
        return self.bot.user.mention

    async def ask(self, text: str, **kwargs: Any) -> discord.Message:
        """Mention the bot; return the last message of the channel."""
        await self.alice.send(kwargs.pop("channel", self.channel), f"{self.me} {text}", **kwargs)
        return self.last()

    def last(self) -> discord.Message:
        """The last message of the channel."""
        assert self.channel.last_message is not None
        return self.channel.last_message

    def sent(self, method: str, path: str) -> list[Any]:
        """The JSON of each request of the bot to paths that hold ``path``."""
        return [
            each.json
            for each in self.env.http_requests
            if each.method == method and path in each.path
        ]


@asynccontextmanager
async def world(
    library: Library,
    memory: Memory,
    *,
    private: Mapping[str, Iterable[int]] | None = None,
    parts: Iterable[Part] = (),
    **options: Any,
) -> AsyncIterator[World]:
    """Run the bot in a server, as Discord would with no privileged intent."""
    bot = new_bot(library, memory, private, parts)
    # simcord waits five seconds by default; another process reads files, on a busy machine longer.
    waits = {"settle_timeout": 60.0}
    options = {"shard_count": 1, "approved_intents": INTENTS, **waits, **options}
    async with simcord.run(bot, **options) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("news")
        yield World(env, bot, guild, channel, guild.add_member(env.create_user("alice")))


def new_bot(
    library: Library,
    memory: Memory,
    private: Mapping[str, Iterable[int]] | None = None,
    parts: Iterable[Part] = (),
) -> PullquoteBot:
    """The bot, not yet running; it can be asked."""
    if private:  # their owner names all, as one of them is private
        library.set_readers(dict.fromkeys(library.collections()))
        library.set_readers({label: frozenset(ids) for label, ids in private.items()})
    return PullquoteBot(library, memory, Scope(library), parts=(questions, *parts))


def text(message: Any) -> str:
    """All that a message says, a line for each text; days as 2016-12-08."""
    told = "\n".join(_texts([_raw(each) for each in message.components]))
    return re.sub(r"<t:(\d+):D>", lambda match: _day(int(match[1])), told)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def labels(message: Any) -> list[str]:
    """The labels of the buttons of a message."""
    return [each["label"] for each in _walk([_raw(one) for one in message.components], 2)]


def _raw(component: Any) -> dict[str, Any]:
    return component if isinstance(component, dict) else component.to_dict()


def _texts(components: list[dict[str, Any]]) -> Iterator[str]:
    yield from (each["content"] for each in _walk(components, 10))


def _walk(components: Iterable[dict[str, Any]], kind: int) -> Iterator[dict[str, Any]]:
    for each in components:
        if each["type"] == kind:
            yield each
        accessory = [each["accessory"]] if "accessory" in each else []
        yield from _walk([*each.get("components", []), *accessory], kind)
