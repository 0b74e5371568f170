"""Training texts -> the same as people type them and as newspapers print them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

_CITIES = [
    "LONDON",
    "WASHINGTON",
    "PARIS",
    "BEIJING",
    "MOSCOW",
    "GENEVA",
    "CAIRO",
    "BEIRUT",
    "TOKYO",
    "BERLIN",
    "NAIROBI",
    "DELHI",
    "JERUSALEM",
    "BRUSSELS",
    "SYDNEY",
    "LAGOS",
    "KABUL",
    "ANKARA",
    "SEOUL",
    "MADRID",
    "NEW YORK",
    "UNITED NATIONS",
    "HONG KONG",
    "LOS ANGELES",
    "MEXICO CITY",
]
_AGENCIES = ("Reuters", "AP", "AFP", "CNN", "Xinhua", "BBC")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan.",
    "Feb.",
    "Aug.",
    "Sept.",
    "Oct.",
    "Nov.",
    "Dec.",
]
_SOURCES = (
    "officials",
    "police",
    "a spokesman",
    "a spokeswoman",
    "the ministry",
    "analysts",
    "witnesses",
    "the agency",
    "he",
    "she",
    "the government",
    "researchers",
)
_DROPPED = frozenset({"the", "a", "an", "did", "does", "do", "was", "is", "were", "are", "of"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with its context and, in the sentence, the answer."""

    title: str
    before: str
    sentence: str
    span: tuple[int, int] | None = None


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


def passage(plain: Passage, headline: str, rng: random.Random) -> Passage:
    """Return a passage as it may stand in the news; the span moves with its words."""
    return _reported(replace(plain, title=_title(plain.title, headline, rng)), rng)


def _title(title: str, headline: str, rng: random.Random) -> str:
    """Return the title, a headline made from the article's first words, or nothing."""
    draw = rng.random()
    if draw < 0.12:
        return ""
    if draw < 0.4:
        title = " ".join(headline.split()[: rng.randint(6, 11)]).rstrip(",.;:")
    return title.title() if rng.random() < 0.3 else title


def _reported(plain: Passage, rng: random.Random) -> Passage:
    """Put a dateline before the sentence, or say who said it; drop the context at times."""
    sentence, before, shift = plain.sentence, plain.before, 0
    draw = rng.random()
    if draw < 0.05:
        prefix = rng.choice(_CITIES)
        if rng.random() < 0.7:
            prefix += f", {rng.choice(_MONTHS)} {rng.randint(1, 30)}"
        if rng.random() < 0.7:
            prefix += f" ({rng.choice(_AGENCIES)})"
        prefix += rng.choice((" - ", " — ", " -- "))
        sentence, shift, before = prefix + sentence, len(prefix), ""
    elif draw < 0.08 and sentence.endswith("."):
        sentence = f"{sentence[:-1]}, {rng.choice(_SOURCES)} said."
    elif draw < 0.10 and sentence.endswith("."):
        sentence = f"“{sentence[:-1]},” {rng.choice(_SOURCES)} said."
        shift = 1
    if rng.random() < 0.1:
        before = ""
    span = (plain.span[0] + shift, plain.span[1] + shift) if plain.span else None
    return Passage(plain.title, before, sentence, span)
