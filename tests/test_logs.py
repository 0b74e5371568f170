"""Logs are lines of JSON, and no token is in them, whoever logged it and however."""

from __future__ import annotations

import io
import json
import logging

import pytest

from bot.logs import HIDDEN, configure

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabc12.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9"  # noqa: S105 - made up
OTHER = "NzkyNzE1NDU0MTk2MDg4ODQy.X-hvzA.Ovy4MCQywSkoMRRclStW4xAYK7I"


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.fixture
def logged():
    """The stream that records go to; everything is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """What was logged."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_line_of_json(logged):
    """With its time, level, logger, message and the fields that it brings."""
    configure(stream=logged)
    logging.getLogger("bot").info("ready: %d\nservers", 3, extra={"outcome": "answered"})
    (line,) = lines(logged)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "bot",
        "message": "ready: 3\nservers",
        "outcome": "answered",
    }


@pytest.mark.parametrize(
    "text",
    [
        f"logging in with {TOKEN}",
        f"Authorization: Bot {TOKEN}",
        f"token={OTHER};",
        "POST https://discord.com/api/v10/webhooks/123456789012345678/aW50ZXJhY3Rpb246abc-DEF_123",
        "POST https://discord.com/api/v10/interactions/123456789012345678/tok-EN_123456/callback",
        "interaction token aW50ZXJhY3Rpb246MTIzNDU2Nzg5 expired",
        "Authorization: Bearer abcdefgh12345678",
    ],
)
@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_token_is_hidden_wherever_it_stands(logged, text, stream):
    """In the message, in what is put into it, in a field, and in a traceback."""
    written = stream()
    configure(stream=written)
    log = logging.getLogger("discord.http")
    log.warning(text)
    log.warning("while sending: %s", text)
    log.warning("field", extra={"outcome": text})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
    shown = written.getvalue()
    for secret in (TOKEN, OTHER, "aW50ZXJhY3Rpb246", "tok-EN_123456", "abcdefgh12345678"):
        assert secret not in shown
    assert shown.count(HIDDEN) >= 3


def test_the_tokens_of_this_bot_are_hidden_whatever_they_look_like(logged):
    """Also one that looks like none."""
    configure(["hunter2", ""], stream=logged)
    logging.getLogger("bot").error("the token hunter2 was refused")
    assert lines(logged)[0]["message"] == f"the token {HIDDEN} was refused"


def test_what_people_write_is_not_logged(logged):
    """discord.py's payloads are below INFO, and are not heard."""
    configure(stream=logged)
    logging.getLogger("discord.gateway").debug("For Shard ID 0: WebSocket Event: %s", "a secret")
    logging.getLogger("discord.http").debug("POST with %s has received %s", "a", "secret")
    assert logged.getvalue() == ""


def test_ordinary_words_stay(logged):
    """A file name, an address and a number are no tokens."""
    configure(stream=logged)
    text = "seeds/a.txt:10-42@0123456789ab in 123456789012345678 of https://discord.com/api/v10"
    logging.getLogger("bot").info(text)
    assert lines(logged)[0]["message"] == text
