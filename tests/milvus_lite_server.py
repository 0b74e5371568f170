"""A Milvus to test against: milvus-lite as a server on the loopback, or as a file."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from engine_contract import Piece
from test_engine_local import Publisher

from index.store.engine import Engine
from index.store.milvus.client import Client
from index.store.milvus.layout import PREFIX
from index.store.milvus.publish import publish
from index.store.milvus.revision import MilvusEngine
from index.store.revisions import Store


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class LiteServer:
    """milvus-lite in a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        where = ["--data-dir", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milvus_lite", "server", *where],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("milvus-lite does not listen")

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class MilvusPublisher:
    """Files articles in a folder and publishes it."""

    def __init__(self, store: Store, engine: MilvusEngine) -> None:
        self.file = Publisher(store)
        self.engine = engine

    def __call__(self, piece: Sequence[Piece], threshold: float | None = None) -> Engine:
        """Make these the live articles."""
        self.file(piece, threshold)
        publish(self.file.store, self.engine)
        return self.engine


def emptied(client: Client) -> Client:
    """The client of a Milvus in which nothing was published."""
    for name in client.collections(PREFIX):
        client.drop(name)
    return client
