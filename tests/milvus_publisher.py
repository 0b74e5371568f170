"""What the tests of the Milvus engine share: a publisher, and a Milvus with nothing in it."""

from __future__ import annotations

from collections.abc import Sequence

from engine_contract import Piece
from test_engine_local import Publisher

from index.store.engine import Engine
from index.store.milvus.client import Client
from index.store.milvus.engine import MilvusEngine
from index.store.milvus.layout import PREFIX
from index.store.milvus.publish import publish
from index.store.revisions import Store


class MilvusPublisher:
    """Files articles in a folder and publishes it."""

    def __init__(self, store: Store, engine: MilvusEngine) -> None:
        self.file = Publisher(store)
        self.engine = engine

    def __call__(
        self,
        piece: Sequence[Piece],
        threshold: float | None = None,
        perhaps: float | None = None,
    ) -> Engine:
        """Make these the live articles."""
        self.file(piece, threshold, perhaps)
        publish(self.file.store, self.engine)
        return self.engine


def emptied(client: Client) -> Client:
    """The client of a Milvus in which nothing was published."""
    for name in client.collections(PREFIX):
        client.drop(name)
    return client
