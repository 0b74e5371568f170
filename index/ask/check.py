"""A quotation -> where it stands in the articles: word for word, in part, nearly, or nowhere.

What a sentence says before and after the words may turn them round ("It is not true that ..."), so
every passage is told with its whole sentences. Two texts are compared as words and signs. White
space and the shape of quote marks never count; the case of letters and the shape of dashes are
differences that are shown, not other words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Literal

import numpy as np

from index.english.around import sentences_around, turning
from index.english.segment import segment
from index.errors import StoreDamagedError
from index.records import Article, Filters, Receipt
from index.store.engine import Filed, Revision

DEPTH = 100
"""Sentences that the search names for each sentence of the text."""
MANY = 0.5
"""Share of these that hold all its terms, from which all articles are looked through."""
ARTICLES = 200
"""Articles that are compared, those that most sentences of the text lead to."""
LEAST = 0.7
"""Similarity from which a passage counts as nearly the text; of a sentence with a quarter of its
words changed, nine in ten are; of sentences about something else, one in fifty."""

# White space is taken from where it begins, or not at all: else each space of many would be tried.
_ELLIPSIS = re.compile(
    r"(?:(?<!\s)\s++)?(?:[\[(]\s*+(?:\.{3}|…)\s*+[\])]|\.{3,}+|(?:\. ){2}\.|…)\s*+"
)
_TOKEN = re.compile(r"(?P<word>[^\W_]+(?:['’.,‐‑–-][^\W_]+)*)|[^\w\s]|_")
_QUOTE_MARKS = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛`´′", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_EDGE = "\"'“”„‟«»‘’‚‛ \t\r\n"
_STOPS = ".,;: \t\r\n"

Kind = Literal["words", "punctuation", "case", "dashes"]
Span = tuple[int, int]
_Codes = list[tuple[str, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where text and article differ: ``asked`` in the text, ``found`` in the article's text.

    Either may be empty (start equals end): then the other side has words that it has not.
    """

    kind: Kind
    asked: Span
    found: Span


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that holds the text: ``article.text[start:end]``.

    ``exact`` is word for word up to white space and the shape of quote marks, ``part`` the same
    where the sentence has more words before or after it; else, ``differences`` are all there are.
    ``spans`` are the parts of a text that leaves words out ("..."), in order. ``similarity`` is 0
    to 1. ``whole`` are the sentences that the passage stands in; ``turned`` are the words in them,
    beside the passage, that deny it or make a condition of it.
    """

    article: Article
    start: int
    end: int
    kind: Literal["exact", "part", "near"]
    differences: tuple[Difference, ...]
    spans: tuple[Span, ...]
    similarity: float
    whole: Span
    turned: tuple[Span, ...] = ()

    @property
    def receipt(self) -> Receipt:
        """The address of the passage, bound to this version of the article."""
        return Receipt.of(self.article, self.start, self.end)

    @property
    def around(self) -> tuple[Span, ...]:
        """What its sentences say before and after it; nothing where that is but signs."""
        text, edges = self.article.text, ((self.whole[0], self.start), (self.end, self.whole[1]))
        spans = []
        for start, end in edges:
            if _has_word(words := text[start:end]):
                spans.append((end - len(words.lstrip()), start + len(words.rstrip())))
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class Check:
    """A text and the passages that hold it; none if it stands nowhere.

    Those that hold it word for word, the earliest source first, undated ones last, and behind them
    all those that are turned round; or, where there is none, the nearest.
    """

    text: str
    matches: tuple[Match, ...]
    revision: int

    @property
    def exact(self) -> bool:
        """Whether the text stands in an article word for word, and nothing turns it round."""
        return any(each.kind != "near" and not each.turned for each in self.matches)

    @property
    def found(self) -> Literal["exact", "part", "near", "nowhere"]:
        """The kind of the best passage: ``exact`` where one is so and is not turned round."""
        kinds = {each.kind for each in self.matches if not each.turned} or {
            each.kind for each in self.matches
        }
        for kind in ("exact", "part", "near"):
            if kind in kinds:
                return kind
        return "nowhere"


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or a sign: as it counts for "exact", as it is aligned, and where it stands."""

    exact: str
    loose: str
    is_word: bool
    start: int
    end: int


