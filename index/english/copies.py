"""Which sentences say the same words, and which articles are copies of one report; pure.

Two sentences say the same words when they are alike letter for letter but for case, white space,
punctuation and small edits. A figure, a name or a negation that differs makes another statement,
however much else is shared. Articles are copies when most of the shorter is in the longer, figures
included: a wire report reprinted, edited, cut, or built into another. The thresholds are measured
in ``bench/copies.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeAlias

from index.records import Article

SHINGLE = 3
"""Words that stand together in a shingle."""
EDITED = 0.25
"""Words that an edit may add, drop or respell, of those of the shorter sentence; always two."""
SHARED = 0.5
"""Share of their different words that two sentences must have in common to be looked at closely."""
SHORTEST = 6
"""Words below which a sentence or an article has no edited copies, only exact ones."""
LONG = 75
"""Shingles from which an article is no brief: briefs are written to templates, so more is asked."""


@dataclass(frozen=True, slots=True)
class Least:
    """The shares of the shorter article's shingles, figures and names that its copy has."""

    shingles: float
    figures: float
    names: float


REPORT = Least(0.625, 0.85, 0.5)
BRIEF = Least(0.65, 0.9, 0.9)
LATER = Least(0.75, 0.95, 0.5)
"""Of articles more than a day apart, which must be long, too: notices repeat their words weekly."""

Shingle: TypeAlias = tuple[str, ...]

_WORD = re.compile(r"\d+(?:[.,:/]\d+)*[^\W_]*|[^\W\d_]+(?:['.&][^\W\d_]+)*|[%$£€¥]|\w")
_PARTIAL = re.compile(r"[(<][^()<>]*[)>]|[A-Z][\w.&']*(?= [A-Z(<])")
_CAPITAL = re.compile(r"(?:^\W*|(?<=[\w,;:] ))([A-Z]\w+(?:['.&]\w+)*)")
_MINUS = re.compile(r"(?<![\w.])[-−](?=[\d.$£€¥])")
_POINT = re.compile(r"(?<!\d)\.(?=\d)")
_COMMA = re.compile(r",(?=\d{3}(?!\d))")
_RANGE = re.compile(r"(?<=\d)[-–](?=\d)")
_ENDING = re.compile(r"(?:ing|ed|es|e|s)$")
_listed = re.compile(r"\S+").findall
_DIGITS = _listed("one two three four five six seven eight nine ten eleven twelve")
_MONTHS = _listed(
    "january february march april may june july august september october november december"
)
_SIGNS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
_SPELT = {
    **{word: str(number) for number, word in enumerate(_DIGITS, 1)},
    **{month[:3]: month for month in _MONTHS},
    "sept": "september",
    "%": "percent",
    "pct": "percent",
    "mln": "million",
    "bln": "billion",
    "ct": "cent",
    "cts": "cents",
    "dlr": "dollar",
    "dlrs": "dollars",
    "cannot": "can not",
    "can't": "can not",
    "won't": "will not",
}
_EXACT = frozenset(
    _listed(
        "minus plus not no never none neither nor nobody nothing nowhere without hardly barely"
        " scarcely deny denies denied denying reject rejects rejected fail fails failed refuse"
        " refuses refused"
        " hundred thousand million billion trillion dozen half third quarter double triple twice"
        " thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty"
        " sixty seventy eighty ninety zero percent $ £ € ¥ dollars pounds euros yen"
    )
)
"""Figures and negations that are no digits: they must stand at the same places."""
_GUARD = frozenset(
    _listed(
        "and or but if unless until except only may might could would should must can will shall"
        " alleged allegedly reportedly apparently possibly probably likely unlikely perhaps former"
        " ex deputy vice acting almost nearly about around over under above below up down more less"
        " most least fewer before after since during against by from to all some any every each"
        " both either few many several other another than as like"
    )
)
"""Words that turn a statement when they are added or dropped."""
_LIGHT = frozenset(
    _listed(
        "a an the that has have had also mr mrs ms dr sir said says say saying told added adding"
    )
)
"""Words that an edit adds, drops or exchanges for another of them."""
_DAYS = frozenset(
    _listed("monday tuesday wednesday thursday friday saturday sunday reuters") + _MONTHS
)
_TENSES = ({"is", "was"}, {"are", "were"}, {"will", "would"}, {"dollar", "dollars"})


