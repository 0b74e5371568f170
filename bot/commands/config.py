"""The command `config`: every setting, its value, and where it is from."""

from __future__ import annotations

import os
from typing import Any

import click
from pydantic import SecretStr

from bot.console import Workspace, as_json_option, print_json, print_text
from bot.settings import Settings
from bot.signs import anonymous

HIDDEN = "(hidden)"


@click.command("config")
@as_json_option
@click.pass_context
def config_command(context: click.Context, as_json_: bool) -> int:
    """Show every setting, its value, and where from: --index, environment, .env or default.

    Secrets are hidden.
    """
    workspace: Workspace = context.obj
    settings = workspace.settings
    found: list[dict[str, Any]] = []
    for name in Settings.model_fields:
        value, origin = _shown(getattr(settings, name)), _origin(name, settings)
        if name == "index" and context.find_root().params.get("index"):
            value, origin = str(workspace.library.folder), "--index"
        found.append({"name": f"PULLQUOTE_{name.upper()}", "value": value, "from": origin})
    if as_json_:
        print_json(found)
    else:
        from bot.render import tables

        print_text(tables.settings(found))
    return 0


def _origin(name: str, settings: Settings) -> str:
    if name not in settings.model_fields_set:
        return "default"
    variable = f"PULLQUOTE_{name.upper()}"
    # As they are read: whatever the case of the name, and nothing set to nothing.
    given = any(key.upper() == variable and value for key, value in os.environ.items())
    return "environment" if given else ".env"


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, dict):
        value = {name: sorted(ids) for name, ids in value.items()}
    return anonymous(str(value))
