"""Lines that are no questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.english.smalltalk import REPLIES, Line, kind

LINES = {
    Line.THANKS: ["thanks", "Thank you so much!", "thx", "ok thanks", "great", "cheers"],
    Line.HELLO: ["hello", "Hi there!", "good morning"],
    Line.MORE: ["tell me more", "more", "Show me more please", "more about that", "go on"],
    Line.LEAVE: ["exit", "quit", "bye!", "Good night"],
    Line.NONSENSE: ["the", "why", "-", "test", "", "?!", "x", "and", "is it"],
    Line.QUESTION: [
        *["who vetoed the ceasefire?", "aleppo", "thanks to whom did it end?", "mutu", "EU"],
        *["exit polls", "more people died where", "hello kitty lawsuit", "test match result"],
    ],
}


@pytest.mark.parametrize(
    ("meant", "line"), [(meant, line) for meant, lines in LINES.items() for line in lines]
)
def test_a_line_is_taken_for_what_it_is(meant: Line, line: str) -> None:
    """Thanks are not searched for, nor is the word "the"."""
    assert kind(line) is meant


@pytest.mark.parametrize("line", ["why?", "when", "and when?", "is it?", "who else"])
def test_after_an_answer_half_a_question_is_one(line: str) -> None:
    """It leans on what was asked before."""
    assert kind(line) is Line.NONSENSE or line == "who else"
    assert kind(line, follows=True) is Line.QUESTION


@pytest.mark.parametrize("line", ["the", "-", "test", "and"])
def test_nonsense_stays_nonsense_after_an_answer(line: str) -> None:
    """It asks nothing, whatever went before."""
    assert kind(line, follows=True) is Line.NONSENSE


def test_no_question_that_people_typed_is_taken_for_small_talk() -> None:
    """Neither the 167 of the seed nor the follow-ups."""
    folder = Path(__file__).parent
    for name in ("seed_questions.jsonl", "followups.jsonl"):
        for line in (folder / name).read_text("utf-8").splitlines():
            assert kind(json.loads(line)["question"], follows=True) is Line.QUESTION, line


def test_what_needs_no_search_has_a_reply() -> None:
    """What leads to a search, to more quotes or out of the talk has none."""
    assert set(REPLIES) == {Line.THANKS, Line.HELLO, Line.NONSENSE}
