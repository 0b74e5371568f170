"""Encoders that a person can compute by hand: one dimension for each word."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index.encoder.encode import Matrix

# fmt: off
VOCABULARY = [
    "bridge", "ceasefire", "china", "council", "court", "crew", "election", "ferry", "fire",
    "flood", "harbour", "judge", "mayor", "minister", "monday", "north", "opened", "orchard",
    "plan", "quake", "rain", "river", "russia", "school", "snow", "south", "storm", "strike",
    "sunday", "train", "tunnel", "vetoed", "vote", "water", "winter",
]
# fmt: on
WORD = re.compile(r"\w+")


class WordEncoder:
    """Counts of the words it knows, brought to length 1; others do not count.

    The cosine of two texts that share one of two known words each is 0.5, and so on. The last
    dimension is for texts without a word that it knows.
    """

    def __init__(self, name: str = "words@1", words: Sequence[str] = tuple(VOCABULARY)) -> None:
        self.name = name
        self._dimension = {word: number for number, word in enumerate(words)}

    @property
    def dim(self) -> int:
        """One for each word, and one for texts without any."""
        return len(self._dimension) + 1

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Return float32, shape ``(len(texts), dim)``, every row of length 1."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in WORD.findall(text.casefold()):
                if word in self._dimension:
                    row[self._dimension[word]] += 1
            if not row.any():
                row[-1] = 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class RecordingEncoder(WordEncoder):
    """Remembers every text it was given, in ``seen``."""

    def __init__(self, name: str = "words@1") -> None:
        super().__init__(name)
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Encode as ``WordEncoder`` does."""
        self.seen += texts
        return super().encode(texts)
