"""Who said it: in the sentence itself, in the quotation around it, and for "he said" before it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.english.quotation import quotations
from index.english.segment import segment
from index.english.speech import speech

IN_ITSELF = {
    "The bridge is safe, said harbour master Ann Lee.": ("harbour master Ann Lee", "reported"),
    '"The bridge is safe and will stay so," said Ann Lee.': ("Ann Lee", "direct"),
    "Harbour master Ann Lee said that the bridge was safe.": ("Harbour master Ann Lee", "reported"),
    'Ann Lee told Reuters: "The bridge is as safe as ever."': ("Ann Lee", "direct"),
    "According to the port authority, the bridge is safe.": ("the port authority", "reported"),
    "The bridge will be shut, a spokesman for the port said on Monday.": (
        "a spokesman for the port",
        "reported",
    ),
    "Ann Lee, the harbour master, said the bridge was safe.": ("Ann Lee", "reported"),
    "Asked about the bridge, the mayor said it was safe.": ("the mayor", "reported"),
    "Port Holdings Inc <PHI> said it expects a loss.": ("Port Holdings Inc", "reported"),
    "TRURO - Port Holdings Inc said it expects a loss.": ("Port Holdings Inc", "reported"),
    "But the port has denied that the bridge was ever shut.": ("the port", "reported"),
    "Ship owners say the toll is too high.": ("Ship owners", "reported"),
    "On Tuesday Mayor Tom Reed said the toll would stay.": ("Mayor Tom Reed", "reported"),
}
NOBODY = [
    "The bridge was shut on Friday.",
    "The firm that said it would build the bridge is bankrupt.",
    "The mayor would not say when the bridge would open.",
    "The port is expected to say more on Monday.",
    "The port declared a quarterly dividend of three cents.",
    "It is said that the bridge is haunted.",
    "Lee added the county title to her long list of wins.",
    'The so-called "bridge to nowhere" cost twelve million.',
]
BEFORE = {
    "Mayor Tom Reed opened the bridge. The toll will stay low, he said.": "Mayor Tom Reed",
    "Mr Reed said the toll would rise. He added that it was fair.": "Mr Reed",
    "Port Holdings Inc said it made a loss. It said it would cut jobs.": "Port Holdings Inc",
    "Port Holdings Inc said it made a loss. The company said it would cut jobs.": (
        "Port Holdings Inc"
    ),
    "Traders said the toll was high. They said ships would go elsewhere.": "Traders",
    '"We are glad," said Ann Lee. "We will open on Friday."': "Ann Lee",
    '"We are glad. We will open on Friday," said Ann Lee.': "Ann Lee",
}


@pytest.mark.parametrize("sentence", IN_ITSELF)
def test_the_sentence_names_its_speaker(sentence: str) -> None:
    """Before or behind the verb, or after "according to"; the kind says whose words they are."""
    found = speech(sentence, segment(sentence), 0)
    assert found is not None
    assert (sentence[found.start : found.end], found.kind) == IN_ITSELF[sentence]


@pytest.mark.parametrize("sentence", NOBODY)
def test_the_outlets_own_voice_has_no_speaker(sentence: str) -> None:
    """Also where a verb of saying stands in it."""
    assert speech(sentence, segment(sentence), 0) is None


@pytest.mark.parametrize("text", BEFORE)
def test_a_pronoun_and_an_open_quotation_take_the_name_from_around_them(text: str) -> None:
    """The last sentence, or the first where it is the one without a name."""
    sentences = segment(text)
    number = 0 if text.startswith('"We are glad. We') else len(sentences) - 1
    found = speech(text, sentences, number)
    assert found is not None
    assert text[found.start : found.end] == BEFORE[text]


def test_a_pronoun_with_nobody_to_mean_has_no_speaker() -> None:
    """Nothing is shown rather than "he"."""
    text = "The bridge was shut. The toll is fair, he said."
    assert speech(text, segment(text), 1) is None


def test_a_woman_is_not_taken_for_a_man() -> None:
    """A title or a role tells, and nothing is shown."""
    text = "Mrs Lee opened the bridge. The toll is fair, he said."
    assert speech(text, segment(text), 1) is None


def test_the_mention_is_where_the_sentence_says_who() -> None:
    """It differs from the speaker for a pronoun."""
    text = "Mr Reed said the toll would rise. It is fair, he said."
    found = speech(text, segment(text), 1)
    assert found is not None
    assert found.mention is not None
    assert text[slice(*found.mention)] == "he"


PIECES = st.lists(
    st.sampled_from(
        [
            "he said",
            "Ann Lee",
            '"',
            "“",
            "”",
            ", ",
            ". ",
            "said ",
            "The company ",
            "told ",
            "\n",
            "- ",
            "according to ",
            "(",
            ") ",
            "Mr Reed ",
            "added that ",
            "it ",
            "<TICK> ",
            "who ",
            "é",
            "5 ",
        ]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None, max_examples=300)
@given(PIECES)
@example(", Ann Lee, said he said")  # what is set off has nothing before it
def test_a_speaker_is_a_slice_of_the_article(text: str) -> None:
    """Never empty, never with space at its ends, never beyond the text."""
    sentences = segment(text)
    for number in range(len(sentences)):
        found = speech(text, sentences, number)
        if found is not None:
            words = text[found.start : found.end]
            assert 0 <= found.start < found.end <= len(text)
            assert words == words.strip()


@settings(deadline=None)
@given(PIECES)
def test_quotations_are_in_order_and_apart(text: str) -> None:
    """Each begins with a mark."""
    found = quotations(text, 0, len(text))
    assert all(text[start] in '"“”„' and start < end <= len(text) for start, end in found)
    assert all(one[1] <= two[0] for one, two in pairwise(found))


@pytest.mark.parametrize("piece", ['"', "said ", "a, said b, ", "“", "he said. ", "Mr ", ", "])
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    """Several thousand characters are read in well under a second."""
    text = piece * (8_000 // len(piece))
    sentences = segment(text)
    begun = time.process_time()
    speech(text, sentences, len(sentences) - 1)
    assert time.process_time() - begun < 1
