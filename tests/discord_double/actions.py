"""What people do, and what the bot does about it: the hands of a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from discord_double.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction
from discord_double.world import Channel, Json, Message, User, mentioned, walk

if TYPE_CHECKING:
    from discord_double.server import Double

PATIENCE_S = 20.0
SUBCOMMAND, GROUP, TEXT, INTEGER, BOOLEAN, USER, CHANNEL, ROLE = 1, 2, 3, 4, 5, 6, 7, 8
MENTIONABLE, NUMBER, ATTACHMENT = 9, 10, 11
CHAT, MESSAGE_MENU = 1, 3

Condition = Callable[["Reaction"], bool]


class Reaction:
    """What the bot has done so far about one message or interaction; it keeps growing."""

    def __init__(self, double: Double, trigger: Message | Interaction) -> None:
        self._double = double
        self.trigger = trigger
        source = trigger.message if isinstance(trigger, Interaction) else None
        self._versions = len(source.versions) if source else 0

    @property
    def interaction(self) -> Interaction:
        """The interaction that it is about."""
        assert isinstance(self.trigger, Interaction)
        return self.trigger

    @property
    def ack_s(self) -> float | None:
        """How long the bot took to acknowledge the interaction."""
        return self.interaction.ack_s

    @property
    def acknowledged(self) -> bool:
        """Whether the interaction is acknowledged."""
        return self.interaction.acknowledged

    @property
    def choices(self) -> list[Json] | None:
        """What was offered to complete an option."""
        return self.interaction.choices

    @property
    def modal(self) -> Json | None:
        """The modal that was shown."""
        return self.interaction.modal

    @property
    def updated(self) -> bool:
        """Whether the message that was clicked in has changed since."""
        source = self.interaction.message
        return source is not None and len(source.versions) > self._versions

    @property
    def messages(self) -> list[Message]:
        """What the bot has said, oldest first, without deleted ones and "is thinking"."""
        own = [m for m in self._double.all_messages.values() if self._belongs(m)]
        return [m for m in own if not m.deleted and not m.thinking]

    @property
    def message(self) -> Message:
        """The one thing that the bot has said."""
        assert len(self.messages) == 1, f"{len(self.messages)} messages, not one: {self}"
        return self.messages[0]

    @property
    def answered(self) -> bool:
        """Whether anything came: words, choices, a modal, a change of the message clicked in."""
        if self.messages or isinstance(self.trigger, Message):
            return bool(self.messages)
        return self.choices is not None or self.modal is not None or self.updated

    async def until(self, condition: Condition, timeout_s: float = PATIENCE_S) -> Self:
        """Wait for something that the bot has yet to do.

        Raises:
            AssertionError: if it has not done it in time.
        """
        end = time.monotonic() + timeout_s
        while not condition(self):
            left = end - time.monotonic()
            assert left > 0, f"not within {timeout_s} s: {self}"
            await self._double.wait(left)
        return self

    def _belongs(self, message: Message) -> bool:
        if message.author is not self._double.bot:
            return False
        if isinstance(self.trigger, Interaction):
            if message.interaction is self.trigger:
                return True
            original = self.trigger.original
            return original is not None and _about(message, original) and message is not original
        if _about(message, self.trigger):
            return True
        unbound = message.reply_to is None and message.interaction is None
        here = message.channel is self.trigger.channel
        return unbound and here and message.id > self.trigger.id

    def __str__(self) -> str:
        """What is known, for whoever reads a failed test."""
        said = [m.text[:200] for m in self.messages]
        asked = [str(request) for request in self._double.requests[-8:]]
        lines = [
            f"the bot said {said}",
            f"violations: {self._double.violations}",
            f"refused hosts: {self._double.refused_hosts}",
            "its last requests:",
            *asked,
        ]
        if isinstance(self.trigger, Interaction):
            lines.insert(0, f"acknowledged with {self.trigger.ack_type} after {self.ack_s} s")
        return "\n  ".join(lines)


def _about(message: Message, other: Message) -> bool:
    return message.reply_to is other or message.channel.id == other.id


def answered(reaction: Reaction) -> bool:
    """The condition that most tests wait for."""
    return reaction.answered


class Actions:
    """What a person can do. Each waits ``until`` a condition (None: for nothing) holds.

    The asker is ``user``, the place ``channel``, where a call names none.
    """

    async def say(
        self: Double,
        text: str,
        *,
        channel: Channel | None = None,
        user: User | None = None,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Mapping[str, bytes] | None = None,
        until: Condition | None = answered,
        timeout_s: float = PATIENCE_S,
    ) -> Reaction:
        """Post a message; a reply, if ``reply_to`` is given, pings its author by default."""
        channel = channel or (reply_to.channel if reply_to else self.channel)
        message = Message(channel, user or self.user, text, reply_to=reply_to, pings_author=ping)
        message.mentions = mentioned(text, self.users)
        if reply_to and ping and reply_to.author not in message.mentions:
            message.mentions.append(reply_to.author)
        message.attachments = [self.upload(name, data) for name, data in (files or {}).items()]
        reaction = Reaction(self, message)
        await self.post(message)
        return await reaction.until(until, timeout_s) if until else reaction

    async def mention(self: Double, text: str, **rest: Any) -> Reaction:
        """Ask in a channel, naming the bot; ``rest`` as for :meth:`say`."""
        return await self.say(f"{self.bot.mention} {text}", **rest)

    async def dm(self: Double, text: str, *, user: User | None = None, **rest: Any) -> Reaction:
        """Ask in a direct message; ``rest`` as for :meth:`say`."""
        user = user or self.user
        return await self.say(text, channel=self.direct(user), user=user, **rest)

    async def reply(self: Double, to: Message, text: str, **rest: Any) -> Reaction:
        """Reply to a message; ``rest`` as for :meth:`say`."""
        return await self.say(text, reply_to=to, **rest)

    async def slash(
        self: Double, name: str, options: Mapping[str, Any] | None = None, **rest: Any
    ) -> Reaction:
        """Use a slash command: ``slash("articles add", {"link": "…"})``.

        ``rest`` as for :meth:`act`. A user or channel is given as such, an attachment as
        ``(name, bytes)``.
        """
        guild = (rest.get("channel") or self.channel).guild
        command, described = _find(self, name, guild.id if guild else 0)
        resolved: Json = {}
        chosen = [_option(self, described, k, v, resolved) for k, v in (options or {}).items()]
        missing = [
            o["name"] for o in described if o.get("required") and o["name"] not in (options or {})
        ]
        assert not missing, f"/{name} needs {missing}"
        data = _nested(command, name, chosen) | ({"resolved": resolved} if resolved else {})
        return await self.act(COMMAND, data, **rest)

    async def autocomplete(
        self: Double,
        name: str,
        option: str,
        typed: str,
        others: Mapping[str, Any] | None = None,
        **rest: Any,
    ) -> list[Json]:
        """Type a part of an option; the choices offered (``name``, ``value``)."""
        guild = (rest.get("channel") or self.channel).guild
        command, described = _find(self, name, guild.id if guild else 0)
        completed = {o["name"]: o.get("autocomplete") for o in described}
        assert completed.get(option), f"/{name} does not complete {option}: {completed}"
        chosen = [_option(self, described, k, v, {}) for k, v in (others or {}).items()]
        chosen.append({"name": option, "type": TEXT, "value": typed, "focused": True})
        reaction = await self.act(AUTOCOMPLETE, _nested(command, name, chosen), **rest)
        return reaction.choices or []

    async def message_command(self: Double, name: str, target: Message, **rest: Any) -> Reaction:
        """Use an entry of a message's menu; ``rest`` as for :meth:`act`."""
        guild = target.channel.guild
        command, _ = _find(self, name, guild.id if guild else 0, kind=MESSAGE_MENU)
        data = {
            "id": command["id"],
            "name": name,
            "type": MESSAGE_MENU,
            "target_id": str(target.id),
            "resolved": {"messages": {str(target.id): target.payload()}},
        }
        return await self.act(COMMAND, data, channel=target.channel, **rest)

    async def click(self: Double, message: Message, name: str, **rest: Any) -> Reaction:
        """Press the button with this custom_id or label; ``rest`` as for :meth:`act`."""
        button = message.button(name)
        assert "custom_id" in button, f"a link takes no click: {button}"
        assert not button.get("disabled"), f"a disabled button: {button}"
        data = {"component_type": 2, "custom_id": button["custom_id"], "id": button["id"]}
        return await self.act(COMPONENT, data, message=message, channel=message.channel, **rest)

    async def choose(
        self: Double, message: Message, custom_id: str, values: list[str], **rest: Any
    ) -> Reaction:
        """Choose from a menu in a message; ``rest`` as for :meth:`act`."""
        menu = next(p for p in walk(message.components) if custom_id in p.get("custom_id", ""))
        resolved = _resolved_channels(self, values) if menu["type"] == 8 else {}
        data = {"component_type": menu["type"], "custom_id": menu["custom_id"], "id": menu["id"]}
        data |= {"values": values, **({"resolved": resolved} if resolved else {})}
        return await self.act(COMPONENT, data, message=message, channel=message.channel, **rest)

    async def submit(
        self: Double, shown: Reaction, values: Mapping[str, str], **rest: Any
    ) -> Reaction:
        """Fill in and send the modal that the bot showed: texts by (a part of) the custom_id."""
        modal = shown.modal
        assert modal, f"no modal: {shown}"
        components = _filled(modal["components"], values)
        data = {"custom_id": modal["custom_id"], "components": components}
        interaction = shown.interaction
        rest = {"channel": interaction.channel, "message": interaction.message, **rest}
        return await self.act(MODAL, data, **rest)

    async def act(
        self: Double,
        kind: int,
        data: Json,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        message: Message | None = None,
        expired: bool = False,
        until: Condition | None = answered,
        timeout_s: float = PATIENCE_S,
    ) -> Reaction:
        """Begin an interaction; ``expired``: it is too late already when the bot hears of it."""
        channel = channel or self.channel
        interaction = Interaction(kind, user or self.user, channel, data, message, expired)
        self.interactions[interaction.token] = interaction
        reaction = Reaction(self, interaction)
        guild_id = channel.guild.id if channel.guild else None
        event = interaction.payload(self.bot)
        await self.gateway.dispatch("INTERACTION_CREATE", event, guild_id=guild_id)
        return await reaction.until(until, timeout_s) if until else reaction


