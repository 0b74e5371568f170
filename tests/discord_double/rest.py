"""The REST interface: a request is checked, meets its fault, is routed, and its answer checked."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from aiohttp import web
from discord_schema import Schema

from discord_double.faults import Fault
from discord_double.routes import ROUTES, ApiError, Call

if TYPE_CHECKING:
    from discord_double.server import Double

PREFIX = "/api/v10"
INVALID_FORM = 50035


@cache
def schema() -> Schema:
    """Discord's description, read once a process."""
    return Schema()


@dataclass
class Request:
    """What the bot asked for, when (``time.monotonic``), and how it was answered."""

    method: str
    path: str
    body: Any
    at: float
    status: int | None = None
    answer: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its method and path, without the tokens of interactions."""
        return f"{self.method} {re.sub('double-[^/]+', '<token>', self.path)}"

    def __str__(self) -> str:
        body = json.dumps(self.body)[:200] if self.body is not None else ""
        return f"{self.name} {body} -> {self.status}"


class Rest:
    """Answers the bot's requests; ``log`` keeps all of them."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self.log: list[Request] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or fail it as a test ordered."""
        path = request.path.removeprefix(PREFIX)
        body, files = await _read(request)
        asked = Request(request.method, path, body, time.monotonic(), headers=dict(request.headers))
        self.log.append(asked)
        fault = self._double.faults.next(request.method, path)
        if fault and fault.kind == "status":
            asked.status = fault.status
            self._double.changed()
            return _failure(fault)
        if fault and fault.kind == "cut" and not fault.done:
            asked.status = 0
            _cut(request)
        cut = bool(fault and fault.kind == "cut")
        call = Call(self._double, body, files, dict(request.query), asked.at, unheard=cut)
        try:
            asked.status, asked.answer = await self._answer(asked, call)
        finally:
            self._double.expect(asked.status is not None, f"the double failed at {asked}")
            self._double.changed()
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return await self._respond(request, asked, cut=cut)

    async def _answer(self, asked: Request, call: Call) -> tuple[int, Any]:
        try:
            self._check(asked)
            status, answer = await _route(asked, call)
        except ApiError as error:
            if error.violation:
                self._double.violate(f"{asked.name}: {error.violation}")
            status, answer = error.status, error.body()
        # The description wants numbers as the codes of details; Discord sends names.
        described = {k: v for k, v in answer.items() if k != "errors"} if status >= 400 else answer
        for wrong in schema().response_errors(asked.method, asked.path, status, described):
            if status != 404 or answer["code"] != 0:
                self._double.violate(f"the double itself: {asked.name}: {wrong}")
        return status, answer

    def _check(self, asked: Request) -> None:
        """Refuse what Discord refuses before it looks at the route's own rules."""
        own_token = asked.path.startswith(("/interactions/", "/webhooks/"))
        if not own_token and asked.headers.get("Authorization") != f"Bot {self._double.token}":
            raise ApiError(401, 0, "401: Unauthorized")
        if all(route.fits(asked.method, asked.path) is None for route in ROUTES):
            raise ApiError(404, 0, "404: Not Found", violation="an unknown route")
        if wrong := schema().request_errors(asked.method, asked.path, asked.body):
            shown = json.dumps(asked.body)[:300]
            raise ApiError(
                400, INVALID_FORM, "Invalid Form Body", violation=f"{'; '.join(wrong)} in {shown}"
            )

    async def _respond(
        self, request: web.Request, asked: Request, *, cut: bool
    ) -> web.StreamResponse:
        assert asked.status is not None
        if asked.answer is None:
            return web.Response(status=asked.status)
        text = json.dumps(asked.answer).encode()
        # discord.py reads JSON only from this very type, without a charset.
        headers = {"Content-Type": "application/json", "Via": "1.1 google"}
        if not cut:
            return web.Response(status=asked.status, body=text, headers=headers)
        response = web.StreamResponse(status=asked.status, headers=headers)
        response.content_length = len(text) + 1
        await response.prepare(request)
        await response.write(text[: len(text) // 2])
        _cut(request)
        return response


async def _route(asked: Request, call: Call) -> tuple[int, Any]:
    for route in ROUTES:
        if (parameters := route.fits(asked.method, asked.path)) is not None:
            return await route.handler(call, **parameters)
    raise ApiError(404, 0, "404: Not Found")


async def _read(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    """The JSON of a request (of a form, its ``payload_json``) and the files that came with it."""
    if request.content_type == "application/json":
        return json.loads(await request.text()), {}
    if not request.content_type.startswith("multipart/"):
        return None, {}
    body, files = None, {}
    async for part in await request.multipart():
        if part.name == "payload_json":
            body = json.loads(await part.text())
        else:
            files[part.filename] = bytes(await part.read())
    return body, files


def _failure(fault: Fault) -> web.Response:
    if isinstance(fault.body, str):
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
    headers = {"Content-Type": "application/json", **fault.headers}
    return web.Response(status=fault.status, body=json.dumps(fault.body).encode(), headers=headers)


def _cut(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()
    raise ConnectionResetError("cut, as ordered")
