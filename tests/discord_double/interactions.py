"""One interaction: what was asked, by when it must be acknowledged, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from secrets import token_urlsafe

from discord_double.world import Channel, Guild, Json, Message, User, snowflake

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE, CHOICES, SHOW_MODAL = 4, 5, 6, 7, 8, 9
TAKES = {
    COMMAND: {REPLY, DEFERRED_REPLY, SHOW_MODAL},
    COMPONENT: {REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE, SHOW_MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE},
}
"""Which kinds of acknowledgement each kind of interaction takes."""


@dataclass(eq=False)
class Interaction:
    """A command, a click, a modal or a half-typed option, and what the bot made of it.

    ``ack_s`` is how long the bot took to acknowledge it, ``original`` the message that it answered
    with (for a component that it updated, the component's own message).
    """

    kind: int
    user: User
    channel: Channel
    data: Json
    message: Message | None = None
    expired: bool = False
    id: int = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: "double-" + token_urlsafe(40))
    began: float = field(default_factory=time.monotonic)
    ack_s: float | None = None
    ack_type: int | None = None
    unheard: bool = False
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the bot has acknowledged it."""
        return self.ack_type is not None

    def metadata(self) -> Json:
        """What a message says about the interaction that it answers."""
        common: Json = {
            "id": str(self.id),
            "type": self.kind,
            "user": self.user.payload(),
            "authorizing_integration_owners": self._owners(),
        }
        if self.kind == COMPONENT and self.message:
            common["interacted_message_id"] = str(self.message.id)
        if self.kind == MODAL:
            own = {k: v for k, v in common.items() if k != "type"}
            common["triggering_interaction_metadata"] = own | {"type": COMMAND}
        return common

    def payload(self, bot: User) -> Json:
        """What the gateway tells the bot."""
        guild = self.channel.guild
        body: Json = {
            "id": str(self.id),
            "application_id": str(bot.id),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.payload(),
            "locale": "en-US",
            "entitlements": [],
            "app_permissions": str(self.channel.permissions(bot)),
            "authorizing_integration_owners": self._owners(),
            "context": 0 if guild else 1,
            "attachment_size_limit": 10 * 2**20,
        }
        if self.message:
            body["message"] = self.message.payload()
        if guild is None:
            return body | {"user": self.user.payload()}
        return body | self._in_guild(guild)

    def _in_guild(self, guild: Guild) -> Json:
        permissions = str(self.channel.permissions(self.user))
        return {
            "guild_id": str(guild.id),
            "guild_locale": "en-US",
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "member": guild.member(self.user) | {"permissions": permissions},
        }

    def _owners(self) -> Json:
        guild = self.channel.guild
        return {"0": str(guild.id) if guild else "0"}
