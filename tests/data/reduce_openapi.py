"""Discord's API description -> the part that the bot uses: ``discord-openapi.json.gz``.

    python tests/data/reduce_openapi.py openapi.json

keeps the routes below and the schemas that they reach, without prose, and writes the same bytes
for the same input.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("discord-openapi.json.gz")
ROUTES = (
    "/applications/@me",
    "/applications/{application_id}/commands",
    "/applications/{application_id}/commands/{command_id}",
    "/applications/{application_id}/guilds/{guild_id}/commands",
    "/channels/{channel_id}",
    "/channels/{channel_id}/messages",
    "/channels/{channel_id}/messages/{message_id}",
    "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me",
    "/channels/{channel_id}/messages/{message_id}/threads",
    "/channels/{channel_id}/threads",
    "/channels/{channel_id}/typing",
    "/gateway",
    "/gateway/bot",
    "/guilds/{guild_id}",
    "/guilds/{guild_id}/members/{user_id}",
    "/interactions/{interaction_id}/{interaction_token}/callback",
    "/oauth2/applications/@me",
    "/users/@me",
    "/users/@me/channels",
    "/users/{user_id}",
    "/webhooks/{webhook_id}/{webhook_token}",
    "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
    "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
)
JSON = "application/json"


def reduced(description: dict[str, Any]) -> dict[str, Any]:
    """The routes that the bot uses and what they refer to, bodies in JSON only."""
    paths = {}
    for route in ROUTES:
        operations = {
            method: operation(each)
            for method, each in description["paths"][route].items()
            if method != "parameters"
        }
        paths[route] = operations
    kept: dict[str, dict[str, Any]] = {"schemas": {}, "responses": {}}
    wanted = references(paths)
    while wanted:
        kind, name = wanted.pop()
        if name not in kept[kind]:
            found = description["components"][kind][name]
            kept[kind][name] = plain(found if kind == "schemas" else response(found))
            wanted |= references(kept[kind][name])
    about = {key: description[key] for key in ("openapi", "info")}
    return {**about, "paths": paths, "components": kept}


def operation(each: dict[str, Any]) -> dict[str, Any]:
    """A method of a route: the bodies it takes and gives."""
    short: dict[str, Any] = {
        "responses": {code: response(body) for code, body in each["responses"].items()}
    }
    if JSON in each.get("requestBody", {}).get("content", {}):
        schema = plain(each["requestBody"]["content"][JSON]["schema"])
        short["requestBody"] = {"content": {JSON: {"schema": schema}}}
    return short


def response(body: dict[str, Any]) -> dict[str, Any]:
    """A response: a reference, or its schema."""
    if "$ref" in body:
        return body
    content = body.get("content", {})
    return {"content": {JSON: {"schema": plain(content[JSON]["schema"])}}} if content else {}


def plain(schema: Any) -> Any:
    """A schema without its prose; a property may be called ``title`` or ``description``."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    prose = {key for key in ("title", "description") if isinstance(schema.get(key), str)}
    return {key: plain(value) for key, value in schema.items() if key not in prose}


def references(schema: Any) -> set[tuple[str, str]]:
    """What is referred to: ("schemas" or "responses", name)."""
    if isinstance(schema, dict):
        found = set().union(*map(references, schema.values()))
        if "$ref" in schema:
            kind, name = schema["$ref"].split("/")[-2:]
            found.add((kind, name))
        return found
    return set().union(*map(references, schema)) if isinstance(schema, list) else set()


def main() -> None:
    """Reduce the description named on the command line."""
    description = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    text = json.dumps(reduced(description), separators=(",", ":"), sort_keys=True)
    KEPT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
