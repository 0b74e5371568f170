"""A library's other half: what it follows, brought up to date; where there is a store, published.

Whatever is written here is published there in the same call, so that both always say the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from index.encoder.choice import EncoderChoice
from index.records import Progress
from index.store.engine import Revision
from index.store.revisions import Store

if TYPE_CHECKING:  # a question pays for none of these
    from index.ingest.sync import Report, Spread
    from index.store.milvus.engine import MilvusEngine
    from index.store.milvus.publish import Published


class Keeping(ABC):
    """What can be written into an index; ``milvus`` is the store that is published to, if any."""

    def __init__(self, store: Store, milvus: MilvusEngine | None, encoders: EncoderChoice) -> None:
        self._store = store
        self._milvus = milvus
        self._encoders = encoders

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Revision]:
        """The newest revision, for the length of the block."""

    def sync(
        self,
        paths: Sequence[str | Path] = (),
        *,
        forget: Sequence[str | Path] = (),
        rebuild: bool = False,
        dry_run: bool = False,
        due_only: bool = False,
        settle_s: float = 0.0,
        wait_s: float = 0.0,
        spread: Spread | None = None,
        progress: Progress = lambda *_: None,
    ) -> Report:
        """Follow the paths too, and bring the index up to date; see ``sync.sync``.

        ``spread`` says who embeds, where it is not this process.
        Where there is a store beside the folder, the revision is published to it, too.

        Raises:
            ValueError: one path was given where a list of them is expected.
            StoreError: another process writes to the index, or it can't be written.
        """
        from index.ingest import sync

        if isinstance(paths, str) or isinstance(forget, str):  # a list of letters, as it were
            raise ValueError("paths come in a list, also a single one")
        self._check_owner()
        name, open_encoder = self._encoders.to_index()
        report = sync.sync(
            self._store,
            [Path(path) for path in paths],
            name,
            open_encoder,
            forget=[Path(path) for path in forget],
            rebuild=rebuild,
            dry_run=dry_run,
            due_only=due_only,
            settle_s=settle_s,
            wait_s=wait_s,
            spread=spread or sync.in_turn,
            progress=progress,
        )
        if self._milvus is not None and not dry_run:
            self.publish(wait_s=wait_s, progress=progress)
        return report

    def publish(
        self, *, anew: bool = False, wait_s: float = 0.0, progress: Progress = lambda *_: None
    ) -> Published:
        """Make the live revision of the folder that of the store; see ``publish.publish``.

        Raises:
            ValueError: the library has no store.
            StoreError: nothing was indexed here, or the store can't be written.
        """
        from index.store.milvus.publish import publish

        if self._milvus is None:
            raise ValueError("there is no store to publish to")
        return publish(self._store, self._milvus, anew=anew, wait_s=wait_s, progress=progress)

    def compact(self, *, wait_s: float = 0.0, progress: Progress = lambda *_: None) -> int:
        """Write the index anew without what is dead; return how many embeddings were dropped."""
        from index.ingest import sync

        self._check_owner()
        dropped = sync.compact(self._store, wait_s=wait_s, progress=progress)
        if self._milvus is not None:
            self.publish(wait_s=wait_s, progress=progress)
        return dropped

    def _check_owner(self) -> None:
        """See that what is written here may be published; who only asks must not begin to write."""
        if self._milvus is not None:
            from index.store.milvus.publish import check_owner

            check_owner(self._store, self._milvus)

    def set_threshold(
        self, value: float, perhaps: float | None = None, *, wait_s: float = 0.0
    ) -> None:
        """Keep a confidence below which to refuse, with the index; it stays when articles come.

        From ``perhaps`` on a quote is shown as one that may answer: by default from the judge's own
        bar on.

        Raises:
            ValueError: a value is not a confidence, or ``perhaps`` is above the other.
            StoreError: there is no index, another process writes to it, or it can't be written.
        """
        if not 0 <= value <= 1:
            raise ValueError("a threshold is a confidence, from 0 to 1")
        if perhaps is not None and not 0 <= perhaps <= value:
            raise ValueError("perhaps is a confidence, from 0 to the threshold")
        with self._reading():
            pass  # never make an index only to keep a threshold
        self._check_owner()
        self._store.set_threshold(value, perhaps, wait_s=wait_s)
        if self._milvus is not None:
            self.publish(wait_s=wait_s)

    def set_readers(
        self, readers: dict[str, frozenset[int] | None], *, wait_s: float = 0.0
    ) -> None:
        """Keep who may read what the index follows, by label, until other is said of it.

        Raises:
            CollectionError: nothing that is followed has such a label.
            StoreError: another process writes to the index, or it can't be written.
        """
        if readers:
            self._check_owner()
        self._store.set_readers(readers, wait_s=wait_s)
        if readers and self._milvus is not None:
            self.publish(wait_s=wait_s)
