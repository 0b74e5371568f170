"""The engine on a Milvus answers all that an engine must answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pymilvus", reason="the extra `cluster` is not installed")
pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")

from engine_contract import EngineContract, Publish
from milvus_publisher import MilvusPublisher, emptied

from bench.lite import LiteServer
from index.store.milvus.client import Address, Client
from index.store.milvus.engine import MilvusEngine
from index.store.revisions import Store

pytestmark = pytest.mark.xdist_group("milvus")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    """milvus-lite as a server, for all tests of this module."""
    server = LiteServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """milvus-lite as a file, for all tests of this module."""
    client = Client(Address(str(tmp_path_factory.mktemp("milvus") / "archive.db")))
    yield client
    client.close()


class TestMilvusServer(EngineContract):
    """milvus-lite as a server that speaks Milvus's protocol."""

    @pytest.fixture
    def publish(self, tmp_path: Path, server: LiteServer) -> Iterator[Publish]:
        """A folder and a Milvus with nothing in them."""
        client = emptied(Client(Address(server.uri)))
        store = Store(tmp_path / "index")
        yield MilvusPublisher(store, MilvusEngine(client.address, client))
        client.close()
        store.close()


class TestMilvusFile(EngineContract):
    """milvus-lite as a file."""

    @pytest.fixture
    def publish(self, tmp_path: Path, file: Client) -> Iterator[Publish]:
        """A folder and a Milvus with nothing in them."""
        client = emptied(file)
        store = Store(tmp_path / "index")
        yield MilvusPublisher(store, MilvusEngine(client.address, client))
        store.close()
