"""The buttons of an answer; each carries the key of the answer, so it works after a restart."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.conversation import words
from bot.conversation.asking import Place
from bot.conversation.memory import Posted
from bot.discord import answering
from bot.discord.client import PullquoteBot
from bot.discord.delivery import InteractionReply, insist
from bot.discord.turns import TooOftenError
from bot.discord.views import layout, notice
from bot.render import discord as render
from index.errors import PullquoteError
from index.records import Answer, Quote


class AnswerButton(
    ui.DynamicItem[ui.Button[Any]],
    template=rf"pq:(?P<action>{'|'.join(render.ACTIONS)}):(?P<key>[\w-]{{1,64}}):(?P<number>\d{{1,3}})",
):
    """Any of the buttons that ``render.discord`` makes."""

    def __init__(self, item: ui.Button[Any], action: str, key: str, number: int) -> None:
        super().__init__(item)
        self._action = action
        self._key = key
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> AnswerButton:
        """Read the id."""
        if not isinstance(item, ui.Button):
            raise TypeError(f"{match[0]} is the id of a button, not of {item!r}")
        return cls(item, match["action"], match["key"], int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says, for whoever pressed it, once."""
        bot: PullquoteBot = interaction.client
        if bot.memory.seen(interaction.id):
            return
        with bot.underway():
            try:
                await self._press(bot, interaction)
            except Exception as exc:  # noqa: BLE001 - the last resort, which says so
                await bot.explain(interaction, exc)

    async def _press(
        self, bot: PullquoteBot, interaction: discord.Interaction[PullquoteBot]
    ) -> None:
        try:
            bot.turns.take(interaction.user.id)
        except TooOftenError as exc:
            if not exc.told:
                raise
            await interaction.response.defer()
            return
        posted = bot.memory.posted(self._key)
        if self._action == render.DELETE:
            await self._delete(bot, interaction, posted)
        elif posted is None:
            raise PullquoteError(words.FORGOTTEN)
        else:
            await self._tell(bot, interaction, posted)

    async def _tell(
        self, bot: PullquoteBot, interaction: discord.Interaction[PullquoteBot], posted: Posted
    ) -> None:
        if posted.server != interaction.guild_id:
            raise PullquoteError(words.ELSEWHERE)
        place = await bot.asking.place(interaction.guild_id)
        if self._action in (render.UP, render.DOWN):
            # A vote is on the first of the receipts.
            on = replace(posted, receipts=posted.receipts[self._number :])
            user = interaction.user
            bot.memory.vote(on, user.id, up=self._action == render.UP, name=user.name)
            await interaction.response.send_message(view=notice(words.THANKS), ephemeral=True)
            return
        if self._action == render.SHARE and not answering.may_speak(place, interaction.channel):
            raise PullquoteError(words.NOT_HERE)
        asker = interaction.user.id
        private = self._action != render.SHARE
        if self._action == render.MEAN:  # what another asks anew is no answer for everybody
            may = answering.may_speak(place, interaction.channel)
            private = place.settings.private or not may or not bot.memory.asked(self._key, asker)
        # A page that only one person sees is turned; what stands for all stays as it is.
        turned = interaction.message is not None and interaction.message.flags.ephemeral
        pages = self._action in (render.MORE, render.BACK)
        reply = InteractionReply(interaction, private=private, in_place=turned and pages)
        if not await reply.acknowledge():
            return
        if self._action == render.SHARE:
            again = posted.understood_as or posted.question
            await answering.answer(bot, reply, place, again, asker=asker, filters=posted.filters)
        elif self._action == render.MEAN:
            meant = (await bot.asking.again(place, posted)).did_you_mean
            if meant is None:  # of a newer revision
                raise PullquoteError(words.FORGOTTEN)
            await answering.answer(bot, reply, place, meant, asker=asker, filters=posted.filters)
        elif pages:
            private = place.settings.private and bot.memory.asked(self._key, asker)
            await reply.say(
                layout(await self._page(bot, place, posted, asker=asker, private=private))
            )
        else:
            await reply.say(layout(await self._source(bot, place, posted)))

    async def _delete(
        self,
        bot: PullquoteBot,
        interaction: discord.Interaction[PullquoteBot],
        posted: Posted | None,
    ) -> None:
        """Delete the answer, for its asker and who manages messages, and forget it."""
        if posted is not None and posted.server != interaction.guild_id:
            raise PullquoteError(words.ELSEWHERE)
        manages = interaction.guild_id is not None and interaction.permissions.manage_messages
        if not manages and not bot.memory.asked(self._key, interaction.user.id):
            raise PullquoteError(words.NOT_YOURS)
        await insist(interaction.response.defer)
        with suppress(discord.NotFound):  # it was deleted by other means
            await insist(interaction.delete_original_response)
        bot.memory.deleted(self._key)

    async def _page(
        self, bot: PullquoteBot, place: Place, posted: Posted, *, asker: int, private: bool
    ) -> render.Message:
        answer = await bot.asking.again(place, posted)
        if self._number >= len(answer.quotes):
            return render.notice(words.NO_MORE)
        receipts = tuple(str(quote.receipt) for quote in answer.quotes)
        if receipts != posted.receipts:  # a newer revision answers otherwise
            key = bot.memory.key_for(asker) if private else None
            posted = answering.remember(bot, posted, answer, key)
        return render.answer(answer, posted.key, shown=self._number, private=private, turned=True)

    async def _source(self, bot: PullquoteBot, place: Place, posted: Posted) -> render.Message:
        """The quote in its context, or the article around it."""
        if self._number < len(posted.receipts):
            receipt = posted.receipts[self._number]
            if self._action == render.CONTEXT:
                quote = _named(await bot.asking.again(place, posted), receipt)
                if quote:
                    return render.context(quote, key=posted.key, number=self._number)
            view = await bot.asking.source(place, receipt)
            return render.near(view) if self._action == render.NEAR else render.source(view)
        answer = await bot.asking.again(place, posted)
        nearest = answer.refusal.nearest if answer.refusal else None
        if nearest is None:
            raise PullquoteError(words.FORGOTTEN)
        if self._action == render.CONTEXT:
            return render.context(nearest, key=posted.key, number=self._number)
        return render.source(await bot.asking.source(place, str(nearest.receipt)))


def _named(answer: Answer, receipt: str) -> Quote | None:
    return next((each for each in answer.quotes if str(each.receipt) == receipt), None)
