"""Slips of the finger: mended from what the articles say, never where a word stands as it is."""

from __future__ import annotations

import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import printed

from bot.render import as_json, discord, terminal
from index import Filters, Library
from index.ask.judge import FusionJudge
from index.ask.spelling import slips
from index.english.followup import Earlier

ARTICLES = {
    "music.txt": (
        "Concert\nThe singer Bello used his phone. Marion Witter repaid the loan of the minister."
    ),
    "aleppo.txt": "Aleppo\nRussia vetoed the ceasefire. Minister Kurzmann opened the tunnel.",
    "weather.txt": (
        "Snow\nThe water rose on Sunday. A later storm is expected. Latter days. HARBOUR CLOSED."
    ),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Two articles."""
    folder = tmp_path_factory.mktemp("spelling")
    (folder / "news").mkdir()
    for name, text in ARTICLES.items():
        (folder / "news" / name).write_text(text, "utf-8")
    library = Library(folder / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([folder / "news"])
    return library


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("who vetoed the ceasfire?", "who vetoed the ceasefire?"),
        ("Who vteoed the ceasefire", "Who vetoed the ceasefire"),
        ("whihc minister opened the tunnel?", "which minister opened the tunnel?"),
        ("what did kurtzmann open", "what did Kurzmann open"),
        ("Alepo ceasefire, ministter", "Aleppo ceasefire, Minister"),
        ("was the harbuor closed", "was the harbour closed"),
        ("did the wwater rise on sundday?", "did the water rise on Sunday?"),
    ],
)
def test_a_slip_is_mended_and_told(library: Library, typed: str, meant: str) -> None:
    """One letter too few, too many, another, or two swapped; the question is kept as typed."""
    answer = library.ask(typed)
    assert (answer.question, answer.understood_as) == (typed, meant)
    assert answer.quotes == library.ask(meant).quotes != ()


@pytest.mark.parametrize(
    "question",
    [
        *("what did the singer say on his iPhone?", "what did Twitter repay?", "hello singer"),
        *("who will repair the loan", "did Fhone repay", "was it the loan of Repait"),
        "who vetoed the ceasefire?",
        "who ceasefires minister's tunnels",  # other forms of words that stand
        "what of the veto of 20122 in Snovv?",  # short, a figure, two letters away
        "who is Kurts, Rusia?",  # short names
        "zebra crossing",
        "ceasfire " * 6,
        "x" * 5000 + "ceasfire",
    ],
)
def test_what_is_no_slip_stays(library: Library, question: str) -> None:
    """Words that stand in some form, and those that nothing is near to."""
    assert library.ask(question).understood_as is None


@pytest.mark.parametrize(
    ("question", "understood", "offered"),
    [
        ("who is Kurtzmann?", None, "who is Kurzmann?"),
        ("what of kurtzmann", None, "what of Kurzmann"),
        (
            "who is Marrion of the ceasfire",
            "who is Marrion of the ceasefire",
            "who is Marion of the ceasefire",
        ),
    ],
)
def test_a_name_that_may_be_another_is_offered(
    library: Library, question: str, understood: str | None, offered: str
) -> None:
    """It is not searched for: nothing of the question says that it is the same."""
    answer = library.ask(question)
    assert (answer.understood_as, answer.did_you_mean) == (understood, offered)
    assert f"Did you mean: {offered}" in printed(terminal.answer(answer))
    assert as_json.answer(answer)["did_you_mean"] == offered
    buttons = discord.answer(answer, key="k").buttons
    assert f"Did you mean: {offered}" in [button.label for button in buttons]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ministwr", "Minister"),
        ("minister", None),
        ("tunnwl", "tunnel"),
        ("tunmel", "tunnel"),
        ("tuzzel", None),
    ],
)
def test_a_slip_is_sure_by_where_the_keys_are(
    library: Library, typed: str, meant: str | None
) -> None:
    """With nothing else in the question: a neighbour's key is easily pressed."""
    assert library.ask(f"the {typed}").understood_as == (meant and f"the {meant}")


def test_the_word_that_stands_beside_the_others_is_meant(library: Library) -> None:
    """It has two neighbours; the storm tells which."""
    assert library.ask("which laater storm").understood_as == "which later storm"
    assert library.ask("laatter days").understood_as == "Latter days"


def test_only_words_that_pass_the_filters_are_put_in(library: Library) -> None:
    """What may not be searched is not told either."""
    elsewhere = Filters(article="news/weather.txt")
    assert library.ask("the ceasfire", filters=elsewhere).understood_as is None


@settings(deadline=None)
@given(st.text("abcde", min_size=1, max_size=6), st.data())
def test_every_slip_is_undone_by_one(word: str, data: st.DataObject) -> None:
    """What one slip makes, another unmakes: so a mended word is one that was meant."""
    slipped = data.draw(st.sampled_from(sorted(set(slips(word)))))
    assert not slipped or word in set(slips(slipped))


def test_a_question_that_leans_on_another_is_mended_too(library: Library) -> None:
    """Joined with the earlier one first."""
    answer = library.ask("and the tunel?", earlier=Earlier("Who opened the orchard?"))
    assert answer.understood_as is not None
    assert "tunnel" in answer.understood_as
