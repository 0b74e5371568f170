"""The whole double: its world, its TLS server, the proxy before it, and what it found wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from discord_double.actions import Actions
from discord_double.certificates import API_HOST, CDN_HOST, issue
from discord_double.faults import Faults
from discord_double.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, Gateway
from discord_double.interactions import Interaction
from discord_double.proxy import Proxy
from discord_double.rest import PREFIX, Request, Rest
from discord_double.world import (
    DIRECT,
    EVERYDAY,
    MANAGE_SERVER,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    Channel,
    Guild,
    Json,
    Message,
    User,
    snowflake,
)

TOKEN = "MDAwMDAw.double.of-a-token-that-opens-nothing"  # noqa: S105 - no secret: it opens nothing


class Double(Actions):
    """A Discord on loopback for one bot; an asynchronous context manager.

    A server (``guild``) with a channel (``channel``), a member (``user``) and one who may manage it
    (``manager``) are there from the start. See the package's docstring for the rest.
    """

    def __init__(
        self,
        folder: Path,
        *,
        heartbeat_interval_s: float = 1.0,
        heartbeat_limit_s: float = 5.0,
        shards: int = 1,
        granted_intents: int = 0,
        hosts: tuple[str, ...] = (),
    ) -> None:
        """``folder`` takes the certificate; ``hosts`` are further ones whose pages it serves."""
        self._certificates = issue(folder, hosts)
        self._hosts = hosts
        self._pages: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._change = asyncio.Event()
        self._runner: web.ServerRunner | None = None
        self._proxy: Proxy | None = None
        self.folder = folder
        self.token = TOKEN
        self.shards = shards
        self.granted_intents = granted_intents
        self.token_lifetime_s = 15 * 60.0
        self.violations: list[str] = []
        self.ack_times: list[float] = []
        self.typed: list[Channel] = []
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.all_messages: dict[int, Message] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: dict[int, list[Json]] = {}
        self.faults = Faults()
        self.gateway = Gateway(self, heartbeat_interval_s, heartbeat_limit_s)
        self.rest = Rest(self)
        self.bot = User("quoter", bot=True)
        self.users[self.bot.id] = self.bot
        self.manager = self._new_user("manager", EVERYDAY | MANAGE_SERVER)
        self.user = self._new_user("reader", EVERYDAY)
        self.guild = self._new_guild("newsroom")
        self.channel = self.guild.channels[0]

    # Its life

    async def __aenter__(self) -> Self:
        """Listen, with TLS and through the proxy."""
        server = web.Server(self._serve)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        context = self._certificates.server
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        port = self._runner.addresses[0][1]
        self._proxy = Proxy(port, (API_HOST, "gateway*.discord.gg", CDN_HOST, *self._hosts))
        await self._proxy.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of every connection and port."""
        assert self._proxy
        assert self._runner
        await self.gateway.stop()
        await self._proxy.stop()
        await self._runner.cleanup()

    @property
    def env(self) -> dict[str, str]:
        """The environment that leads a bot here."""
        assert self._proxy
        return {
            "SSL_CERT_FILE": str(self._certificates.authority),
            "PULLQUOTE_PROXY": f"http://127.0.0.1:{self._proxy.port}",
            "PULLQUOTE_DISCORD_TOKEN": self.token,
        }

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        host = (request.host or "").partition(":")[0]
        if host.endswith(".discord.gg"):
            return await self.gateway.serve(request)
        if host == API_HOST and request.path.startswith(PREFIX):
            return await self.rest.serve(request)
        page = self._pages.get((host, request.path))
        if page is None:
            self.violate(f"{request.method} https://{host}{request.path}: nothing there")
            return web.Response(status=404)
        return web.Response(body=page[0], headers={"Content-Type": page[1]})

    # What it saw

    @property
    def requests(self) -> list[Request]:
        """Every request to the REST interface, in order."""
        return self.rest.log

    @property
    def refused_hosts(self) -> list[str]:
        """What the bot asked the proxy for that is not Discord's."""
        return self._proxy.refused if self._proxy else []

    @property
    def heartbeat_lateness(self) -> list[float]:
        """Seconds by which each heartbeat was late."""
        return self.gateway.lateness

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """The messages of a channel as they stand, without deleted ones, oldest first."""
        channel = channel or self.channel
        return [m for m in self.all_messages.values() if m.channel is channel and not m.deleted]

    def violate(self, what: str) -> None:
        """Note what a good bot would not have done."""
        self.violations.append(what)

    def expect(self, fine: bool, otherwise: str) -> None:
        """Note a violation unless all is fine."""
        if not fine:
            self.violate(otherwise)

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        change, self._change = self._change, asyncio.Event()
        change.set()

    async def wait(self, timeout_s: float) -> None:
        """Wait until something happens, or the time is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._change.wait(), timeout_s)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait for a condition on what the double saw.

        Raises:
            AssertionError: if it does not hold in time.
        """
        end = time.monotonic() + timeout_s
        while not condition():
            asked = "\n".join(map(str, self.requests[-8:]))
            late = f"not within {timeout_s} s; violations: {self.violations}; requests:\n{asked}"
            assert time.monotonic() < end, late
            await self.wait(0.1)

    # Its world

    def add_user(
        self, name: str, permissions: int = EVERYDAY, *, guild: Guild | None = None
    ) -> User:
        """A new person, member of every server (or of ``guild`` alone); add them before the bot."""
        user = self._new_user(name, permissions)
        for each in [guild] if guild else self.guilds.values():
            each.members.append(user)
        return user

    def add_guild(self, name: str) -> Guild:
        """A new server with a channel and the same members; add it before the bot starts."""
        return self._new_guild(name)

    async def add_channel(self, name: str, guild: Guild | None = None) -> Channel:
        """A new text channel, of which the bot is told."""
        guild = guild or self.guild
        channel = Channel(name, guild)
        guild.channels.append(channel)
        self.channels[channel.id] = channel
        await self.gateway.dispatch(
            "CHANNEL_CREATE", channel.payload(), guild_id=guild.id, intent=GUILDS
        )
        return channel

    async def forbid(self, channel: Channel, code: int = 50013, *, announced: bool = False) -> None:
        """Let the bot's posts to a channel fail: 50013 may not send, 50001 may not see.

        ``announced``: the bot's rights change where it can see them, too.
        """
        channel.forbidden = code
        if announced and channel.guild:
            channel.denied[self.bot.id] = VIEW_CHANNEL if code == 50001 else SEND_MESSAGES
            event = channel.payload()
            await self.gateway.dispatch(
                "CHANNEL_UPDATE", event, guild_id=channel.guild.id, intent=GUILDS
            )

    def direct(self, user: User) -> Channel:
        """The direct conversation of the bot with ``user``."""
        for channel in self.channels.values():
            if channel.type == DIRECT and user in channel.people:
                return channel
        channel = Channel("", None, DIRECT, people=(user,))
        self.channels[channel.id] = channel
        return channel

    def upload(self, name: str, data: bytes, kind: str = "application/octet-stream") -> Json:
        """A file as an attachment, to be had from the CDN."""
        id_ = snowflake()
        url = f"https://{CDN_HOST}/attachments/{self.channel.id}/{id_}/{name}"
        self.page(url, data, kind)
        about = {"id": str(id_), "filename": name, "size": len(data), "content_type": kind}
        return about | {"url": url, "proxy_url": url}

    def page(self, url: str, body: bytes, kind: str = "text/html") -> None:
        """Serve ``body`` at an address of one of the hosts."""
        parts = urlsplit(url)
        self._pages[parts.hostname or "", parts.path] = (body, kind)

    async def post(self, message: Message) -> None:
        """Put a message into its channel and tell the bot, if it may know."""
        self.all_messages[message.id] = message
        if not message.ephemeral:
            await self._tell("MESSAGE_CREATE", message)
        self.changed()

    async def edited(self, message: Message) -> None:
        """Tell the bot that a message changed."""
        if not message.ephemeral:
            await self._tell("MESSAGE_UPDATE", message)
        self.changed()

    async def delete(self, message: Message) -> None:
        """Delete a message and tell the bot."""
        message.deleted = True
        guild = message.channel.guild
        gone = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if guild:
            gone["guild_id"] = str(guild.id)
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        await self.gateway.dispatch(
            "MESSAGE_DELETE", gone, guild_id=guild.id if guild else None, intent=intent
        )
        self.changed()

    async def opened(self, thread: Channel) -> None:
        """Add a thread to its server and tell the bot."""
        assert thread.guild
        self.channels[thread.id] = thread
        thread.guild.channels.append(thread)
        event = thread.payload() | {"newly_created": True}
        await self.gateway.dispatch("THREAD_CREATE", event, guild_id=thread.guild.id, intent=GUILDS)

    async def _tell(self, event: str, message: Message) -> None:
        guild = message.channel.guild
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        data = message.event(self.bot)
        await self.gateway.dispatch(
            event, data, guild_id=guild.id if guild else None, intent=intent
        )

    def _new_user(self, name: str, permissions: int) -> User:
        user = User(name, permissions=permissions)
        self.users[user.id] = user
        return user

    def _new_guild(self, name: str) -> Guild:
        members = [u for u in self.users.values() if u is not self.bot]
        guild = Guild(name, [*members, self.bot])
        self.guilds[guild.id] = guild
        channel = Channel("general", guild)
        guild.channels.append(channel)
        self.channels[channel.id] = channel
        return guild
