"""The map of the house is true, and the hooks do what `make check` does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
MAP = (ROOT / "docs" / "architecture.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`((?:index|bot|tests|bench)/[\w./]*)`", MAP)))
"""Every place that the map names."""
PICTURE = MAP.split("```")[1]
ROOMS = [
    path.relative_to(ROOT).as_posix() + "/" * path.is_dir()
    for package in ("index", "bot")
    for path in sorted((ROOT / package).iterdir())
    if not path.name.startswith("__") and (path.is_dir() or path.suffix == ".py")
]
"""The folders and modules directly in the two packages, but for the packages themselves."""


@pytest.mark.parametrize("place", NAMED)
def test_what_the_map_names_is_there(place: str) -> None:
    """A folder is named with a slash at its end, a file without."""
    path = ROOT / place
    assert path.is_dir() if place.endswith("/") else path.is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_map(room: str) -> None:
    """It has a line in the table, and stands in the picture."""
    assert f"\n| `{room}` |" in MAP
    assert re.search(rf"\b{Path(room).stem}\b", PICTURE)


def test_the_hooks_are_the_check() -> None:
    """Before a commit runs what `make check` runs, with the same tools, and nothing is fetched."""
    check = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert check is not None
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == [line.strip() for line in check[1].splitlines()]
    assert {hook["language"] for hook in hooks} == {"system"}