def _find(double: Double, name: str, guild: int, kind: int = CHAT) -> tuple[Json, list[Json]]:
    """A registered command, and the options of its (sub)command."""
    first, *below = name.split(" ") if kind == CHAT else [name]
    known = [*double.commands.get(0, []), *double.commands.get(guild, [])]
    fitting = [c for c in known if (c["name"], c["type"]) == (first, kind)]
    assert fitting, f"no command {first!r} among {[c['name'] for c in known]}"
    options: list[Json] = fitting[0].get("options", [])
    for word in below:
        options = next(o for o in options if o["name"] == word).get("options", [])
    return fitting[0], options


def _option(double: Double, described: list[Json], name: str, value: Any, resolved: Json) -> Json:
    """An option as Discord sends it; what it points at goes into ``resolved``."""
    kinds = {option["name"]: option["type"] for option in described}
    assert name in kinds, f"no option {name!r} among {sorted(kinds)}"
    kind = kinds[name]
    if kind == ATTACHMENT:
        file = double.upload(*value)
        resolved.setdefault("attachments", {})[file["id"]] = file
        value = file["id"]
    elif isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = value.payload()
        value = str(value.id)
    elif isinstance(value, Channel):
        resolved |= _resolved_channels(double, [str(value.id)])
        value = str(value.id)
    elif kind == ROLE:
        role = next(r for g in double.guilds.values() for r in g.roles() if int(r["id"]) == value)
        resolved.setdefault("roles", {})[str(value)] = role
        value = str(value)
    return {"name": name, "type": kind, "value": value}


