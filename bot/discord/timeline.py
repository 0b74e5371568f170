"""/timeline: a story over time, one quote a day, the newest last."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.asking import filters, has_words
from bot.discord import choices
from bot.discord.answering import may_speak
from bot.discord.choices import CHOICE
from bot.discord.client import PullquoteBot
from bot.discord.delivery import InteractionReply
from bot.discord.questions import LONGEST, anywhere, everywhere
from bot.discord.views import layout, notice
from bot.render import discord as render
from bot.render.discord_timeline import card
from index.errors import PullquoteError


class Timelines(commands.Cog):
    """Tells stories over time."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot

    @app_commands.command()
    @app_commands.describe(
        story="A question, or words: what is it about?",
        since="Only articles of this day or later, such as 2016-12-08, March 1987 or last week.",
        until="Only articles of this day or earlier.",
        outlet="Only articles of this outlet.",
    )
    @anywhere
    @everywhere
    async def timeline(
        self,
        interaction: discord.Interaction[PullquoteBot],
        story: app_commands.Range[str, 1, LONGEST],
        since: app_commands.Range[str, 1, CHOICE] | None = None,
        until: app_commands.Range[str, 1, CHOICE] | None = None,
        outlet: app_commands.Range[str, 1, CHOICE] | None = None,
    ) -> None:
        """Tell a story over time, a quote a day."""
        with self._bot.underway():
            self._bot.turns.take(interaction.user.id)
            if not has_words(story):
                raise PullquoteError(words.HOW_TO_ASK)
            chosen = filters(since, until, outlet)
            place = await self._bot.asking.place(interaction.guild_id)
            private = place.settings.private or not may_speak(place, interaction.channel)
            reply = InteractionReply(interaction, private=private)
            if not await reply.acknowledge():
                return
            try:
                told = await self._bot.asking.timeline(
                    place,
                    story.strip(),
                    filters=chosen,
                    told=lambda number: reply.say(layout(render.busy(number))),
                )
            except PullquoteError as exc:
                await reply.say(notice(words.of_fault(exc)))
                return
            await reply.say(layout(card(told)))

    @timeline.autocomplete("outlet")
    async def outlets(
        self, interaction: discord.Interaction[PullquoteBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """The outlets that hold what was typed so far."""
        return await choices.outlets(self._bot, interaction, typed)
