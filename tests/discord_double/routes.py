"""What each route does: commands, channels, messages, threads, interactions and their webhooks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord_double.interactions import (
    CHOICES,
    DEFERRED_REPLY,
    DEFERRED_UPDATE,
    REPLY,
    SHOW_MODAL,
    TAKES,
    UPDATE,
    Interaction,
)
from discord_double.world import (
    COMPONENTS_V2,
    EPHEMERAL,
    HAS_THREAD,
    LOADING,
    THREAD,
    Channel,
    Json,
    Message,
    mentioned,
    now,
    pings,
    snowflake,
    stored_components,
    stored_embeds,
    walk,
)

if TYPE_CHECKING:
    from discord_double.server import Double

INVALID_FORM = 50035
FORBIDDEN = {
    50001: "Missing Access",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
}
ANSWERS_S = 3.0
"""Within this Discord wants an interaction acknowledged."""
Answer = tuple[int, Any]


class ApiError(Exception):
    """A refusal of Discord's; ``violation`` says what a good bot would not have done."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Json | None = None,
        violation: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors
        self.violation = violation

    def body(self) -> Json:
        """What Discord answers."""
        body: Json = {"code": self.code, "message": str(self)}
        return body | ({"errors": self.errors} if self.errors else {})


@dataclass
class Call:
    """A request on its way to its route; ``at`` is when it came (``time.monotonic``).

    ``unheard``: its answer will be cut, so that a good bot may ask again.
    """

    double: Double
    body: Any
    files: dict[str, bytes]
    query: dict[str, str]
    at: float
    unheard: bool = False

    def channel(self, channel_id: str) -> Channel:
        """The channel named in the path."""
        channel = self.double.channels.get(int(channel_id))
        if channel is None:
            raise ApiError(404, 10003, "Unknown Channel")
        return channel

    def writable(self, channel_id: str) -> Channel:
        """The channel named in the path, if the bot may write there."""
        channel = self.channel(channel_id)
        if code := channel.forbidden:
            raise ApiError(403, code, FORBIDDEN[code])
        return channel

    def message(self, channel_id: str, message_id: str) -> Message:
        """The message named in the path, if it is there and not deleted."""
        message = self.double.all_messages.get(int(message_id))
        if message is None or message.deleted or message.channel is not self.channel(channel_id):
            raise ApiError(404, 10008, "Unknown Message")
        return message


Handler = Callable[..., Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """A method, the shape of a path, and who answers."""

    method: str
    shape: re.Pattern[str]
    handler: Handler

    def fits(self, method: str, path: str) -> dict[str, str] | None:
        """The parameters in the path, or None if it is another route."""
        match = self.shape.fullmatch(path) if method == self.method else None
        return match.groupdict() if match else None


ROUTES: list[Route] = []


def on(*methods_and_path: str) -> Callable[[Handler], Handler]:
    """Register a handler: ``on("GET", "/channels/{channel_id}")``."""
    *methods, path = methods_and_path
    shape = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))

    def register(handler: Handler) -> Handler:
        ROUTES.extend(Route(method, shape, handler) for method in methods)
        return handler

    return register


# Who the bot is, and where it connects


@on("GET", "/users/@me")
async def _me(call: Call) -> Answer:
    private = {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}
    return 200, call.double.bot.payload() | private


@on("GET", "/users/{user_id}")
async def _user(call: Call, user_id: str) -> Answer:
    if (user := call.double.users.get(int(user_id))) is None:
        raise ApiError(404, 10013, "Unknown User")
    return 200, user.payload()


