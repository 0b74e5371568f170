"""The commands: /ask, and two in the menu of a message."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import words
from bot.conversation.asking import filters, has_words
from bot.conversation.memory import Posted
from bot.discord import answering, choices
from bot.discord.choices import CHOICE
from bot.discord.client import PullquoteBot
from bot.discord.delivery import InteractionReply
from bot.discord.reading import text_of
from bot.discord.views import layout, notice
from bot.render import discord as render
from index.errors import PullquoteError

LONGEST = 500
"""Characters of a question that is typed into /ask."""

anywhere = app_commands.allowed_installs(guilds=True, users=True)
everywhere = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)


class Questions(commands.Cog):
    """Asks and checks by command."""

    def __init__(self, bot: PullquoteBot) -> None:
        self._bot = bot
        self._menus = [
            app_commands.ContextMenu(name="Ask about this", callback=self.ask_about),
            app_commands.ContextMenu(name="Check this quote", callback=self.check_quote),
        ]

    async def cog_load(self) -> None:
        """Add the menus, which are no part of a cog by themselves."""
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    @app_commands.command()
    @app_commands.describe(
        question="What do you want to know?",
        since="Only articles of this day or later, such as 2016-12-08, March 1987 or last week.",
        until="Only articles of this day or earlier.",
        outlet="Only articles of this outlet, or of several: Reuters; BBC.",
        undated="Take in articles without a date, which since and until leave out.",
    )
    @anywhere
    @everywhere
    async def ask(
        self,
        interaction: discord.Interaction[PullquoteBot],
        question: app_commands.Range[str, 1, LONGEST],
        since: app_commands.Range[str, 1, CHOICE] | None = None,
        until: app_commands.Range[str, 1, CHOICE] | None = None,
        outlet: app_commands.Range[str, 1, CHOICE] | None = None,
        undated: bool = False,
    ) -> None:
        """Quote the articles that answer a question."""
        with self._bot.underway():
            self._bot.turns.take(interaction.user.id)
            if not has_words(question):
                raise PullquoteError(words.HOW_TO_ASK)
            chosen = filters(since, until, outlet, undated=undated)
            await answering.to_interaction(self._bot, interaction, question.strip(), chosen)

    @ask.autocomplete("outlet")
    async def outlets(
        self, interaction: discord.Interaction[PullquoteBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """The outlets that hold what was typed so far."""
        return await choices.outlets(self._bot, interaction, typed)

    @anywhere
    @everywhere
    async def ask_about(
        self, interaction: discord.Interaction[PullquoteBot], message: discord.Message
    ) -> None:
        """Ask what a message says."""
        with self._bot.underway():
            self._bot.turns.take(interaction.user.id)
            await answering.to_interaction(
                self._bot, interaction, await text_of(self._bot, message)
            )

    @anywhere
    @everywhere
    async def check_quote(
        self, interaction: discord.Interaction[PullquoteBot], message: discord.Message
    ) -> None:
        """Look up what a message quotes."""
        with self._bot.underway():
            self._bot.turns.take(interaction.user.id)
            text = await text_of(self._bot, message)
            place = await self._bot.asking.place(interaction.guild_id)
            private = place.settings.private or not answering.may_speak(place, interaction.channel)
            reply = InteractionReply(interaction, private=private)
            if not await reply.acknowledge():
                return
            try:
                check = await self._bot.asking.check(
                    place,
                    text,
                    lambda number: reply.say(layout(render.busy(number))),
                )
            except PullquoteError as exc:
                await reply.say(notice(words.of_fault(exc)))
                return
            receipts = tuple(str(each.receipt) for each in check.matches)
            # For the buttons alone: nothing is kept of the text, and it is no answer of a channel.
            kept = Posted(place.server, 0, "", receipts, check.revision)
            self._bot.memory.remember(kept)
            await reply.say(layout(render.check(check, kept.key)))