_Ways = Sequence[Sequence[Sequence[_Token]]]
"""How a text may be read, each a sequence of parts: whole, or cut at its ellipses."""


def check(text: str, revision: Revision, filters: Filters, top: int) -> Check:
    """Look a quotation up; see ``Check`` for the order, ``LEAST`` for how near "nearly" is.

    Raises:
        ValueError: the text has no word.
        StoreDamagedError: an article no longer holds what was indexed.
    """
    ways = _ways(text)
    if not ways:
        raise ValueError("there is no word to look up")
    named, common = _named(text, ways, revision, filters)
    matches = [match for each in named if (match := best_match(ways, _proven(each, revision)))]
    found = {match.article.id: match for match in matches if match.kind != "near"}
    if common:
        found |= {match.article.id: match for match in _scan(ways, revision, filters, top)}
    best = sorted(found.values(), key=lambda match: (bool(match.turned), _age(match))) or sorted(
        matches, key=lambda match: (-match.similarity, _age(match))
    )
    return Check(text, tuple(best[:top]), revision.number)


def best_match(ways: _Ways, article: Article) -> Match | None:
    """The passage of an article that comes nearest to any of the ways to read the text."""
    tokens = tokenize(article.text)
    if match := _exact_match(ways, article, tokens):
        return match
    aligned = [_align(parts, tokens) for parts in ways]
    similarity, spans, differences = max(aligned, key=lambda each: each[0])
    if similarity < LEAST:
        return None
    return _match(article, tokens, "near", spans, differences, similarity)


def _exact_match(ways: _Ways, article: Article, tokens: Sequence[_Token]) -> Match | None:
    for parts in ways:
        spans = _find(parts, tokens)
        if spans:
            return _match(article, tokens, "exact", spans, [], 1.0)
    return None


def tokenize(text: str) -> list[_Token]:
    """The words and signs of a text, in order."""
    tokens = []
    for match in _TOKEN.finditer(text):
        exact = match[0].translate(_QUOTE_MARKS)
        loose = exact.translate(_DASHES).casefold()
        tokens.append(_Token(exact, loose, match["word"] is not None, *match.span()))
    return tokens


def _ways(text: str) -> _Ways:
    """The text as one part, and as the parts that its ellipses leave; each without its edges.

    What a quotation is enclosed in does not belong to it, nor the stop that ends it: the article
    may go on with a comma.
    """
    start, end = len(text) - len(text.lstrip(_EDGE)), len(text.rstrip(_EDGE))
    cuts = [(match.start(), match.end()) for match in _ELLIPSIS.finditer(text, start, end)]
    edges = [start, *(at for cut in cuts for at in cut), max(start, end)]
    whole = _part(text, start, end)
    parts = [_part(text, *span) for span in zip(edges[::2], edges[1::2], strict=True)]
    # A part of signs alone ("—") would stand anywhere.
    parts = [part for part in parts if any(token.is_word for token in part)]
    return [[whole], parts] if cuts and parts else [[whole]] if parts else []


def _part(text: str, start: int, end: int) -> list[_Token]:
    tokens = [
        replace(token, start=token.start + start, end=token.end + start)
        for token in tokenize(text[start:end])
    ]
    while tokens and not tokens[-1].is_word and tokens[-1].exact in _STOPS + "\"'":
        tokens.pop()
    return tokens


# Candidates