def _resolved_channels(double: Double, ids: list[str]) -> Json:
    channels = [double.channels[int(id_)] for id_ in ids]
    shown = {
        str(c.id): c.payload() | {"permissions": str(c.permissions(double.user))} for c in channels
    }
    return {"channels": shown}


def _nested(command: Json, name: str, chosen: list[Json]) -> Json:
    below = name.split(" ")[1:]
    for depth, word in enumerate(reversed(below)):
        chosen = [{"name": word, "type": GROUP if depth else SUBCOMMAND, "options": chosen}]
    return {"id": command["id"], "name": command["name"], "type": CHAT, "options": chosen}


def _filled(components: list[Json], values: Mapping[str, str]) -> list[Json]:
    """A modal's components with their values: text inputs in rows or labels, and menus."""
    filled = []
    for number, part in enumerate(components, 1):
        inner = part.get("components") or [part.get("component")]
        fields = []
        for field in filter(None, inner):
            value = next((v for k, v in values.items() if k in field["custom_id"]), "")
            own = {"type": field["type"], "custom_id": field["custom_id"], "id": number}
            fields.append(own | ({"value": value} if field["type"] == 4 else {"values": [value]}))
        place = {"type": part["type"], "id": number}
        if not fields:
            filled.append(place)
        elif "component" in part:
            filled.append(place | {"component": fields[0]})
        else:
            filled.append(place | {"components": fields})
    return filled
