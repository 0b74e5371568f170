"""Sentences of news text: the golden table, what always holds, and hostile input."""

import gc
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from golden_sentences import GOLDEN
from hypothesis import given
from hypothesis import strategies as st

from index.english.segment import LONGEST, Span, segment

SEED = Path(__file__).parents[1] / "seeds" / "000_2df8917ad5cfe594.txt"

# Text made of what the rules look at, beside the arbitrary Unicode of ``st.text()``.
PIECES = [
    *"..??!…。؟ \t\n\r\v\x1c\x85\u2028\u00a0\"'“”‘’()[]«»`-–•$,:_&@/=5aAzé中\ud800\u0301",
    *("The ", "Mr. ", "U.S. ", "Inc. ", "No. ", "a.m. ", "Jan. ", "...", "iPhone", "said ", "1. "),
]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


def sentences(text: str) -> list[str]:
    """Return the words of every span."""
    return [text[span.start : span.end] for span in segment(text)]


@pytest.mark.parametrize(("text", "expected"), GOLDEN)
def test_cuts_where_a_reader_would(text: str, expected: list[str]) -> None:
    """Every case of the golden table is cut where a reader of news would cut it."""
    assert sentences(text) == expected


@pytest.mark.parametrize("sentence", [s for _, expected in GOLDEN for s in expected])
def test_a_sentence_alone_is_one_sentence(sentence: str) -> None:
    """A sentence that is segmented once more stays whole."""
    assert sentences(sentence) == [sentence]


def test_the_seed_article() -> None:
    """The ranks, the stops after closing quotes and the shared lines of the seed are met."""
    text = SEED.read_text("utf-8")
    found = sentences(text)
    assert len(found) == 23
    assert found[0] == "US, Western leaders calling for immediate Aleppo cease-fire"
    for whole in (
        "Brig. Gen. Zeid al-Saleh told state TV that rebels must leave Aleppo or face death.",
        "The United Nations called the situation “very disastrous”.",
        "“There is no electricity at all, no drinking water”.",
        "“There are families who have not had bread for three days”.",
        "However, there was no mention of the rebels withdrawing their fighters from Aleppo,"
        " a pre-condition set by the Syrian government for talks.",
        "A Syrian army map showed that region held by the rebels in eastern Aleppo"
        " was quickly shrinking.",
    ):
        assert whole in found
    assert sum(sentence.startswith("Col. Abo Bakr, a Free Syrian") for sentence in found) == 1


def test_spans_count_code_points_and_paragraphs() -> None:
    """Offsets are code points of the text; blank lines are no paragraphs."""
    assert segment("\n  😀 One. Two.\r\n \nThree") == [
        Span(3, 9, 0),
        Span(10, 14, 0),
        Span(18, 23, 1),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t\u2028\u00a0"])
def test_nothing_has_no_sentences(text: str) -> None:
    """A text of nothing but whitespace has no sentences."""
    assert segment(text) == []


@given(TEXTS)
def test_no_character_is_lost(text: str) -> None:
    """Spans keep their order, share nothing, and between them stands only whitespace."""
    at = 0
    for span in segment(text):
        assert at <= span.start < span.end
        assert not text[at : span.start].strip()
        at = span.end
    assert not text[at:].strip()


@given(TEXTS)
def test_spans_are_trimmed_and_keep_to_their_line(text: str) -> None:
    """No span begins or ends with whitespace or crosses the end of a line."""
    for sentence in sentences(text):
        assert sentence == sentence.strip()
        assert len(sentence.splitlines()) == 1


@given(TEXTS)
def test_paragraphs_are_the_lines_that_are_not_blank(text: str) -> None:
    """Each line with anything on it is a paragraph, numbered from 0 without a gap."""
    numbers = [span.paragraph for span in segment(text)]
    assert all(b - a in (0, 1) for a, b in pairwise(numbers))
    lines = [line for line in text.splitlines() if line.strip()]
    assert sorted(set(numbers)) == list(range(len(lines)))


@given(TEXTS, TEXTS)
def test_a_line_does_not_depend_on_its_neighbours(above: str, below: str) -> None:
    """Text on other lines changes nothing: two texts join into the spans of both."""
    assert sentences(f"{above}\n{below}") == sentences(above) + sentences(below)


HOSTILE = [".", ". ", "a", " ", '."', ". (", "?” A", "? A", "Dr. ", "U.S. ", "U.", "... ", "。"]
HOSTILE += [
    ". -",
    "1) ",
    ". 1) ",
    "?” Aa ",
    "Inc. On a ",
    ".\n",
    "\r",
    "a.B",
    "? ”",
    "((",
    ". ...“",
]


def calls(text: str) -> int:
    """Count the functions that are called, Python's and C's, to segment ``text``."""
    counted = 0

    def count(_frame: object, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # collections call functions too, and come when they like
    sys.setprofile(count)
    try:
        segment(text)
    finally:
        sys.setprofile(before)
        gc.enable()
    return counted


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_with_the_text(piece: str) -> None:
    """Twice the hostile text takes about twice the calls."""
    assert calls(piece * 2000) <= 2.1 * calls(piece * 1000) + 10


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_comes_to_an_end(piece: str) -> None:
    """100,000 characters of one pattern are done at once; in quadratic time they hang."""
    text = piece * (100_000 // len(piece))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "a" * (3 * LONGEST),
        "word " * LONGEST,
        "a" + " " * 3 * LONGEST + "b",
        ("a" * (LONGEST - 1) + " ") * 3,
        ("a" * LONGEST + " ") * 3,
        ("a" * (LONGEST + 1) + "\u2003") * 3 + "\nEnd.",
        "a " + "b" * 2 * LONGEST,
    ],
)
def test_what_never_ends_is_cut(text: str) -> None:
    """The pieces are slices that lose no letter and end at spaces where there are any."""
    spans = segment(text)
    assert max(span.end - span.start for span in spans) <= LONGEST
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())
    for span in spans:
        assert text[span.start : span.end] == text[span.start : span.end].strip()
    words = {word for word in text.split() if len(word) <= LONGEST // 2}
    assert words <= {word for span in spans for word in text[span.start : span.end].split()}


def test_a_long_sentence_stays_whole() -> None:
    """Up to the limit nothing is cut."""
    text = ("word " * LONGEST)[: LONGEST - 1] + "d"
    assert segment(text) == [(0, LONGEST, 0)]
