"""A few hundred damaged, hostile and odd files: articles or named errors, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import fuzz, growth
from index.errors import ArticleError
from index.formats import SUFFIXES

SEED = 20
EACH = 15
"""Inputs for each suffix; ``python -m bench.fuzz`` reads thousands, with an eye on time."""


@pytest.mark.parametrize("kind", range(len(SUFFIXES)), ids=sorted(SUFFIXES))
def test_damaged_files_end_in_articles_or_errors(tmp_path: Path, kind: int) -> None:
    """Bits, pieces and structure that are broken: no other exception, and no broken article."""
    refused = 0
    for number in range(kind, kind + EACH * len(SUFFIXES), len(SUFFIXES)):
        suffix, data = fuzz.damaged(SEED, number)
        path = tmp_path / f"{number}{suffix}"
        path.write_bytes(data)
        try:
            _, errors = fuzz.check(path, f"fuzz/a{suffix}")
        except ArticleError:
            errors = 1
        refused += errors
    assert refused, "the damage does not reach the reader"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_what_the_damage_begins_with_is_sound(tmp_path: Path, suffix: str) -> None:
    """Undamaged, each is taken, so that the damage is what is refused."""
    path = tmp_path / f"a{suffix}"
    path.write_bytes(fuzz.damaged(SEED, sorted(SUFFIXES).index(suffix), sound=True)[1])
    articles, _ = fuzz.check(path, f"fuzz/a{suffix}")
    assert articles


def test_a_fault_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lets another exception through is a fault of the run, and its input is kept."""
    monkeypatch.setattr(fuzz, "check", lambda *_: [][0])
    outcome = fuzz.run(1, 0, str(tmp_path))
    assert outcome.fault == "IndexError: list index out of range"
    assert [path.name for path in tmp_path.iterdir()] == ["1-0.csv"]


@pytest.mark.parametrize("kind", sorted(growth.KINDS))
def test_time_grows_with_the_input(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A few pieces of each kind, repeated; ``python -m bench.fuzz --quadratic`` tries thousands."""
    monkeypatch.setattr(growth, "SIZE", 4_000)
    first = sorted(growth.KINDS).index(kind)
    for number in range(first, first + 3 * len(growth.KINDS), len(growth.KINDS)):
        assert not growth.measured(SEED, number).fault


def test_quadratic_time_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as that of a pattern which tries each of many spaces."""

    def search(text: str) -> None:
        re.search(r"\s+x", " " * len(text))

    monkeypatch.setattr(growth, "KINDS", {"text": (search, ("a",))})
    monkeypatch.setattr(growth, "SIZE", 2_000)
    assert growth.measured(SEED, 0).fault
