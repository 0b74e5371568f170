"""What lies in Milvus and under which names: articles and sentences as entities, and the switch.

    pullquote_state             row 0: the switch; the others: what a revision is made from
    pullquote_<g>_sentences     a sentence with its place, its vector in context and its terms
    pullquote_<g>_articles      an article, in pieces where it is long; its first piece is its head
    pullquote_<g>_terms         a term: in how many sentences it stands, from which revision on

A sentence or article lives from the revision ``born`` until ``died``. The generation ``g`` changes
where everything is written anew, as for another encoder. ``docs/cluster.md`` lists every field.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache

from index.errors import StoreFormatError
from index.records import Article, Filters
from index.store.engine import Filed
from index.store.lexical import BODY_BOOST
from index.store.milvus.client import Column, Row, literal

FORMAT = 2  # bump when a field, a vector or the meaning of either changes
PREFIX = "pullquote_"
STATE = f"{PREFIX}state"
FOREVER = 2**62
"""The revision in which what lives has died."""
PIECE = 16_000
"""Code points of a piece of an article: at most 64,000 bytes, of the 65,535 of a text."""
PIECES = 2**16
"""More pieces than an article may have; keys of articles are numbers of pieces."""
SATURATION, NORMALISATION = 1.2, 0.75
"""k1 and b of BM25."""
LENGTHS = {"body": 15.0, "passage": 70.0}
"""Terms of a sentence and of its passage in news on average (BBC and Reuters). Not counted anew
with every revision: what stands in the store would have to be written anew with it."""
EPOCH = date(1, 1, 1)

SENTENCES = (
    Column("id", "int"),
    *(Column(name, "int", sorted=True) for name in ("article", "born", "died", "published")),
    *(Column(name, "text", sorted=True) for name in ("outlet", "name", "collection")),
    *(Column(name, "int") for name in ("ordinal", "start", "end", "paragraph")),
    Column("key", "text"),
    Column("vector", "vector"),
    Column("words", "words"),
)
ARTICLES = (
    Column("id", "int"),
    *(Column(n, "int", sorted=True) for n in ("article", "piece", "born", "died", "published")),
    *(Column(name, "text", sorted=True) for name in ("outlet", "name", "collection")),
    *(Column(name, "int") for name in ("pieces", "first", "sentences")),
    *(Column(name, "text") for name in ("outlet_name", "digest", "body")),
)
COUNTS = 1_000
"""Counts of a term that are kept: 30 bytes each at most, of the 65,535 of a text."""
TERMS = (Column("id", "text"), Column("number", "int", sorted=True), Column("counts", "text"))
RECORDS = (Column("id", "int"), Column("record", "text"))


@dataclass(frozen=True, slots=True)
class Retired:
    """A revision that is live no more, with its generation and summary.

    It is so from a moment until ``since`` (seconds since 1970).
    """

    number: int
    generation: int
    summary: int
    since: float


@dataclass(frozen=True, slots=True)
class Switch:
    """The live revision: whoever asks takes it first and filters by it.

    ``owner`` names the catalog that it was made from, ``summary`` the rows that say what from.
    ``retired`` are the revisions that readers may still hold.
    """

    number: int
    generation: int
    owner: str
    encoder: str
    threshold: float | None
    perhaps: float | None
    last_filed: int
    sentences: int
    summary: int
    pieces: int
    retired: tuple[Retired, ...] = ()

    def name(self, collection: str) -> str:
        """The name of a collection of this generation."""
        return f"{PREFIX}{self.generation}_{collection}"

    @property
    def oldest(self) -> int:
        """The first revision of this generation that a reader may still hold."""
        same = (each.number for each in self.retired if each.generation == self.generation)
        return min([self.number, *same])

    @property
    def summary_rows(self) -> range:
        """The keys of the rows that hold the summary."""
        first = self.summary * PIECES
        return range(first, first + self.pieces)

    def dump(self) -> str:
        """As it is stored."""
        return json.dumps({"format": FORMAT} | asdict(self))

    @classmethod
    def load(cls, record: str, place: str) -> Switch:
        """Read it back.

        Raises:
            StoreFormatError: another version of the program wrote it.
        """
        fields = json.loads(record)
        if (number := fields.pop("format")) != FORMAT:
            raise StoreFormatError(
                f"{place}: store format {number}, this version reads {FORMAT}; run `pullquote "
                "publish --anew` with the same version where the articles are"
            )
        switch = cls(**fields)
        return replace(switch, retired=tuple(Retired(**each) for each in fields["retired"]))


def day(published: date | None) -> int:
    """A day as a number, -1 for none."""
    return (published - EPOCH).days if published else -1


def published(row: Row) -> date | None:
    """The day of an entity."""
    number = int(row["published"])
    return date.fromordinal(number + EPOCH.toordinal()) if number >= 0 else None


def living(number: int) -> str:
    """The filter that lets pass what lives in a revision."""
    return f"born <= {number} and died > {number}"


def listed(values: Iterable[str]) -> str:
    """Literals in a list, for a filter."""
    return f"[{', '.join(map(literal, values))}]"


def condition(filters: Filters, number: int) -> str | None:
    """The filter that lets pass what lives in a revision and passes; None if nothing can."""
    if filters.collections == () or filters.outlets == ():
        return None
    clauses = [living(number)]
    if filters.since or filters.until:
        days = f"published >= {day(filters.since) if filters.since else 0}"
        if filters.until:
            days += f" and published <= {day(filters.until)}"
        clauses.append(f"(published < 0 or ({days}))" if filters.undated else days)
    if filters.outlets is not None:
        clauses.append(f"outlet in {listed(outlet.casefold() for outlet in filters.outlets)}")
    if filters.article:
        clauses.append(f"name == {literal(filters.article)}")
    if filters.collections:
        clauses.append(f"collection in {listed(filters.collections)}")
    if filters.filed_after is not None:
        clauses.append(f"article > {filters.filed_after}")
    return " and ".join(clauses)


@lru_cache(200_000)
def dimension(field: str, term: str) -> int:
    """Where a term of the body or passage stands in a sparse vector, from 1 to 2³¹.

    Two terms that meet in one dimension, one pair in two thousand million, count as the same word.
    """
    digest = hashlib.blake2b(f"{field}\0{term}".encode(), digest_size=4).digest()
    return 1 + int.from_bytes(digest, "little") // 2


def words(fields: Mapping[str, Sequence[str]]) -> dict[int, float]:
    """The sparse vector of a sentence: of each of its terms and its passage's the BM25 weight.

    All of the weight but the rarity, which is the question's part, since it changes with revisions.
    """
    vector = {0: 1.0}  # never empty
    for field, terms in fields.items():
        slope = 1 - NORMALISATION + NORMALISATION * len(terms) / LENGTHS[field]
        for term, count in Counter(terms).items():
            weight = count * (SATURATION + 1) / (count + SATURATION * slope)
            vector[dimension(field, term)] = weight
    return vector


def asked(rarities: Mapping[str, Mapping[str, float]]) -> dict[int, float]:
    """The sparse vector of a question: of each term its rarity in bodies and in passages."""
    boost = {"body": BODY_BOOST, "passage": 1.0}
    return {
        dimension(field, term): boost[field] * rarity
        for field, rarity_of in rarities.items()
        for term, rarity in rarity_of.items()
    }


@dataclass(frozen=True, slots=True)
class Count:
    """In how many sentences and passages a term stands, from a revision on."""

    number: int
    body: int
    passage: int


def term(name: str, counts: Sequence[Count], oldest: int) -> Row:
    """The entity of a term with its counts, the newest first.

    Those before the one that the ``oldest`` revision reads are left out. Its key is the term, since
    a key is all that every Milvus finds at once.
    """
    later = sum(count.number > oldest for count in counts)
    kept = [*counts[: min(later, COUNTS)], *counts[later : later + 1]]
    record = json.dumps([[count.number, count.body, count.passage] for count in kept])
    return {"id": name, "number": counts[0].number, "counts": record}


def counts(row: Row) -> list[Count]:
    """The counts of a term, the newest first."""
    return [Count(*each) for each in json.loads(row["counts"])]


def pieces(filed: Filed, born: int, died: int) -> Iterator[Row]:
    """The entities of an article, its head first."""
    article = filed.article
    about = {"published": None, "file": filed.file, "facts_digest": filed.facts_digest}
    whole = asdict(article) | about
    body = json.dumps(whole, ensure_ascii=False)
    starts = range(0, len(body), PIECE)
    for piece, start in enumerate(starts):
        yield {
            "id": filed.id * PIECES + piece,
            "article": filed.id,
            "piece": piece,
            "born": born,
            "died": died,
            "published": day(article.published),
            "outlet": (article.outlet or "").casefold(),
            "name": article.id,
            "collection": filed.file.partition("/")[0],
            "outlet_name": article.outlet or "",
            "pieces": len(starts),
            "first": filed.first,
            "sentences": filed.sentences,
            "digest": filed.digest,
            "body": body[start : start + PIECE],
        }


def joined(rows: Sequence[Row], number: int) -> Filed:
    """The article whose pieces these are, as of a revision."""
    head, *_ = ordered = sorted(rows, key=lambda row: int(row["piece"]))
    fields = json.loads("".join(row["body"] for row in ordered))
    file, facts_digest = fields.pop("file"), fields.pop("facts_digest")
    fields["published"] = published(head)
    return Filed(
        id=int(head["article"]),
        file=file,
        article=Article(**fields),
        digest=head["digest"],
        first=int(head["first"]),
        sentences=int(head["sentences"]),
        live=int(head["died"]) > number,
        facts_digest=facts_digest,
    )
