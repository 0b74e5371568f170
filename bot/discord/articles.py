"""/articles: what a server adds goes into a folder of its own, which no other server sees."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.admin import NOT_ALLOWED, check_manager
from bot.discord.client import PullquoteBot
from bot.discord.delivery import insist, refused
from bot.discord.views import layout
from bot.render import discord as render
from index.errors import ArticleError, PullquoteError, StoreLockedError
from index.formats import SUFFIXES, readable
from index.formats.isolated import read
from index.ingest.sync import Report
from index.records import Article
from index.store import private
from index.web.run import Report as Fetching
from index.web.web import Web

MOST_BYTES = 25 * 2**20
"""The largest file that is taken: what an attachment of ordinary members may have."""
WAIT_S = 60.0
"""How long to wait for another process that writes to the index."""
GIVE_ONE = "Give me either a file or a link."
TOO_LARGE = "That file has {size:.0f} MB; I take up to {most:.0f} MB."
UNKNOWN_KIND = "I can't read that kind of file. I read {known}."
NO_ARTICLE = "There is no article in that: {reason}."
NOT_SAVED = "I can't save that ({reason}). Whoever runs me: is the disk full?"
LATER = "Another program is bringing my articles up to date; ask again in a minute."
NOT_FETCHED = "I could not get that page: {reason}."

log = logging.getLogger(__name__)


class Articles(commands.GroupCog, group_name="articles"):
    """Adds articles, and says what there is."""

    def __init__(self, bot: PullquoteBot, *, allow_private: bool = False) -> None:
        self._bot = bot
        self._allow_private = allow_private
        self._syncing = asyncio.Lock()

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.guild_install()
    @app_commands.describe(file="An article, or a file of many.", link="The page of an article.")
    async def add(
        self,
        interaction: discord.Interaction[PullquoteBot],
        file: discord.Attachment | None = None,
        link: app_commands.Range[str, 1, 2000] | None = None,
    ) -> None:
        """Add an article for this server, by a file or a link."""
        guild = await self._begin(interaction)
        if (file is None) == (link is None):
            raise PullquoteError(GIVE_ONE)
        folder = self._bot.scope.folder(guild)
        if file is not None:
            check_attachment(file.filename, file.size)
            content = await insist(file.read)
            saved = await asyncio.to_thread(save, folder, file.filename, content)
        else:
            await self._fetch(self._web(folder).add, [link or ""])
            saved = None
        report = await self._sync(folder)
        failed = [each for each in report.failed if each.path == saved]
        await self._say(interaction, render.notice(added(report, failed)))

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.guild_install()
    async def status(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """Say what this server is answered from."""
        guild = await self._begin(interaction)
        place = self._bot.asking.place(guild)
        status = await asyncio.to_thread(self._bot.library.status, place.collections)
        await self._say(interaction, render.status(status))

    @app_commands.command(name="update")
    @app_commands.guild_only()
    @app_commands.guild_install()
    async def read_folders(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """Read what is new or changed in the folders of articles now."""
        folder = self._bot.scope.folder(await self._begin(interaction))
        if folder.exists():
            await self._fetch(self._web(folder).update)
        report = await self._sync()
        await self._say(interaction, render.notice(added(report, ())))

    async def _begin(self, interaction: discord.Interaction[PullquoteBot]) -> int:
        """Let managers go on, and acknowledge; return the server."""
        check_manager(interaction, self._bot.memory)
        if interaction.guild_id is None:
            raise PullquoteError(NOT_ALLOWED)
        await interaction.response.defer(thinking=True, ephemeral=True)
        return interaction.guild_id

    def _web(self, folder: Path) -> Web:
        return Web(folder, allow_private=self._allow_private)

    async def _fetch(self, do: Callable[..., Fetching], *args: Any) -> None:
        """Fetch pages into a server's folder; raise ``PullquoteError`` for the first that fails."""
        report = await asyncio.to_thread(do, *args)
        for failure in report.failed:
            raise PullquoteError(NOT_FETCHED.format(reason=failure.reason.partition(";")[0]))

    async def _sync(self, *folders: Path) -> Report:
        """Bring the index up to date, one after the other."""
        async with self._syncing:
            try:
                return await asyncio.to_thread(self._bot.library.sync, folders, wait_s=WAIT_S)
            except StoreLockedError as exc:
                raise PullquoteError(LATER) from exc

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


def check_attachment(name: str, size: int) -> None:
    """Take only what can be read, and is not too large.

    Raises:
        PullquoteError: this can't be.
    """
    # Of what is packed nobody knows how large it will be.
    if not readable(Path(name)) or name.lower().endswith(".gz"):
        known = ", ".join(sorted(each for each in SUFFIXES if not each.endswith(".gz")))
        raise PullquoteError(UNKNOWN_KIND.format(known=known))
    if size > MOST_BYTES:
        raise PullquoteError(TOO_LARGE.format(size=size / 2**20, most=MOST_BYTES / 2**20))


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a file that holds an article, in place of one of the same name; return its path.

    It is read first, under a name that is not searched for, so that what can't be read neither
    stays nor takes the place of what could.

    Raises:
        PullquoteError: there is no article in it, or it can't be written.
    """
    path = folder / Path(name).name
    draft = folder / f".{secrets.token_hex(4)}-{path.name}"
    try:
        private.folder(folder)
        private.file(draft)
        draft.write_bytes(content)
        check_readable(draft)
        draft.replace(path)
    except OSError as exc:
        raise PullquoteError(NOT_SAVED.format(reason=exc.strerror)) from exc
    finally:
        draft.unlink(missing_ok=True)
    return path


def check_readable(path: Path) -> None:
    """Read a file as far as its first article.

    Raises:
        PullquoteError: there is none.
    """
    reason = "it is empty"
    try:
        for each in read(path, path.name.lstrip(".")):
            if isinstance(each, Article):
                return
            reason = each.reason
    except ArticleError as exc:
        reason = exc.reason
    raise PullquoteError(NO_ARTICLE.format(reason=reason))


def added(report: Report, failed: list[ArticleError] | tuple[()]) -> str:
    """What became of it, in numbers, and which revision answers from it now."""
    told = (
        f"{report.new} new, {report.changed} changed, {report.gone} gone; "
        f"{report.sentences} sentences in revision {report.revision}, which answers from now on."
    )
    return "\n".join([told, *(f"Left out: {each.reason}" for each in failed)])
