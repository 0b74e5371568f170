"""Registers a command whose description is longer than 100 characters."""

from __future__ import annotations

from common import SmallBot, run


class Wordy(SmallBot):
    """Registers what the library would have refused to build."""

    async def setup_hook(self) -> None:
        """Send the command as it stands."""
        command = {"name": "ask", "description": "Ask " * 26, "type": 1}
        await self.http.bulk_upsert_global_commands(self.application_id, [command])


bot = Wordy()

if __name__ == "__main__":
    run(bot)
