"""A few hundred damaged, hostile and odd files: articles or named errors, and nothing else."""

from __future__ import annotations

import math
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
def test_repeated_pieces_are_read_or_refused(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A few pieces of each kind, doubled; ``python -m bench.fuzz --quadratic`` times thousands."""
    monkeypatch.setattr(growth, "SIZE", 2_000)
    first = sorted(growth.KINDS).index(kind)
    for number in range(first, first + 3 * len(growth.KINDS), len(growth.KINDS)):
        assert math.isfinite(growth.measured(SEED, number).factor)


@pytest.mark.parametrize(("power", "fault"), [(1, False), (2, True)])
def test_quadratic_time_would_be_found(
    monkeypatch: pytest.MonkeyPatch, power: int, fault: bool
) -> None:
    """The clock is one that the work itself moves: no other program can."""
    clock = [0.0]

    def work(text: str) -> None:
        clock[0] += (len(text) / 1_000) ** power

    monkeypatch.setattr(growth, "KINDS", {"text": (work, ("a",))})
    monkeypatch.setattr(growth, "processor_time", lambda: clock[0])
    assert growth.measured(SEED, 0).fault is fault
