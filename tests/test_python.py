"""The library as a script uses it: ``docs/python.md`` is true, and names what is exported."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import doctest
import inspect
import shutil
import subprocess
import sys
import tomllib
from collections import ChainMap
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_origin

import pytest
from encoders import WordEncoder

import index
from index import Library

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "python.md"
ELSEWHERE = {
    "Any",
    "Callable",
    "Iterator",
    "Literal",
    "Path",
    "Self",
    "Sequence",
    "date",
    "datetime",
}
"""Names of the standard library that signatures use."""


@pytest.mark.model
def test_the_examples_of_the_page_are_true(with_models):
    """Each line prints what the page says, in a folder with the articles that it names."""
    shutil.copytree(ROOT / "seeds", "clippings")
    with_models(Path("clippings-index"))
    examples = doctest.DocTestParser().get_doctest(
        PAGE.read_text("utf-8"), {}, PAGE.name, str(PAGE), 0
    )
    ran = doctest.DocTestRunner().run(examples)
    assert ran.attempted > 10
    assert ran.failed == 0, "see the output above"


def names_of(annotation: object) -> Iterator[str]:
    """The names in an annotation, which is text here: ``Sequence[str | Path]`` holds three."""
    for node in ast.walk(ast.parse(str(annotation), mode="eval")):
        if isinstance(node, ast.Name):
            yield node.id


def named_by(callable_: object) -> Iterator[str]:
    """The names in a signature."""
    signature = inspect.signature(callable_)
    annotations = [parameter.annotation for parameter in signature.parameters.values()]
    for annotation in [*annotations, signature.return_annotation]:
        if annotation is not inspect.Signature.empty:
            yield from names_of(annotation)


def signatures() -> Iterator[tuple[str, str]]:
    """Every name in the signatures of the library and in the fields of what is exported.

    A short name for a pair of numbers or for some words is none that a script needs.
    """
    members = ChainMap(*(vars(each) for each in Library.__mro__[:-1]))
    for name, member in members.items():
        if name == "__init__" or not name.startswith("_"):
            function = member.fget if isinstance(member, property) else member
            yield from ((f"Library.{name}", each) for each in named_by(function))
    for exported in index.__all__:
        record = getattr(index, exported)
        if dataclasses.is_dataclass(record):
            module = sys.modules[record.__module__]
            for field in dataclasses.fields(record):
                for each in names_of(field.type):
                    if get_origin(getattr(module, each, None)) not in (Literal, tuple):
                        yield f"{exported}.{field.name}", each


def test_what_a_signature_names_is_exported():
    """Whoever writes a type in a script finds it in ``index``."""
    known = {*index.__all__, *ELSEWHERE, *dir(builtins)}
    found = list(signatures())
    assert ("Library.ask", "Answer") in found
    assert [f"{where}: {name}" for where, name in found if name not in known] == []


def test_every_exported_name_is_there():
    """Those that are imported late are the very objects of their modules."""
    assert index.__all__ == sorted(index.__all__)
    assert all(getattr(index, name) is not None for name in index.__all__)
    from index.ask.check import Check

    assert index.Check is Check
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        index.Nothing  # noqa: B018


def test_importing_the_library_imports_nothing_that_a_question_does_not_need():
    """What is exported late is not imported with the rest."""
    code = "import sys, index; print(*sorted(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(ended.stdout.split())
    assert "index.library" in loaded
    assert not loaded & {"index.ask.check", "index.doctor", "index.ingest.sync"}


def test_types_are_shipped():
    """A type checker reads the annotations of an installed ``index``."""
    assert (ROOT / "index" / "py.typed").exists()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "py.typed" in project["tool"]["setuptools"]["package-data"]["index"]


def test_paths_may_be_strings_and_the_end_closes(tmp_path):
    """A library made, filled and asked with strings answers like one of paths."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Vote\nThe council lost the vote.")
    with Library("here", encoder=WordEncoder()) as library:
        assert library.sync(["news"]).new == 1
        assert library.folder == Path("here")
        assert library.sync(forget=["news"]).gone == 1
        with pytest.raises(ValueError, match="in a list, also a single one"):
            library.sync("news")


def test_the_reader_judges_by_default(seed_library):
    """A question that shares its words with an article, and is not answered by it, is refused."""
    assert seed_library.ask("who vetoed the ceasefire?").quotes
    refused = seed_library.ask("What is the price of oil in Aleppo?")
    assert refused.quotes == ()
    assert refused.refusal is not None
