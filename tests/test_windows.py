"""Windows: which sentences the reader sees together, and how they are put together for it."""

from hypothesis import given
from hypothesis import strategies as st

from index.ask.windows import (
    MAX_QUESTION,
    MAX_SENTENCE,
    MAX_TITLE,
    ROOM,
    cover,
    pack,
)

pieces = st.lists(st.integers(200, 30000), max_size=150)
lengths = st.lists(st.integers(0, 300), min_size=1, max_size=40)


@given(pieces, pieces, st.lists(pieces, min_size=1, max_size=8))
def test_a_sentence_is_what_stands_behind_its_marker(question, title, sentences):
    """Each sentence's pieces, up to the bound, stand between its marker and its end."""
    packed = pack(question, title, sentences)
    assert len(packed.ids) == len(packed.types)
    for sentence, marker, end in zip(sentences, packed.markers, packed.ends, strict=True):
        assert packed.ids[marker + 1 : end] == sentence[:MAX_SENTENCE]
        assert packed.types[marker:end] == [2] + [1] * (end - marker - 1)


@given(pieces, pieces, st.lists(pieces, min_size=1, max_size=8))
def test_nothing_else_is_marked_as_a_sentence(question, title, sentences):
    """Question and title come first, each up to its bound, and have type 0."""
    packed = pack(question, title, sentences)
    head = packed.ids[: packed.markers[0]]
    assert head == [101, *question[:MAX_QUESTION], 102, *title[:MAX_TITLE], 102]
    assert not any(packed.types[: packed.markers[0]])
    assert packed.types[-1] == 0


@given(lengths, st.data())
def test_every_wanted_sentence_is_in_a_window(lengths, data):
    """Whatever is wanted is read, in windows that are as long as the bound lets them be."""
    wanted = data.draw(st.lists(st.sampled_from(range(len(lengths))), unique=True, max_size=10))
    windows = cover(lengths, wanted)
    assert len(windows) <= len(wanted)
    for number in wanted:
        assert any(number in window for window in windows)
    cost = [min(length, MAX_SENTENCE) + 1 for length in lengths]
    for window in windows:
        used = sum(cost[number] for number in window)
        assert len(window) == 1 or used <= ROOM
        for beside in (window.start - 1, window.stop):
            if 0 <= beside < len(cost):
                assert used + cost[beside] > ROOM, "there was room for one more"


def test_what_a_sentence_refers_to_stands_before_it():
    """A window grows two sentences to the front for each one to the back."""
    assert cover([20] * 20, [10], room=21 * 7) == [range(6, 13)]


def test_neighbours_share_a_window():
    """A second wanted sentence that the first one's window holds needs none of its own."""
    assert cover([20] * 20, [10, 8, 12]) == [range(5, 13)]


def test_nothing_wanted_is_nothing_read():
    """Without a wanted sentence there is no window."""
    assert cover([10, 10], []) == []
