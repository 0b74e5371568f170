"""Who and what there is: people, servers, channels, messages, and how Discord writes them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

Json = dict[str, Any]

VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_SERVER = 1 << 5
EVERYDAY = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | 1 << 6  # add reactions
    | 1 << 14  # embed links
    | 1 << 15  # attach files
    | 1 << 16  # read the history
    | 1 << 31  # use application commands
    | 1 << 34  # create and manage threads
    | 1 << 35
    | 1 << 38  # send in threads
)
TEXT, DIRECT, THREAD = 0, 1, 11
EPHEMERAL, SUPPRESS_EMBEDS, HAS_THREAD, LOADING, COMPONENTS_V2 = (
    1 << 6,
    1 << 2,
    1 << 5,
    1 << 7,
    1 << 15,
)
FIRST_SECOND_MS = 1420070400000
"""Discord counts time from 2015."""

_numbers = count(1)


def snowflake() -> int:
    """A new id: made now, and larger than every earlier one of this process."""
    return (int(time.time() * 1000) - FIRST_SECOND_MS) << 22 | next(_numbers) % (1 << 22)


def now() -> str:
    """The moment, as Discord writes it."""
    return datetime.now(UTC).isoformat()


@dataclass(eq=False)
class User:
    """A person or a bot; ``permissions`` are what they may do in every server."""

    name: str
    id: int = field(default_factory=snowflake)
    bot: bool = False
    permissions: int = EVERYDAY

    @property
    def mention(self) -> str:
        """What a message writes to name this user."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """The user as everybody sees them."""
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": None,
            "avatar": None,
            "discriminator": "0000" if self.bot else "0",
            "public_flags": 0,
            "flags": 0,
            "bot": self.bot,
            "primary_guild": None,
        }


@dataclass(eq=False)
class Guild:
    """A server. Its everybody role has its own id; each user has a role of their permissions."""

    name: str
    members: list[User]
    id: int = field(default_factory=snowflake)
    channels: list[Channel] = field(default_factory=list)
    joined: str = field(default_factory=now)
    extra_roles: dict[int, str] = field(default_factory=dict)
    roles_of: dict[int, list[int]] = field(default_factory=dict)

    def member(self, user: User) -> Json:
        """A user as a member of this server."""
        own = [str(role) for role in self.roles_of.get(user.id, [])]
        if user.permissions != EVERYDAY:
            own.append(str(user.id + 1))
        return {
            "user": user.payload(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": own,
            "joined_at": self.joined,
            "premium_since": None,
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }

    def add_role(self, name: str, *users: User) -> int:
        """Give ``users`` a role that brings no permissions; its id."""
        role = snowflake()
        self.extra_roles[role] = name
        for user in users:
            self.roles_of.setdefault(user.id, []).append(role)
        return role

    def roles(self) -> list[Json]:
        """Everybody's role, the roles that were added, and one for each member with more."""
        special = [u for u in self.members if u.permissions != EVERYDAY]
        return [
            _role(self.id, "@everyone", EVERYDAY, 0),
            *(_role(id_, name, 0, 1) for id_, name in self.extra_roles.items()),
            *(_role(u.id + 1, f"{u.name}'s role", u.permissions, 2) for u in special),
        ]

    def payload(self) -> Json:
        """The server as the REST interface describes it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": None,
            "home_header": None,
            "splash": None,
            "discovery_splash": None,
            "features": [],
            "banner": None,
            "owner_id": str(self.members[0].id),
            "application_id": None,
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "widget_enabled": False,
            "widget_channel_id": None,
            "verification_level": 0,
            "roles": self.roles(),
            "default_message_notifications": 0,
            "mfa_level": 0,
            "explicit_content_filter": 0,
            "max_presences": None,
            "max_members": 500000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "rules_channel_id": None,
            "safety_alerts_channel_id": None,
            "public_updates_channel_id": None,
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "nsfw_level": 0,
            "emojis": [],
            "stickers": [],
            "incidents_data": None,
        }

    def event(self, seen: list[User]) -> Json:
        """The server as GUILD_CREATE brings it, with the members that the bot may see."""
        return self.payload() | {
            "joined_at": self.joined,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.member(user) for user in seen],
            "channels": [c.payload() for c in self.channels if c.type != THREAD],
            "threads": [c.payload() for c in self.channels if c.type == THREAD],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


def _role(id_: int, name: str, permissions: int, position: int) -> Json:
    return {
        "id": str(id_),
        "name": name,
        "permissions": str(permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


@dataclass(eq=False)
class Channel:
    """A text channel of a server, a thread in one, or a direct conversation (no server)."""

    name: str
    guild: Guild | None
    type: int = TEXT
    parent: Channel | None = None
    people: tuple[User, ...] = ()
    owner: User | None = None
    id: int = field(default_factory=snowflake)
    denied: dict[int, int] = field(default_factory=dict)
    forbidden: int | None = None
    created: str = field(default_factory=now)

    def permissions(self, user: User) -> int:
        """What ``user`` may do here."""
        return user.permissions & ~self.denied.get(user.id, 0)

    def payload(self) -> Json:
        """The channel as Discord describes it."""
        if self.guild is None:
            recipients = [user.payload() for user in self.people]
            return {"id": str(self.id), "type": DIRECT, "flags": 0, "recipients": recipients}
        common = {
            "id": str(self.id),
            "type": self.type,
            "flags": 0,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "parent_id": None,
            "rate_limit_per_user": 0,
            "last_message_id": None,
        }
        if self.type != THREAD:
            overwrites = [
                {"id": str(who), "type": 1, "allow": "0", "deny": str(bits)}
                for who, bits in self.denied.items()
            ]
            place = {"position": 0, "topic": None, "nsfw": False}
            return common | place | {"permission_overwrites": overwrites}
        assert self.parent
        assert self.owner
        return common | {
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner.id),
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {
                "archived": False,
                "archive_timestamp": self.created,
                "auto_archive_duration": 1440,
                "locked": False,
                "create_timestamp": self.created,
            },
        }


@dataclass(eq=False)
class Message:
    """A message as it stands now; ``versions`` holds what it was before each edit."""

    channel: Channel
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    flags: int = 0
    reply_to: Message | None = None
    pings_author: bool = False
    interaction: Any = None
    nonce: str | None = None
    id: int = field(default_factory=snowflake)
    created: str = field(default_factory=now)
    edited: str | None = None
    deleted: bool = False
    versions: list[Json] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)

    @property
    def thinking(self) -> bool:
        """Whether it says only that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def ephemeral(self) -> bool:
        """Whether only the asker sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """All its words: the content, the embeds' and the components' texts, a line each."""
        return "\n".join([*filter(None, [self.content]), *_words(self.embeds, self.components)])

    @property
    def buttons(self) -> list[Json]:
        """Every button in it, wherever it stands."""
        return [part for part in walk(self.components) if part.get("type") == 2]

    def button(self, name: str) -> Json:
        """The button with this custom_id or label (or a part of either)."""
        for same in (str.__eq__, str.__contains__):
            for button in self.buttons:
                if any(same(str(button.get(key, "")), name) for key in ("custom_id", "label")):
                    return button
        raise AssertionError(f"no button {name!r} among {self.buttons}")

    def payload(self, *, reader: User | None = None, nested: bool = False) -> Json:
        """The message as Discord describes it, without its words if ``reader`` may not see them."""
        hidden = reader is not None and not self._readable_by(reader)
        body: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": 20 if self.interaction is not None else 19 if self.reply_to else 0,
            "content": "" if hidden else self.content,
            "mentions": [user.payload() for user in self.mentions],
            "mention_roles": [],
            "mention_everyone": False,
            "attachments": [] if hidden else self.attachments,
            "embeds": [] if hidden else self.embeds,
            "components": [] if hidden else self.components,
            "timestamp": self.created,
            "edited_timestamp": self.edited,
            "flags": self.flags,
            "author": self.author.payload(),
            "pinned": False,
            "tts": False,
        }
        if self.nonce:
            body["nonce"] = self.nonce
        if self.interaction is not None:
            body["webhook_id"] = body["application_id"] = str(self.author.id)
            body["interaction_metadata"] = self.interaction.metadata()
        if self.reply_to:
            place = {"type": 0, "channel_id": str(self.reply_to.channel.id)}
            if self.channel.guild:
                place["guild_id"] = str(self.channel.guild.id)
            body["message_reference"] = place | {"message_id": str(self.reply_to.id)}
            if not nested:
                gone = self.reply_to.deleted
                body["referenced_message"] = (
                    None if gone else self.reply_to.payload(reader=reader, nested=True)
                )
        return body

    def event(self, reader: User) -> Json:
        """The message as the gateway tells it to ``reader``."""
        body = self.payload(reader=reader)
        if guild := self.channel.guild:
            body |= {"guild_id": str(guild.id), "channel_type": self.channel.type}
            body["member"] = {k: v for k, v in guild.member(self.author).items() if k != "user"}
        return body

    def _readable_by(self, reader: User) -> bool:
        here = self.channel.guild is None
        return here or self.author is reader or reader in self.mentions


def walk(parts: Any) -> list[Json]:
    """Every object with a ``type`` inside components, outermost first."""
    if isinstance(parts, list):
        return [found for part in parts for found in walk(part)]
    if not isinstance(parts, dict):
        return []
    inner = [found for value in parts.values() for found in walk(value)]
    return [parts, *inner] if "type" in parts else inner


def _words(embeds: list[Json], components: list[Json]) -> list[str]:
    words: list[str] = []
    for embed in embeds:
        author, footer = embed.get("author") or {}, embed.get("footer") or {}
        fields = [text for f in embed.get("fields", []) for text in (f["name"], f["value"])]
        head = [author.get("name"), embed.get("title"), embed.get("description")]
        words += [text for text in (*head, *fields, footer.get("text")) if text]
    return words + [part["content"] for part in walk(components) if part["type"] == 10]


_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_MENTION = re.compile(r"<@(?P<kind>[!&]?)(?P<id>\d+)>|@(?P<all>everyone|here)")


def pings(texts: list[str], allowed: Json | None, replied: User | None) -> list[str]:
    """Whom a message of the bot would notify.

    ``texts`` are the places where a mention counts: the content and the text displays, not the
    embeds. A backslash before a mention is taken to change nothing, which errs on the strict side.
    """
    parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    named = {
        "users": {str(id_) for id_ in (allowed or {}).get("users") or []},
        "roles": {str(id_) for id_ in (allowed or {}).get("roles") or []},
    }
    found = [m for text in texts for m in _MENTION.finditer(_CODE.sub("", text))]
    woken = []
    for match in found:
        kind = "everyone" if match["all"] else "roles" if match["kind"] == "&" else "users"
        if kind in parse or match["id"] in named.get(kind, ()):
            woken.append(match[0])
    if replied and not replied.bot and (allowed is None or allowed.get("replied_user")):
        woken.append(f"the author of the message replied to, {replied.name}")
    return woken


def mentioned(text: str, users: dict[int, User]) -> list[User]:
    """The users whom a text names, each once, in order."""
    ids = [int(m["id"]) for m in _MENTION.finditer(text) if m["id"] and m["kind"] != "&"]
    return [users[id_] for id_ in dict.fromkeys(ids) if id_ in users]


_MADE_UP: dict[int, Json] = {
    3: {"min_values": 1, "max_values": 1},
    11: {"description": None, "spoiler": False},
    13: {"name": None, "size": None, "spoiler": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}
"""What Discord adds to a component, by its type, when the bot left it out."""


def stored_components(parts: list[Json]) -> list[Json]:
    """Components as Discord gives them back: numbered, and with what was left out."""
    numbers = count(1)

    def stored(value: Any) -> Any:
        if isinstance(value, list):
            return [stored(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "type" not in value:
            if set(value) == {"url"}:
                media = {"id": str(snowflake()), "proxy_url": value["url"]}
                return value | media
            return {key: stored(item) for key, item in value.items()}
        number = value.get("id") or next(numbers)
        made_up = _MADE_UP.get(value["type"], {})
        return made_up | {key: stored(item) for key, item in value.items()} | {"id": number}

    whole: list[Json] = stored(parts)
    return whole


def stored_embeds(embeds: list[Json]) -> list[Json]:
    """Embeds as Discord gives them back: each field says whether it stands in line."""
    whole = []
    for embed in embeds:
        fields = [{"inline": False, **part} for part in embed.get("fields", [])]
        whole.append({**embed, "type": "rich", **({"fields": fields} if fields else {})})
    return whole
