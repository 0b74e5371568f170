"""Calls to a Milvus server -> plain rows; the sole user of pymilvus.

Only what Milvus has had since 2.5 is used: filters, searches by inner product over dense and sparse
vectors, upserts, deletes by filter, query iterators, consistency levels.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, TypeAlias, TypeVar

from index.errors import StoreError, StoreMissingError

TIMEOUT_S = 120.0
"""After this long without an answer to what changes it the server counts as unreachable."""
ANSWER_S = 60.0
"""After this long without an answer to a question it does: somebody is waiting."""
BATCH = 1_000
"""Rows of one call: with a vector of 384 numbers each, 2 MB of the 64 MB that Milvus takes."""
IDS = 5_000
"""Ids in one filter."""
BOUND_S = 10.0
"""What was written this long ago is seen also by reads that need not see what is newest; twice
what Milvus promises (``common.gracefulTime``)."""

NO_COLLECTION, NOT_LOADED = 100, 101
"""The codes of Milvus for a collection that is not there, and for one that is only on its disk."""

T = TypeVar("T")
Row: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["int", "text", "vector", "words"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Milvus answers, and what it asks for; the token is never shown.

    ``uri`` is ``http://host:19530``, ``https://host`` or the path of a milvus-lite file that ends
    in ``.db``; ``certificate`` the file of an authority that signed the server's certificate.
    """

    uri: str
    token: str = field(default="", repr=False)
    database: str = ""
    certificate: str = ""

    def __str__(self) -> str:
        return f"{self.uri}/{self.database}" if self.database else self.uri


@dataclass(frozen=True, slots=True)
class Column:
    """A field of an entity; ``sorted`` ones are filtered by and get an index."""

    name: str
    kind: Kind
    sorted: bool = False
    index: str = "AUTOINDEX"


