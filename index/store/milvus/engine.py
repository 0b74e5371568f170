"""The engine on a Milvus: which revision is live, asked anew at each question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import StoreMissingError
from index.store.lexical import Analyzer
from index.store.milvus import layout
from index.store.milvus.client import Address, Client
from index.store.milvus.layout import Switch
from index.store.milvus.revision import Kept, MilvusRevision


class MilvusEngine:
    """Revisions in a Milvus; it asks anew for the live one at each question."""

    def __init__(self, address: Address, client: Client | None = None) -> None:
        self.client = client or Client(address)
        self.place = str(address)
        self._analyzer = Analyzer()
        self._kept: Kept | None = None

    def switch(self) -> Switch | None:
        """The live revision; None before the first."""
        try:
            rows = self.client.get(layout.STATE, [0], ["record"])
        except StoreMissingError:
            return None
        return Switch.load(rows[0]["record"], self.place) if rows else None

    def revision(self) -> int:
        """The number of the live revision; 0 before the first."""
        switch = self.switch()
        return switch.number if switch else 0

    @contextmanager
    def reading(self) -> Iterator[MilvusRevision]:
        """The live revision; it stays what it is however long a publication takes.

        Raises:
            StoreMissingError: nothing was published yet.
            StoreError: the store does not answer.
        """
        switch = self.switch()
        if switch is None:
            raise StoreMissingError(self.place)
        kept = self._kept
        if kept is None or kept.switch != switch:
            kept = self._kept = Kept(switch)
        yield MilvusRevision(kept, self.client, self._analyzer)

    def close(self) -> None:
        """Close the connection; the engine can be used again."""
        self.client.close()
