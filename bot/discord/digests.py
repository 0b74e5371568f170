"""/digest: a channel's daily digest of new articles, begun and ended by who manages the server."""

from __future__ import annotations

import logging

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.digest import Digest, Digests
from bot.discord import answering
from bot.discord.admin import check_manager
from bot.discord.client import PullquoteBot
from bot.discord.delivery import insist, refused
from bot.discord.following import NO_RIGHT, may_write
from bot.discord.views import layout
from bot.render import discord as render
from bot.render.discord_digest import card
from index.errors import PullquoteError
from index.records import Article

BEGUN = "**A daily digest**\nFrom tomorrow, at this time, here: what came, by outlet."
ENDED = "**No digest any more**\nNothing is posted here by itself but what is followed."
AGAIN = "-# /digest ends or begins it"

log = logging.getLogger(__name__)


class DigestCommand(commands.Cog):
    """Begins and ends digests, and posts them."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot
        self._digests = Digests(bot.memory, bot.library, bot.asking.place)

    @app_commands.command()
    @app_commands.guild_install()
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def digest(self, interaction: discord.Interaction[PullquoteBot]) -> None:
        """Post a digest of new articles here every day, or end that."""
        check_manager(interaction, self._bot.memory)
        place = await self._bot.asking.place(interaction.guild_id)
        server, channel = interaction.guild_id, interaction.channel_id
        if server is None or channel is None or not answering.may_speak(place, interaction.channel):
            raise PullquoteError(words.NOT_HERE)
        if not may_write(interaction):
            raise PullquoteError(NO_RIGHT)
        await interaction.response.defer(thinking=True)
        begun = await self._digests.switch(server, channel)
        text = render.Text(f"{BEGUN if begun else ENDED}\n{AGAIN}")
        await interaction.edit_original_response(view=layout(render.Message((text,))))

    async def step(self) -> None:
        """Post what is due."""
        await self._digests.step(self._post)

    async def _post(self, digest: Digest, articles: list[Article]) -> bool:
        channel = self._bot.get_channel(digest.channel) or discord.Object(digest.channel)
        if not answering.may_speak(await self._bot.asking.place(digest.server), channel):
            return False
        where = self._bot.get_partial_messageable(digest.channel, guild_id=digest.server)
        try:
            await insist(lambda: where.send(view=layout(card(articles))))
        except (discord.NotFound, discord.Forbidden) as exc:
            refused(exc, "a digest", digest.channel)
            return False
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.error("a digest in %s was lost: %s", digest.channel, type(exc).__name__)
        return True
