"""What the commands are called in other languages."""

from __future__ import annotations

from pathlib import Path

import bot_world
import pytest
from bot_world import world

from bot.conversation.memory import Memory
from bot.discord.client import PullquoteBot
from bot.discord.digests import DigestCommand
from bot.discord.following import Following
from bot.discord.parts import helping
from bot.discord.settings_command import SettingsCommand
from bot.discord.tongues import TONGUES

pytestmark = pytest.mark.asyncio


async def following(bot: PullquoteBot) -> None:
    """The commands of followed questions, without the services, which never rest."""
    await bot.add_cog(Following(bot))
    await bot.add_cog(DigestCommand(bot))
    await bot.add_cog(SettingsCommand(bot))


async def test_discord_is_told_the_names_in_every_language(tmp_path: Path) -> None:
    """Each command of the lists is one of the bot's, and goes out with all its languages."""
    library = bot_world.library(tmp_path)
    memory = Memory(tmp_path / "discord.sqlite")
    async with world(library, memory, parts=[helping(14), following]) as here:
        (told,) = here.sent("PUT", "/commands")
        commands = {each["name"]: each for each in told}
        for locale, names in TONGUES.items():
            assert len({name for name, _ in names.values()}) == len(names)
            for english, (name, description) in names.items():
                assert commands[english]["name_localizations"][locale.value] == name
                if description:
                    assert len(description) <= 100
                    said = commands[english]["description_localizations"][locale.value]
                    assert said == description
                    assert name == name.lower()
    memory.close()
    library.close()
