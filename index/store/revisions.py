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

import hashlib
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from index.encoder.encode import Matrix
from index.errors import (
    REBUILD,
    StoreDamagedError,
    StoreError,
    StoreFormatError,
    StoreLockedError,
    StoreMissingError,
)
from index.store import dense, lexical
from index.store.catalog import FORMAT, Catalog, Filed

CATALOG = "catalog.db"
REVISIONS = "revisions"
MODELS = "models"
LOCK = "writer.lock"
HOLDER = "writer.json"
MANIFEST = "manifest.json"
KEEP = 2
"""Revisions kept beside the live one, for readers that are about to open them."""
CHUNK_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision, opened for reading: everything in it agrees."""

    number: int
    catalog: Catalog
    lexical: lexical.LexicalIndex
    dense: dense.DenseIndex
    encoder: str


class Store:
    """The index in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.analyzer = lexical.Analyzer()
        self._idle: list[Catalog] = []
        self._opened: tuple[int, lexical.LexicalIndex, dense.DenseIndex, str] | None = None
        self._opening = threading.Lock()

    @property
    def models(self) -> Path:
        """Where exported encoders lie."""
        return self.folder / MODELS

    def exists(self) -> bool:
        """Whether there is anything to read: a catalog with a revision."""
        return self.revision() > 0

    def follows(self) -> bool:
        """Whether any folder or file is followed."""
        return bool(self.collections())

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

    def check(self) -> None:
        """Read the whole catalog, if there is one.

        Raises:
            StoreDamagedError, StoreFormatError: it is not what it should be.
        """
        if self.exists():
            with self._lent() as catalog:
                catalog.check()

    def close(self) -> None:
        """Close what is open; the store can be used again."""
        while self._idle:
            self._idle.pop().close()
        self._opened = None

    # Reading

    @contextmanager
    def reading(self) -> Iterator[Revision]:
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
                    opened = self._open(number)
                except StoreDamagedError:
                    # Collected between the snapshot and the opening: a newer one is live.
                    if number != missed:
                        continue
                    raise
                yield Revision(number, catalog, *opened)
                return

    @contextmanager
    def _lent(self) -> Iterator[Catalog]:
        """A connection to the catalog, in a snapshot."""
        try:
            catalog = self._idle.pop()
        except IndexError:
            catalog = Catalog(self.folder / CATALOG)
        try:
            with catalog.snapshot():
                yield catalog
        finally:
            self._idle.append(catalog)

    def _open(self, number: int) -> tuple[lexical.LexicalIndex, dense.DenseIndex, str]:
        with self._opening:
            if self._opened is None or self._opened[0] != number:
                self._opened = (number, *open_indexes(self.path(number), self.analyzer))
            return self._opened[1:]

    def path(self, number: int) -> Path:
        """The folder of a revision."""
        return self.folder / REVISIONS / f"{number:08d}"

    # Writing

    @contextmanager
    def writing(self, wait_s: float = 0.0) -> Iterator[Catalog]:
        """The catalog for writing, while no one else writes; readers go on.

        Raises:
            StoreLockedError: another process holds the lock for longer than ``wait_s``.
            StoreDamagedError, StoreFormatError: the catalog is not what it should be.
            StoreError: the disk is full, or not to be written; the last revision still answers.
        """
        from filelock import FileLock, Timeout  # late: who asks a question waits for no lock

        lock = FileLock(self.folder / LOCK, timeout=wait_s)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as exc:
            raise StoreLockedError(self.folder, _holder(self.folder / HOLDER)) from exc
        except OSError as exc:
            raise StoreError(
                f"{self.folder}: can't be written ({exc}); choose another --index"
            ) from exc
        try:
            (self.folder / HOLDER).write_text(json.dumps({"pid": os.getpid()}) + "\n", "utf-8")
            catalog = Catalog(self.folder / CATALOG, create=True)
            try:
                with catalog.translated():
                    self._clear(catalog.revision)
                    yield catalog
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
        number = catalog.revision + 1
        with self._draft(number) as draft:
            self._write(draft, catalog, added, removed, encoder, afresh=afresh)
        catalog.set_meta("revision", number)
        catalog.set_meta("encoder", encoder)
        return number

    @contextmanager
    def _draft(self, number: int) -> Iterator[Path]:
        """The folder of a revision in the making; an error takes it away, and frees the disk."""
        draft = self.path(number)
        draft.mkdir(parents=True)
        try:
            yield draft
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _write(
        self,
        draft: Path,
        catalog: Catalog,
        added: list[Filed],
        removed: list[Filed],
        encoder: str,
        *,
        afresh: bool,
    ) -> None:
        live = self.path(catalog.revision)
        previous = None
        if catalog.revision and not afresh:
            _, previous, _ = open_indexes(live, self.analyzer)
            _link_lexical(live / "lexical", draft / "lexical")
        else:
            (draft / "lexical").mkdir()
        gone = [article.id for article in removed]
        lexical.update(draft / "lexical", _entries(catalog, added), gone, self.analyzer)
        (draft / "dense").mkdir()
        dead = [np.arange(old.first, old.first + old.sentences) for old in removed]
        segments = dense.update(
            draft / "dense",
            previous,
            _rows(catalog, added),
            np.concatenate(dead) if dead else np.empty(0, dtype=np.int64),
        )
        basis = live if previous else None
        _write_manifest(draft, catalog.revision + 1, encoder, segments, basis)
        _sync_tree(draft)

    def _clear(self, live: int) -> None:
        """Remove what a writer left that did not reach its commit, and revisions long past."""
        for path in (self.folder / REVISIONS).glob("[0-9]*"):
            if not live - KEEP <= int(path.name) <= live:
                shutil.rmtree(path)

    def set_aside(self) -> Path | None:
        """Rename a catalog that can't be read, so that a rebuild can begin; nothing is deleted."""
        broken = self.folder / CATALOG
        if not broken.exists():
            return None
        self.close()
        number = 1
        while (aside := broken.with_name(f"{CATALOG}.broken-{number}")).exists():
            number += 1
        for suffix in ("", "-wal", "-shm"):
            part = broken.with_name(CATALOG + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        return aside


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a revision is made of: its dense segments, (size, digest) of its files."""

    format: int
    revision: int
    encoder: str
    segments: list[dense.Part]
    files: dict[str, tuple[int, str]]


def read_manifest(folder: Path) -> Manifest:
    """What the files of a revision were when it was written."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
        number = manifest["format"]
        if number != FORMAT:
            raise StoreFormatError(
                f"{path}: index format {number}, this version reads {FORMAT}; {REBUILD}"
            )
        if manifest["revision"] != int(folder.name):
            raise StoreDamagedError(path, f"of revision {manifest['revision']}")
        files = {
            name: (int(size), str(digest)) for name, (size, digest) in manifest["files"].items()
        }
        segments = [dense.Part(**part) for part in manifest["segments"]]
        return Manifest(**(manifest | {"segments": segments, "files": files}))
    except FileNotFoundError as exc:
        raise StoreDamagedError(path, "missing") from exc
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise StoreDamagedError(path, f"not a manifest ({exc})") from exc


def open_indexes(
    folder: Path, analyzer: lexical.Analyzer
) -> tuple[lexical.LexicalIndex, dense.DenseIndex, str]:
    """Open the indexes of a revision after comparing its files with its manifest.

    Raises:
        StoreDamagedError: a file is missing or has another size than when it was written.
        StoreFormatError: another version of the program wrote them.
    """
    manifest = read_manifest(folder)
    for name, (size, _) in manifest.files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError as exc:
            raise StoreDamagedError(folder / name, "missing") from exc
        if found != size:
            raise StoreDamagedError(folder / name, f"{found} bytes instead of {size}")
    return (
        lexical.LexicalIndex(folder / "lexical", analyzer),
        dense.DenseIndex(folder / "dense", manifest.segments),
        manifest.encoder,
    )


def altered(folder: Path) -> list[Path]:
    """The files of a revision whose content is no more what was written."""
    files = read_manifest(folder).files
    return [
        folder / name for name, (_, digest) in files.items() if not _holds(folder / name, digest)
    ]


def _entries(catalog: Catalog, added: list[Filed]) -> Iterator[lexical.Entry]:
    for filed in added:
        article = filed.article
        spans = [(start, end) for start, end, *_ in catalog.spans(filed)]
        for ordinal, (start, end) in enumerate(spans):
            first = spans[max(0, ordinal - lexical.NEIGHBOURS)]
            last = spans[min(len(spans) - 1, ordinal + lexical.NEIGHBOURS)]
            yield lexical.Entry(
                sentence=filed.first + ordinal,
                article=filed.id,
                body=article.text[start:end],
                passage=lexical.passage(article, first[0], last[1]),
                published=article.published,
                outlet=article.outlet,
                name=article.id,
                collection=filed.file.partition("/")[0],
            )


def _rows(catalog: Catalog, added: list[Filed]) -> Iterator[tuple[dense.Ids, Matrix]]:
    """The rows of the dense index for new articles, in chunks that fit into memory."""
    ids: list[dense.Ids] = []
    rows: list[Matrix] = []
    for filed in added:
        if not filed.sentences:
            continue
        end = filed.first + filed.sentences
        ids.append(np.arange(filed.first, end))
        rows.append(dense.in_context(catalog.vectors(filed.first, end)))
        if sum(map(len, ids)) >= CHUNK_ROWS:
            yield np.concatenate(ids), np.concatenate(rows)
            ids, rows = [], []
    if ids:
        yield np.concatenate(ids), np.concatenate(rows)


def _link_lexical(source: Path, target: Path) -> None:
    """Segment files are immutable and get a second name; tantivy rewrites its JSON: copies."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".json":
            shutil.copyfile(path, target / path.name)
        elif path.suffix != ".lock":
            dense.link_or_copy(path, target / path.name)


def _write_manifest(
    draft: Path, number: int, encoder: str, segments: list[dense.Part], basis: Path | None
) -> None:
    """List the files with size and digest; those linked from ``basis`` keep theirs."""
    known = read_manifest(basis).files if basis else {}
    files = {}
    for path in sorted(draft.rglob("*")):
        if not path.is_file() or path.suffix == ".lock":
            continue
        name = path.relative_to(draft).as_posix()
        linked = basis is not None and name in known and path.samefile(basis / name)
        files[name] = known[name] if linked else [path.stat().st_size, _digest(path)]
    manifest = {
        "format": FORMAT,
        "revision": number,
        "encoder": encoder,
        "segments": [asdict(part) for part in segments],
        "files": files,
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def _holds(path: Path, digest: str) -> bool:
    try:
        return _digest(path) == digest
    except OSError:
        return False


def _sync_tree(folder: Path) -> None:
    """Bring a tree to the disk itself, so that the commit never outruns it."""
    for path in (folder, *folder.rglob("*"), folder.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _holder(path: Path) -> str:
    try:
        return f"process {json.loads(path.read_text('utf-8'))['pid']}"
    except (OSError, ValueError, KeyError):
        return "another process"
