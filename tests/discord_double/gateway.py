"""The gateway, version 10: sessions, events in order, heartbeats, and every way to lose a bot."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from discord_double.certificates import RESUME_HOST
from discord_double.world import Json

if TYPE_CHECKING:
    from discord_double.server import Double

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
SENDS_PER_MINUTE = 120
PAYLOAD_BYTES = 4096
DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11


@dataclass(eq=False)
class Connection:
    """One websocket, and when it last beat."""

    socket: web.WebSocketResponse
    request: web.Request
    deflate: Any
    last_beat: float | None = None
    sent: list[float] = field(default_factory=list)
    session: Session | None = None

    async def send(self, op: int, data: object, event: str | None = None, seq: int | None = None):
        """Send one payload, compressed if the bot asked for it; a closed socket takes nothing."""
        text = json.dumps({"op": op, "d": data, "t": event, "s": seq})
        with suppress(ConnectionError):
            if self.deflate is None:
                await self.socket.send_str(text)
            else:
                packed = self.deflate.compress(text.encode())
                await self.socket.send_bytes(packed + self.deflate.flush(zlib.Z_SYNC_FLUSH))


@dataclass(eq=False)
class Session:
    """What one IDENTIFY began: the events of its shard, kept for RESUME."""

    id: str
    intents: int
    shard: tuple[int, int]
    connection: Connection | None
    log: list[tuple[str, Any]] = field(default_factory=list)

    def takes(self, guild_id: int | None, intent: int) -> bool:
        """Whether an event of a server (or of a direct conversation) belongs to this session."""
        number, shards = self.shard
        own = ((guild_id or 0) >> 22) % shards == number if guild_id else number == 0
        return own and (intent == 0 or bool(self.intents & intent))


class Gateway:
    """The sessions of one bot. Counts: ``identifies``, ``resumes``, ``ready``.

    ``knocking`` counts the connections that wait for it to be no longer ``down``. A connection
    whose heartbeat is more than ``limit_s`` late is closed.
    """

    def __init__(self, double: Double, interval_s: float, limit_s: float) -> None:
        self._double = double
        self._interval = interval_s
        self.limit_s = limit_s
        self._open = asyncio.Event()
        self._open.set()
        self._connections: set[Connection] = set()
        self._late: list[float] = []
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        self.ready = 0
        self.knocking = 0
        self.closed_with: list[int] = []

    # What tests ask and do

    @property
    def lateness(self) -> list[float]:
        """Seconds by which each heartbeat was late, those still awaited included."""
        now = time.monotonic()
        waiting = [
            now - c.last_beat - self._interval for c in self._connections if c.last_beat is not None
        ]
        return [*self._late, *(late for late in waiting if late > 0)]

    async def reconnect(self) -> None:
        """Send op 7: the bot is to come back and resume."""
        for connection in list(self._connections):
            await connection.send(RECONNECT, None)

    async def invalidate(self, *, resumable: bool) -> None:
        """Send op 9; unless ``resumable``, the session is forgotten and the bot identifies anew."""
        for connection in list(self._connections):
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
                connection.session.connection = None
            await connection.send(INVALID_SESSION, resumable)

    async def close(self, code: int = 4000) -> None:
        """Close every websocket with a code."""
        for connection in list(self._connections):
            self._detach(connection)
            # Were it closed here, the line would be cut before the bot could read the code.
            with suppress(ConnectionError):
                await connection.socket.send_frame(code.to_bytes(2), WSMsgType.CLOSE)

    def cut(self) -> None:
        """Cut every connection, without a word."""
        for connection in list(self._connections):
            self._detach(connection)
            if connection.request.transport:
                connection.request.transport.abort()

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """Cut every connection, and greet nobody until the block ends: what happens is missed."""
        self._open.clear()
        self.cut()
        try:
            yield
        finally:
            self._open.set()

    async def stop(self) -> None:
        """End every connection with the double."""
        self._open.set()
        for connection in list(self._connections):
            await connection.socket.close(code=1001)

    # What the double tells the bot

    async def dispatch(
        self, event: str, data: Json, *, guild_id: int | None, intent: int = 0
    ) -> None:
        """Tell an event to every session whose shard and intents it concerns."""
        for session in list(self.sessions.values()):
            if session.takes(guild_id, intent):
                await self._tell(session, event, data)

    async def _tell(self, session: Session, event: str, data: Any) -> None:
        session.log.append((event, data))
        if session.connection is not None:
            await session.connection.send(DISPATCH, data, event, len(session.log))

    # The websocket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection of a bot, from HELLO to its end."""
        query = request.query
        self._double.expect(query.get("v") == "10", f"gateway: version {query.get('v')}")
        self._double.expect(query.get("encoding") == "json", "gateway: not encoded as json")
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=0, compress=False)
        await socket.prepare(request)
        self.knocking += 1
        self._double.changed()
        try:
            await self._open.wait()
        finally:
            self.knocking -= 1
        deflate = zlib.compressobj() if query.get("compress") == "zlib-stream" else None
        connection = Connection(socket, request, deflate)
        self._connections.add(connection)
        watch = asyncio.ensure_future(self._watch(connection))
        try:
            await connection.send(HELLO, {"heartbeat_interval": round(self._interval * 1000)})
            async for message in socket:
                if message.type is WSMsgType.TEXT and not await self._take(
                    connection, message.data
                ):
                    break
        finally:
            watch.cancel()
            self._connections.discard(connection)
            session = connection.session
            ours = session is None or session.connection is not connection
            if not ours and socket.close_code in (1000, 1001):
                self.sessions.pop(session.id, None)  # the bot said good-bye
            self._detach(connection)
        return socket

    def _detach(self, connection: Connection) -> None:
        connection.last_beat = None
        if connection.session and connection.session.connection is connection:
            connection.session.connection = None

    async def _refuse(self, connection: Connection, code: int, why: str) -> None:
        self._double.violate(f"gateway: closed with {code}: {why}")
        self.closed_with.append(code)
        self._detach(connection)
        await connection.socket.close(code=code, message=why.encode())

    async def _watch(self, connection: Connection) -> None:
        """Close a connection whose heartbeat stays away, as Discord does."""
        while True:
            await asyncio.sleep(self._interval / 4)
            beat = connection.last_beat
            if beat is not None and time.monotonic() - beat > self._interval + self.limit_s:
                late = time.monotonic() - beat - self._interval
                self._late.append(late)
                await self._refuse(connection, 4000, f"no heartbeat for {late:.1f} s too long")
                return

    async def _take(self, connection: Connection, text: str) -> bool:
        """Act on one payload of the bot; False when that ended the connection."""
        now = time.monotonic()
        op, data = (payload := json.loads(text))["op"], payload.get("d")
        if len(text.encode()) > PAYLOAD_BYTES:
            await self._refuse(connection, 4002, "a payload of more than 4096 bytes")
            return False
        if op == HEARTBEAT:
            await self._beat(connection, now)
            return True
        connection.sent = [at for at in connection.sent if now - at < 60] + [now]
        if len(connection.sent) > SENDS_PER_MINUTE:
            await self._refuse(connection, 4008, "more than 120 payloads a minute")
            return False
        if op == IDENTIFY:
            return await self._identify(connection, data)
        if op == RESUME:
            return await self._resume(connection, data)
        if connection.session is None:
            await self._refuse(connection, 4003, f"op {op} before IDENTIFY")
            return False
        if op == REQUEST_MEMBERS:
            await self._members(connection.session, data)
        elif op != PRESENCE:
            await self._refuse(connection, 4001, f"op {op} is unknown here")
            return False
        return True

    async def _beat(self, connection: Connection, now: float) -> None:
        # The first beat answers HELLO at once; from then on one is due each interval.
        if connection.last_beat is not None:
            self._late.append(max(0.0, now - connection.last_beat - self._interval))
        connection.last_beat = now
        await connection.send(HEARTBEAT_ACK, None)

    async def _identify(self, connection: Connection, data: Json) -> bool:
        double = self._double
        self.identifies += 1
        wrong = {
            4004: data.get("token") != double.token,
            4005: connection.session is not None,
            4013: not isinstance(data.get("intents"), int),
        }
        for code in (code for code, is_wrong in wrong.items() if is_wrong):
            await self._refuse(connection, code, f"IDENTIFY with {sorted(data)}")
            return False
        if asked := data["intents"] & PRIVILEGED & ~double.granted_intents:
            await self._refuse(connection, 4014, f"privileged intents {asked:#x} were not granted")
            return False
        shard = tuple(data.get("shard") or (0, 1))
        if len(shard) != 2 or shard[0] >= shard[1]:
            await self._refuse(connection, 4010, f"shard {shard}")
            return False
        session = Session(f"session-{self.identifies}", data["intents"], shard, connection)
        connection.session = session
        await self._greet(session)
        return True

    async def _greet(self, session: Session) -> None:
        double = self._double
        guilds = [g for g in double.guilds.values() if session.takes(g.id, GUILDS)]
        ready = {
            "v": 10,
            "user": double.bot.payload(),
            "guilds": [{"id": str(g.id), "unavailable": True} for g in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": f"wss://{RESUME_HOST}",
            "shard": list(session.shard),
            "application": {"id": str(double.bot.id), "flags": 0},
            "private_channels": [],
            "relationships": [],
            "user_settings": {},
        }
        await self._tell(session, "READY", ready)
        for guild in guilds:
            seen = guild.members if session.intents & MEMBERS else [double.bot]
            await self._tell(session, "GUILD_CREATE", guild.event(seen))
        self.sessions[session.id] = session
        self.ready += 1
        double.changed()

    async def _resume(self, connection: Connection, data: Json) -> bool:
        host = (connection.request.host or "").partition(":")[0]
        self._double.expect(host == RESUME_HOST, f"gateway: RESUME at {host}, not {RESUME_HOST}")
        if data.get("token") != self._double.token:
            await self._refuse(connection, 4004, "RESUME with a wrong token")
            return False
        session = self.sessions.get(data.get("session_id"))
        if session is None or data["seq"] > len(session.log):
            await connection.send(INVALID_SESSION, False)
            return True
        self.resumes += 1
        connection.session, session.connection = session, None
        heard = data["seq"]
        while heard < len(session.log):  # it grows while the bot catches up
            event, missed = session.log[heard]
            heard += 1
            await connection.send(DISPATCH, missed, event, heard)
        session.connection = connection
        await self._tell(session, "RESUMED", {"_trace": []})
        self._double.changed()
        return True

    async def _members(self, session: Session, data: Json) -> None:
        guild = self._double.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        members = [guild.member(user) for user in guild.members]
        chunk = {"guild_id": str(guild.id), "members": members, "chunk_index": 0}
        answer = chunk | {"chunk_count": 1, "not_found": [], "nonce": data.get("nonce")}
        await self._tell(session, "GUILD_MEMBERS_CHUNK", answer)
