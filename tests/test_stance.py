"""Guilt and denial: the question, what stands against an accusation, and the opposite."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.english.blame import blame, doubt
from index.english.negation import denies, denying, opposed
from index.english.segment import segment
from index.english.stance import Finding, Stance, accuses, counterpart, stances

SUSPECTED = {
    "Did Ann Lee take bribes?": "Ann Lee",
    "is the mayor guilty of fraud": "mayor",
    "Did Tom Reed and Ann Lee lie to the council?": "Tom Reed and Ann Lee",
    "Has Port Holdings broken the pollution rules?": "Port Holdings",
    "did Reed really fake his injury?": "Reed",
    "was the port to blame for the crash": "port",
    "did reed mean to hurt the builder": "reed",
    "Was Ann Lee behind the leak?": "Ann Lee",
    "has the port been overcharging its customers": "port",
    "Did Ann Lee spread false rumours about the bridge?": "Ann Lee",
    "so did Ann Lee ignore the safety rules?": "Ann Lee",
}
NOT_SUSPECTED = [
    "Did the vote take place right away?",
    "Is Robert Reed the mayor?",
    "How many people were killed?",
    "Will Lieberman's owners sell?",
    "When was Ann Lee convicted?",
    "did the storm kill anybody?",
    "Has the club made up its mind?",
    "Does Ann Lee accept that the port broke the rules?",
    "Was Tom Reed accused of taking bribes?",
    "Was the mayor deliberately late, according to Ann Lee?",
    "did the diver kill himself",
    "",
]
ARTICLE = (
    "Tom Reed has been accused of taking bribes from a builder. "
    "The bridge cost twelve million. "
    "Mr Reed denied the claims on Friday. "
    "The police are investigating the payments. "
    "The weather was fine."
)


@pytest.mark.parametrize("question", SUSPECTED)
def test_a_question_of_guilt_names_whom_it_suspects(question: str) -> None:
    """As a slice of itself."""
    found = blame(question)
    assert found is not None
    assert question[found.start : found.end] == found.subject == SUSPECTED[question]


@pytest.mark.parametrize("question", NOT_SUSPECTED)
def test_other_questions_suspect_nobody(question: str) -> None:
    """Letters inside other words are no guilt."""
    assert blame(question) is None


def test_any_yes_or_no_question_may_turn_out_to_ask_for_guilt() -> None:
    """It names whom it is about; what somebody says of them is another question."""
    asked = doubt("Did Ann Lee approve the payment?")
    assert asked is not None
    assert (asked.subject, asked.act) == ("Ann Lee", "")
    assert doubt("Does Ann Lee say that the mayor approved it?") is None
    assert doubt("Who approved the payment?") is None
    assert accuses("Ann Lee is alleged to have approved it.")
    assert not accuses("Ann Lee approved it.")


def test_an_article_is_searched_for_both_sides() -> None:
    """Accusation, denial and what is still open, each where it stands."""
    asked = blame("Did Tom Reed take bribes?")
    assert asked is not None
    found = stances(ARTICLE, segment(ARTICLE), asked)
    assert Finding(Stance.ACCUSATION, 0) in found
    assert Finding(Stance.DENIAL, 2) in found
    assert Finding(Stance.OPEN, 3) in found
    assert not any(each.number in (1, 4) for each in found)


def test_the_denial_is_shown_before_the_investigation() -> None:
    """It answers the accusation; the other is for where there is none."""
    question = "Did Tom Reed take bribes?"
    asked, sentences = blame(question), segment(ARTICLE)
    assert asked is not None
    found = stances(ARTICLE, sentences, asked)
    against = counterpart(ARTICLE, sentences, question, found, 0)
    assert against == Finding(Stance.DENIAL, 2)
    rest = [each for each in found if each.stance is not Stance.DENIAL]
    assert counterpart(ARTICLE, sentences, question, rest, 0) == Finding(Stance.OPEN, 3)
    assert counterpart(ARTICLE, sentences, question, [], 0) is None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Will the bridge be shut?", "The bridge will not be shut."),
        ("Did the port accept the offer?", "The port refused the offer, which it called low."),
        ("Is a toll likely?", "A toll is unlikely this year, although prices rose."),
        ("Has the council a plan?", "The council has no plan."),
    ],
)
def test_a_sentence_that_says_no_is_seen(question: str, sentence: str) -> None:
    """By "not", by a verb of denial, by doubt."""
    assert denies(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Will the bridge be shut?", "The bridge will be shut, though not for long."),
        ("Did the port deny it?", "The port denied it."),
        ("Does the port back the plan?", "The port is not opposed to the plan."),
        ("Has the council a plan?", "The council has not only a plan but money."),
        ("", "No."),
    ],
)
def test_a_sentence_that_says_yes_is_not_taken_for_a_no(question: str, sentence: str) -> None:
    """Nor one that answers a question which itself denies."""
    assert not denies(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence", "words"),
    [
        ("Will the bridge be shut?", "The bridge will not be shut.", "will not"),
        ("Is the bridge shut?", "Since May the bridge is no longer shut.", "is no longer"),
        ("Did Ann Lee pay?", "The minister, Ann Lee, denied that she did pay.", "denied"),
        ("Is a toll likely?", "Prices rose; a toll is unlikely this year.", "is unlikely"),
    ],
)
def test_the_words_that_say_no_are_a_slice_of_the_sentence(
    question: str, sentence: str, words: str
) -> None:
    """The words themselves, with the verb that helps them."""
    found = denying(question, sentence)
    assert found is not None
    assert sentence[slice(*found)] == words


def test_sentences_of_different_things_are_not_opposed() -> None:
    """Most words must be the same."""
    assert opposed("Prices rose at Truro in May.", "Prices fell at Truro in May.")
    assert not opposed("Prices rose at Truro in May.", "The mayor of Looe did not resign.")


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80), st.text(max_size=200))
def test_any_question_and_article_are_read(question: str, text: str) -> None:
    """The suspect is a slice of the question, every finding a sentence of the article."""
    asked = blame(f"Did {question} lie?")
    found = denying(f"Did {question} lie?", text)
    assert (found is not None) == denies(f"Did {question} lie?", text)
    assert found is None or text[slice(*found)].strip()
    if asked is not None:
        sentences = segment(text)
        found = stances(text, sentences, asked)
        assert all(0 <= each.number < len(sentences) for each in found)
