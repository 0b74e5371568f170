"""Articles, sentences and embeddings in SQLite: the truth from which the indexes are made.

A connection reads inside ``snapshot()``: everything it sees there belongs to one revision, however
long it takes and whatever a writer does meanwhile. Versions of an article that were replaced or
withdrawn stay as text, so that their receipts still resolve; their sentences go.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np

from index.encoder.encode import Matrix
from index.errors import (
    REBUILD,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
)
from index.records import Article, Filters, Sentence, facts_digest
from index.store import database
from index.store.database import Schema
from index.store.engine import Filed, embedding_key

VECTOR = np.dtype("<f2")
"""How a vector is kept: little-endian half precision, exact for what the dense index holds."""

_FORMAT_2 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE root (path TEXT PRIMARY KEY, label TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID;
CREATE TABLE file (
    name TEXT PRIMARY KEY, path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE failure (
    file TEXT NOT NULL, record INTEGER NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL,
    stamp TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, tries INTEGER NOT NULL,
    next INTEGER NOT NULL, PRIMARY KEY (file, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE article (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, file TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, published TEXT, outlet TEXT, url TEXT, path TEXT,
    language TEXT, digest TEXT NOT NULL, first INTEGER NOT NULL, sentences INTEGER NOT NULL,
    live INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX article_live ON article (name) WHERE live;
CREATE INDEX article_name ON article (name, digest);
CREATE INDEX article_file ON article (file) WHERE live;
CREATE INDEX article_published ON article (published) WHERE live;
CREATE TABLE sentence (
    id INTEGER PRIMARY KEY, article INTEGER NOT NULL, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, paragraph INTEGER NOT NULL, embedding INTEGER NOT NULL
) STRICT;
CREATE TABLE embedding (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vector BLOB NOT NULL
) STRICT;
"""
# Earlier catalogs had an index of the dates alone, later ones of that format this one.
_COVERING = """
DROP INDEX article_published;
CREATE INDEX article_published ON article (published, outlet, file, first, sentences, live)
    WHERE live
"""
# Files may name an author that was passed over before: the next run reads them again.
_AUTHOR = """
ALTER TABLE article ADD COLUMN author TEXT;
UPDATE file SET mtime_ns = -1, digest = x''
"""
# What is shown beside a text could be altered unseen; what stands there now is taken for right.
_FACTS = """
ALTER TABLE article ADD COLUMN facts_digest TEXT NOT NULL DEFAULT '';
UPDATE article SET facts_digest =
    facts_digest(name, title, published, outlet, url, path, language, author)
"""
# Apart from what is followed: who forgets a folder and follows it again has not opened it.
_READERS = """
CREATE TABLE readers (path TEXT PRIMARY KEY, who TEXT NOT NULL) STRICT, WITHOUT ROWID
"""
SCHEMA = Schema(
    application=0x50554C51,  # "PULQ"
    first=2,
    migrations=(_FORMAT_2, _COVERING, _AUTHOR, _FACTS, _READERS),
    remedy=REBUILD,
    functions={"facts_digest": facts_digest},
)
Readers: TypeAlias = frozenset[int] | None
"""Who may read a collection: ids, such as of servers, or everybody (None)."""
EVERYBODY, NOBODY = "everybody", frozenset[int]()
COLUMNS = (
    "id, file, name, title, text, published, outlet, url, path, language, author, digest, first,"
    " sentences, live, facts_digest"
)


