"""Answers and lists as Markdown, CSV and JSON Lines: what a program or a page takes."""

from __future__ import annotations

import csv
import io
import itertools
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_listing import workspace  # noqa: F401 - a fixture
from test_render import QUOTE, answered

from bot.cli import main
from bot.console import Workspace
from bot.render import formats
from index.records import Refusal


def test_a_quote_in_markdown_is_a_block_quote_with_its_source() -> None:
    """The short answer is bold, the title a link, the receipt as it is; markup is escaped."""
    article = replace(QUOTE.article, title="[Truce] *ends*", url="https://example.org/a")
    quote = replace(QUOTE, article=article)
    assert formats.markdown(answered(quote)) == (
        "**who vetoed it?**\n\n> **China** vetoed it.\n\n"
        "— [\\[Truce\\] \\*ends\\*](<https://example.org/a#:~:text=China%20vetoed%20it.>), "
        f"Ann Lee, Reuters, 2016-12-05, confidence 0.88, `{quote.receipt}`\n"
    )


def test_a_refusal_in_markdown_and_csv_says_so() -> None:
    """With its reason; in CSV it is a row without a quote."""
    refused = answered(refusal=Refusal("no article mentions it"))
    assert "No answer found: no article mentions it." in formats.markdown(refused)
    (row,) = formats.rows(refused)
    assert (row[:2], set(row[2:])) == (("who vetoed it?", "refused"), {""})


def test_csv_has_a_row_a_quote_and_reads_back() -> None:
    """Every column of the head, the quote and the short answer as they are."""
    text = formats.csv([formats.ANSWER, *formats.rows(answered(QUOTE, QUOTE))])
    read = list(csv.DictReader(io.StringIO(text)))
    assert [each["number"] for each in read] == ["1", "2"]
    assert (read[0]["quote"], read[0]["answer"]) == ("China vetoed it.", "China")
    assert (read[0]["published"], read[0]["receipt"]) == ("2016-12-05", str(QUOTE.receipt))
    assert None not in read[0]


@given(st.text(st.sampled_from("ab*_-1.)#>` \n|")))
def test_escaped_markdown_takes_nothing_from_a_text(text: str) -> None:
    """Only backslashes are put in, each before a sign of punctuation."""
    shown = formats.escaped(text)
    assert shown.replace("\\", "") == text
    pairs = itertools.pairwise(shown)
    assert all(not after.isalnum() for sign, after in pairs if sign == "\\")


@pytest.mark.parametrize("format_", ["md", "csv", "jsonl"])
def test_ask_and_list_print_it(
    workspace: Workspace,  # noqa: F811
    format_: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One question, a file of questions, and the list, each in the format that was asked for."""
    assert main(["ask", "china vetoed", "--format", format_], workspace) == 0
    asked = capsys.readouterr().out
    Path("questions.txt").write_text("china vetoed\nthanks\n")
    assert main(["ask", "--questions", "questions.txt", "--format", format_], workspace) == 0
    several = capsys.readouterr().out
    assert main(["list", "--format", format_, "--since", "2016-12-08"], workspace) == 0
    listed = capsys.readouterr().out.splitlines()
    if format_ == "jsonl":
        assert json.loads(asked)["verdict"] == "sure"
        assert [json.loads(line)["verdict"] for line in several.splitlines()] == ["sure", "refused"]
        assert [json.loads(line)["title"] for line in listed] == ["Snow", "A flood"]
    elif format_ == "csv":
        assert several.startswith(asked)
        assert several.splitlines()[-1].startswith("thanks,refused,")
        assert [line.split(",")[1] for line in listed] == ["title", "Snow", "A flood"]
    else:
        assert "> China vetoed it." in asked
        assert "No answer found: You’re welcome" in several
        assert listed[0].startswith("- [Snow](<file:///")
        assert date(2016, 12, 8).isoformat() in listed[0]
