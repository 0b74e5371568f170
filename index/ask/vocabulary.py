"""Which words are English, as far as the reader's own vocabulary knows; read when first asked for.

The 30,522 pieces of the packaged tokenizer are, but for parts of words, the words that books and an
encyclopedia use most, names among them. Forms of them count: "repaid" is "paid" with a prefix.
"""

from __future__ import annotations

import json
from functools import cache

from index.ask.reader import FOLDER
from index.english.lexicon import listed
from index.errors import ModelError

_ENDINGS = listed(
    """
    s es ed d ing er ers or ors ly ness ment ments al ally ion ions y ies ied ish ist ists ism ive
    able less ful
    """
)
_BEGINNINGS = listed("un re in im dis non over under out pre mis anti co")
_LEAST = 5
"""Letters of a word that others may be made of."""
_VOWELS = frozenset("aeiou")


def is_english(word: str) -> bool:
    """Whether it is a word of the vocabulary, or made of one by an ending or a beginning.

    >>> is_english("Hello"), is_english("repaints"), is_english("ceasfire")
    (True, True, False)

    Raises:
        ModelError: the vocabulary is missing or altered.
    """
    word = word.casefold()
    words = _words()
    if word in words:
        return True
    return any(
        word.endswith(ending) and _ends_well(word[: -len(ending)], ending, words)
        for ending in _ENDINGS
    ) or any(
        word.startswith(beginning) and _stem(word[len(beginning) :], words)
        for beginning in _BEGINNINGS
    )


def _ends_well(base: str, ending: str, words: frozenset[str]) -> bool:
    """Whether a base takes an ending: make, making; stop, stopped; carry, carried."""
    if ending in ("ies", "ied"):
        return _stem(f"{base}y", words)
    if ending[0] not in "aeiouy":
        return _stem(base, words)
    if base[-1:] == "e":
        return ending in ("ish", "able") and _stem(base, words)
    doubled = base[-2:-1] == base[-1:] and base[-3:-2] in _VOWELS
    return _stem(base, words) or _stem(f"{base}e", words) or (doubled and _stem(base[:-1], words))


def _stem(word: str, words: frozenset[str]) -> bool:
    return len(word) >= _LEAST and word in words


@cache
def _words() -> frozenset[str]:
    path = FOLDER / "tokenizer.json"
    try:
        pieces = json.loads(path.read_text("utf-8"))["model"]["vocab"]
    except (OSError, ValueError, KeyError) as exc:
        raise ModelError(f"{path}: not readable ({exc}); install Pullquote again") from exc
    return frozenset(piece for piece in pieces if piece.isalpha() and len(piece) > 2)