def _named(
    text: str, ways: _Ways, revision: Revision, filters: Filters
) -> tuple[list[Filed], bool]:
    """The articles that the search names for the text, and whether there may be more of them.

    A passage that holds the text holds all its terms. If many that the search named do, as for
    "he said on Monday", it may not have named all.
    """
    named: Counter[int] = Counter()
    common = True
    chunks = [revision.terms(chunk) for chunk in _chunks(text, ways[-1])]
    holding = [np.sort(ids) for ids in revision.holding(chunks, DEPTH, filters)]
    wanted = [dict.fromkeys(terms, 1.0) for terms in chunks]
    coverage = revision.coverage(list(zip(wanted, holding, strict=True)))
    for terms, found, held in zip(chunks, holding, coverage, strict=True):
        named.update(found.tolist())
        if terms and len(found):
            common &= len(found) == DEPTH and float(np.mean(held > 0.999)) >= MANY
        else:
            common &= not terms
    votes: Counter[int] = Counter()
    articles: dict[int, Filed] = {}
    for each in revision.located(sorted(named)):
        votes[each.filed.id] += named[each.id]
        articles[each.filed.id] = each.filed
    return [articles[id_] for id_, _ in votes.most_common(ARTICLES)], common


def _chunks(text: str, parts: Sequence[Sequence[_Token]]) -> Iterator[str]:
    """Each sentence of each part: what stands close together in an article."""
    for part in parts:
        words = text[part[0].start : part[-1].end]
        yield from (words[start:end] for start, end, _ in segment(words))


def _scan(ways: _Ways, revision: Revision, filters: Filters, top: int) -> Iterator[Match]:
    """The earliest ``top`` of all articles that pass the filters and hold the text word for word.

    A pattern looks through the texts, since words would take a hundred times as long.
    """
    patterns = [[_pattern(part) for part in parts] for parts in ways]
    hits = sorted(
        (filed.article.published or date.max, filed.article.id)
        for filed in revision.articles(filters)
        if _may_hold(filed.article.text, patterns)
    )
    for _, name in hits:
        filed = revision.article(name)
        article = _proven(filed, revision) if filed else None
        match = _exact_match(ways, article, tokenize(article.text)) if article else None
        if match:
            yield match
            top -= 1
        if not top:
            return


def _pattern(part: Sequence[_Token]) -> re.Pattern[str]:
    """What a text with the part matches; so may others, where it ends inside a word."""
    return re.compile(r"\s*".join(re.escape(token.exact) for token in part))


def _may_hold(text: str, patterns: Sequence[Sequence[re.Pattern[str]]]) -> bool:
    text = text.translate(_QUOTE_MARKS)
    for parts in patterns:
        at: int | None = 0
        for part in parts:
            found = part.search(text, at) if at is not None else None
            at = found.end() if found else None
        if at is not None:
            return True
    return False


def _proven(filed: Filed, revision: Revision) -> Article:
    if not filed.whole:
        raise StoreDamagedError(
            revision.place, f"{filed.article.id} no longer holds what was indexed"
        )
    return filed.article


# Comparing


def _find(parts: Sequence[Sequence[_Token]], tokens: Sequence[_Token]) -> list[Span]:
    """Rows of the tokens at which the parts stand word for word, in order; empty if they don't."""
    spans = []
    words = [token.exact for token in tokens]
    row = 0
    for part in parts:
        wanted = [token.exact for token in part]
        size = len(wanted)
        row = next(
            (
                at
                for at in range(row, len(words) - size + 1)
                if words[at] == wanted[0] and words[at : at + size] == wanted
            ),
            -1,
        )
        if row < 0:
            return []
        spans.append((row, row + size))
        row += size
    return spans


def _align(
    parts: Sequence[Sequence[_Token]], tokens: Sequence[_Token]
) -> tuple[float, list[Span], list[Difference]]:
    """How near the parts come, in order: similarity of the words, rows, and the differences."""
    spans: list[Span] = []
    differences: list[Difference] = []
    same = of = row = 0
    for part in parts:
        first, last, codes = _window(part, tokens, row)
        rows = tokens[first:last]
        words = sum(token.is_word for token in (*part, *rows))
        held = sum(
            2 * token.is_word
            for tag, start, end, _, _ in codes
            if tag == "equal"
            for token in part[start:end]
        )
        same, of, row = same + held, of + words, last
        spans.append((first, last))
        differences += _differences(part, tokens, first, codes)
    return (same / of if of else 0.0), spans, differences


