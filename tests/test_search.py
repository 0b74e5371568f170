"""Fusion: the score is what a person computes by hand, and filters come before ranking."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder

from index import Filters, Library
from index.ask.judge import FusionJudge
from index.ask.search import DEPTH, WEIGHTS, missing_words, pose, search
from index.store.context import in_context
from index.store.revisions import Store

ENCODER = WordEncoder()


def wire(folder: Path, *records: dict[str, str]) -> Path:
    """A file of many records."""
    folder.mkdir(exist_ok=True)
    path = folder / "wire.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    return path


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    """Two articles: one of three sentences, one of one."""
    path = wire(
        tmp_path / "news",
        {"id": "1", "title": "Aleppo", "text": "Russia vetoed it. The ceasefire failed. Snow."},
        {"id": "2", "title": "Ferries", "text": "The ferry crew began a strike."},
    )
    Library(tmp_path / "index", encoder=ENCODER).sync([path])
    made = Store(tmp_path / "index")
    yield made
    made.close()


def test_the_score_is_the_weighted_sum_of_three_signals(store):
    """Worked by hand: cosine in context, and the shares of the question in sentence and passage."""
    sentences = ["Russia vetoed it.", "The ceasefire failed.", "Snow."]
    rows = in_context(ENCODER.encode(sentences)).astype(np.float16).astype(np.float32)
    cosine = float(rows[0] @ ENCODER.encode(["Who vetoed the ceasefire?"])[0])
    # Each of the two words of the question stands in one of the four sentences.
    rarity = math.log(1 + (4 - 1 + 0.5) / (1 + 0.5))
    with store.reading() as revision:
        weights = revision.rarity(revision.terms("Who vetoed the ceasefire?"))
        found = search(pose("Who vetoed the ceasefire?", ENCODER), revision, Filters())
    assert weights == pytest.approx({"veto": rarity, "ceasefir": rarity})
    (first,) = [each for each in found if each.candidate.sentence.ordinal == 0 and each.id == 1]
    assert first.candidate.cosine == pytest.approx(cosine, abs=1e-3)
    assert (first.candidate.coverage, first.candidate.context) == pytest.approx((0.5, 1.0))
    expected = np.dot(WEIGHTS, (first.candidate.cosine, 0.5, 1.0))
    assert first.candidate.score == pytest.approx(expected, abs=1e-5)


def test_candidates_come_best_first(store):
    """Scores never rise along the list."""
    with store.reading() as revision:
        found = search(pose("did the ferry crew vote?", ENCODER), revision, Filters())
    scores = [each.candidate.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert found[0].filed.article.id.endswith("#2")


def test_a_candidate_knows_the_sentences_around_it(store):
    """Up to two on either side, of its own article only."""
    with store.reading() as revision:
        found = search(pose("ceasefire", ENCODER), revision, Filters())
    around = {each.id: [sentence.ordinal for sentence in each.around] for each in found}
    assert around == {1: [0, 1, 2], 2: [0, 1, 2], 3: [0, 1, 2], 4: [0]}


def test_missing_words_are_those_that_stand_nowhere(store):
    """As they were written, without small words, each once; a title's words are not missing."""
    with store.reading() as revision:
        question = "Did Aleppo’s mayor, the Mayor, veto a fery?"
        words = missing_words(question, revision, Filters())
        assert missing_words("How much, and who says so?", revision, Filters()) == ("says",)
    assert words == ("mayor", "Mayor", "fery") or words == ("mayor", "fery")


@pytest.fixture
def crowd(tmp_path) -> Iterator[Library]:
    """Three hundred articles that answer alike, of as many days and seven outlets."""
    path = wire(
        tmp_path / "news",
        *(
            {
                "id": str(n),
                "title": f"Day {n}",
                "text": f"The council vote was number {n}.",
                "published": date.fromordinal(730_000 + n).isoformat(),
                "outlet": "Rare Gazette" if n == 123 else f"Paper {n % 7}",
            }
            for n in range(300)
        ),
    )
    library = Library(tmp_path / "index", encoder=ENCODER, judge=FusionJudge())
    library.sync([path])
    yield library
    library.close()


@pytest.mark.parametrize(
    "filters",
    [
        Filters(outlets=("rare gazette",)),
        Filters(article="wire.jsonl#123"),
        Filters(since=date.fromordinal(730_123), until=date.fromordinal(730_123)),
    ],
)
def test_a_filter_applies_before_ranking(crowd, filters):
    """The only article that passes is found, though hundreds rank as high; nothing else is."""
    assert DEPTH < 300
    answer = crowd.ask("council vote", top=10, filters=filters, trace=True)
    assert [quote.article.id for quote in answer.quotes] == ["wire.jsonl#123"]
    assert len(answer.candidates) == 1


def test_a_filter_that_nothing_passes_refuses(crowd):
    """The refusal says which of them let nothing through."""
    answer = crowd.ask("council vote", filters=Filters(outlets=("No Such Paper",)))
    assert answer.quotes == ()
    assert answer.refusal.reason == "no outlet is called No Such Paper"
    assert answer.refusal.covers is None


@pytest.mark.parametrize(
    "question",
    [
        "the of and",
        "?",
        "‘’“”",
        "vote " * 10_000,
        "\0",
        "x" * 50_000,
        "AND body:* OR (",
        "投票は？",
    ],
)
def test_any_question_gets_an_answer_or_a_refusal(crowd, question):
    """However strange, long or empty of meaning a question is, asking it is no error."""
    answer = crowd.ask(question)
    assert bool(answer.quotes) != bool(answer.refusal)


def test_candidates_do_not_depend_on_how_the_index_grew(tmp_path):
    """One by one, in another order, with drafts and withdrawals: the same scores, to the bit."""
    words = ["snow", "ferry crew", "ceasefire", "vetoed", "orchard in winter", "the court"]
    texts = [
        f"{words[n % 6].capitalize()} on Monday.\nThe {words[n % 5]} stood by {words[n % 4]}."
        for n in range(24)
    ]
    news = tmp_path / "news"
    news.mkdir()
    grown = Library(tmp_path / "grown", encoder=ENCODER, judge=FusionJudge())
    for number in (*range(1, 24, 2), *range(22, -1, -2)):
        path = news / f"{number:02}.txt"
        path.write_text(f"Draft\nA ferry, {number}.", "utf-8")
        if number % 3 == 0:
            grown.sync([news])
        path.write_text(texts[number], "utf-8")
        grown.sync([news])
    built = Library(tmp_path / "built", encoder=ENCODER, judge=FusionJudge())
    built.sync([news])
    for question in ("did the ferry crew vote on the ceasefire?", "snow in winter", "Monday"):
        ranked = []
        for library in (grown, built):
            with Store(library.folder).reading() as revision:
                found = search(pose(question, ENCODER), revision, Filters())
            ranked.append(
                [(e.candidate.score, e.filed.article.id, e.candidate.sentence) for e in found]
            )
        assert ranked[0] == ranked[1]
        assert ranked[0]
