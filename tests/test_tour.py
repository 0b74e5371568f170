"""A tour as newcomers take it: what they type, over the seeds and the archives, and what comes.

``--golden-anew`` writes ``tests/golden/tour.txt`` anew, as in ``test_golden.py``. What came over
the archives, which are no part of the repository, is held where ``PULLQUOTE_DATA`` names their
folder.
"""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest
from conftest import SEEDS

from bench import tour
from bench.data import RESULTS
from bot.cli import main
from bot.console import Workspace
from bot.screen import Screen, shown_on
from bot.settings import Settings
from index import Library

DATA = os.environ.get("PULLQUOTE_DATA", "")
GOLDEN = Path(__file__).parent / "golden" / "tour.txt"
QUESTIONS = (
    "who vetoed the ceasefire?",
    "Who vetoed the UN resolution on Aleppo",
    "how many people were killed in east aleppo",
    "how many kids died?",
    "when was the Old City declared a heritage site?",
    "when did the civil war begin",
    "what did kerry say about the war?",
    "who is Zeid al-Saleh?",
    "who called the rebels terrorists",
    "where are people who flee housed?",
    "how many people crossed on foot?",
    "is there drinking water in aleppo",
    "why do people go hungry?",
    "did Russia veto the resolution?",
    "what did the Observatory say?",
    "which group did the remaining rebels unite around?",
    "what is the latest on the ceasefire?",
    "who vetoed it last year?",
    "who vetod the ceasefire",
    "what is the capital of Mongolia?",
    "how much does a bus ticket cost?",
    "who won the cup final",
    "asdf",
    "the",
    "why?",
    "hello",
    "ceasefire",
)
TALK = (
    "who vetoed the ceasefire?",
    "when?",
    "how long would it have lasted?",
    "and who ruled out further truces?",
    "thanks",
    "How many people has the offensive killed?",
    "how many of them were children?",
    "where?",
    "who says so?",
    "what did Kerry say?",
    "and Peskov?",
    "what about the weather?",
    ":more",
    ":source",
    "tell me more",
    ":nonsense",
    "exit",
    "never asked",
)
FIGURES = re.compile(r"\b0\.\d\d\b")
"""A confidence differs by a hundredth between processors; the word beside it does not."""


@pytest.mark.model
def test_what_is_typed_over_the_seeds_is_answered_as_it_was(
    seed_library: Library, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Each question alone, then a talk at the prompt, as they are printed into a pipe."""
    workspace = Workspace(seed_library, Settings(), main)
    shown = ""
    for question in QUESTIONS:
        out = io.StringIO()
        printed = _printed(["ask", "--top", "1", question], workspace, out)
        shown += f"$ pullquote ask {question!r}\n{printed}"
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", _Typed(out))
    shown += f"$ pullquote chat\n{_printed(['chat'], workspace, out)}"
    shown = FIGURES.sub("0.00", shown).replace(f"{SEEDS.parent}/", "")
    if request.config.getoption("--golden-anew"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")


class _Typed(io.StringIO):
    """The lines of the talk; each is shown where it is read."""

    def __init__(self, out: io.StringIO) -> None:
        super().__init__("\n".join(TALK))
        self.out = out

    def readline(self, size: int | None = -1, /) -> str:
        """Read and show the next one."""
        line = super().readline(size)
        self.out.write(f"? {line}")
        return line


def _printed(argv: list[str], workspace: Workspace, out: io.StringIO) -> str:
    """What a command prints, and its exit code."""
    err = io.StringIO()
    with shown_on(Screen(out, err, Path.cwd(), {})):
        code = main(argv, workspace)
    return f"{out.getvalue()}{err.getvalue()}[{code}]\n\n"


@pytest.mark.model
@pytest.mark.skipif(not DATA, reason="PULLQUOTE_DATA names no folder of archives")
def test_the_tour_of_the_archives_goes_as_it_was_recorded(tmp_path: Path) -> None:
    """Every question of it meets what ``python -m bench.tour`` found, but for a hundredth."""
    recorded = json.loads((RESULTS / "tour.json").read_text("utf-8"))
    with tour.library(tmp_path, Path(DATA)) as library:
        alone, talks = tour.tour(library)
    for told in (*alone, *talks, *recorded["asked"], *recorded["talks"]):
        told.pop("confidence", None)
    assert alone == recorded["asked"]
    assert talks == recorded["talks"]


def test_the_labels_of_the_tour_are_as_many_as_they_should_be() -> None:
    """Sixty questions alone and fourteen follow-ups, none of them twice."""
    labels = tour.labels()
    assert sum(label.turn is None for label in labels) == 60
    assert sum(bool(label.turn) for label in labels) == 14
    assert len({(label.question, label.turn) for label in labels}) == len(labels)
