"""What every test stands on: no settings of the machine, an empty folder, no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import network_guard
import pytest
from golden_sentences import GOLDEN

from index import Library
from index.encoder.export import export, locate

if TYPE_CHECKING:  # most tests need no bot
    from bot.conversation.memory import Memory

TESTS = Path(__file__).parent
SEEDS = TESTS.parent / "seeds"

network_guard.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take what ``test_golden.py`` shows for what it should show."""
    parser.addoption("--golden-anew", action="store_true", help="write tests/golden/ anew")


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ``PULLQUOTE_*`` variable, and an empty folder, where no ``.env`` lies."""
    for name in list(os.environ):
        if name.upper().startswith("PULLQUOTE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def network_attempts() -> Iterator[list[str]]:
    """Fail a test that tried to reach another machine, also if the error was swallowed."""
    network_guard.attempts.clear()
    yield network_guard.attempts
    assert not network_guard.attempts, f"reached for the network: {network_guard.attempts}"


@pytest.fixture
def no_network_env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment for other processes, in which reaching another machine fails this test."""
    log = tmp_path.with_name(tmp_path.name + "-network.log")
    path = os.pathsep.join([str(TESTS / "no_network"), str(TESTS), str(TESTS.parent)])
    yield {**os.environ, "PYTHONPATH": path, network_guard.LOG: str(log)}
    assert not log.exists(), f"reached for the network: {log.read_text('utf-8')}"


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with the real encoder in it, exported once for all tests."""
    models = tmp_path_factory.mktemp("exported") / "models"
    sample = [sentence for _, sentences in GOLDEN for sentence in sentences]
    export(locate(None), models, sample)
    return models


@pytest.fixture
def with_models(exported: Path) -> Callable[[Path], Path]:
    """Give the folder of an index the exported encoder, by hard links: ``with_models(folder)``."""

    def give(index: Path) -> Path:
        shutil.copytree(exported, index / "models", copy_function=os.link)
        return index

    return give


@pytest.fixture(scope="session")
def seed_index(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the seeds with the real encoder, built once: read it, or copy it to write."""
    folder = tmp_path_factory.mktemp("seeds") / "index"
    shutil.copytree(exported, folder / "models", copy_function=os.link)
    library = Library(folder)
    library.sync([SEEDS])
    library.close()
    return folder


@pytest.fixture
def seed_library(seed_index: Path, tmp_path: Path) -> Iterator[Library]:
    """A library of the seeds with the real encoder, of this test alone."""
    library = Library(shutil.copytree(seed_index, tmp_path / "seed-index"))
    yield library
    library.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """The memory of a bot, of this test alone."""
    from bot.conversation.memory import Memory

    made = Memory(tmp_path / "discord.sqlite")
    yield made
    made.close()