def _window(part: Sequence[_Token], tokens: Sequence[_Token], row: int) -> tuple[int, int, _Codes]:
    """First and last row of what comes nearest to a part, and how to make the one of the other.

    Nearest is where most of the part's words stand close together; around it there is room for
    half as many words again.
    """
    wanted = [token.loose for token in part]
    at = _densest(wanted, [token.loose for token in tokens], row)
    room = len(part) // 2 + 2
    low, high = max(row, at - room), min(len(tokens), at + len(part) + room)
    found = [token.loose for token in tokens[low:high]]
    codes = SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes()
    equal = [number for number, code in enumerate(codes) if code[0] == "equal"]
    if not equal:
        return low, low, [("delete", 0, len(part), 0, 0)]
    # At either end, of the article's words only as many as the text has there.
    _, begins, _, starts, _ = codes[equal[0]]
    _, _, ends, _, stops = codes[equal[-1]]
    first = starts - min(starts, begins)
    last = stops + min(len(found) - stops, len(part) - ends)
    inner: _Codes = [
        (tag, a, b, c - first, d - first) for tag, a, b, c, d in codes[equal[0] : equal[-1] + 1]
    ]
    if begins or starts > first:
        inner.insert(0, ("replace", 0, begins, 0, starts - first))
    if ends < len(part):
        inner.append(("replace", ends, len(part), stops - first, last - first))
    return low + first, low + last, inner


def _densest(wanted: Sequence[str], found: Sequence[str], row: int) -> int:
    """The row from which as many words as are wanted hold the most of these."""
    size = len(wanted)
    need = Counter(wanted)
    held: Counter[str] = Counter()
    best, most, count = row, -1, 0
    for at in range(row, len(found)):
        word = found[at]
        held[word] += 1
        count += held[word] <= need[word]
        if at - size >= row:
            old = found[at - size]
            count -= held[old] <= need[old]
            held[old] -= 1
        if count > most:
            best, most = max(row, at - size + 1), count
    return best


def _differences(
    part: Sequence[_Token], tokens: Sequence[_Token], row: int, codes: _Codes
) -> Iterator[Difference]:
    for tag, a, b, *found_rows in codes:
        c, d = (row + at for at in found_rows)
        if tag != "equal":
            signs = not any(token.is_word for token in (*part[a:b], *tokens[c:d]))
            kind: Kind = "punctuation" if signs else "words"
            yield Difference(kind, _span(part, a, b), _span(tokens, c, d))
            continue
        for asked, found in zip(part[a:b], tokens[c:d], strict=True):
            if asked.exact != found.exact:
                same = asked.exact.casefold() == found.exact.casefold()
                kind = "case" if same else "dashes"
                yield Difference(kind, (asked.start, asked.end), (found.start, found.end))


def _span(tokens: Sequence[_Token], first: int, last: int) -> Span:
    """Where tokens stand; of none, the place between their neighbours."""
    if first < last:
        return tokens[first].start, tokens[last - 1].end
    at = tokens[first - 1].end if first else tokens[0].start if tokens else 0
    return at, at


def _match(
    article: Article,
    tokens: Sequence[_Token],
    kind: Literal["exact", "near"],
    rows: Sequence[Span],
    differences: Iterable[Difference],
    similarity: float,
) -> Match:
    spans = tuple(_span(tokens, first, last) for first, last in rows if first < last)
    start, end = spans[0][0], spans[-1][1]
    inside = tuple(
        # Where nothing was found for a part, that is told at the edge.
        replace(each, found=(max(start, each.found[0]), max(start, each.found[1])))
        for each in differences
    )
    whole = sentences_around(article.text, start, end)
    turned = turning(article.text, whole, spans)
    match = Match(article, start, end, kind, inside, spans, similarity, whole, turned)
    return replace(match, kind="part") if kind == "exact" and match.around else match


def _has_word(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _age(match: Match) -> tuple[date, str]:
    return match.article.published or date.max, match.article.id