@dataclass(frozen=True, slots=True)
class FileState:
    """What is known of a file: enough to see that it has not changed without reading it."""

    path: str
    size: int
    mtime_ns: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a file, or one of its records, could not be taken: times are seconds since 1970, UTC.

    ``stamp`` is what the file system said of the file then.
    """

    path: str
    reason: str
    stamp: str
    first: int
    last: int
    tries: int
    next: int


def _day(published: str | None) -> date | None:
    """A date of publication; None for what was altered to none, too."""
    try:
        return date.fromisoformat(published) if published else None
    except ValueError:
        return None


def _readable(text: bytes) -> str:
    """A text of the catalog; bytes that were altered to no UTF-8 are replaced: its digest tells."""
    return text.decode("utf-8", "replace")


def kept_readers(who: Readers) -> str:
    """Readers as they are kept."""
    return EVERYBODY if who is None else json.dumps(sorted(who))


def _who(kept: str) -> Readers:
    """Readers from how they are kept; nobody where that is damaged."""
    if kept == EVERYBODY:
        return None
    try:
        return frozenset(each for each in json.loads(kept) if isinstance(each, int))
    except (ValueError, TypeError):
        return NOBODY


def _file_of(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that took its place."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


class Catalog:
    """One connection to the catalog; open one for each thread."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if not create and not path.exists():
            raise StoreMissingError(path.parent)
        self.path = path
        # Looked at before it is opened: what is replaced in between is taken for replaced.
        self.file = _file_of(path)
        try:
            self._db = database.connect(path, SCHEMA, create=create, synchronous="FULL")
        except sqlite3.OperationalError as exc:  # a full disk, missing rights: the file is whole
            raise StoreError(
                f"{path}: can't be opened ({exc}); make room on the disk, or mend its rights"
            ) from exc
        except sqlite3.DatabaseError as exc:
            raise StoreDamagedError(path, f"not a readable catalog ({exc})") from exc
        self._db.text_factory = _readable
        self._db.execute("PRAGMA cache_size=-32768")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @property
    def current(self) -> bool:
        """Whether its path still leads to the file that is open: a rebuild may replace it."""
        return self.file == _file_of(self.path)

    # Transactions

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read inside: all of it belongs to one revision."""
        try:
            with self.translated(), database.transaction(self._db, "BEGIN"):
                yield
        except sqlite3.OperationalError as exc:
            raise StoreDamagedError(self.path, f"the catalog can't be read ({exc})") from exc

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write inside: all of it becomes visible at once, or nothing."""
        with database.transaction(self._db, "BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Inside, a damaged file is a ``StoreDamagedError``."""
        try:
            yield
        except sqlite3.OperationalError:  # a full disk, a lock: the file is whole
            raise
        except sqlite3.DatabaseError as exc:
            raise StoreDamagedError(self.path, f"the catalog is damaged ({exc})") from exc

    def check(self) -> None:
        """Read the whole file; raise ``StoreDamagedError`` if SQLite finds it inconsistent."""
        (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StoreDamagedError(self.path, f"the catalog is damaged ({found})")

    def _one(self, query: str, *values: object) -> tuple[int, ...]:
        row: tuple[int, ...] = self._db.execute(query, values).fetchone()
        return row

    # What is there

    def meta(self, key: str) -> str | None:
        """A fact about the index as a whole."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    @property
    def revision(self) -> int:
        """The number of the live revision; 0 before the first."""
        return int(self.meta("revision") or 0)

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last; numbers are never used twice."""
        (last,) = self._one("SELECT coalesce(max(seq), 0) FROM sqlite_sequence")
        return last

    def counts(self, filters: Filters | None = None) -> tuple[int, int]:
        """The number of articles that pass the filters, and of their sentences."""
        where, values = self._where(filters or Filters())
        counted = f"SELECT count(*), coalesce(sum(sentences), 0) FROM article WHERE {where}"
        articles, sentences = self._db.execute(counted, values).fetchone()
        return int(articles), int(sentences)

    def dates(self, filters: Filters | None = None) -> tuple[date, date] | None:
        """The first and the last date of publication among articles that pass the filters."""
        where, values = self._where(filters or Filters())
        # Asked for one at a time, each is found at an end of the index of dates.
        first, last = (
            f"(SELECT {end}(published) FROM article WHERE {where})" for end in ("min", "max")
        )
        row = self._db.execute(f"SELECT {first}, {last}", values * 2).fetchone()
        if row[0] is None:
            return None
        days = (_day(row[0]), _day(row[1]))
        if days[0] is None or days[1] is None:
            raise StoreDamagedError(
                self.path, f"it holds a date that is none, {row[0]} or {row[1]}"
            )
        return days[0], days[1]

    def outlets(self, filters: Filters | None = None) -> list[str]:
        """The outlets of the live articles that pass the filters, in order."""
        where, values = self._where(filters or Filters())
        rows = self._db.execute(
            f"SELECT DISTINCT outlet FROM article WHERE {where} AND outlet IS NOT NULL"
            " ORDER BY outlet",
            values,
        )
        return [str(outlet) for (outlet,) in rows]

    def ranges(self, filters: Filters) -> list[tuple[int, int]]:
        """Ids of the sentences that pass the filters, as ascending ranges [first, end)."""
        where, values = self._where(filters)
        rows = self._db.execute(
            f"SELECT first, first + sentences FROM article WHERE {where} ORDER BY first",
            values,
        )
        return [(first, end) for first, end in rows]

    def _where(self, filters: Filters) -> tuple[str, list[str]]:
        clauses, values = ["live"], []
        unless = " OR published IS NULL" if filters.undated else ""
        for day, order in ((filters.since, ">="), (filters.until, "<=")):
            if day:
                clauses.append(f"(published {order} ?{unless})")
                values.append(day.isoformat())
        if filters.outlets is not None:
            wanted = {outlet.casefold() for outlet in filters.outlets}
            same = [outlet for outlet in self.outlets() if outlet.casefold() in wanted]
            clauses.append(f"outlet IN ({','.join('?' * len(same))})")
            values += same
        if filters.article:
            clauses.append("name = ?")
            values.append(filters.article)
        if filters.collections is not None:
            # The name of a file begins with the label of its root: "/" ends it, "0" is behind "/".
            below = "(file = ? OR (file > ? AND file < ?))"
            clauses.append(f"({' OR '.join([below] * len(filters.collections)) or 'FALSE'})")
            for label in filters.collections:
                values += [label, f"{label}/", f"{label}0"]
        if filters.filed_after is not None:
            clauses.append("id > CAST(? AS INTEGER)")
            values.append(str(filters.filed_after))
        return " AND ".join(clauses), values

    def article(self, name: str, digest: str | None = None) -> Filed | None:
        """The live article of this name, or the newest version of it with this digest."""
        where = "name = ? AND live" if digest is None else "name = ? AND digest = ?"
        values = [value for value in (name, digest) if value is not None]
        return next(self._articles(f"WHERE {where} ORDER BY id DESC LIMIT 1", values), None)

    def versions(self, name: str) -> list[str]:
        """The digests of all versions that are kept of the article of this name, each once."""
        rows = self._db.execute("SELECT DISTINCT digest FROM article WHERE name = ?", (name,))
        return [str(digest) for (digest,) in rows]

    def articles(self, filters: Filters | None = None) -> Iterator[Filed]:
        """The live articles that pass the filters, in the order of their sentences."""
        where, values = self._where(filters or Filters())
        return self._articles(f"WHERE {where} ORDER BY first", values)

    def all_versions(self) -> Iterator[Filed]:
        """Every version that is kept of every article, live or not, as they were filed."""
        return self._articles("ORDER BY id", ())

    def articles_of(self, ids: Iterable[int]) -> dict[int, Filed]:
        """Articles by id."""
        wanted = list(ids)
        marks = ",".join("?" * len(wanted))
        return {filed.id: filed for filed in self._articles(f"WHERE id IN ({marks})", wanted)}

    def filed_after(self, number: int) -> Iterator[Filed]:
        """All versions of articles filed after the one of this number, in order."""
        return self._articles("WHERE id > ? ORDER BY id", (number,))

    def retired(self, number: int) -> list[int]:
        """The articles up to this number that answer no more."""
        rows = self._db.execute("SELECT id FROM article WHERE id <= ? AND NOT live", (number,))
        return [id_ for (id_,) in rows]

    def groups(self) -> list[tuple[str, str | None, int, int, str | None, str | None]]:
        """Of each collection and outlet: articles, sentences, first and last date."""
        return self._db.execute(
            "SELECT substr(file, 1, instr(file || '/', '/') - 1) AS collection, outlet, count(*),"
            " sum(sentences), min(published), max(published) FROM article WHERE live"
            " GROUP BY collection, outlet ORDER BY collection, outlet"
        ).fetchall()

    def dim(self) -> int | None:
        """The number of dimensions of the embeddings; None if there is none."""
        row = self._db.execute("SELECT length(vector) FROM embedding LIMIT 1").fetchone()
        return None if row is None else int(row[0]) // VECTOR.itemsize

    def articles_in(self, file: str) -> dict[str, Filed]:
        """The live articles that came from a file, by name."""
        found = self._articles("WHERE file = ? AND live", (file,))
        return {filed.article.id: filed for filed in found}

    def _articles(self, where: str, values: Sequence[object]) -> Iterator[Filed]:
        for row in self._db.execute(f"SELECT {COLUMNS} FROM article {where}", values):
            id_, file, name, title, text, published, *about, digest, first, count, live, facts = row
            day = _day(published)
            article = Article(name, title, text, day, *about)
            if published and day is None:
                facts = ""  # of no article: its digest would pass for that of an undated one
            yield Filed(id_, file, article, digest, first, count, bool(live), facts)

    def sentences(self, ids: Iterable[int]) -> dict[int, tuple[int, Sentence]]:
        """Sentences by id, each with the id of its article."""
        wanted = sorted(set(ids))
        rows = self._db.execute(
            'SELECT s.id, a.id, a.name, s.id - a.first, s.start, s."end", s.paragraph'
            " FROM sentence s JOIN article a ON a.id = s.article"
            f" WHERE s.id IN ({','.join('?' * len(wanted))})",
            wanted,
        )
        return {id_: (article, Sentence(*rest)) for id_, article, *rest in rows}

    def spans(self, filed: Filed) -> list[tuple[int, int, int, bytes]]:
        """(start, end, paragraph, key of the embedding) of the sentences of an article."""
        return self._db.execute(
            'SELECT s.start, s."end", s.paragraph, e.digest FROM sentence s'
            " JOIN embedding e ON e.id = s.embedding WHERE s.id >= ? AND s.id < ? ORDER BY s.id",
            (filed.first, filed.first + filed.sentences),
        ).fetchall()

    def keys(self, ids: Sequence[int]) -> list[bytes]:
        """The keys under which the texts of sentences were embedded: proof of what they were."""
        rows = self._db.execute(
            "SELECT s.id, e.digest FROM sentence s JOIN embedding e ON e.id = s.embedding"
            f" WHERE s.id IN ({','.join('?' * len(ids))})",
            ids,
        )
        keys = {id_: bytes(key) for id_, key in rows}
        return [keys.get(id_, b"") for id_ in ids]

    def vectors(self, first: int, end: int) -> Matrix:
        """The embeddings of the sentences [first, end), float32, a row each, in order."""
        rows = self._db.execute(
            "SELECT e.vector FROM sentence s JOIN embedding e ON e.id = s.embedding"
            " WHERE s.id >= ? AND s.id < ? ORDER BY s.id",
            (first, end),
        ).fetchall()
        flat = np.frombuffer(b"".join(vector for (vector,) in rows), dtype=VECTOR)
        return flat.reshape(len(rows), -1).astype(np.float32)

    # Writing: inside writing(), or in a transaction of its own

    def set_meta(self, key: str, value: object) -> None:
        """Record a fact about the index as a whole."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(value)))

    def take_meta(self, key: str) -> str | None:
        """Read a fact for the last time."""
        value = self.meta(key)
        self._db.execute("DELETE FROM meta WHERE key = ?", (key,))
        return value

    def known(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys whose embedding is there."""
        found = set()
        query = "SELECT digest FROM embedding WHERE digest = ?"
        for key in keys:
            if self._db.execute(query, (key,)).fetchone():
                found.add(key)
        return found

    def keep(self, keys: Sequence[bytes], vectors: Matrix) -> None:
        """Keep embeddings, in a transaction of its own: they outlive a run that is cut short."""
        rows = zip(keys, vectors.astype(VECTOR), strict=True)
        with self.writing():
            self.restore_embeddings((key, vector.tobytes()) for key, vector in rows)

    def restore_embeddings(self, embeddings: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep embeddings that are bytes already."""
        self._db.executemany(
            "INSERT OR IGNORE INTO embedding (digest, vector) VALUES (?, ?)", embeddings
        )

    def insert(
        self, article: Article, file: str, spans: Sequence[tuple[int, int, int]], encoder: str
    ) -> Filed:
        """File a version of an article; the embeddings of its sentences must be there."""
        first = int(self.meta("next_sentence") or 1)
        self.set_meta("next_sentence", first + len(spans))
        digest = article.digest
        filed = Filed(0, file, article, digest, first, len(spans), True, article.facts_digest)
        id_ = int(self._file("INSERT", None, filed).lastrowid or 0)
        self._db.executemany(
            "INSERT INTO sentence VALUES"
            " (?, ?, ?, ?, ?, (SELECT id FROM embedding WHERE digest = ?))",
            (
                (first + n, id_, start, end, paragraph, embedding_key(encoder, text))
                for n, (start, end, paragraph) in enumerate(spans)
                for text in (article.text[start:end],)
            ),
        )
        return replace(filed, id=id_)

    def _file(self, insert: str, id_: int | None, filed: Filed) -> sqlite3.Cursor:
        article = filed.article
        published = article.published.isoformat() if article.published else None
        return self._db.execute(
            f"{insert} INTO article ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(id_, filed.file, article.id, article.title, article.text, published),
                *(article.outlet, article.url, article.path, article.language, article.author),
                *(filed.digest, filed.first, filed.sentences, filed.live, filed.facts_digest),
            ),
        )

    def retire(self, filed: Filed) -> None:
        """Let a version answer no more: its text stays for its receipts, its sentences go."""
        self._db.execute("UPDATE article SET live = 0 WHERE id = ?", (filed.id,))
        self._db.execute(
            "DELETE FROM sentence WHERE id >= ? AND id < ?",
            (filed.first, filed.first + filed.sentences),
        )

    def drop_altered(self) -> int:
        """Delete what answers no more and is not as it was filed; return how many are lost by it.

        None is lost of which another version has the same text, by its digest.
        """
        altered = [each for each in self.all_versions() if not (each.live or each.whole)]
        self._db.executemany("DELETE FROM article WHERE id = ?", ((each.id,) for each in altered))
        return sum(each.digest not in self.versions(each.article.id) for each in altered)

    def restore(self, filed: Filed) -> bool:
        """Take over a version of an article under its own number; whether that could be."""
        return bool(self._file("INSERT OR IGNORE", filed.id, filed).rowcount)

    def skip_to(self, last_filed: int) -> None:
        """Let no article have this number, or a lower one, from now on."""
        self._db.execute("DELETE FROM sqlite_sequence WHERE seq < ?", (last_filed,))
        self._db.execute(
            "INSERT INTO sqlite_sequence SELECT 'article', ?"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence)",
            (last_filed,),
        )

    def collect(self) -> int:
        """Delete the embeddings that no sentence uses; return how many."""
        unused = "DELETE FROM embedding WHERE id NOT IN (SELECT embedding FROM sentence)"
        return self._db.execute(unused).rowcount

    def shrink(self) -> None:
        """Give the space of what was deleted back to the disk; outside of any transaction."""
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def roots(self) -> dict[str, str]:
        """The folders and files that the index follows: path to label."""
        return dict(self._db.execute("SELECT path, label FROM root ORDER BY label"))

    def add_root(self, path: str, label: str) -> None:
        """Follow one more folder or file."""
        self._db.execute("INSERT INTO root VALUES (?, ?)", (path, label))

    def drop_root(self, path: str) -> None:
        """Follow a folder or file no more."""
        self._db.execute("DELETE FROM root WHERE path = ?", (path,))

    def readers(self) -> dict[str, Readers]:
        """Who may read what is followed, by path.

        Once anything was kept from anybody, nobody may read what nothing was said of. What lies
        around a folder may be read by none who may not read that.
        """
        said = {path: _who(text) for path, text in self.said().items()}
        unsaid = None if all(who is None for who in said.values()) else NOBODY
        readers = {}
        for path in self.roots():
            who = said.get(path, unsaid)
            for other, its in said.items():
                if its is not None and Path(path) in Path(other).parents:
                    who = its if who is None else who & its
            readers[path] = who
        return readers

    def said(self) -> dict[str, str]:
        """What was said of who may read what lies at a path, followed or not, as it is kept."""
        return dict(self._db.execute("SELECT path, who FROM readers"))

    def say(self, path: str, who: str) -> None:
        """Keep what was said of who may read what lies at a path."""
        self._db.execute("INSERT OR REPLACE INTO readers VALUES (?, ?)", (path, who))

    def files(self) -> dict[str, FileState]:
        """What is known of each file, by its name."""
        rows = self._db.execute("SELECT name, path, size, mtime_ns, digest FROM file")
        return {name: FileState(*rest) for name, *rest in rows}

    def set_file(self, name: str, state: FileState) -> None:
        """Record what is known of a file."""
        self._db.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)",
            (name, state.path, state.size, state.mtime_ns, state.digest),
        )

    def failures(self) -> dict[str, list[Failed]]:
        """What could not be taken, by the name of its file."""
        failures: dict[str, list[Failed]] = {}
        query = "SELECT file, path, reason, stamp, first, last, tries, next FROM failure"
        for file, *rest in self._db.execute(f"{query} ORDER BY file, record"):
            failures.setdefault(file, []).append(Failed(*rest))
        return failures

    def set_failures(self, file: str, failures: Sequence[Failed]) -> None:
        """Record what of a file could not be taken; with nothing, it leaves the list."""
        self._db.execute("DELETE FROM failure WHERE file = ?", (file,))
        self._db.executemany(
            "INSERT INTO failure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((file, number, *astuple(each)) for number, each in enumerate(failures)),
        )

    def drop_file(self, name: str) -> None:
        """Forget a file that is gone."""
        self._db.execute("DELETE FROM file WHERE name = ?", (name,))
