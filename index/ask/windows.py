"""Sentences that search named -> windows of consecutive sentences, put together for the reader.

A sentence is judged in its context: whom "he" or "the company" means stands in the sentences
before. Sentences that stand near each other share a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# In word pieces. Longer parts are cut at their end; of the sentences of the news that
# happens to about one in a hundred.
MAX_QUESTION, MAX_TITLE, MAX_SENTENCE = 64, 24, 100
ROOM = 170
"""Word pieces of the sentences of a window, markers included."""
BEFORE = 2
"""A window grows by so many sentences at its front for each one at its end: what a sentence
refers to stands before it."""

_MARKER, _CLS, _SEP = 1, 101, 102  # [unused0], [CLS], [SEP]


@dataclass(frozen=True, slots=True)
class Packed:
    """A window as the reader's model is given it.

    ``ids`` and ``types`` have one number for each token; type 0 is the question and the title, 1
    the sentences, 2 their markers. Sentence ``i`` is the tokens behind its marker
    ``markers[i]`` and before ``ends[i]``.
    """

    ids: list[int]
    types: list[int]
    markers: list[int]
    ends: list[int]


def pack(
    question: Sequence[int], title: Sequence[int], sentences: Iterable[Sequence[int]]
) -> Packed:
    """Return ``[CLS] question [SEP] title [SEP] (marker sentence)... [SEP]``, each part cut.

    >>> pack([5], [6], [[7, 8], [9]])
    Packed(ids=[101, 5, 102, 6, 102, 1, 7, 8, 1, 9, 102], types=[0, 0, 0, 0, 0, 2, 1, 1, 2, 1, 0], \
markers=[5, 8], ends=[8, 10])
    """
    ids = [_CLS, *question[:MAX_QUESTION], _SEP, *title[:MAX_TITLE], _SEP]
    types = [0] * len(ids)
    markers, ends = [], []
    for sentence in sentences:
        pieces = sentence[:MAX_SENTENCE]
        markers.append(len(ids))
        ids += [_MARKER, *pieces]
        types += [2, *[1] * len(pieces)]
        ends.append(len(ids))
    return Packed([*ids, _SEP], [*types, 0], markers, ends)


def cover(pieces: Sequence[int], wanted: Iterable[int], room: int = ROOM) -> list[range]:
    """Return windows that hold every wanted sentence of an article.

    ``pieces[i]`` is the length of sentence ``i`` in word pieces; ``wanted`` are numbers of
    sentences, the most promising first. Each window is made around the first wanted sentence
    that no window holds yet, and holds at most ``room`` pieces, or that one sentence.

    >>> cover([50, 50, 50, 50, 50, 50], [3, 0, 2], room=160)
    [range(1, 4), range(0, 3)]
    """
    cost = [min(length, MAX_SENTENCE) + 1 for length in pieces]
    windows: list[range] = []
    for number in wanted:
        if not any(number in window for window in windows):
            windows.append(_grown(cost, number, room))
    return windows


def _grown(cost: Sequence[int], number: int, room: int) -> range:
    """The window around a sentence: ``BEFORE`` sentences in front of it for each one behind."""
    first, stop, left, turn = number, number + 1, room - cost[number], 0
    while True:
        front = first > 0 and cost[first - 1] <= left
        back = stop < len(cost) and cost[stop] <= left
        if not front and not back:
            return range(first, stop)
        if front and (turn % (BEFORE + 1) < BEFORE or not back):
            first -= 1
            left -= cost[first]
        else:
            left -= cost[stop]
            stop += 1
        turn += 1
