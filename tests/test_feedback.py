"""Thumbs become labelled questions that `eval` reads, and say no more than was voted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder

from bot.cli import main
from bot.console import Workspace
from bot.conversation.memory import Memory, Posted
from bot.settings import Settings
from index import Library
from index.ask.judge import FusionJudge
from index.measure.evaluate import read_cases
from index.records import Filters

VETO = "Who vetoed the ceasefire?"


@pytest.fixture
def library(tmp_path) -> Library:
    """Two articles."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Veto\nRussia vetoed the ceasefire.\nSnow fell.")
    (tmp_path / "news" / "b.txt").write_text("Ferry\nThe ferry sank in the harbour.")
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([tmp_path / "news"])
    yield made
    made.close()


@pytest.fixture
def memory(library) -> Memory:
    """The memory of a bot over it."""
    made = Memory(library.folder / "discord.sqlite")
    yield made
    made.close()


def answered(library: Library, question: str, **filters: object) -> Posted:
    """An answer as it would be posted."""
    asked = Filters(collections=("news",), **filters)
    answer = library.ask(question, top=2, filters=asked, threshold=0.0)
    receipts = tuple(str(quote.receipt) for quote in answer.quotes)
    return Posted(1, 2, question, receipts, answer.revision, filters=asked)


def refused(question: str, filters: Filters) -> Posted:
    """A refusal as it would be posted."""
    return Posted(1, 2, question, (), 1, filters=filters)


def export(library: Library, path: Path, *options: str) -> list[dict[str, object]]:
    """Run the command with another encoder's library, as a person would."""
    from bot.commands.feedback import export as command

    workspace = Workspace(library, Settings(), main)
    done = command.main([str(path), *options], obj=workspace, standalone_mode=False)
    assert done == 0
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_thumb_up_names_the_quote_that_answers(library, memory, tmp_path):
    """`eval` reads the file, and the quote is right by it."""
    posted = answered(library, VETO)
    memory.vote(posted, 1, up=True)
    memory.vote(replace(posted, key="again"), 2, up=True)
    lines = export(library, tmp_path / "out.jsonl")
    assert lines == [{"question": VETO, "receipt": posted.receipts[0], "up": 2, "down": 0}]
    (case,) = read_cases(tmp_path / "out.jsonl")
    assert case.accepts(library.ask(VETO, threshold=0.0).quotes[0])


def test_a_thumb_up_on_a_refusal_says_that_nothing_answers(library, memory, tmp_path):
    """Only if everything was searched: a filter may be why there was nothing."""
    everything = Filters(collections=("news",))
    memory.vote(refused("Who won the cup?", everything), 1, up=True)
    memory.vote(refused("Who lost it?", replace(everything, outlets=("Herald",))), 1, up=True)
    memory.vote(refused("Who watched?", Filters(collections=())), 1, up=True)
    lines = export(library, tmp_path / "out.jsonl")
    assert lines == [{"question": "Who won the cup?", "answers": [], "up": 1, "down": 0}]
    assert not read_cases(tmp_path / "out.jsonl")[0].answerable


def test_a_thumb_down_does_not_say_that_nothing_answers(library, memory, tmp_path):
    """It is written apart, and `eval` takes no such line for an unanswerable question."""
    posted = answered(library, VETO)
    memory.vote(posted, 1, up=False)
    assert export(library, tmp_path / "out.jsonl") == []
    lines = export(library, tmp_path / "disputed.jsonl", "--disputed")
    assert lines == [{"disputed": VETO, "wrong_receipt": posted.receipts[0], "up": 0, "down": 1}]
    with pytest.raises(Exception, match='"question" is missing'):
        read_cases(tmp_path / "disputed.jsonl")


def test_as_many_down_as_up_is_no_label(library, memory, tmp_path):
    """A quote that people disagree on is not trusted."""
    posted = answered(library, VETO)
    memory.vote(posted, 1, up=True)
    memory.vote(posted, 2, up=False)
    assert export(library, tmp_path / "out.jsonl") == []


def test_a_question_is_written_once(library, memory, tmp_path):
    """With the quote that most people trust; a quote counts more than a refusal."""
    posted = answered(library, VETO)
    other = replace(posted, receipts=posted.receipts[1:], question="who  vetoed the Ceasefire?")
    memory.vote(refused(VETO, Filters(collections=("news",))), 9, up=True)
    for voter in (1, 2):
        memory.vote(posted, voter, up=True)
    memory.vote(other, 3, up=True)
    (line,) = export(library, tmp_path / "out.jsonl")
    assert line["receipt"] == posted.receipts[0]


def test_a_receipt_whose_article_has_changed_is_left_out(library, memory, tmp_path, capsys):
    """`eval` would refuse it; the command says how many there were."""
    for question in (VETO, "What sank in the harbour?"):
        memory.vote(answered(library, question), 1, up=True)
    (tmp_path / "news" / "b.txt").write_text("Ferry\nThe ferry was towed to the harbour.")
    library.sync()
    (line,) = export(library, tmp_path / "out.jsonl")
    assert line["question"] == VETO
    assert "1 questions from 2 thumbs; 1 left out" in capsys.readouterr().err


def test_names_are_written_where_they_were_kept(library, tmp_path):
    """Who switched them on wants to read them."""
    memory = Memory(library.folder / "discord.sqlite", names=True)
    memory.vote(answered(library, VETO), 1, up=True, name="ada")
    memory.close()
    (line,) = export(library, tmp_path / "out.jsonl")
    assert line["by"] == ["ada"]


def test_without_a_bot_there_is_nothing_to_export(tmp_path, capsys):
    """The command says what to do, and makes no file."""
    assert main(["--index", str(tmp_path / "none"), "feedback", "export", "out.jsonl"]) == 1
    assert "no bot has run over this index yet" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()
    assert not (tmp_path / "none").exists()
