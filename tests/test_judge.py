"""Judging: the reader's verdict becomes a confidence and a highlight inside the quote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader

SEEDS = Path(__file__).parent.parent / "seeds"
pytestmark = pytest.mark.model


@pytest.fixture
def library(seed_index: Path) -> Iterator[Library]:
    """The seeds with the real encoder and the real reader, only read."""
    library = Library(seed_index, judge=ReaderJudge(Reader()))
    yield library
    library.close()


def test_the_highlight_is_the_short_answer_inside_the_quote(library: Library) -> None:
    """Who vetoed is marked in the sentence that says that they vetoed."""
    (quote, *_) = library.ask("who vetoed the ceasefire?").quotes
    assert quote.highlight is not None
    first, last = quote.highlight
    assert quote.start <= first < last <= quote.end
    assert "Russian Federation and China" in quote.article.text[first:last]


@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of Syria?",
        "Who won the world cup?",
    ],
)
def test_what_the_article_does_not_say_is_refused(library: Library, question: str) -> None:
    """Words of the article in a question that it does not answer do not make an answer."""
    answer = library.ask(question)
    assert answer.quotes == ()
    assert answer.refusal is not None
    assert answer.refusal.nearest is not None
    assert answer.refusal.nearest.confidence < library.threshold


def test_every_highlight_lies_inside_its_quote(library: Library) -> None:
    """For any question and every quote, also those far below the threshold."""
    for question in ("who?", "how many buses", "aleppo", "when did it begin", "?"):
        for quote in library.ask(question, top=24, threshold=0.0).quotes:
            if quote.highlight is not None:
                assert quote.start <= quote.highlight[0] < quote.highlight[1] <= quote.end


def test_confidence_falls_down_the_list(library: Library) -> None:
    """The surest quote comes first."""
    quotes = library.ask("how many children were killed?", top=24, threshold=0.0).quotes
    confidences = [quote.confidence for quote in quotes]
    assert confidences == sorted(confidences, reverse=True)


def test_the_same_words_in_two_articles_are_one_quote(
    with_models: Callable[[Path], Path], tmp_path: Path
) -> None:
    """A reprint takes no confidence from the original and is named beside it."""
    folder = tmp_path / "wire"
    folder.mkdir()
    text = (SEEDS / "000_2df8917ad5cfe594.txt").read_text("utf-8")
    (folder / "a.txt").write_text(text, "utf-8")
    alone = Library(with_models(tmp_path / "index"), judge=ReaderJudge(Reader()))
    alone.sync([folder])
    (before, *_) = alone.ask("who vetoed the ceasefire?").quotes
    (folder / "b.txt").write_text(text, "utf-8")
    alone.sync()
    (after, *_) = alone.ask("who vetoed the ceasefire?").quotes
    alone.close()
    assert [article.id for article in after.also_in] == ["wire/b.txt"]
    assert after.confidence == pytest.approx(before.confidence, abs=0.05)


def test_reports_that_agree_do_not_make_each_other_less_sure(
    with_models: Callable[[Path], Path], tmp_path: Path
) -> None:
    """In other words, but with the same answer; one with another answer does."""
    folder = tmp_path / "wire"
    folder.mkdir()
    library = Library(with_models(tmp_path / "index"), judge=ReaderJudge(Reader()))

    def sure_after(name: str, report: str) -> float:
        (folder / name).write_text(f"Quake\n{report}\n", "utf-8")
        library.sync([folder])
        found = library.ask("how many people did the quake in Ecuador kill?", threshold=0.0)
        return found.quotes[0].confidence

    alone = sure_after("a.txt", "The earthquake in Ecuador killed at least 300 people on Thursday.")
    agreed = sure_after("b.txt", "In Ecuador 300 people were killed by the earthquake, it said.")
    doubted = sure_after("c.txt", "The quake in Ecuador has killed more than 1,000 people.")
    library.close()
    assert agreed > alone - 0.05
    assert doubted < agreed - 0.05
