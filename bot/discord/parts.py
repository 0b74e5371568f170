"""What the bot is made of beside questions: administration, services, upkeep, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.conversation.keeping import keeping
from bot.discord.articles import Articles
from bot.discord.following import services
from bot.discord.measuring import measuring
from bot.discord.settings_command import Settings
from bot.metrics import Metrics

if TYPE_CHECKING:
    from bot.discord.client import Part, PullquoteBot


def parts(
    correction_days: float, metrics: Metrics, *, allow_private: bool = False
) -> tuple[Part, ...]:
    """Everything that is added to the bot; corrections reach back ``correction_days``.

    ``allow_private``: feeds and links may lead to addresses of private networks.
    """
    return (
        administration(allow_private=allow_private),
        services(correction_days),
        keeping(allow_private=allow_private),
        measuring(metrics),
    )


def administration(*, allow_private: bool = False) -> Part:
    """The part with the commands for those who manage a server."""

    async def part(bot: PullquoteBot) -> None:
        await bot.add_cog(Settings(bot))
        await bot.add_cog(Articles(bot, allow_private=allow_private))

    return part
