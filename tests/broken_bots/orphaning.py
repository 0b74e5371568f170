"""Ends on SIGTERM and leaves a worker behind."""

from __future__ import annotations

import subprocess
import sys

from common import SmallBot, run


class Orphaning(SmallBot):
    """Starts a worker and forgets it."""

    async def setup_hook(self) -> None:
        """Start a worker that outlives the bot."""
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


bot = Orphaning()

if __name__ == "__main__":
    run(bot)