class Client:
    """One connection to Milvus, opened when it is first needed; serves any number of threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._opened: Any = None

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    # Collections

    def collections(self, prefix: str) -> set[str]:
        """The collections whose names begin so."""
        with self._asked() as milvus:
            names = milvus.list_collections(timeout=TIMEOUT_S)
        return {name for name in names if name.startswith(prefix)}

    def create(self, name: str, columns: Sequence[Column], dim: int) -> None:
        """Create a collection whose first column is its primary key, and load it.

        Every collection of Milvus has a vector: one without a column of that kind gets a small one.
        """
        from pymilvus import DataType

        kinds = {
            "int": (DataType.INT64, {}),
            "text": (DataType.VARCHAR, {"max_length": 65_535}),
            "vector": (DataType.FLOAT_VECTOR, {"dim": dim}),
            "words": (DataType.SPARSE_FLOAT_VECTOR, {}),
        }
        with self._asked() as milvus:
            schema = milvus.create_schema(auto_id=False, enable_dynamic_field=False)
            indexes = milvus.prepare_index_params()
            for number, column in enumerate(_whole(columns)):
                kind, how = kinds[column.kind]
                if column == FILLER:
                    how = {"dim": 2}
                schema.add_field(column.name, kind, is_primary=number == 0, **how)
                if column.kind == "vector":
                    indexes.add_index(column.name, index_type=column.index, metric_type="IP")
                elif column.kind == "words":
                    words = "SPARSE_INVERTED_INDEX"
                    indexes.add_index(column.name, index_type=words, metric_type="IP")
                elif column.sorted:
                    indexes.add_index(column.name, index_type="INVERTED")
            milvus.create_collection(name, schema=schema, consistency_level="Strong")
            # Nothing to index yet, so nothing to wait half a second for, six times.
            milvus.create_index(name, indexes, sync=False)
            milvus.load_collection(name, timeout=TIMEOUT_S)

    def drop(self, name: str) -> None:
        """Drop a collection with all that is in it."""
        with self._asked() as milvus:
            milvus.drop_collection(name, timeout=TIMEOUT_S)

    # Reading

    def query(
        self, collection: str, where: str, fields: Sequence[str], *, settled: bool = False
    ) -> list[Row]:
        """The rows that pass a filter which names few of them; in no order.

        ``settled`` says that what is asked for was written at least ``BOUND_S`` ago.
        """
        found: list[Row] = self._loaded(
            collection,
            lambda milvus: milvus.query(
                collection,
                filter=where,
                output_fields=list(fields),
                consistency_level=_level(settled),
                timeout=ANSWER_S,
            ),
        )
        return list(found)

    def count(self, collection: str, where: str) -> int:
        """How many rows pass a filter."""
        return int(self.query(collection, where, ["count(*)"])[0]["count(*)"])

    def get(
        self,
        collection: str,
        keys: Collection[int] | Collection[str],
        fields: Sequence[str],
        *,
        settled: bool = False,
    ) -> list[Row]:
        """The rows with these primary keys, in no order; the fastest way to them."""
        rows: list[Row] = []
        for part in batched(keys, IDS):
            wanted = f"id in [{', '.join(map(literal, part))}]"
            rows += self.query(collection, wanted, ["id", *fields], settled=settled)
        return rows

    def scan(self, collection: str, where: str, fields: Sequence[str]) -> Iterator[Row]:
        """All rows that pass a filter, by their primary key, a batch at a time."""
        pages = self._loaded(
            collection,
            lambda milvus: milvus.query_iterator(
                collection,
                batch_size=BATCH,
                filter=where,
                output_fields=list(fields),
                consistency_level=_level(settled=False),
            ),
        )
        with self._asked():
            try:
                while page := pages.next():
                    yield from page
            finally:
                pages.close()

    def search(
        self,
        collection: str,
        column: str,
        vectors: Sequence[Sequence[float]] | Sequence[dict[int, float]],
        most: int,
        where: str,
        *,
        settled: bool = False,
    ) -> list[list[tuple[int, float]]]:
        """For each vector the ``most`` rows of the largest inner product, as (key, product)."""
        hits = self._loaded(
            collection,
            lambda milvus: milvus.search(
                collection,
                data=list(vectors),
                anns_field=column,
                limit=most,
                filter=where,
                search_params={"metric_type": "IP"},
                consistency_level=_level(settled),
                timeout=ANSWER_S,
            ),
        )
        return [[(int(hit["id"]), float(hit["distance"])) for hit in each] for each in hits]

    # Writing

    def write(self, collection: str, rows: Iterable[Row], columns: Sequence[Column]) -> int:
        """Write rows over those with the same key; return how many."""
        blank = {each.name: NOTHING for each in _whole(columns)[len(columns) :]}
        count = 0
        for part in batched(rows, BATCH):
            with self._asked() as milvus:
                milvus.upsert(collection, data=[row | blank for row in part], timeout=TIMEOUT_S)
            count += len(part)
        return count

    def delete(self, collection: str, where: str) -> None:
        """Delete the rows that pass a filter."""
        self._loaded(
            collection, lambda milvus: milvus.delete(collection, filter=where, timeout=TIMEOUT_S)
        )

    def flush(self, collection: str) -> None:
        """Seal what was written, so that it is indexed."""
        with self._asked() as milvus:
            milvus.flush(collection, timeout=TIMEOUT_S)

    def _loaded(self, collection: str, ask: Callable[[Any], T]) -> T:
        """Ask of a collection; what a server that began anew has only on its disk is loaded."""
        with self._asked() as milvus:
            from pymilvus import MilvusException

            try:
                return ask(milvus)
            except MilvusException as exc:
                if exc.code != NOT_LOADED:
                    raise
            milvus.load_collection(collection, timeout=TIMEOUT_S)
            return ask(milvus)

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        """The connection; inside, what goes wrong is a ``StoreError``."""
        try:
            from grpc import RpcError
            from pymilvus import MilvusClient, MilvusException

            # It logs what it raises, too; importing it sets the level.
            logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        except ImportError as exc:
            raise StoreError(
                f"{self.address}: asking a Milvus needs more packages ({exc}); run "
                "`pip install 'pullquote[cluster]'`, or unset PULLQUOTE_STORE"
            ) from exc
        try:
            if self._opened is None:
                self._opened = MilvusClient(
                    self.address.uri,
                    token=self.address.token,
                    db_name=self.address.database,
                    timeout=TIMEOUT_S,
                    **({"server_pem_path": c} if (c := self.address.certificate) else {}),
                )
            yield self._opened
        except MilvusException as exc:
            if exc.code == NO_COLLECTION:
                raise StoreMissingError(str(self.address)) from exc
            raise self._unanswered(exc) from exc
        except (RpcError, ConnectionError, OSError) as exc:
            raise self._unanswered(exc) from exc

    def _unanswered(self, exc: Exception) -> StoreError:
        details = getattr(exc, "details", None)  # of what gRPC raises; its text has many lines
        told = details() if callable(details) else getattr(exc, "message", exc)
        reason = str(told).strip() or type(exc).__name__
        return StoreError(
            f"{self.address}: no answer from the store ({reason.splitlines()[0][:300]}); see that "
            "Milvus runs there, and that PULLQUOTE_STORE and its token are right"
        )


FILLER = Column("nothing", "vector", index="FLAT")
NOTHING = [0.0, 0.0]


def _whole(columns: Sequence[Column]) -> list[Column]:
    """The columns, with a vector among them."""
    if any(each.kind == "vector" for each in columns):
        return list(columns)
    return [*columns, FILLER]


def _level(settled: bool) -> str:
    return "Bounded" if settled else "Strong"


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most so many items, in order.

    >>> list(batched("abc", 2))
    [['a', 'b'], ['c']]
    """
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def literal(value: object) -> str:
    """A number or a text as it is written in a filter.

    >>> print(literal('say "no"'), literal(3))
    "say \\"no\\"" 3
    """
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


class Clock:
    """How long something is known: reads of what is settled need not wait for what is newest."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    @property
    def settled(self) -> bool:
        """Whether it is known for longer than a bounded read may lag."""
        return time.monotonic() - self._since > BOUND_S
