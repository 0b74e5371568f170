"""Questions of people who had the paragraph -> the same as people type them."""

from __future__ import annotations

import random
import re

_DROPPED = frozenset({"the", "a", "an", "did", "does", "do", "was", "is", "were", "are", "of"})


def question(text: str, rng: random.Random) -> str:
    """Return a question as it may be typed: lower case, no mark, a slip, few small words."""
    if rng.random() < 0.08:
        text = re.sub(r"\b[Tt]he ", "", text)
    if rng.random() < 0.05:
        kept = [w for w in text.split() if w.lower() not in _DROPPED]
        text = " ".join(kept) if len(kept) > 2 else text
    if rng.random() < 0.06:
        text = _slip(text, rng)
    if rng.random() < 0.3:
        text = text.lower().rstrip(" ?.")
    elif rng.random() < 0.08:
        text = text.rstrip(" ?.")
    return text


def _slip(text: str, rng: random.Random) -> str:
    """Type one longer word wrongly."""
    found = list(re.finditer(r"[a-z]{5,}", text))
    if not found:
        return text
    match = rng.choice(found)
    word, at = match[0], rng.randrange(1, len(match[0]) - 1)
    wrong = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
        )
    )
    return text[: match.start()] + wrong + text[match.end() :]