@dataclass(frozen=True, slots=True)
class Print:
    """What is compared of an article."""

    shingles: frozenset[Shingle]
    words: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]
    published: date | None


def words(text: str) -> tuple[str, ...]:
    """The words of a text in one spelling, without regard to case, punctuation and dashes.

    >>> words("Mr. Smith can't pay 2,000 to two mln dlrs")
    ('mr', 'smith', 'can', 'not', 'pay', '2000', 'to', '2', 'million', 'dollars')
    """
    # Not NFKC, in which ten squared is one hundred and two.
    text = unicodedata.normalize("NFC", text).translate(_SIGNS).casefold()
    text = _POINT.sub("0.", _RANGE.sub(" to ", _MINUS.sub(" minus ", text)))
    found: list[str] = []
    for word in _WORD.findall(text):
        if word[0].isdigit():
            found.append(_COMMA.sub("", word))
            continue
        word = _SPELT.get(word, word).replace(".", "")
        if word.endswith("n't"):
            word = f"{word[:-3]} not"
        found += word.removesuffix("'s").replace("'", "").split()
    return tuple(_SPELT.get(word, word) for word in found)


@lru_cache(maxsize=1024)
def _sentence(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a sentence in order, and without order; each is compared with many."""
    found = words(text)
    return found, frozenset(found)


def same_words(one: str, other: str) -> bool:
    """Whether two sentences say the same words, edited lightly or not at all.

    Reflexive and symmetric, not transitive: of three, each edited a little, the first and the last
    may differ too much.
    """
    (first, one_bag), (second, other_bag) = _sentence(one), _sentence(other)
    if first == second:
        # Signs alone, such as "***", are no words: they must be the same signs.
        return bool(first) or one.split() == other.split()
    shorter = min(len(first), len(second))
    most = max(2, EDITED * shorter)
    if (
        shorter < SHORTEST or abs(len(first) - len(second)) > most + 2
    ):  # and light words, which are free
        return False
    if len(one_bag & other_bag) < SHARED * min(len(one_bag), len(other_bag)):
        return False
    if second < first:  # the matcher depends on the order, the answer must not
        first, second = second, first
    names = _names(one) | _names(other)
    kept = names - _partial(one) - _partial(other) - _DAYS
    edits = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    changed = 0
    for what, start, end, start_, end_ in edits:
        if what == "equal":
            continue
        cost = _edit(first[start:end], second[start_:end_], names, kept)
        if cost is None:
            return False
        changed += cost
    return changed <= most


def fold(sentences: Sequence[str]) -> list[list[int]]:
    """Group sentences that say the same words as the first of their group; rows, in order."""
    groups: list[list[int]] = []
    exact: dict[tuple[str, ...], list[int]] = {}
    for row, sentence in enumerate(sentences):
        key, _ = _sentence(sentence)
        group = exact.get(key) if key else None
        if group is None:
            alike = (each for each in groups if same_words(sentences[each[0]], sentence))
            group = next(alike, None)
        if group is None:
            group = []
            groups.append(group)
        group.append(row)
        exact.setdefault(key, group)
    return groups


def imprint(article: Article) -> Print:
    """What is compared of an article; its title is not, for every paper writes its own."""
    found = words(article.text)
    size = min(SHINGLE, len(found))
    return Print(
        frozenset(found[end - size : end] for end in range(size, len(found) + 1)),
        frozenset(found),
        frozenset(word for word in found if _is_figure(word)),
        frozenset(word for word in _names(article.text) if not _is_figure(word)),
        article.published,
    )


def copied(one: Print, other: Print) -> bool:
    """Whether two articles are copies of one report: reflexive and symmetric."""
    apart = bool(
        one.published and other.published and abs((one.published - other.published).days) > 1
    )
    sizes = (len(one.shingles), len(other.shingles))
    if one.shingles == other.shingles and not apart:
        return True
    if min(sizes) < (LONG if apart else SHORTEST):
        return False
    asked = LATER if apart else REPORT if min(sizes) >= LONG else BRIEF
    # Of two of the same size, each must hold the other.
    return (sizes[0] > sizes[1] or _holds(other, one, asked)) and (
        sizes[1] > sizes[0] or _holds(one, other, asked)
    )


def voices(articles: Sequence[Article]) -> int:
    """How many reports these are: copies of each other, and copies of these, count once."""
    prints = [imprint(article) for article in articles]
    waiting = list(range(len(prints)))
    reports = 0
    while waiting:
        reports += 1
        reached = [waiting.pop()]
        while reached:
            here = reached.pop()
            near = [row for row in waiting if copied(prints[here], prints[row])]
            waiting = [row for row in waiting if row not in near]
            reached += near
    return reports


def _holds(whole: Print, part: Print, asked: Least) -> bool:
    """Whether an article has as much of another as is asked for."""
    return (
        _share(part.shingles, whole.shingles) >= asked.shingles
        and _share(part.figures, whole.words) >= asked.figures
        and _share(part.names, whole.words) >= asked.names
    )


def _edit(
    gone: Sequence[str], come: Sequence[str], names: frozenset[str], kept: frozenset[str]
) -> int | None:
    """How many words an edit changed; None if it made another statement.

    A name is not respelt; the ``kept`` are not dropped, and none is put in the place of a word.
    """
    exchanged = bool(gone and come)
    gone = [word for word in gone if word not in _LIGHT]
    come = [word for word in come if word not in _LIGHT]
    if any(_is_figure(word) or word in _EXACT for word in (*gone, *come)):
        return None
    if gone and come:
        if "".join(gone) == "".join(come):  # "no-one", "noone"
            return 0
        pairs = list(zip(gone, come, strict=False))
        same = len(gone) == len(come) and all(_spelt(*pair, names) for pair in pairs)
        return len(pairs) if same else None
    dropped = gone or come
    if dropped == ["and"]:  # "And it rained": a list gains or loses more than this word
        return 1
    if (_GUARD | (names if exchanged else kept)) & set(dropped):
        return None
    return len(dropped)


def _spelt(one: str, other: str, names: frozenset[str]) -> bool:
    """Whether two words are one, spelt differently, or in another tense of "be"."""
    if {one, other} in _TENSES:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < 5 or short[0] != long[0] or names & {one, other}:
        return False
    if _ENDING.sub("", short) == _ENDING.sub("", long):
        return True
    if len(short) == len(long):
        differ = [at for at in range(len(short)) if short[at] != long[at]]
        if len(differ) == 1:  # "organise", "organize"
            return {short[differ[0]], long[differ[0]]} == {"s", "z"}
        swapped = short[differ[0]] + short[differ[-1]] == long[differ[-1]] + long[differ[0]]
        return len(differ) == 2 and differ[1] - differ[0] == 1 and swapped
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _share(
    part: frozenset[Shingle] | frozenset[str], whole: frozenset[Shingle] | frozenset[str]
) -> float:
    return len(part & whole) / len(part) if part else 1.0


def _is_figure(word: str) -> bool:
    return any(sign.isnumeric() for sign in word)


def _names(text: str) -> frozenset[str]:
    """The words written with a capital, first in the text or inside a sentence, in one spelling."""
    capital = _CAPITAL.findall(text.translate(_SIGNS))
    return frozenset(word for found in capital for word in words(found))


def _partial(text: str) -> frozenset[str]:
    """Words of names that an edit may drop: all but the last of "Anna Lind", "<LLOY.L>".

    After a comma begins another name.
    """
    return frozenset(word for found in _PARTIAL.findall(text) for word in words(found))
