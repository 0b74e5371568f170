"""Log records -> lines on stderr: plain on a terminal, else one JSON object a line.

No token reaches a line, whoever logged it: not the bot's, nor one of an interaction or a webhook,
nor the password of a proxy; not in a message, a traceback or a field. What people write is not
logged at all: the bot's own records carry numbers and ids, and discord.py's, which carry payloads,
are heard from INFO upwards.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TextIO

from bot.signs import anonymous, visible

FIELDS = ("guild", "channel", "outcome", "seconds", "revision", "shard", "waiting", "standing")
"""What a record may say beside its message: ``log.info("answered", extra={"outcome": ...})``."""
HIDDEN = "[hidden]"
_TOKENS = re.compile(
    # A bot's or user's token: the id in base64, a time, a signature.
    r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{25,}"
    # The token in the address of a webhook or an interaction.
    r"|(?<=/webhooks/)\d+/[A-Za-z0-9_%.=-]+"
    r"|(?<=/interactions/)\d+/[A-Za-z0-9_%.=-]+"
    # An interaction's token by itself: "interaction:" in base64.
    r"|aW50ZXJhY3Rpb246[A-Za-z0-9_=-]+"
    r"|(?<=Bot )[A-Za-z0-9_.-]{20,}|(?<=Bearer )[A-Za-z0-9_.~+/=-]{8,}"
)


class _Lines(logging.Formatter):
    """A record as text for people, without what is secret."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        known = [re.escape(secret) for secret in secrets if secret]
        self._secret = re.compile("|".join([*known, _TOKENS.pattern]))

    def format(self, record: logging.LogRecord) -> str:
        return self._clean(super().format(record))

    def _clean(self, text: str) -> str:
        return visible(anonymous(self._secret.sub(HIDDEN, text)))


class _JsonLines(_Lines):
    """A record as one JSON object: time, level, logger, message, the fields, the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._clean(record.getMessage()),
        }
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = self._clean(value) if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = self._clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(secrets: Collection[str] = (), stream: TextIO | None = None) -> None:
    """Send all records from INFO upwards to a stream, stderr by default.

    ``secrets`` are hidden wherever they stand, beside all that looks like a token of Discord.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines(secrets) if stream.isatty() else _JsonLines(secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # httpx: its requests are the bot's own; their addresses tell more than that they were made.
    # faiss: which instructions of the processor it was built for.
    for name in ("httpx", "faiss"):
        logging.getLogger(name).setLevel(logging.WARNING)
