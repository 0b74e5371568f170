"""Checks bodies against Discord's API description, and by the rules that it does not state.

The description is Discord's own (MIT; ``data/README.md``), reduced to what the bot uses. It is
stricter here than as published: a request may hold no field that it does not name. It is laxer in
one thing: discord.py sends ids as integers where the description wants strings, which Discord
takes. What the description misses is written out below, from Discord's documentation:
``resources/message``, ``components/reference``, ``interactions/application-commands``.

>>> Schema().request_errors("POST", "/channels/1/messages", {"content": "Hello"})
[]
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

DESCRIPTION = Path(__file__).parent / "data" / "discord-openapi.json.gz"
JSON = "application/json"
IS_COMPONENTS_V2 = 1 << 15
V2_TYPES = {9, 10, 11, 12, 13, 14, 17}
EMBED_TEXTS = re.compile(
    r"(title|description|fields/\d+/(name|value)|(footer/text)|(author/name))$"
)
SLASH_NAME = re.compile(r"[-_'\w]{1,32}")
UNNAMED = {
    "ApplicationCommandUpdateRequest": ["nsfw"],
    "ApplicationCommandCreateRequest": ["nsfw"],
    "MessageEditRequestPartial": ["tts"],
    "IncomingWebhookUpdateRequestPartial": ["tts"],
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": ["tts"],
}
"""Fields that Discord documents, or passes over in each edit of discord.py, and its description
leaves out.
"""


class Schema:
    """What Discord takes and gives, as far as the bot talks to it.

    Paths are as discord.py writes them after ``/api/v10``: ``/channels/123/messages``. Errors are
    sentences, one each; an empty list is a body that Discord takes.
    """

    def request_errors(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with a request; ``body`` is its JSON (of a form, ``payload_json``)."""
        operation = _operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such route"]
        if "requestBody" not in operation:
            return [] if body is None else [f"{method} {path} takes no body"]
        if body is None:
            return [f"{method} {path} needs a body"]
        schema = operation["requestBody"]["content"][JSON]["schema"]
        return list(_errors(schema, body, request=True)) or list(_unstated(path, body))

    def response_errors(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer of Discord; ``body`` is its JSON, None without one."""
        operation = _operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such route"]
        if status >= 500:
            return []  # a gateway's page, not the API's
        described = operation["responses"]
        answer = described.get(str(status), described.get(f"{status // 100}XX"))
        if answer is None:
            return [f"{method} {path} never answers {status}"]
        if "$ref" in answer:
            answer = _description()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        if "content" not in answer:
            return [] if body is None else [f"{method} {path} answers {status} without a body"]
        return list(_errors(answer["content"][JSON]["schema"], body, request=False))


def message_errors(body: dict[str, Any]) -> list[str]:
    """What is wrong with a message that is to be posted in a channel."""
    return Schema().request_errors("POST", "/channels/1/messages", body)


# The description


@cache
def _description(*, request: bool = False) -> dict[str, Any]:
    """The description; for requests with no unnamed fields, and with ids as integers too."""
    description: dict[str, Any] = json.loads(gzip.decompress(DESCRIPTION.read_bytes()))
    if request:
        schemas = description["components"]["schemas"]
        for name, unnamed in UNNAMED.items():
            if name in schemas:
                schemas[name]["properties"].update(dict.fromkeys(unnamed, True))
        _close(schemas)
        text = schemas["SnowflakeType"]
        schemas["SnowflakeType"] = {"anyOf": [text, {"type": "integer", "minimum": 0}]}
    return description


def _close(schema: Any) -> None:
    """Let every object hold only the fields that are named, in place."""
    if isinstance(schema, dict):
        for each in schema.values():
            _close(each)
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        for each in schema:
            _close(each)


def _operation(method: str, path: str) -> dict[str, Any] | None:
    """The method of the route that a path belongs to; ``@me`` goes before a parameter."""
    parts = path.partition("?")[0].rstrip("/").split("/")
    fitting = [
        (route.count("{"), operations)
        for route, operations in _description()["paths"].items()
        if len(names := route.split("/")) == len(parts)
        and all(n == p or n.startswith("{") for n, p in zip(names, parts, strict=True))
    ]
    if not fitting:
        return None
    operation: dict[str, Any] | None = min(fitting, key=lambda each: each[0])[1].get(method.lower())
    return operation


@cache
def _validator(schema: str, *, request: bool) -> jsonschema_rs.Draft202012Validator:
    whole = {**json.loads(schema), "components": _description(request=request)["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _errors(schema: Any, body: Any, *, request: bool) -> Iterator[str]:
    if request and "$ref" not in schema:
        schema = json.loads(json.dumps(schema))
        _close(schema)
    for error in _validator(json.dumps(schema), request=request).iter_errors(body):
        yield from _told(error)


def _told(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """An error in words; of a choice, the errors of the one that the body's ``type`` picks."""
    for branch in getattr(error.kind, "context", ()):
        if not any(each.instance_path[-1:] == ["type"] for each in branch):
            for each in branch:
                yield from _told(each)
            return
    where = "/".join(str(part) for part in error.instance_path)
    yield f"{where or 'body'}: {error.message[-300:]}"


# What the description does not state


def _unstated(path: str, body: Any) -> Iterator[str]:
    """Faults of a body in which the description finds none."""
    if path.rstrip("/").endswith("/commands"):
        for command in body if isinstance(body, list) else [body]:
            yield from _name_errors(command, slash=command.get("type", 1) in (1, None))
        return
    message = body.get("data") if path.endswith("/callback") else body
    if isinstance(message, dict) and not path.endswith("/threads"):
        yield from _message_errors(message)


def _name_errors(command: dict[str, Any], *, slash: bool) -> Iterator[str]:
    """Slash commands and their options are named in lower case, without spaces, and described."""
    name = str(command.get("name", ""))
    if slash and (not SLASH_NAME.fullmatch(name) or name != name.lower()):
        yield f"{name!r} is no name of a slash command or option"
    if slash and not command.get("description"):
        yield f"{name!r} has no description"
    if not slash and command.get("description"):
        yield f"{name!r} is a menu command and may have no description"
    options = command.get("options") or []
    names = Counter(option.get("name") for option in options)
    yield from (f"{name!r} has the option {each!r} twice" for each, n in names.items() if n > 1)
    for option in options:
        yield from _name_errors(option, slash=True)


def _message_errors(message: dict[str, Any]) -> Iterator[str]:
    if _size(message.get("content") or "") > 2000:
        yield "content: more than 2000 characters"
    embeds = [text for where, text in _texts(message.get("embeds")) if EMBED_TEXTS.search(where)]
    if sum(map(_size, embeds)) > 6000:
        yield "embeds: more than 6000 characters in all"
    nodes = list(_components(message.get("components")))
    ids = Counter(each["custom_id"] for each in nodes if each.get("custom_id") is not None)
    yield from (f"custom_id {each!r} is there {n} times" for each, n in ids.items() if n > 1)
    yield from (
        f"custom_id {each!r} is empty or too long" for each in ids if not 1 <= _size(each) <= 100
    )
    for each in nodes:
        if each.get("type") == 2:
            yield from _button_errors(each)
        if each.get("type") == 10 and not str(each.get("content", "")).strip():
            yield "a text is blank"
    if int(message.get("flags") or 0) & IS_COMPONENTS_V2:
        yield from _v2_errors(message, nodes)
    elif V2_TYPES & {each.get("type") for each in nodes}:
        yield "components of version 2 without the flag for them"
    elif len(message.get("components") or []) > 5:
        yield "components: more than 5 rows"


def _v2_errors(message: dict[str, Any], nodes: list[dict[str, Any]]) -> Iterator[str]:
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if message.get(name):
            yield f"{name}: not beside components of version 2"
    if len(nodes) > 40:
        yield f"components: {len(nodes)}, more than 40"
    if sum(_size(each["content"]) for each in nodes if each.get("type") == 10) > 4000:
        yield "components: texts of more than 4000 characters in all"


def _button_errors(button: dict[str, Any]) -> Iterator[str]:
    """A button is a link (style 5, a URL) or has a custom_id; it shows a label or an emoji."""
    if button.get("style") == 5:
        if not button.get("url") or button.get("custom_id"):
            yield "a link button has a url and no custom_id"
        elif not re.match(r"(https?|discord)://", button["url"]):
            yield f"{button['url'][:80]!r} is no url that a button may have"
    elif button.get("url") or not button.get("custom_id"):
        yield "a button that is no link has a custom_id and no url"
    if not button.get("label") and not button.get("emoji"):
        yield "a button shows nothing"


def _components(components: Any) -> Iterator[dict[str, Any]]:
    """All components of a message, those inside others too."""
    for each in components or []:
        yield each
        yield from _components(each.get("components"))
        if "accessory" in each:
            yield from _components([each["accessory"]])


def _texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every string inside a value, with the names that lead to it."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, f"{where}/{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, f"{where}/{number}")


def _size(text: str) -> int:
    """Characters as the stricter of Discord's clients and servers counts them: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
