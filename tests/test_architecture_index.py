"""The order of the rooms of ``index``: who imports whom; every import counts, late ones too."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain

import pytest
from test_architecture import imports, modules

FLOORS = [
    {"errors"},
    {"records", "isolation"},
    {"encoder", "english", "formats", "measure"},
    {"store"},
    {"ask", "web"},
    {"ingest"},
    {"doctor"},
    {"library"},
]
"""The rooms from the ground up: each imports what stands on the floors below it, and no other."""
ROOMS, ARROWS = 13, 42
"""Rooms, and imports between them, each pair of rooms counted once: neither is to grow unseen."""
ENGINES = {"faiss", "tantivy", "sqlite3", "index.store.dense", "index.store.lexical"}
"""What only the store may know."""
CONCRETE = {"catalog", "dense", "lexical"}
"""What a revision on this disk is made of, and the seam does not show."""


@cache
def trees() -> dict[str, ast.Module]:
    """The modules of ``index``, by name, but for the package itself, which gives public names."""
    return {name: tree for name, tree in modules() if name.startswith("index.")}


def room(module: str) -> str:
    """The room that a module stands in."""
    return module.split(".")[1]


def graph() -> dict[str, set[str]]:
    """What each module of ``index`` imports of ``index``."""
    known = trees()
    return {
        name: {each for each in imports(tree) if each in known} - {name}
        for name, tree in known.items()
    }


def arrows() -> dict[tuple[str, str], list[str]]:
    """The imports between rooms: from where to where, and the modules that make them."""
    between: dict[tuple[str, str], list[str]] = {}
    for name, its in graph().items():
        for each in sorted(its):
            if room(each) != room(name):
                between.setdefault((room(name), room(each)), []).append(f"{name} -> {each}")
    return between


def test_every_room_has_a_floor():
    """A new room is a decision: it is put in its place here, and counted."""
    rooms = {room(name) for name in trees()}
    assert rooms == set().union(*FLOORS)
    assert len(rooms) == ROOMS


def test_no_import_climbs():
    """A room knows what stands below it, and nothing beside or above it."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    climbing = [
        each
        for (source, target), its in arrows().items()
        if floor[target] >= floor[source]
        for each in its
    ]
    assert climbing == []


def test_no_module_is_in_a_circle():
    """Neither between rooms nor within one."""
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as exc:
        pytest.fail(" -> ".join(exc.args[1]))


def test_the_rooms_stay_as_loosely_joined_as_they_are():
    """One import more between two rooms that knew nothing of each other is a decision, too."""
    assert len(arrows()) <= ARROWS, sorted(arrows())


def test_only_the_store_knows_what_an_index_is_made_of():
    """No other room imports FAISS, tantivy or SQLite, or one of the indexes made with them."""
    wrong = [
        f"{name} imports {each}"
        for name, tree in trees().items()
        if room(name) != "store"
        for each in imports(tree)
        if each in ENGINES or each.partition(".")[0] in ENGINES
    ]
    assert wrong == []


def test_who_asks_knows_the_seam_alone():
    """Asking imports of the store only the protocols, and reaches for nothing behind them."""
    wrong = [
        f"{name} imports {each}"
        for name, tree in trees().items()
        if room(name) == "ask"
        for each in imports(tree)
        if each.startswith("index.store") and each != "index.store.engine"
    ]
    wrong += [
        f"{name}:{node.lineno} reaches for .{node.attr}"
        for name, tree in trees().items()
        if room(name) in {"ask", "library", "doctor", "measure"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in CONCRETE
    ]
    assert wrong == []


def test_the_helper_for_versioned_files_knows_only_errors_and_rights():
    """So that whoever keeps a file of its own can import it without the rest of the store."""
    assert graph()["index.store.database"] == {"index.errors", "index.store.private"}
    assert graph()["index.store.private"] == set()


def test_these_tests_can_fail():
    """The graph holds what is known to be there: late imports, and those within a room."""
    every = set(chain.from_iterable(graph().values()))
    assert {"index.ask.check", "index.store.local", "index.formats.pdf"} <= every
    assert ("library", "ask") in arrows()
