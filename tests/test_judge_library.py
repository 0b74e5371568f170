"""A library whose reader is told what to say: what is quoted, marked, perhaps so, or refused.

The fake reader scores sentences by what they hold, so that a sentence that is handed over in the
place of another, or in the wrong order, is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from encoders import WordEncoder
from printed import printed

from bot.render import as_json, discord, tables, terminal
from index import Library
from index.ask.confidence import NAMES
from index.ask.judge import ReaderJudge
from index.ask.reader import Reading, Stretch
from index.records import Answer

MANIFEST = {
    "calibration": {
        "weights": dict.fromkeys(NAMES, 0.0) | {"reader": 1.0},
        "points": [[-10.0, 0.0], [10.0, 1.0]],
    },
    "sure": 0.7,
    "perhaps": 0.5,
}


class FakeReader:
    """Scores a sentence by the words in it, and notes what it was given."""

    def __init__(self, scores: Mapping[str, float], answers: Sequence[str] = ()) -> None:
        self.manifest: Mapping[str, Any] = MANIFEST
        self.given: list[Stretch] = []
        self._scores, self._answers = scores, answers

    def load(self) -> None:
        """Nothing is to be loaded."""

    def read(self, question: str, stretches: Sequence[Stretch]) -> list[dict[int, Reading]]:
        """Read every sentence of every stretch."""
        self.given += stretches
        return [dict(enumerate(map(self._reading, each.sentences))) for each in stretches]

    def _reading(self, text: str) -> Reading:
        score = max([s for word, s in self._scores.items() if word in text], default=-9.0)
        for answer in self._answers:
            if (at := text.find(answer)) >= 0:
                return Reading(score, (at, at + len(answer)), -0.5)
        return Reading(score, None, 0.0)


Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Index some articles, each a list of sentences, and ask with a fake reader."""
    opened: list[Library] = []

    def ask(reader: FakeReader, articles: Mapping[str, Sequence[str]], **options: Any) -> Answer:
        folder = tmp_path / "news"
        folder.mkdir()
        for name, sentences in articles.items():
            (folder / f"{name}.txt").write_text("\n".join(sentences) + "\n", "utf-8")
        judge = ReaderJudge(reader)  # type: ignore[arg-type]
        library = Library(tmp_path / "index", encoder=WordEncoder(), judge=judge)
        opened.append(library)
        library.sync([folder])
        return library.ask("who closed the mill", **options)

    yield ask
    for library in opened:
        library.close()


MILL = ["Mill shut", "The owner spoke on Monday.", "He closed the mill.", "Nobody was there."]


def test_a_sentence_is_read_between_its_own_neighbours(ask: Ask) -> None:
    """The reader is handed the sentences around a candidate, in order, and which one it is."""
    reader = FakeReader({"closed the mill": 5.0})
    ask(reader, {"mill": MILL})
    (given,) = reader.given
    assert given.title == "Mill shut"
    assert given.sentences == tuple(MILL)
    assert given.sentences[given.wanted[0]] == "He closed the mill."


def test_the_sentence_that_scored_is_the_one_that_is_quoted(ask: Ask) -> None:
    """A neighbour that no search named can be the answer; its own words are quoted."""
    answer = ask(FakeReader({"owner spoke": 6.0, "closed the mill": 1.0}), {"mill": MILL})
    (first, *_) = answer.quotes
    assert first.text == "The owner spoke on Monday."
    assert first.confidence == pytest.approx(0.8)


def test_each_copy_is_marked_at_its_own_place(ask: Ask) -> None:
    """Copies of a sentence share a judgement; the short answer is marked where each has it."""
    copies = {
        "a": ["One paper", "Mr Holm closed the mill."],
        "b": ["Another", "It rained.", "Mr  Holm closed the mill."],
    }
    reader = FakeReader({"closed the mill": 6.0}, ["Holm"])
    answer = ask(reader, copies)
    (quote, *_) = answer.quotes
    assert quote.highlight is not None
    assert quote.article.text[slice(*quote.highlight)] == "Holm"
    assert len(quote.also_in) == 1
    wanted = [each.sentences[place] for each in reader.given for place in each.wanted]
    assert sum("closed the mill" in text for text in wanted) == 1, "a copy was read twice"


def test_between_the_bars_it_is_perhaps(ask: Ask) -> None:
    """What is surer than chance is shown as such, beside the refusal, and is no answer."""
    answer = ask(FakeReader({"closed the mill": 2.0}), {"mill": MILL})
    assert answer.quotes == ()
    assert answer.refusal is not None
    assert [quote.text for quote in answer.perhaps] == ["He closed the mill."]
    assert as_json.verdict(answer) == "perhaps"
    assert "Perhaps: nothing is sure enough" in printed(terminal.answer(answer))
    assert "**Perhaps**" in discord.answer(answer, "0").texts[1].markdown


def test_every_candidate_is_explained(ask: Ask) -> None:
    """What is quoted, its copies, what is below the bar, and neighbours that no search named."""
    copies = {"a": ["One paper", "Mr Holm closed the mill.", "It rained."]}
    copies["b"] = ["Another", "Mr Holm closed the mill."]
    answer = ask(FakeReader({"closed the mill": 6.0}, ["Holm"]), copies, trace=True)
    fates = {each.text: each.fate for each in answer.considered}
    assert [each.fate for each in answer.considered[:2]] == ["quote 1", "same words as quote 1"]
    assert fates["It rained."].startswith("below 0.")
    best = answer.considered[0]
    assert (best.meaning, best.words, best.reader) == (1, 1, 6.0)
    assert best.confidence == answer.quotes[0].confidence
    explained = printed(tables.explained(answer.considered))
    assert "quote 1" in explained
    assert as_json.answer(answer)["explain"][0]["reader"] == 6.0


def test_who_names_a_bar_gets_what_passes_it(ask: Ask) -> None:
    """With a bar of one's own there is nothing between: it is passed, or not."""
    reader = FakeReader({"closed the mill": 2.0})
    passed = ask(reader, {"mill": MILL}, threshold=0.55)
    assert [quote.text for quote in passed.quotes] == ["He closed the mill."]
    assert passed.perhaps == ()


def test_below_the_bar_nothing_is_answered(ask: Ask) -> None:
    """What the reader gives no more than the bar is refused, and named as the nearest."""
    answer = ask(FakeReader({"closed the mill": -3.0}), {"mill": MILL})
    assert answer.quotes == answer.perhaps == ()
    assert answer.refusal is not None
    assert answer.refusal.nearest is not None
    assert answer.refusal.nearest.text == "He closed the mill."
