"""The order of the rooms of ``bot``: who imports whom, with every import counted, late ones too."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest
from test_architecture import ROOT, imports, modules

from bot.cli import COMMANDS

FLOORS = [
    {"screen", "signs"},
    {"settings", "logs", "metrics", "render", "conversation"},
    {"serve", "console", "discord"},
    {"pager"},
    {"commands"},
    {"cli"},
    {"entry"},
]
"""The rooms from the ground up: each imports what stands on the floors below it, and no other."""
IMPURE = {
    "asyncio",
    "click",
    "logging",
    "os",
    "socket",
    "sqlite3",
    "subprocess",
    "sys",
    "threading",
}
CHEAP = {"__future__", "collections", "json", "os", "re", "socket", "sys", "typing", "bot"}
"""Of these, ``json`` imports ``re`` anyway."""


@cache
def trees() -> dict[str, ast.Module]:
    """The modules of ``bot``, by name, but for the package itself, which is empty."""
    return {name: tree for name, tree in modules() if name.startswith("bot.")}


def arrows() -> dict[str, set[str]]:
    """What each module of ``bot`` imports of ``bot``; the commands are imported by their names."""
    known = trees()
    graph = {
        name: {each for each in imports(tree) if each in known} for name, tree in known.items()
    }
    graph["bot.cli"] |= {f"bot.commands.{module}" for module in COMMANDS.values()}
    return graph


def room(module: str) -> str:
    """The room that a module stands in."""
    return module.split(".")[1]


def climbing(graph: Mapping[str, set[str]]) -> list[str]:
    """The imports that lead to another room which does not stand on a floor below."""
    floor = {name: number for number, rooms in enumerate(FLOORS) for name in rooms}
    return [
        f"{name} imports {imported}"
        for name, every in graph.items()
        for imported in every
        if room(imported) != room(name)
        if floor[room(imported)] >= floor[room(name)]
    ]


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; empty if there are none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as exc:
        return list(exc.args[1])
    return []


def test_every_room_has_a_floor():
    """A new room is given its place, and a room that is gone loses it."""
    assert {room(name) for name in trees()} == set().union(*FLOORS)


def test_no_import_climbs():
    """Entry, commands, what they share and the services, what any service needs: in this order."""
    assert climbing(arrows()) == []


def test_no_modules_import_each_other():
    """Not even late, or for their types."""
    assert circle(arrows()) == []


@pytest.mark.parametrize(
    ("name", "imported", "wrong"),
    [
        ("bot.serve.server", "bot.cli", "climbs"),
        ("bot.conversation.corrections", "bot.render.discord", "climbs"),
        ("bot.conversation.keeping", "bot.commands.index", "climbs"),
        ("bot.console", "bot.serve.server", "climbs"),
        ("bot.discord.client", "bot.discord.buttons", "circle"),
        ("bot.commands.index", "bot.cli", "circle"),
    ],
)
def test_the_order_can_be_broken(name: str, imported: str, wrong: str):
    """An import that was there before, or could be tomorrow, is found."""
    graph = arrows()
    graph[name] |= {imported}
    assert climbing(graph) if wrong == "climbs" else circle(graph)


def test_a_command_imports_no_other():
    """What two commands need stands in the console, or below."""
    inside = {name: each for name, each in arrows().items() if room(name) == "commands"}
    assert [name for name, each in inside.items() if each & set(inside)] == []


def test_what_any_chat_service_needs_names_none():
    """Neither a package, nor a rendering, nor a word of Discord is in ``bot/conversation``."""
    wrong = [
        f"{name} imports {imported}"
        for name, tree in trees().items()
        if room(name) == "conversation"
        for imported in imports(tree)
        if imported.partition(".")[0] in ("discord", "aiohttp")
    ]
    files = sorted((ROOT / "bot" / "conversation").glob("*.py"))
    assert files
    assert wrong == []
    assert [path.name for path in files if "discord" in path.read_text("utf-8").casefold()] == []


def test_no_module_names_the_library_of_its_database():
    """What the bot remembers lies in a versioned file; ``index.store.database`` names its types."""
    assert [name for name, tree in trees().items() if "sqlite3" in imports(tree)] == []


def test_rendering_is_pure():
    """No module of ``bot/render`` can read, write, wait or ask for anything."""
    wrong = [
        f"{name} imports {imported}"
        for name, tree in trees().items()
        if room(name) == "render"
        for imported in imports(tree)
        if imported.partition(".")[0] in IMPURE | {"aiohttp", "discord"}
    ]
    assert wrong == []


def test_the_entry_imports_next_to_nothing():
    """With a server, what the console script imports is most of what a question takes."""
    known = trees()
    for name in ("bot.entry", "bot.serve.protocol", "bot.signs"):
        every = {part for node in known[name].body for part in imports(ast.Module([node], []))}
        assert {each.partition(".")[0] for each in every} <= CHEAP
    code = "import sys, bot.entry; print(*(name for name in sys.modules if name[:3] == 'bot'))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert set(ended.stdout.split()) == {
        *("bot", "bot.entry", "bot.serve", "bot.serve.protocol", "bot.signs"),
    }
