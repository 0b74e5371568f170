"""Answers that show both sides of what guilt is asked for, and the words that say no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder

from index import Library
from index.ask.judge import FusionJudge
from index.ask.sides import weigh
from index.records import Answer, Quote

ACCUSED = "Tom Reed took bribes from a builder, prosecutors said."
DENIED = "Mr Reed denied the claims on Friday."
OPEN = "The police are investigating Mr Reed."
JUDGED = "A court found Tom Reed took no bribes from a builder, and he was acquitted."


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[object]:
    """Ask a question of articles, each a list of sentences: ``ask(question, [...], ...)``."""
    made = []

    def answer(question: str, *articles: list[str], **options: object) -> Answer:
        (tmp_path / "news").mkdir()
        for number, sentences in enumerate(articles):
            text = "\n".join(("The port", *sentences, ""))
            (tmp_path / "news" / f"{number}.txt").write_text(text, "utf-8")
        made.append(Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge()))
        made[-1].sync([tmp_path / "news"])
        return made[-1].ask(question, **options)

    yield answer
    for library in made:
        library.close()


def against(quote: Quote) -> str | None:
    """The words that stand against a quote, cut out of its article."""
    return quote.article.text[slice(*quote.against)] if quote.against else None


@pytest.mark.parametrize(("other", "wanted"), [(DENIED, DENIED), (OPEN, OPEN)])
def test_an_accusation_is_shown_with_what_its_article_says_against_it(ask, other, wanted) -> None:
    """The denial, or that it is still open, as a slice of the same article."""
    answer = ask("did Tom Reed take bribes from a builder", [ACCUSED, "It rained.", other])
    (quote,) = (each for each in answer.quotes if each.text == ACCUSED)
    assert against(quote) == wanted
    assert not answer.perhaps


def test_an_accusation_alone_answers_only_perhaps(ask) -> None:
    """It stands beside a refusal that says why."""
    answer = ask("did Tom Reed take bribes from a builder", [ACCUSED, "It rained."])
    assert answer.quotes == ()
    assert answer.perhaps[0].text == ACCUSED
    assert answer.refusal is not None
    assert "only an accusation" in answer.refusal.reason
    assert answer.refusal.nearest == answer.perhaps[0]


def test_a_verdict_answers_before_an_accusation_elsewhere(ask) -> None:
    """What answers is the article that has one, also where but one quote is wanted."""
    question = "did Tom Reed take bribes from a builder"
    answer = ask(question, [ACCUSED, "It rained."], [JUDGED], top=1)
    (quote,) = answer.quotes
    assert quote.text == JUDGED
    assert quote.against is None


def test_a_denial_is_shown_with_the_verdict_that_came_after(ask) -> None:
    """A denial is no last word where the article has one."""
    denial = "Tom Reed denied taking bribes from a builder."
    answer = ask("did Tom Reed take bribes", [denial, "A jury convicted Mr Reed of it."])
    (quote,) = (each for each in answer.quotes if each.text == denial)
    assert against(quote) == "A jury convicted Mr Reed of it."


def test_a_question_without_guilt_that_an_accusation_answers_asks_for_it(ask) -> None:
    """The quote shows what the words of the question don't."""
    alleged = "Tom Reed is alleged to have approved the payment."
    answer = ask("did Tom Reed approve the payment?", [alleged, "It rained."])
    assert answer.quotes == ()
    assert answer.perhaps[0].text == alleged


def test_what_is_not_asked_as_guilt_is_answered_as_ever(ask) -> None:
    """Nothing is looked for beside a plain fact."""
    answer = ask("what did Tom Reed take from a builder", [ACCUSED, DENIED])
    assert answer.quotes[0].text == ACCUSED
    assert answer.quotes[0].against is None


def test_the_words_of_a_quote_that_say_no_are_marked(ask) -> None:
    """They are what is highlighted, in the article's own words."""
    answer = ask("will the bridge be shut in May?", ["The bridge will not be shut in May."])
    quote = answer.quotes[0]
    assert quote.highlight is not None
    assert quote.article.text[slice(*quote.highlight)] == "will not"


def test_of_a_question_for_a_name_nothing_is_marked(ask) -> None:
    """A "not" in its answer denies nothing that was asked."""
    answer = ask("who shut the bridge in May?", ["Ann Lee, not the port, shut the bridge in May."])
    assert answer.quotes[0].highlight is None


NAMED = "Tom Reed was arrested for the theft of the harbour money."


def test_who_is_only_accused_is_shown_with_the_denial(ask) -> None:
    """Asked who did it, an arrest stands beside what the arrested says."""
    question = "who stole the harbour money"
    answer = ask(question, [NAMED, "It rained.", "Tom Reed denied the theft."])
    quote = next(each for each in (*answer.quotes, *answer.perhaps) if each.text == NAMED)
    with_name = replace(quote, highlight=(quote.start, quote.start + len("Tom Reed")))
    answering, alone = weigh(question, [with_name])
    assert ([against(each) for each in answering], alone) == (["Tom Reed denied the theft."], ())


@pytest.mark.parametrize(
    "question", ["who stole the harbour money", "who is accused of stealing the harbour money"]
)
def test_who_is_only_accused_answers_only_perhaps(ask, question) -> None:
    """Where the article has no denial and no verdict, nobody is named as sure."""
    answer = ask(question, [NAMED, "The police are investigating."])
    assert answer.quotes == ()
    assert NAMED in [each.text for each in answer.perhaps]
    assert answer.refusal is not None
    assert "only an accusation" in answer.refusal.reason


@pytest.mark.parametrize(
    "told",
    [
        "Tom Reed stole the harbour money.",
        "Tom Reed was arrested and admitted that he stole the harbour money.",
        "Tom Reed was convicted of stealing the harbour money.",
    ],
)
def test_who_did_it_is_answered_by_what_is_told_as_a_fact(ask, told) -> None:
    """The article's own voice, an admission, and a verdict."""
    assert ask("who stole the harbour money", [told, "It rained."]).quotes[0].text == told
