"""The link that invites the bot to a server, with the permissions that it uses and no others."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlencode

from index.errors import PullquoteError

PERMISSIONS = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Read Message History": 1 << 16,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
}
"""What the bot asks for, by Discord's name for it; docs/discord.md says what each is for."""


def application_id(token: str) -> int:
    """The id of the application that a bot token belongs to: its first part says it.

    Raises:
        PullquoteError: this is not a bot's token.
    """
    first = token.strip().partition(".")[0]
    try:
        written = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode("ascii")
    except ValueError:  # not base64, or not ASCII
        written = ""
    if not re.fullmatch(r"\d{15,20}", written):
        raise PullquoteError(
            "PULLQUOTE_DISCORD_TOKEN is not the token of a bot; copy it from the page Bot of your "
            "application on https://discord.com/developers/applications"
        )
    return int(written)


def link(token: str) -> str:
    """Where to invite the bot of this token to a server.

    Raises:
        PullquoteError: this is not a bot's token.
    """
    query = {
        "client_id": application_id(token),
        "scope": "bot applications.commands",
        "permissions": sum(PERMISSIONS.values()),
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"
