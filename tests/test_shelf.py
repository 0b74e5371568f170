"""An addition that a kill cuts short, at each of its stages, is finished or undone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bot_world
import pytest

from bot.conversation.ledger import Ledger
from bot.conversation.memory import Memory
from bot.conversation.scope import Scope
from bot.conversation.shelf import Shelf
from bot.conversation.unfinished import Addition, Unfinished
from index import Library
from index.errors import PullquoteError

SERVER, PERSON = 7, 5
NEWS = b"Flood\nThe river flood closed the school.\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of this test alone."""
    made = bot_world.library(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shelf(library: Library, memory: Memory) -> Shelf:
    """The shelf of a server, with nothing on it."""
    scope, ledger = Scope(library), Ledger(memory)
    return Shelf(library, scope, ledger, Unfinished(memory), SERVER, allow_private=False)


def noted(shelf: Shelf, memory: Memory) -> Addition:
    """A file that is about to be added."""
    addition = Addition(SERVER, 1, PERSON, "flood.txt", file=True, after=shelf.last_filed())
    Unfinished(memory).begin(addition)
    return addition


def test_a_file_that_was_not_read_to_its_end_is_dropped(shelf: Shelf, memory: Memory) -> None:
    """Its person is to add it again; nothing of it stays in the folder."""
    addition = noted(shelf, memory)
    shelf.folder.mkdir(parents=True)
    (shelf.folder / f".{addition.key}-flood.txt").write_bytes(NEWS[:9])
    (again,) = Unfinished(memory).every()
    with pytest.raises(PullquoteError, match=r"flood\.txt; please add it again"):
        shelf.finish(again)
    assert list(shelf.folder.iterdir()) == []


@pytest.mark.parametrize("placed", [True, False])
def test_a_file_that_was_checked_is_taken_in(shelf: Shelf, memory: Memory, *, placed: bool) -> None:
    """Whether or not it had its name already; who added it is known, and a second time is none."""
    addition = noted(shelf, memory)
    shelf.folder.mkdir(parents=True)
    name = "flood.txt" if placed else f".{addition.key}-flood.txt"
    (shelf.folder / name).write_bytes(NEWS)
    Unfinished(memory).checked(addition)
    (again,) = Unfinished(memory).every()
    assert again == replace(addition, checked=True)
    change = shelf.finish(again)
    assert [each.title for each in change.fresh] == ["Flood"]
    assert [path.name for path in shelf.folder.iterdir()] == ["flood.txt"]
    (held,) = shelf.own()
    assert held.added is not None
    assert (held.added.person, held.added.source) == (PERSON, "flood.txt")
    Unfinished(memory).end(again)
    assert Unfinished(memory).every() == []


def test_what_was_indexed_already_is_told_as_new(
    shelf: Shelf, memory: Memory, library: Library
) -> None:
    """A watcher, or the thread that ran on, may have been quicker than the next start."""
    addition = noted(shelf, memory)
    shelf.folder.mkdir(parents=True)
    (shelf.folder / "flood.txt").write_bytes(NEWS)
    Unfinished(memory).checked(addition)
    library.sync([shelf.folder])
    (again,) = Unfinished(memory).every()
    assert [each.title for each in shelf.finish(again).fresh] == ["Flood"]
