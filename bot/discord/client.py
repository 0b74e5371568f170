"""The bot: what it may see, what it is made of, and how it begins and ends."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.asking import Asking
from bot.conversation.desk import Desk
from bot.conversation.memory import Memory
from bot.conversation.scope import Scope
from bot.discord.admin import NOT_ALLOWED
from bot.discord.delivery import First, MessageReply, insist, refused
from bot.discord.tongues import Tongues
from bot.discord.turns import Turns
from bot.discord.views import notice
from index.errors import PullquoteError
from index.library import Library

COMMANDS = "commands"
"""Where the memory keeps a digest of the commands that Discord was told of."""
CHANGED = "This command has changed since Discord showed it to you; reload Discord, then try again."

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree["PullquoteBot"]):
    """The commands; each interaction is handled once, and what goes wrong is said."""

    async def interaction_check(self, interaction: discord.Interaction[PullquoteBot], /) -> bool:
        """Let an interaction through the first time it comes."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        return not self.client.memory.seen(interaction.id)

    async def on_error(
        self, interaction: discord.Interaction[PullquoteBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the asker alone."""
        await self.client.explain(interaction, error)


class PullquoteBot(commands.AutoShardedBot):
    """What every part stands on; ``parts`` add all that it does (see ``Part``).

    It asks for no privileged intent: Discord shows it the text of what mentions it, replies to it
    with a ping, or is sent to it directly, and nothing else.
    """

    tree: Tree

    def __init__(
        self,
        library: Library,
        memory: Memory,
        scope: Scope,
        *,
        parts: Sequence[Part],
        proxy: str | None = None,
        connector: aiohttp.BaseConnector | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            proxy=proxy,
            connector=connector,
        )
        self.library = library
        self.memory = memory
        self.scope = scope
        self.first = First()
        self.desk = Desk()
        self.turns = Turns()
        self.asking = Asking(library, memory, scope, self.desk)
        self._parts = parts
        self._kept: set[asyncio.Task[None]] = set()
        self._underway: set[asyncio.Task[Any]] = set()
        self.stopping = asyncio.Event()

    # What it is made of

    async def setup_hook(self) -> None:
        """Make everything ready before Discord sends the first event."""
        tongues = Tongues()
        await self.tree.set_translator(tongues)
        for part in self._parts:
            await part(self)
        await self._warm()
        await self._sync_commands(tongues)

    def keep(self, service: Coroutine[Any, Any, None], name: str) -> None:
        """Run a service until the bot closes; one that fails is logged, and the bot goes on."""
        task = asyncio.create_task(service, name=name)
        self._kept.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._kept.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the service %s failed", task.get_name(), exc_info=error)

    async def _warm(self) -> None:
        """Load the models and the index, so that the first question is as quick as the others."""
        try:
            await self.desk.run(lambda: self.library.ask("What is new?", top=1))
        except PullquoteError as exc:
            log.error("%s; until then I can't answer", exc)

    async def _sync_commands(self, tongues: Tongues) -> None:
        """Tell Discord of the commands if they changed: it allows 200 creations a day."""
        commands = self.tree.get_commands()
        every = [await each.get_translated_payload(self.tree, tongues) for each in commands]
        told = json.dumps([self.application_id, every], sort_keys=True)
        digest = hashlib.sha256(told.encode()).hexdigest()
        if self.memory.meta(COMMANDS) == digest:
            return
        try:
            await insist(self.tree.sync)
        except discord.HTTPException as exc:
            refused(exc, "the list of commands", None)
            return
        self.memory.set_meta(COMMANDS, digest)
        log.info("told Discord of %d commands", len(every))

    # How it goes

    async def on_ready(self) -> None:
        """Say that it is there."""
        log.info("ready: %d servers, %d shards", len(self.guilds), self.shard_count or 1)

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the parts: there are no commands with a prefix."""

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log a bug in a listener, and say so to who waits for an answer."""
        log.exception("in %s", event_method)
        message = args[0] if args else None
        if not isinstance(message, discord.Message) or message.author.bot:
            return
        if message.guild is None or self.user in message.mentions:
            await MessageReply(message, message.channel).say(notice(words.BUG))

    async def explain(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell the asker alone what went wrong with an interaction."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, discord.HTTPException):
            refused(error, "an answer", interaction.channel_id)
            return
        view = notice(_words(error))
        try:
            if interaction.response.is_done():
                await interaction.followup.send(view=view, ephemeral=True)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)
        except discord.HTTPException as exc:
            refused(exc, "an apology", interaction.channel_id)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("an apology was lost: %s", type(exc).__name__)

    # How it ends

    @contextmanager
    def underway(self) -> Iterator[None]:
        """Mark the current task as an answer that should be finished before the bot stops."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be finished")
        self._underway.add(task)
        try:
            yield
        finally:
            self._underway.discard(task)

    async def finish(self, patience_s: float) -> None:
        """Finish the answers that are being looked for, for so long at the most; then close."""
        self.stopping.set()
        self.desk.close()
        try:
            async with asyncio.timeout(patience_s):
                while self._underway:
                    await asyncio.wait(self._underway)
        except TimeoutError:
            log.warning("%d answers were not finished in time", len(self._underway))
        await self.close()

    async def close(self) -> None:
        """End the services and the connection."""
        kept = list(self._kept)
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)
        self.desk.close()
        await super().close()


Part: TypeAlias = Callable[[PullquoteBot], Awaitable[None]]
"""Adds to the bot before it connects: commands by ``bot.add_cog`` or ``bot.tree``, services by
``bot.keep``, listeners by ``bot.add_listener``."""


def _words(error: Exception) -> str:
    """What an asker is told of an error; of a bug, the log is told more."""
    if isinstance(error, PullquoteError):
        return words.of_fault(error)
    if isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
        return CHANGED
    if isinstance(error, app_commands.CheckFailure):
        return NOT_ALLOWED
    log.error("in an interaction", exc_info=error)
    return words.BUG
