"""A question -> the same question changed so that its text no longer answers it.

One thing is changed for another of its kind: a name, a year, a number, a month, a noun or
verb, the word that asks, or a "not" is put in. "Of its kind" is neighbourhood in the word
table of the encoder, without the nearest neighbours, which are often synonyms.
"""

from __future__ import annotations

import calendar
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_AUXILIARY = "is|are|was|were|did|does|do|has|have|had|can|could|will|would|should"
_MONTHS = list(calendar.month_name)[1:]
_STOP = frozenset(
    """
    what which when where who whom whose why how many much long often does did the that this
    with from into than then they them their there have been being were was would could should
    about after before between during under over through most more some such other also only
    name term called known used type kind year years first last percent time amount number
    """.split()  # noqa: SIM905
)
_TIME = re.compile(rf"\d|{'|'.join(_MONTHS)}|\b(?:century|today|now|during|after|before)\b")
_REASON = re.compile(r"\b(?:because|due|since|reason|so that|in order|cause[sd]?|to)\b", re.I)
_PLACE = re.compile(r"\b(?:in|at|near|from|to|on) (?:the )?[A-Z]")


class Alterer:
    """Changes questions; knows words and names with their neighbours."""

    def __init__(self, texts: Iterable[str], tokenizer_file: Path, table: NDArray[np.float32]):
        words: Counter[str] = Counter()
        names: Counter[str] = Counter()
        for text in texts:
            words.update(re.findall(r"\b[a-z]{4,}\b", text))
            names.update(m[1] for m in _NAME.finditer(text))
        self._words = [w for w, n in words.items() if n >= 25 and w not in _STOP]
        self._names = [w for w, n in names.items() if n >= 4]
        vectors = _vectors([*self._words, *self._names], tokenizer_file, table)
        self._word_vectors = vectors[: len(self._words)]
        self._name_vectors = vectors[len(self._words) :]
        self._word_rows = {w: i for i, w in enumerate(self._words)}
        self._name_rows = {w: i for i, w in enumerate(self._names)}

    def alter(self, question: str, text: str, rng: random.Random) -> tuple[str, str] | None:
        """Return the changed question and the kind of change, or None if nothing fits.

        ``text`` is what answers the question: what is put in does not stand there.
        """
        changes: list[Callable[[str, str, random.Random], str | None]] = [
            self.name,
            self.name,
            number,
            number,
            self.word,
            self.word,
            self.word,
            negate,
            ask,
        ]
        rng.shuffle(changes)
        for change in changes:
            altered = change(question, text, rng)
            if altered and altered != question:
                return altered, change.__name__
        return None

    def name(self, question: str, text: str, rng: random.Random) -> str | None:
        """Change a name for one of its kind."""
        found = [m for m in _NAME.finditer(question) if m[1] in self._name_rows]
        if not found:
            return None
        match = rng.choice(found)
        similar = self._name_vectors @ self._name_vectors[self._name_rows[match[1]]]
        new = self._pick(self._names, similar, match[1], text, rng, 3, 60)
        return question[: match.start(1)] + new + question[match.end(1) :] if new else None

    def word(self, question: str, text: str, rng: random.Random) -> str | None:
        """Change a noun, verb or adjective for a sibling or a stranger."""
        found = [m for m in re.finditer(r"\b[a-z]{4,}\b", question) if m[0] in self._word_rows]
        if not found:
            return None
        match = rng.choice(found)
        similar = self._word_vectors @ self._word_vectors[self._word_rows[match[0]]]
        new = self._pick(self._words, similar, match[0], text, rng, 12, 400)
        return question[: match.start()] + new + question[match.end() :] if new else None

    @staticmethod
    def _pick(
        choices: Sequence[str],
        similar: NDArray[np.float32],
        old: str,
        text: str,
        rng: random.Random,
        nearest: int,
        farthest: int,
    ) -> str | None:
        top = np.argpartition(-similar, farthest)[:farthest]
        top = top[np.argsort(-similar[top], kind="stable")]
        low = text.lower()
        parts = set(old.lower().split())
        for _ in range(20):
            # Near ones more often than far ones, evenly in the logarithm of the rank.
            rank = int(nearest * (farthest / nearest) ** rng.random())
            new = choices[int(top[min(rank, farthest - 1)])]
            if new.lower() in low or parts & set(new.lower().split()):
                continue
            if new[:4].lower() == old[:4].lower() or new[-5:] == old[-5:]:
                continue  # the same word in another form
            if _ending(new) != _ending(old):
                continue  # most likely another part of speech
            return new
        return None


def _ending(word: str) -> str:
    match = re.search(r"(?:ed|ing|ly|s)$", word)
    return match[0] if match else ""


# A name stands inside a sentence, so that its capital letter means something.
_NAME = re.compile(r"(?<=[a-z,] )((?:[A-Z][\w'’-]+)(?: (?:of |the )?[A-Z][\w'’-]+){0,2})")


def number(question: str, text: str, rng: random.Random) -> str | None:
    """Change a year, number or month for another."""
    found = list(re.finditer(rf"\d[\d,.]*\d|\d|\b(?:{'|'.join(_MONTHS)})\b", question))
    if not found:
        return None
    match = rng.choice(found)
    old = match[0]
    for _ in range(10):
        if old in _MONTHS:
            new = rng.choice(_MONTHS)
        elif re.fullmatch(r"1\d{3}|20\d\d", old):
            new = str(int(old) + rng.choice((-1, 1)) * rng.choice((1, 2, 3, 5, 7, 10, 20, 40)))
        else:
            new = "".join(rng.choice("123456789") if c.isdigit() else c for c in old)
        if new != old and new not in text:
            return question[: match.start()] + new + question[match.end() :]
    return None


def negate(question: str, text: str, rng: random.Random) -> str | None:
    """Put in "not" or "never"."""
    if re.search(r"\b(?:not|never|no)\b|n't", question):
        return None
    plain = re.fullmatch(
        rf"(\w+ (?:{_AUXILIARY}) (?:the |an? )?[\w'’-]+(?: [A-Z]\w+)*) (.+)", question
    )
    if plain and rng.random() < 0.7:
        return f"{plain[1]} {rng.choice(('not', 'not', 'never'))} {plain[2]}"
    match = re.search(rf"\b(?:{_AUXILIARY})\b", question)
    if match is None:
        return None
    contracted = {"can": "can't", "will": "won't"}.get(match[0], f"{match[0]}n't")
    return question[: match.start()] + contracted + question[match.end() :]


def ask(question: str, text: str, rng: random.Random) -> str | None:
    """Ask for a time, place or reason instead, where the text seems to give none."""
    match = re.match(rf"(When|Where|Why|How|when|where|why|how) (?=(?:{_AUXILIARY})\b)", question)
    if match is None:
        return None
    given = {"when": _TIME, "where": _PLACE, "why": _REASON}
    free = [w for w, sign in given.items() if w != match[1].lower() and not sign.search(text)]
    if not free:
        return None
    new = rng.choice(free)
    return (new if match[1].islower() else new.title()) + question[match.end(1) :]


def _vectors(
    texts: Sequence[str], tokenizer_file: Path, table: NDArray[np.float32]
) -> NDArray[np.float32]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    centred = table - table.mean(0)
    out = np.stack([centred[e.ids].mean(0) for e in encoded])
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    return np.asarray(out, np.float32)
