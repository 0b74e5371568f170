"""The sentences that words stand in, and what in them turns the words round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from promptly import promptly

from index.english.around import sentences_around, turning
from index.english.segment import LONGEST, segment

FINE = "the firm paid a fine"
TURNED = {
    "It is not true that {}.": ["not"],
    "The mayor denied that {}.": ["denied"],
    "If {}, nobody would know.": ["If", "nobody"],
    "Nobody said {}.": ["Nobody"],
    "Reports that {} are false.": ["false"],
    "It is alleged that {}.": ["alleged"],
    "The court ruled out that {}.": ["ruled out"],
    "It may be that {}.": ["may"],
    "He didn't say that {}.": ["didn't"],
    "{}, unless the court says otherwise.": ["unless", "otherwise"],
}
STRAIGHT = (
    "{}.",
    "On May 3, {}, the court said.",
    "{}, but the mayor did not.",
    "The mayor did not speak after {}.",
    "Although he did not like it, {}.",
    "In March {}, not only once.",
)


@pytest.mark.parametrize("frame", TURNED)
def test_what_turns_words_round_is_named(frame: str) -> None:
    """Denials, conditions and doubts in the clause that the words stand in."""
    text = frame.format(FINE)
    start = text.index(FINE)
    whole = sentences_around(text, start, start + len(FINE))
    assert whole == (0, len(text))
    found = turning(text, whole, [(start, start + len(FINE))])
    assert [text[slice(*span)] for span in found] == TURNED[frame]


@pytest.mark.parametrize("frame", STRAIGHT)
def test_what_leaves_words_as_they_are_is_not(frame: str) -> None:
    """A month, and what another clause says of something else."""
    text = frame.format(FINE)
    start = text.index(FINE)
    assert turning(text, (0, len(text)), [(start, start + len(FINE))]) == ()


def test_what_was_given_itself_does_not_count() -> None:
    """A "not" that was looked up is no secret; one between two parts is."""
    text = "The war will not end."
    assert turning(text, (0, len(text)), [(0, 20)]) == ()
    (found,) = turning(text, (0, len(text)), [(0, 12), (17, 20)])
    assert text[slice(*found)] == "not"


def test_a_sentence_that_lines_cut_is_one() -> None:
    """Where the next line goes on in lower case; a title is no part of the text below."""
    text = "Truce ends\nIt is not true that\nthe firm paid\na fine. He left."
    start = text.index("the firm")
    assert text[slice(*sentences_around(text, start, start + 8))] == (
        "It is not true that\nthe firm paid\na fine."
    )
    start = text.index("It is")
    assert text[slice(*sentences_around(text, start, start + 2))].startswith("It is not")


@given(st.text("aB .\n“”", min_size=1, max_size=80), st.data())
def test_any_words_lie_in_their_sentences(text: str, data: st.DataObject) -> None:
    """Which begin and end where a sentence does."""
    words = [
        span for span in segment(text) if any(s.isalpha() for s in text[span.start : span.end])
    ]
    if not words:
        return
    span = data.draw(st.sampled_from(words))
    start, end = sentences_around(text, span.start, span.end)
    assert start <= span.start < span.end <= end
    assert start in {each.start for each in segment(text)}
    assert end in {each.end for each in segment(text)}


@pytest.mark.parametrize("text", ["a\n" * 50_000, "if " * 50_000, "not\n" * 20_000 + "x." * 20_000])
def test_hostile_text_comes_to_an_end(text: str) -> None:
    """However many lines go on in lower case."""
    with promptly():
        at = len(text) // 2
        whole = sentences_around(text, at, at + 2)
        turning(text, whole, [(at, at + 2)])
    assert whole[1] - whole[0] < 4 * LONGEST
