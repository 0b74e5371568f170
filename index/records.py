"""The records that the stages hand to each other: frozen, without I/O.

All offsets are code points into ``Article.text``, start included, end excluded.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Article:
    """A news article as it stands in its source.

    ``id`` is stable: made from the path (or the record's own id or URL), not from the text.
    ``published`` is None when the source does not say; it is never guessed from a file's time.
    """

    id: str
    title: str
    text: str
    published: date | None = None
    outlet: str | None = None
    url: str | None = None
    path: str | None = None
    language: str | None = None
    author: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def facts_digest(self) -> str:
        """SHA-256 of what is shown of it beside its text, in hexadecimal: see ``facts_digest``."""
        published = self.published.isoformat() if self.published else None
        about = (self.outlet, self.url, self.path, self.language, self.author)
        return facts_digest(self.id, self.title, published, *about)


def facts_digest(*facts: str | None) -> str:
    """SHA-256, in hexadecimal, of id, title, date, outlet, URL, path, language and author.

    They are hashed as a list in JSON, in ASCII and without white space. Catalogs hold the result.

    >>> facts_digest("a.txt", "Snow", "2026-03-01", None, None, "/a.txt", None, None)[:12]
    'bd1197cde3a4'
    """
    written = json.dumps(facts, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article: ``article.text[start:end]``, always.

    ``paragraph`` is the number of the line of text it stands in, counted without empty lines.
    The title line is paragraph 0; where the title is not part of the text, counting begins at 1.
    """

    article: str
    ordinal: int
    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may answer; what is None does not restrict. Both dates are included.

    An article without a date passes no date filter, unless ``undated`` takes it in. Any of the
    ``outlets`` will do; they are compared without regard to case.
    ``collections`` are labels of what is followed (a folder's name); ``filed_after`` is the number
    of an article in the catalog, and lets only those answer that were filed after it.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] | None = None
    article: str | None = None
    collections: tuple[str, ...] | None = None
    filed_after: int | None = None
    undated: bool = False

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def crossed(self) -> bool:
        """Whether the first day lies behind the last: then no date passes."""
        return bool(self.since and self.until and self.since > self.until)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, and why it was considered.

    ``cosine`` is the similarity of the question and the sentence in its context (-1 to 1);
    ``coverage`` and ``context`` are the shares of the question's words, weighted by rarity, that
    the sentence and its passage hold (0 to 1); ``score`` is the fusion of the three: higher is
    better, comparable between questions.
    """

    sentence: Sentence
    cosine: float
    coverage: float
    context: float
    score: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure it is that a candidate answers (0 to 1), and the short answer inside it, if known.

    ``highlight`` is in offsets of the article and lies inside the sentence; ``score`` is the
    reader's own, a logit, None where none has read.
    """

    confidence: float
    highlight: tuple[int, int] | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate, and what became of it: ``fate``, in words.

    ``meaning`` and ``words`` are its ranks among the candidates, from 1, by the similarity of the
    vectors and by the words it shares with the question; None for a neighbour of one, which no
    search named. ``reader`` is the reader's score and ``confidence`` what was made of it, None if
    it was not read.
    """

    candidate: Candidate
    text: str
    meaning: int | None
    words: int | None
    reader: float | None
    confidence: float | None
    fate: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a quote stands, in a form that can be written down, opened again, and not be forged.

    ``seal`` is the first 160 bits, as 32 letters and digits of base32 in lower case, of the SHA-256
    of the UTF-8 of four lines, joined by line feeds: "pullquote receipt", the digest of the
    article's text (all 64 hex digits), "<start>-<end>", and the article's id. So it binds the
    article, the offsets and, through the digest, the words. Two quotes with one seal take 2**80
    tries to make.

    Receipts of earlier versions have 12 hex digits of the text's digest for a seal: they are
    ``weak``, for 48 bits can be forged in a minute.

    >>> quote = Article("seeds/a.txt", "Snow", "Snow. It fell on Monday.")
    >>> str(Receipt.of(quote, 6, 24))
    'seeds/a.txt:6-24@uqh5b4hi3jwl2z2de5cobunz4dy7ookz'
    """

    article: str
    start: int
    end: int
    seal: str

    def __str__(self) -> str:
        return f"{self.article}:{self.start}-{self.end}@{self.seal}"

    @classmethod
    def of(cls, article: Article, start: int, end: int) -> Receipt:
        """The receipt of ``article.text[start:end]``."""
        return cls(article.id, start, end, _seal(article.id, start, end, article.digest))

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read a receipt back; raise ``ValueError`` if the text is not one."""
        match = re.fullmatch(
            r"(.+):([0-9]{1,18})-([0-9]{1,18})@([a-z2-7]{32}|[0-9a-f]{12})", text.strip(), re.DOTALL
        )
        if match is None or int(match[2]) >= int(match[3]):
            raise ValueError("a receipt looks like <article>:<start>-<end>@<seal>")
        return cls(match[1], int(match[2]), int(match[3]), match[4])

    @property
    def weak(self) -> bool:
        """Whether it is of an earlier version, and proves little against who meant to forge it."""
        return len(self.seal) == 12

    def fits(self, digest: str) -> bool:
        """Whether it was made of the version of its article whose text has this digest."""
        if self.weak:
            return digest.startswith(self.seal)
        return self.seal == _seal(self.article, self.start, self.end, digest)


def _seal(article: str, start: int, end: int, digest: str) -> str:
    lines = ("pullquote receipt", digest, f"{start}-{end}", article)
    hashed = hashlib.sha256("\n".join(lines).encode()).digest()
    return b32encode(hashed[:20]).decode().lower()


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an article, verbatim: ``article.text[start:end] == text``.

    ``highlight`` is the short answer inside the quote, in offsets of the article, or None: where
    the quote says no to a yes-or-no question, the words that do so.
    ``confidence`` lies between 0 and 1. ``before`` and ``after`` are the text around the quote.
    ``also_in`` names the other articles that carry the same words, edited lightly or not at all;
    ``voices`` counts the reports among all of these that are not copies of each other.
    ``said_by`` is where the article names who says the quote, None where it is the article's own
    voice or not sure; ``lead`` are the sentences before it that say whom "he" or "the company" in
    it means. ``against`` is the sentence of the article that denies, judges or leaves open what the
    quote accuses somebody of, where the question asks for guilt. All are in offsets of the article.
    """

    article: Article
    start: int
    end: int
    text: str
    paragraph: int
    confidence: float
    highlight: tuple[int, int] | None = None
    before: str = ""
    after: str = ""
    also_in: tuple[Article, ...] = ()
    voices: int = 1
    said_by: tuple[int, int] | None = None
    lead: tuple[tuple[int, int], ...] = ()
    against: tuple[int, int] | None = None

    @property
    def receipt(self) -> Receipt:
        """The address of the quote, bound to this version of the article."""
        return Receipt.of(self.article, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is quoted: what was asked for and is not there.

    ``missing_words`` are the words of the question that stand nowhere in the articles, those of the
    collections that are searched; ``filtered_words`` those that do, but not in what the filters let
    through, where that is anything; ``covers`` the first and last publication date of what was
    searched, where dates are known; ``nearest`` the sentence that came closest, which was not good
    enough.
    """

    reason: str
    missing_words: tuple[str, ...] = ()
    covers: tuple[date, date] | None = None
    nearest: Quote | None = None
    filtered_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, record or page that could not be taken, since when, and how often it was tried.

    Times are in UTC; ``next_try`` is None for what is not tried again.
    """

    name: str
    reason: str
    first: datetime
    last: datetime
    tries: int
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The quotes that answer a question, best first, or a refusal.

    ``conflicts`` are pairs of quotes, by their numbers from 0, whose short answers differ about the
    same thing. ``perhaps``, beside a refusal, are quotes that may answer: surer than chance, and
    not sure enough to be given as an answer.

    ``understood_as`` is the question as it was taken where it could not stand alone, or had a slip
    of the finger; ``time`` says which time it was taken to ask for, such as "newest first".
    ``sure_from`` and ``perhaps_from`` are the confidences from which a quote is sure, and from
    which it is perhaps an answer, whatever was asked to be shown.

    ``did_you_mean`` is what else to ask where a word may be a slip, and was not taken for one.

    ``undated_left_out`` is how many articles a filter of dates left out only because they have no
    date; ``unknown_outlets`` say which outlets of the filters are none, each in a sentence.
    """

    question: str
    quotes: tuple[Quote, ...]
    refusal: Refusal | None
    revision: int
    newest: date | None
    elapsed_ms: float
    candidates: tuple[Candidate, ...] = ()
    perhaps: tuple[Quote, ...] = ()
    conflicts: tuple[tuple[int, int], ...] = ()
    understood_as: str | None = None
    did_you_mean: str | None = None
    time: str | None = None
    undated_left_out: int = 0
    unknown_outlets: tuple[str, ...] = ()
    considered: tuple[Considered, ...] = ()
    sure_from: float = 0.0
    perhaps_from: float = 0.0

    @property
    def understood(self) -> str | None:
        """Both of how the question was understood, for people; None where it was taken as typed."""
        if self.understood_as and self.time:
            return f"{self.understood_as} ({self.time})"
        return self.understood_as or self.time
