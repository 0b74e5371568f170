"""Revisions on disk: the catalog and the indexes made from it, always in agreement.

    catalog.db               the truth, and the number of the live revision
    revisions/00000007/      lexical/ and dense/ as made from the catalog at revision 7
    models/                  exported encoders
    writer.lock              held while someone writes

A writer prepares ``revisions/<n>`` inside a transaction of the catalog; the commit of that
transaction is the switch, and the only one. Killed before it, nothing has happened; after it,
everything has. A reader takes a snapshot of the catalog, which names its revision, and keeps both
for the length of a question (``docs/index-format.md``).
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import (
    CollectionError,
    StoreDamagedError,
    StoreError,
    StoreFormatError,
    StoreLockedError,
    StoreMissingError,
)
from index.store import dense, lexical, local, private, salvage
from index.store.catalog import Catalog, Readers, kept_readers
from index.store.engine import Filed
from index.store.salvage import Kept

CATALOG = "catalog.db"
REVISIONS = "revisions"
MODELS = "models"
LOCK = "writer.lock"
HOLDER = "writer.json"
KEEP = 2
"""Revisions kept beside the live one, for readers that are about to open them."""


class Store:
    """The index in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._analyzer = lexical.Analyzer()
        self._idle: list[Catalog] = []
        self._opened: tuple[object, local.Indexes] | None = None
        self._opening = threading.Lock()

    @property
    def models(self) -> Path:
        """Where exported encoders lie."""
        return self.folder / MODELS

    def exists(self) -> bool:
        """Whether there is anything to read: a catalog with a revision."""
        return self.revision() > 0

    def follows(self) -> bool:
        """Whether any folder or file is followed, also where the catalog can't be used."""
        try:
            return bool(self.collections())
        except (StoreDamagedError, StoreFormatError):
            return bool(salvage.followed(self.folder / CATALOG))

    def revision(self) -> int:
        """The number of the live revision; 0 before the first."""
        try:
            with self._lent() as catalog:
                return catalog.revision
        except StoreMissingError:
            return 0

    def collections(self) -> dict[str, Path]:
        """What is followed, by label; empty before the first revision."""
        try:
            with self._lent() as catalog:
                return {label: Path(path) for path, label in catalog.roots().items()}
        except StoreMissingError:
            return {}

    def meta(self, key: str) -> str | None:
        """A fact about the index as a whole; None before the first revision."""
        try:
            with self._lent() as catalog:
                return catalog.meta(key)
        except StoreMissingError:
            return None

    def readers(self) -> dict[str, Readers]:
        """Who may read what is followed, by label; see ``Catalog.readers``."""
        try:
            with self._lent() as catalog:
                labels = catalog.roots()
                return {labels[path]: who for path, who in catalog.readers().items()}
        except StoreMissingError:
            return {}

    def close(self) -> None:
        """Close what is open; the store can be used again."""
        while self._idle:
            self._idle.pop().close()
        self._opened = None

    # Reading

    @contextmanager
    def reading(self) -> Iterator[local.LocalRevision]:
        """The newest whole revision, for the length of the block, whatever a writer does.

        Raises:
            StoreMissingError: nothing was indexed yet.
            StoreDamagedError, StoreFormatError: a file is not what the revision says.
        """
        number = -1
        while True:
            with self._lent() as catalog:
                missed, number = number, catalog.revision
                if not number:
                    raise StoreMissingError(self.folder)
                try:
                    opened = self._open(number, catalog)
                except StoreDamagedError:
                    # Collected between the snapshot and the opening: a newer one is live.
                    if number != missed:
                        continue
                    raise
                yield local.LocalRevision(number, catalog, opened)
                return

    @contextmanager
    def _lent(self) -> Iterator[Catalog]:
        """A connection to the catalog, in a snapshot."""
        catalog = self._idle_one() or Catalog(self.folder / CATALOG)
        try:
            with catalog.snapshot():
                yield catalog
        finally:
            self._idle.append(catalog)

    def _idle_one(self) -> Catalog | None:
        """A connection that is open already, and not to a catalog that was replaced."""
        while True:
            try:
                catalog = self._idle.pop()
            except IndexError:
                return None
            if catalog.current:
                return catalog
            catalog.close()

    def _open(self, number: int, catalog: Catalog) -> local.Indexes:
        revision = (catalog.file, number)
        with self._opening:
            if self._opened is None or self._opened[0] != revision:
                indexes = local.open_indexes(self.path(number), self._analyzer)
                self._opened = (revision, indexes)
            return self._opened[1]

    def check_live(self, catalog: Catalog) -> None:
        """Open the live revision, if there is one: a run with nothing to do says what is wrong.

        Raises:
            StoreDamagedError, StoreFormatError: a file is not what the revision says.
        """
        if catalog.revision:
            local.open_indexes(self.path(catalog.revision), self._analyzer)

    def path(self, number: int) -> Path:
        """The folder of a revision."""
        return self.folder / REVISIONS / f"{number:08d}"

    @contextmanager
    def planning(self) -> Iterator[Catalog]:
        """The catalog, or an empty one where there is none yet, to see what a writer would do.

        Nothing is written, and no writer is waited for.
        """
        path = self.folder / CATALOG
        if path.exists():
            with self._lent() as catalog:
                yield catalog
            return
        with closing(Catalog(Path(":memory:"), create=True)) as catalog:
            yield catalog

    # Writing

    @contextmanager
    def writing(self, wait_s: float = 0.0, *, mend: bool = False) -> Iterator[Catalog]:
        """The catalog for writing, while no one else writes; readers go on.

        ``mend`` sets one aside that can't be used, and salvages it: it must be rebuilt then.

        Raises:
            StoreLockedError: another process holds the lock for longer than ``wait_s``.
            StoreDamagedError, StoreFormatError: the catalog is not what it should be.
            StoreError: the disk is full, or not to be written; the last revision still answers.
        """
        from filelock import FileLock, Timeout  # late: who asks a question waits for no lock

        lock = FileLock(self.folder / LOCK, timeout=wait_s, mode=private.FILE)
        try:
            private.folder(self.folder)
            lock.acquire()
        except Timeout as exc:
            raise StoreLockedError(self.folder, _holder(self.folder / HOLDER)) from exc
        except OSError as exc:
            raise StoreError(
                f"{self.folder}: can't be written ({exc}); choose another --index"
            ) from exc
        try:
            private.file(self.folder / HOLDER)
            (self.folder / HOLDER).write_text(json.dumps({"pid": os.getpid()}) + "\n", "utf-8")
            if mend:
                self._mend()
            catalog = Catalog(self.folder / CATALOG, create=True)
            try:
                with catalog.translated():
                    self._clear(catalog.revision)
                    yield catalog
                    Kept.of(catalog).save(self.folder)
            finally:
                catalog.close()
        except (OSError, sqlite3.OperationalError) as exc:
            raise StoreError(
                f"{self.folder}: writing failed ({exc}); the last revision still answers. Make "
                "room on the disk, or mend what it says, and run `pullquote index` again"
            ) from exc
        finally:
            (self.folder / HOLDER).unlink(missing_ok=True)
            lock.release()

    def set_threshold(
        self, value: float, perhaps: float | None = None, *, wait_s: float = 0.0
    ) -> None:
        """Keep the confidences from which quotes answer, and *perhaps* do, when articles come, too.

        Raises:
            StoreError: another process writes to the index, or it can't be written.
        """
        with self.writing(wait_s) as catalog, catalog.writing():
            catalog.set_meta(local.THRESHOLD, value)
            catalog.set_meta(local.PERHAPS, "" if perhaps is None else perhaps)

    def set_readers(self, readers: Mapping[str, Readers], *, wait_s: float = 0.0) -> None:
        """Keep who may read what is followed, by label; of others, what is kept stays.

        Where all of it is kept already, nothing is written.

        Raises:
            CollectionError: nothing followed has such a label.
            StoreError: another process writes to the index, or it can't be written.
        """
        paths = {label: str(path) for label, path in self.collections().items()}
        for label in readers.keys() - paths.keys():
            raise CollectionError(label, paths.keys())
        wanted = {paths[label]: kept_readers(who) for label, who in readers.items()}
        if not wanted:
            return
        with self._lent() as catalog:
            said = catalog.said()
        if said | wanted == said:
            return
        with self.writing(wait_s) as catalog, catalog.writing():
            for path, who in wanted.items():
                catalog.say(path, who)

    def prepare(
        self,
        catalog: Catalog,
        added: list[Filed],
        removed: list[Filed],
        encoder: str,
        *,
        afresh: bool = False,
    ) -> int:
        """Write the indexes of the next revision and make it the one that the commit switches to.

        Call it inside ``catalog.writing()``, after the articles were filed and retired. ``afresh``
        writes them from ``added`` alone, without a look at the live revision.
        """
        number = 1 + max(catalog.revision, int(catalog.meta(salvage.PAST) or 0))
        live = self.path(catalog.revision) if catalog.revision and not afresh else None
        with local.draft(self.path(number)) as folder:
            local.write(folder, live, catalog, added, removed, encoder, self._analyzer)
        catalog.set_meta("revision", number)
        catalog.set_meta("encoder", encoder)
        return number

    def _clear(self, live: int) -> None:
        """Remove what a writer left that did not reach its commit, and revisions long past."""
        for path in (self.folder / REVISIONS).glob("[0-9]*"):
            if not live - KEEP <= int(path.name) <= live:
                shutil.rmtree(path)

    def _mend(self) -> None:
        """Replace a catalog that can't be used by one with all that could be read of it.

        Nothing is deleted: the old one stays beside it as ``catalog.db.broken-<n>``. Killed at any
        instant, one of the two is in place; who reads meanwhile meets one of the two.
        """
        path = self.folder / CATALOG
        try:
            with closing(Catalog(path)) as catalog, catalog.snapshot():
                catalog.check()
            return
        except StoreMissingError:
            return
        except (StoreDamagedError, StoreFormatError):
            draft = path.with_name(f"{CATALOG}.new")
            draft.unlink(missing_ok=True)
            with closing(Catalog(draft, create=True)) as new:
                salvage.salvage(path, new)
        number = 1
        while (aside := path.with_name(f"{CATALOG}.broken-{number}")).exists():
            number += 1
        dense.link_or_copy(path, aside)
        for suffix in ("-wal", "-shm"):
            part = path.with_name(CATALOG + suffix)
            if part.exists():  # a new catalog must not meet the log of another
                part.rename(aside.with_name(aside.name + suffix))
        draft.replace(path)


def _holder(path: Path) -> str:
    try:
        return f"process {json.loads(path.read_text('utf-8'))['pid']}"
    except (OSError, ValueError, KeyError):
        return "another process"