@on("GET", "/applications/@me")
@on("GET", "/oauth2/applications/@me")
async def _application(call: Call) -> Answer:
    owner = call.double.manager.payload()
    return 200, {
        "id": str(call.double.bot.id),
        "name": call.double.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": call.double.bot.payload(),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": owner,
        "approximate_guild_count": len(call.double.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


@on("GET", "/gateway/bot")
async def _gateway(call: Call) -> Answer:
    limit = {"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1}
    url = "wss://gateway.discord.gg"
    return 200, {"url": url, "shards": call.double.shards, "session_start_limit": limit}


# Commands


def _registered(call: Call, body: Json, guild_id: str | None) -> Json:
    """A command as Discord keeps it, in place of an earlier one of its name and kind."""
    command = {
        "type": 1,
        "description": "",
        "default_member_permissions": None,
        "nsfw": False,
        **{k: v for k, v in body.items() if v is not None},
        "id": str(snowflake()),
        "application_id": str(call.double.bot.id),
        "version": str(snowflake()),
    }
    if (permissions := body.get("default_member_permissions")) is not None:
        command["default_member_permissions"] = str(permissions)
    if guild_id:
        command["guild_id"] = guild_id
    commands = call.double.commands.setdefault(int(guild_id or 0), [])
    same = (command["name"], command["type"])
    commands[:] = [c for c in commands if (c["name"], c["type"]) != same]
    commands.append(command)
    return command


@on("GET", "/applications/{application_id}/commands")
@on("GET", "/applications/{application_id}/guilds/{guild_id}/commands")
async def _commands(call: Call, application_id: str, guild_id: str | None = None) -> Answer:
    return 200, call.double.commands.get(int(guild_id or 0), [])


@on("PUT", "/applications/{application_id}/commands")
@on("PUT", "/applications/{application_id}/guilds/{guild_id}/commands")
async def _set_commands(call: Call, application_id: str, guild_id: str | None = None) -> Answer:
    call.double.commands[int(guild_id or 0)] = []
    return 200, [_registered(call, body, guild_id) for body in call.body]


@on("POST", "/applications/{application_id}/commands")
@on("POST", "/applications/{application_id}/guilds/{guild_id}/commands")
async def _add_command(call: Call, application_id: str, guild_id: str | None = None) -> Answer:
    return 201, _registered(call, call.body, guild_id)


def _command(call: Call, command_id: str) -> Json:
    for command in call.double.commands.get(0, []):
        if command["id"] == command_id:
            return command
    raise ApiError(404, 10063, "Unknown application command")


@on("GET", "/applications/{application_id}/commands/{command_id}")
async def _one_command(call: Call, application_id: str, command_id: str) -> Answer:
    return 200, _command(call, command_id)


@on("PATCH", "/applications/{application_id}/commands/{command_id}")
async def _change_command(call: Call, application_id: str, command_id: str) -> Answer:
    command = _command(call, command_id)
    command |= {k: v for k, v in call.body.items() if v is not None}
    return 200, command


@on("DELETE", "/applications/{application_id}/commands/{command_id}")
async def _remove_command(call: Call, application_id: str, command_id: str) -> Answer:
    call.double.commands[0].remove(_command(call, command_id))
    return 204, None


# Servers and channels


@on("GET", "/guilds/{guild_id}")
async def _guild(call: Call, guild_id: str) -> Answer:
    if (guild := call.double.guilds.get(int(guild_id))) is None:
        raise ApiError(404, 10004, "Unknown Guild")
    return 200, guild.payload()


@on("GET", "/guilds/{guild_id}/members/{user_id}")
async def _member(call: Call, guild_id: str, user_id: str) -> Answer:
    guild, user = call.double.guilds.get(int(guild_id)), call.double.users.get(int(user_id))
    if guild is None or user not in guild.members:
        raise ApiError(404, 10007, "Unknown Member")
    return 200, guild.member(user)


@on("GET", "/channels/{channel_id}")
async def _channel(call: Call, channel_id: str) -> Answer:
    channel = call.channel(channel_id)
    if channel.forbidden == 50001:
        raise ApiError(403, 50001, FORBIDDEN[50001])
    return 200, channel.payload()


@on("PATCH", "/channels/{channel_id}")
async def _change_channel(call: Call, channel_id: str) -> Answer:
    channel = call.writable(channel_id)
    channel.name = call.body.get("name") or channel.name
    return 200, channel.payload()


@on("POST", "/users/@me/channels")
async def _direct(call: Call) -> Answer:
    if (user := call.double.users.get(int(call.body["recipient_id"]))) is None:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    return 200, call.double.direct(user).payload()


@on("POST", "/channels/{channel_id}/typing")
async def _typing(call: Call, channel_id: str) -> Answer:
    call.double.typed.append(call.writable(channel_id))
    return 204, None


@on("POST", "/channels/{channel_id}/messages/{message_id}/threads")
async def _thread_from(call: Call, channel_id: str, message_id: str) -> Answer:
    call.writable(channel_id)
    message = call.message(channel_id, message_id)
    if message.flags & HAS_THREAD:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    message.flags |= HAS_THREAD
    return 201, await _thread(call, message.channel, message.id)


@on("POST", "/channels/{channel_id}/threads")
async def _thread_alone(call: Call, channel_id: str) -> Answer:
    return 201, await _thread(call, call.writable(channel_id), snowflake())


async def _thread(call: Call, parent: Channel, id_: int) -> Json:
    if parent.guild is None or parent.type == THREAD:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    bot = call.double.bot
    thread = Channel(call.body["name"], parent.guild, THREAD, parent, owner=bot, id=id_)
    await call.double.opened(thread)
    return thread.payload()


# Messages


def _texts(body: Json) -> list[str]:
    """The texts of a message in which a mention counts."""
    shown = [part["content"] for part in walk(body.get("components") or []) if part["type"] == 10]
    return [body.get("content") or "", *shown]


def fill(call: Call, message: Message, body: Json) -> None:
    """Put what the bot sent into a message, and note whom that would ping.

    Raises:
        ApiError: if the message would be empty, or mixes the two kinds of components.
    """
    replied = message.reply_to.author if message.reply_to else None
    if woken := pings(_texts(body), body.get("allowed_mentions"), replied):
        call.double.violate(
            f"pings {', '.join(woken)}: {body.get('content') or 'a message'!r:.200}"
        )
    message.content = body.get("content", message.content) or ""
    if "embeds" in body:
        message.embeds = stored_embeds(body["embeds"] or [])
    if "components" in body:
        message.components = stored_components(body["components"] or [])
    kept = message.flags & (EPHEMERAL | HAS_THREAD)
    message.flags = kept | (body.get("flags") or message.flags & ~LOADING) & ~LOADING
    message.mentions = mentioned(message.content, call.double.users)
    if call.files or "attachments" in body:
        wanted = {str(each["id"]) for each in body.get("attachments") or []}
        message.attachments = [each for each in message.attachments if each["id"] in wanted]
    for name, data in call.files.items():
        message.attachments.append(call.double.upload(name, data))
        message.files[name] = data
    plain = message.content or message.embeds
    if not plain and not message.components and not message.attachments:
        raise ApiError(400, 50006, "Cannot send an empty message", violation="an empty message")
    if plain and message.flags & COMPONENTS_V2:
        wrong = "content or embeds beside components of version 2"
        raise ApiError(400, INVALID_FORM, "Invalid Form Body", violation=wrong)


@on("POST", "/channels/{channel_id}/messages")
async def _post(call: Call, channel_id: str) -> Answer:
    channel, body = call.writable(channel_id), call.body
    nonce = str(body["nonce"]) if body.get("nonce") is not None else None
    if nonce and body.get("enforce_nonce"):
        for earlier in call.double.messages(channel):
            if earlier.nonce == nonce and earlier.author is call.double.bot:
                return 200, earlier.payload()
    message = Message(channel, call.double.bot, nonce=nonce)
    if reference := body.get("message_reference"):
        message.reply_to = _referenced(call, reference)
    fill(call, message, body)
    await call.double.post(message)
    return 200, message.payload()


def _referenced(call: Call, reference: Json) -> Message | None:
    message = call.double.all_messages.get(int(reference["message_id"]))
    if message is not None and not message.deleted:
        return message
    if reference.get("fail_if_not_exists", True) is False:
        return None
    unknown = {"code": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "message": "Unknown message"}
    errors = {"message_reference": {"_errors": [unknown]}}
    raise ApiError(400, INVALID_FORM, "Invalid Form Body", errors=errors)


@on("GET", "/channels/{channel_id}/messages")
async def _history(call: Call, channel_id: str) -> Answer:
    messages = [m for m in call.double.messages(call.channel(channel_id)) if not m.ephemeral]
    if "before" in call.query:
        messages = [m for m in messages if m.id < int(call.query["before"])]
    if "after" in call.query:
        messages = [m for m in messages if m.id > int(call.query["after"])]
    limit = int(call.query.get("limit", 50))
    chosen = messages[:limit] if "after" in call.query else messages[-limit:]
    return 200, [m.payload(reader=call.double.bot) for m in reversed(chosen)]


@on("GET", "/channels/{channel_id}/messages/{message_id}")
async def _one_message(call: Call, channel_id: str, message_id: str) -> Answer:
    return 200, call.message(channel_id, message_id).payload(reader=call.double.bot)


@on("PATCH", "/channels/{channel_id}/messages/{message_id}")
async def _edit(call: Call, channel_id: str, message_id: str) -> Answer:
    message = call.message(channel_id, message_id)
    if message.author is not call.double.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    return 200, await _change(call, message)


async def _change(call: Call, message: Message) -> Json:
    before = message.payload()
    fill(call, message, call.body)
    message.versions.append(before)
    message.edited = now()
    await call.double.edited(message)
    return message.payload()


@on("DELETE", "/channels/{channel_id}/messages/{message_id}")
async def _delete(call: Call, channel_id: str, message_id: str) -> Answer:
    message = call.message(channel_id, message_id)
    if message.author is not call.double.bot:
        raise ApiError(403, 50013, FORBIDDEN[50013])
    await call.double.delete(message)
    return 204, None


# Interactions


@on("POST", "/interactions/{interaction_id}/{token}/callback")
async def _callback(call: Call, interaction_id: str, token: str) -> Answer:
    interaction = call.double.interactions.get(token)
    if interaction is None or str(interaction.id) != interaction_id:
        raise ApiError(404, 10062, "Unknown interaction", violation="no such interaction")
    took = call.at - interaction.began
    if interaction.acknowledged:
        twice = "" if interaction.unheard else "an interaction acknowledged twice"
        raise ApiError(400, 40060, "Interaction has already been acknowledged.", violation=twice)
    if interaction.expired or took > ANSWERS_S:
        late = "" if interaction.expired else f"acknowledged after {took:.2f} s"
        raise ApiError(404, 10062, "Unknown interaction", violation=late)
    kind = call.body["type"]
    if kind not in TAKES[interaction.kind]:
        wrong = f"an interaction of type {interaction.kind} answered with type {kind}"
        raise ApiError(400, INVALID_FORM, "Invalid Form Body", violation=wrong)
    await _acknowledge(call, interaction, kind, call.body.get("data") or {})
    interaction.ack_s, interaction.ack_type, interaction.unheard = took, kind, call.unheard
    call.double.ack_times.append(took)
    if call.query.get("with_response", "").lower() not in ("1", "true"):
        return 204, None
    return 200, _callback_answer(interaction, kind)


async def _acknowledge(call: Call, interaction: Interaction, kind: int, data: Json) -> None:
    if kind == CHOICES:
        interaction.choices = data["choices"]
    elif kind == SHOW_MODAL:
        interaction.modal = data
    elif kind in (DEFERRED_UPDATE, UPDATE):
        interaction.original = interaction.message
        if kind == UPDATE and interaction.message:
            call.body = data
            await _change(call, interaction.message)
    else:
        message = Message(interaction.channel, call.double.bot, interaction=interaction)
        message.flags = (data.get("flags") or 0) & EPHEMERAL
        if kind == REPLY:
            fill(call, message, data)
        else:
            message.flags |= LOADING
        interaction.original = message
        await call.double.post(message)


def _callback_answer(interaction: Interaction, kind: int) -> Json:
    about: Json = {"id": str(interaction.id), "type": interaction.kind}
    message = interaction.original
    if message is None:
        return {"interaction": about}
    about |= {
        "response_message_id": str(message.id),
        "response_message_loading": kind == DEFERRED_REPLY,
        "response_message_ephemeral": message.ephemeral,
    }
    if kind == DEFERRED_UPDATE:
        return {"interaction": about}
    shown = UPDATE if kind == UPDATE else REPLY
    return {"interaction": about, "resource": {"type": shown, "message": message.payload()}}


def _answering(call: Call, token: str) -> Interaction:
    """The interaction that a webhook's token belongs to, if it takes messages now."""
    interaction = call.double.interactions.get(token)
    if interaction is None or not interaction.acknowledged:
        early = "" if interaction and interaction.expired else "a message before acknowledging"
        raise ApiError(404, 10015, "Unknown Webhook", violation=early)
    if call.at - interaction.began > call.double.token_lifetime_s:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return interaction


def _answered(call: Call, token: str, message_id: str) -> Message:
    interaction = _answering(call, token)
    own = [m for m in (interaction.original, *interaction.followups) if m and not m.deleted]
    if message_id == "@original":
        own = own[:1] if interaction.original in own else []
    else:
        own = [m for m in own if str(m.id) == message_id]
    if not own:
        raise ApiError(404, 10008, "Unknown Message")
    return own[0]


@on("POST", "/webhooks/{application_id}/{token}")
async def _follow_up(call: Call, application_id: str, token: str) -> Answer:
    interaction = _answering(call, token)
    thinking = interaction.original
    if thinking and thinking.thinking and not thinking.deleted:
        # The first follow-up after a deferral takes the place of "is thinking".
        return 200, await _change(call, thinking)
    message = Message(interaction.channel, call.double.bot, interaction=interaction)
    message.flags = (call.body.get("flags") or 0) & EPHEMERAL
    fill(call, message, call.body)
    interaction.followups.append(message)
    await call.double.post(message)
    return 200, message.payload()


@on("GET", "/webhooks/{application_id}/{token}/messages/{message_id}")
async def _get_answer(call: Call, application_id: str, token: str, message_id: str) -> Answer:
    return 200, _answered(call, token, message_id).payload()


@on("PATCH", "/webhooks/{application_id}/{token}/messages/{message_id}")
async def _edit_answer(call: Call, application_id: str, token: str, message_id: str) -> Answer:
    return 200, await _change(call, _answered(call, token, message_id))


@on("DELETE", "/webhooks/{application_id}/{token}/messages/{message_id}")
async def _delete_answer(call: Call, application_id: str, token: str, message_id: str) -> Answer:
    await call.double.delete(_answered(call, token, message_id))
    return 204, None
