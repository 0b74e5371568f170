"""Run the bot until it is told to stop; say in one line why it can't."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Sequence

import aiohttp
import discord

from bot.conversation.memory import Memory
from bot.conversation.scope import Scope
from bot.discord.client import Part, PullquoteBot
from bot.signs import anonymous
from index.errors import PullquoteError
from index.isolation import pool
from index.library import Library

PATIENCE_S = 8.0
"""How long answers that are being looked for may still take when the bot is told to stop."""
LIMIT_S = 10.0
"""How long after that the process ends at the latest, whatever its threads do: all that they write
may be cut short at any time, and what was being added is finished at the next start."""
CONNECTIONS = 32
"""Connections to Discord at once: the greetings of more would cost the time that acknowledgements
have (200 commands at once: the last after 0.9 s, and after 2.2 s without a limit)."""
LOGIN = (
    "Discord refuses the token in PULLQUOTE_DISCORD_TOKEN: copy it again, or reset it, at "
    "https://discord.com/developers/applications (your application, Bot, Token)"
)
INTENT = (
    "Discord refuses the intents; Pullquote asks for no privileged one: "
    "upgrade it, or undo the change to its intents"
)
CLOSED = {
    4004: LOGIN,
    4010: "Discord refuses the shard; run only one `pullquote bot` with this token",
    4011: "Discord demands more shards; start again, and it asks how many",
    4012: "Discord no longer speaks this version of its gateway; upgrade discord.py",
    4013: INTENT,
    4014: INTENT,
}
"""The close codes after which it is no use to connect again."""

log = logging.getLogger(__name__)


def run(
    library: Library,
    memory: Memory,
    scope: Scope,
    token: str,
    *,
    parts: Sequence[Part],
    proxy: str | None = None,
) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        PullquoteError: Discord can't be reached, or refuses the bot for good.
    """
    try:
        asyncio.run(_run(library, memory, scope, token, parts, proxy))
    except discord.LoginFailure as exc:
        raise PullquoteError(LOGIN) from exc
    except discord.PrivilegedIntentsRequired as exc:
        raise PullquoteError(INTENT) from exc
    except discord.ConnectionClosed as exc:
        raise PullquoteError(
            CLOSED.get(exc.code, f"Discord closed the connection ({exc.code})")
        ) from exc
    except (discord.HTTPException, discord.GatewayNotFound) as exc:
        raise PullquoteError(f"Discord does not let the bot start: {exc}; try again later") from exc
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise PullquoteError(
            f"Discord can't be reached ({anonymous(str(exc))}); check the network, and "
            "PULLQUOTE_PROXY if there is a proxy"
        ) from exc


def _end_at_the_latest() -> None:
    """End the process in ``LIMIT_S``, if it does not by itself: at its end it waits for threads."""

    def end() -> None:
        log.warning("something still ran after %.0f s: it is cut short", LIMIT_S)
        pool.close()
        os._exit(0)

    timer = threading.Timer(LIMIT_S, end)
    timer.daemon = True
    timer.start()


async def _run(
    library: Library,
    memory: Memory,
    scope: Scope,
    token: str,
    parts: Sequence[Part],
    proxy: str | None,
) -> None:
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks aloud
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS)
    async with PullquoteBot(
        library, memory, scope, parts=parts, proxy=proxy, connector=connector
    ) as bot:
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(told.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            stopping.cancel()
            await running
        else:
            _end_at_the_latest()
            await bot.finish(PATIENCE_S)
            running.cancel()
            await asyncio.wait({running})
