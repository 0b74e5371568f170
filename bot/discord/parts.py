"""What the bot is made of: questions, help, administration, services, upkeep, metrics.

Each part knows the client and not the others; the client knows none of them.
"""

from __future__ import annotations

import discord

from bot.conversation.corrections import Corrections
from bot.conversation.keeping import keep_true
from bot.conversation.leaving import Leaving
from bot.conversation.standing import Newsroom
from bot.conversation.tidying import Tidying
from bot.conversation.watching import watch
from bot.discord.articles import Articles
from bot.discord.buttons import AnswerButton
from bot.discord.client import Part, PullquoteBot
from bot.discord.digests import DigestCommand
from bot.discord.following import Following
from bot.discord.help import Help
from bot.discord.mail import Mail
from bot.discord.measuring import measuring
from bot.discord.mentions import Mentions
from bot.discord.questions import Questions
from bot.discord.settings_command import SettingsCommand
from bot.discord.timeline import Timelines
from bot.discord.welcome import Welcome
from bot.metrics import Metrics


def parts(
    correction_days: float, metrics: Metrics, *, allow_private: bool = False
) -> tuple[Part, ...]:
    """Everything that is added to the client; corrections reach back ``correction_days``.

    ``allow_private``: feeds and links may lead to addresses of private networks.
    """
    return (
        questions,
        helping(correction_days),
        administration(allow_private=allow_private),
        services(correction_days),
        keeping(allow_private=allow_private),
        measuring(metrics),
    )


async def questions(bot: PullquoteBot) -> None:
    """Add the ways to ask, and the buttons of the answers."""
    bot.add_dynamic_items(AnswerButton)
    await bot.add_cog(Questions(bot))
    await bot.add_cog(Timelines(bot))
    await bot.add_cog(Mentions(bot))


def helping(correction_days: float) -> Part:
    """The part that says what the bot does and keeps."""

    async def part(bot: PullquoteBot) -> None:
        await bot.add_cog(Help(bot, correction_days))
        await bot.add_cog(Welcome(bot))

    return part


def administration(*, allow_private: bool = False) -> Part:
    """The part with the commands for those who manage a server."""

    async def part(bot: PullquoteBot) -> None:
        await bot.add_cog(SettingsCommand(bot))
        articles = Articles(bot, allow_private=allow_private)
        await bot.add_cog(articles)
        bot.keep(articles.resume(), "what was being added")

    return part


def services(correction_days: float) -> Part:
    """The part that posts what answers standing questions, and corrections."""

    async def part(bot: PullquoteBot) -> None:
        await bot.add_cog(Following(bot))
        digests = DigestCommand(bot)
        await bot.add_cog(digests)
        mail = Mail(bot)
        newsroom = Newsroom(bot.memory, bot.library, bot.asking, mail.post)
        corrections = Corrections(
            bot.memory, bot.library, bot.asking.place, mail.edit, days=correction_days
        )
        leaving = Leaving(bot.memory)

        async def on_guild_remove(guild: discord.Guild) -> None:
            leaving.left(guild.id)

        async def on_guild_join(guild: discord.Guild) -> None:
            leaving.joined(guild.id)

        for listener in (on_guild_remove, on_guild_join):
            bot.add_listener(listener)
        tidying = Tidying(bot.memory, correction_days)
        steps = (newsroom.step, corrections.step, digests.step, tidying.step, leaving.step)
        bot.keep(watch(steps, bot.is_ready), "standing questions and corrections")

    return part


def keeping(*, allow_private: bool) -> Part:
    """The part that brings the index up to date, as `pullquote index --watch` does."""

    async def part(bot: PullquoteBot) -> None:
        bot.keep(keep_true(bot.library, allow_private=allow_private), "keeping the index true")

    return part
