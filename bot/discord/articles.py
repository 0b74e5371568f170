"""/articles: what a server adds goes into a folder of its own, which no other server sees."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.desk import TurnedAwayError
from bot.conversation.ledger import Ledger
from bot.conversation.shelf import Change, Held, Shelf, check_attachment
from bot.conversation.unfinished import Addition, Unfinished
from bot.discord import lists
from bot.discord.admin import NOT_ALLOWED, check_manager, is_manager
from bot.discord.choices import CHOICE, CHOICES
from bot.discord.client import PullquoteBot
from bot.discord.delivery import insist, refused
from bot.discord.views import layout
from bot.render import discord as render
from bot.render.discord_text import line, shown
from index.errors import PullquoteError

GIVE_ONE = "Give me either a file or a link."
RESTARTED = "I am being restarted; ask again in a moment."
RESUMED = "I am being restarted; what becomes of this I say here when I am back."
ABOUT = "-# What <@{person}> added before I was restarted: {source}"
SOURCE = 200
"""Characters of the name of a file, or of a link, that is told of."""

log = logging.getLogger(__name__)


@app_commands.guild_install()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class Articles(commands.GroupCog, group_name="articles"):
    """Adds, lists and removes a server's articles, and says what there is."""

    def __init__(self, bot: PullquoteBot, *, allow_private: bool = False) -> None:
        self._bot = bot
        self._allow_private = allow_private
        self._changing = asyncio.Lock()
        self._ledger = Ledger(bot.memory)
        self._unfinished = Unfinished(bot.memory)

    async def cog_load(self) -> None:
        """Hear the buttons of lists, also of those that were shown before a restart."""
        self._bot.add_dynamic_items(ListButton)

    def shelf(self, server: int) -> Shelf:
        """The articles of a server."""
        bot = self._bot
        return Shelf(
            *(bot.library, bot.scope, self._ledger, self._unfinished, server),
            allow_private=self._allow_private,
        )

    @app_commands.command()
    @app_commands.describe(file="An article, or a file of many.", link="The page of an article.")
    async def add(
        self,
        interaction: discord.Interaction[PullquoteBot],
        file: discord.Attachment | None = None,
        link: app_commands.Range[str, 1, 2000] | None = None,
    ) -> None:
        """Add an article for this server, by a file or a link."""
        server = await self._begin(interaction)
        shelf = self.shelf(server)
        if (file is None) == (link is None):
            raise PullquoteError(GIVE_ONE)
        if file is not None:
            check_attachment(file.filename, file.size)
        addition = Addition(
            *(server, interaction.channel_id or 0, interaction.user.id),
            source=file.filename if file else link or "",
            file=file is not None,
            after=await asyncio.to_thread(shelf.last_filed),
        )
        with self._bot.underway(), self._noted(addition):
            if file is not None:
                content = await insist(file.read)
                change = await self._change(shelf.take_file, addition, content, stopped=RESUMED)
            else:
                change = await self._change(shelf.take_page, addition, stopped=RESUMED)
            await self._say(interaction, lists.change(change))

    async def resume(self) -> None:
        """Finish or undo what was being added when the bot was ended, and tell its channel."""
        await self._bot.wait_until_ready()
        for addition in self._unfinished.every():
            shelf = self.shelf(addition.server)
            try:
                message = lists.change(await self._change(shelf.finish, addition))
            except TurnedAwayError:
                return  # it stays noted
            except PullquoteError as exc:
                message = render.notice(words.of_fault(exc))
            await self._tell(addition, message)
            self._unfinished.end(addition)

    @app_commands.command(name="list")
    async def list_own(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """List the articles that this server added, who added them, and when."""
        shelf = self.shelf(await self._begin(interaction))
        await self._say(
            interaction, lists.listing(await asyncio.to_thread(shelf.own), lists.OWN, 0)
        )

    @app_commands.command()
    @app_commands.describe(words="Words of the title, the outlet or the author.")
    async def search(
        self,
        interaction: discord.Interaction[PullquoteBot],
        words: app_commands.Range[str, 1, lists.WORDS],
    ) -> None:
        """Find articles by their title, outlet or author."""
        server = await self._begin(interaction)
        seen = (await self._bot.asking.place(server)).collections
        held = await asyncio.to_thread(self.shelf(server).search, words, seen)
        await self._say(interaction, lists.listing(held, lists.ALL, 0, words))

    @app_commands.command()
    @app_commands.describe(article="A file or link that was added; all articles in it go.")
    async def remove(self, interaction: discord.Interaction[PullquoteBot], article: str) -> None:
        """Remove an article that this server added."""
        shelf = self.shelf(await self._begin(interaction))
        with self._bot.underway():
            await self._say(interaction, lists.change(await self._change(shelf.remove, article)))

    @remove.autocomplete("article")
    async def offered(
        self, interaction: discord.Interaction[PullquoteBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """The files and links that hold what was typed, with a title from each."""
        if not is_manager(interaction, self._bot.memory) or interaction.guild_id is None:
            return []
        try:
            sources = await asyncio.to_thread(self.shelf(interaction.guild_id).sources)
        except PullquoteError as exc:
            words.of_fault(exc)
            return []
        named = {source: _named(source, held) for source, held in sources.items()}
        wanted = typed.casefold().strip()
        return [
            app_commands.Choice(name=name, value=source)
            for source, name in named.items()
            if len(source) <= CHOICE and wanted in f"{name} {source}".casefold()
        ][:CHOICES]

    @app_commands.command()
    async def status(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """Say what this server is answered from."""
        place = await self._bot.asking.place(await self._begin(interaction))
        status = await asyncio.to_thread(self._bot.library.status, place.collections)
        await self._say(interaction, render.status(status))

    @app_commands.command(name="update")
    async def read_folders(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """Read what is new or changed in the folders of articles now."""
        shelf = self.shelf(await self._begin(interaction))
        with self._bot.underway():
            await self._say(interaction, lists.change(await self._change(shelf.update)))

    async def _begin(self, interaction: discord.Interaction[PullquoteBot]) -> int:
        """Let managers go on, and acknowledge; return the server."""
        check_manager(interaction, self._bot.memory)
        if interaction.guild_id is None:
            raise PullquoteError(NOT_ALLOWED)
        await interaction.response.defer(thinking=True, ephemeral=True)
        return interaction.guild_id

    async def _change(
        self, do: Callable[..., Change], *args: Any, stopped: str = RESTARTED
    ) -> Change:
        """Change what is on the shelves, one after the other; told to stop, don't wait for it.

        Raises:
            TurnedAwayError: the bot stops, which is said by ``stopped``.
            Whatever the change raises.
        """

        async def in_turn() -> Change:
            async with self._changing:
                if self._bot.stopping.is_set():
                    raise TurnedAwayError(stopped)
                return await asyncio.to_thread(do, *args)

        work = asyncio.create_task(in_turn())
        stopping = asyncio.create_task(self._bot.stopping.wait())
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise TurnedAwayError(stopped)
            return await work
        finally:
            work.cancel()  # what its thread has begun goes on until the process ends
            stopping.cancel()

    @contextmanager
    def _noted(self, addition: Addition) -> Iterator[None]:
        """Keep a note of an addition until its end is told, unless the bot stops before."""
        self._unfinished.begin(addition)
        try:
            yield
        except (asyncio.CancelledError, TurnedAwayError):
            raise
        except BaseException:
            self._unfinished.end(addition)
            raise
        self._unfinished.end(addition)

    async def _tell(self, addition: Addition, message: render.Message) -> None:
        """Say in the channel of an addition what became of it."""
        about = ABOUT.format(person=addition.person, source=line(addition.source, SOURCE))
        view = layout(replace(message, texts=(render.Text(about), *message.texts)))
        where = self._bot.get_partial_messageable(addition.channel, guild_id=addition.server)
        try:
            await insist(lambda: where.send(view=view, nonce=addition.key))
        except discord.HTTPException as exc:
            refused(exc, "a report", addition.channel)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("a report was lost: %s", type(exc).__name__)

    async def _say(
        self, interaction: discord.Interaction[PullquoteBot], message: render.Message
    ) -> None:
        """Report; in the channel, if it took longer than an interaction lives."""
        view = layout(message)
        try:
            if not interaction.is_expired():
                await insist(lambda: interaction.edit_original_response(view=view))
            elif isinstance(interaction.channel, discord.abc.Messageable):
                await interaction.channel.send(view=view)
        except discord.HTTPException as exc:
            refused(exc, "a report", interaction.channel_id)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("a report was lost: %s", type(exc).__name__)


class ListButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"pql:(?P<which>{'|'.join(lists.LISTS)}):(?P<page>\d{{1,5}}):(?P<words>.{{0,{lists.WORDS}}})",
):
    """Turns the page of a list, in place."""

    def __init__(self, item: discord.ui.Button[Any], which: str, page: int, words: str) -> None:
        super().__init__(item)
        self._which = which
        self._page = page
        self._words = words

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> ListButton:
        """Read the id."""
        if not isinstance(item, discord.ui.Button):
            raise TypeError(f"{match[0]} is the id of a button, not of {item!r}")
        return cls(item, match["which"], int(match["page"]), match["words"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page, to who may still see it."""
        bot: PullquoteBot = interaction.client
        try:
            check_manager(interaction, bot.memory)
            server = interaction.guild_id or 0
            articles = bot.get_cog(Articles.__cog_name__)
            if not isinstance(articles, Articles):
                raise TypeError("a list without its command")
            shelf = articles.shelf(server)
            await interaction.response.defer()
            if self._which == lists.OWN:
                held = await asyncio.to_thread(shelf.own)
            else:
                seen = (await bot.asking.place(server)).collections
                held = await asyncio.to_thread(shelf.search, self._words, seen)
            view = layout(lists.listing(held, self._which, self._page, self._words))
            await insist(lambda: interaction.edit_original_response(view=view))
        except Exception as exc:  # noqa: BLE001 - the last resort, which says so
            await bot.explain(interaction, exc)


def _named(source: str, held: Sequence[Held]) -> str:
    """What an offer is called: a title, how many more there are, and the file."""
    title = shown(" ".join(held[0].article.title.split())) or source
    more = f" and {len(held) - 1} more" if len(held) > 1 else ""
    return f"{title[: CHOICE - len(more)]}{more}"
