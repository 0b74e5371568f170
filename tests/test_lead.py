"""Which sentences a quote needs before it, so that it can be understood alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.english.lead import REACH, lead
from index.english.segment import segment

NEEDED = {
    "Mayor Tom Reed opened the bridge. He cut a ribbon.": (0,),
    "Mayor Tom Reed opened the bridge. Rain fell. He cut a ribbon.": (0,),
    "Port Holdings runs the bridge. The company made a loss.": (0,),
    "Port Holdings runs the bridge. The bridge is old, the company said.": (0,),
    "A survey was made in March. The survey found cracks.": (0,),
    "The bridge was shut on Friday. This cost the port a million.": (0,),
    "Mayor Tom Reed opened the bridge. His party lost the vote.": (0,),
    '"We are glad," said Ann Lee. "We will open on Friday."': (0,),
    "Reed lost the vote in May. The next day Lee took office.": (0,),
    "Ann Lee and Tom Reed met. Both are lawyers.": (0,),
}
ALONE = [
    "Tom Reed opened the bridge. Ann Lee cut a ribbon.",
    "Tom Reed opened the bridge. The British government paid for it.",
    "Tom Reed opened the bridge. When she was a child, Ann Lee lived there.",
    "Tom Reed opened the bridge. The bank of the river is steep.",
    "Tom Reed opened the bridge. Both Lee and Reed are lawyers.",
    "Tom Reed opened the bridge. There is a toll.",
]


@pytest.mark.parametrize("text", NEEDED)
def test_the_sentence_that_holds_the_name_is_shown(text: str) -> None:
    """Not those between."""
    sentences = segment(text)
    assert lead(text, sentences, len(sentences) - 1) == NEEDED[text]


@pytest.mark.parametrize("text", ALONE)
def test_a_sentence_that_names_what_it_is_about_needs_none(text: str) -> None:
    """A name, or a noun that says which one it is."""
    sentences = segment(text)
    assert lead(text, sentences, len(sentences) - 1) == ()


def test_the_first_sentence_needs_none() -> None:
    """There is nothing before it."""
    text = "He cut a ribbon."
    assert lead(text, segment(text), 0) == ()


def test_nothing_farther_back_than_three_sentences_is_shown() -> None:
    """At worst the one before."""
    text = "Tom Reed came. " + "Rain fell. " * 5 + "He cut a ribbon."
    sentences = segment(text)
    assert all(number >= len(sentences) - 1 - REACH for number in lead(text, sentences, 6))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "He ",
                "The company ",
                '"',
                ". ",
                "said ",
                "Ann Lee ",
                "She ",
                "In May, ",
                "This ",
                "A ",
                "the survey ",
                "\n",
                "was shut",
                ", he said. ",
                "Both ",
                "the next day ",
                "It ",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_only_sentences_before_are_named(text: str) -> None:
    """In order, each once, at most three back."""
    sentences = segment(text)
    for number in range(len(sentences)):
        shown = lead(text, sentences, number)
        assert list(shown) == sorted(set(shown))
        assert all(max(number - REACH, 0) <= each < number for each in shown)
