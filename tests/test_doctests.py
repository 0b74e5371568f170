"""The examples in docstrings show what the code does."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WITH_EXAMPLES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("index", "bot", "bench")
    for path in sorted((ROOT / package).glob("**/*.py"))
    if ">>> " in path.read_text("utf-8")
]
"""Only these are imported: many of the others are commands, or want what isn't installed."""


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    """Each example prints what its docstring says."""
    ran = doctest.testmod(importlib.import_module(name))
    assert ran.attempted > 0
    assert ran.failed == 0, "see the output above"
