"""Everything that can be wrong with an index, looked at, each with what to do about it."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.encoder import export
from index.encoder.encode import Card
from index.errors import REBUILD, ArticleError, EncoderError, PullquoteError, shown
from index.formats.isolated import read
from index.records import Article, Failure, Filters, Progress
from index.store import private
from index.store.engine import Filed
from index.store.local import LocalRevision
from index.store.revisions import CATALOG, HOLDER, LOCK, Store

if TYPE_CHECKING:
    from index.store.milvus.engine import MilvusEngine

ROOM = 1.5
"""Free space asked for, in sizes of the index: `compact` writes it a second time."""
LEAST_ROOM = 200_000_000
BUILT = date(2026, 11, 1)
"""No clock that is right shows an earlier day."""
SHOWN = 20
"""Differences from the files that are told; of the others, only how many."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and each thing that is wrong with it and how to mend it."""

    what: str
    problems: tuple[str, ...] = ()


def examine(
    store: Store,
    failures: Callable[[], Sequence[Failure]],
    progress: Progress = lambda *_: None,
) -> Iterator[Finding]:
    """Look at one thing after the other; what needs a readable index is left out without one.

    ``failures`` tells what could not be taken, also from the web.
    """
    yield Finding("permissions", tuple(_permissions(store.folder)))
    yield Finding("disk", tuple(_room(store.folder)))
    yield Finding("clock", tuple(_clock(store.folder)))
    yield Finding("lock", tuple(_lock(store.folder)))
    looks: dict[str, Callable[[LocalRevision], Iterator[str]]] = {
        "catalog": _catalog,
        "revision": LocalRevision.check_files,
        "index against catalog": LocalRevision.check_agreement,
        "encoder": lambda revision: _encoder(store, revision),
        "catalog against files": lambda revision: differences(revision, progress),
        "failures": lambda _: _failed(len(failures())),
    }
    try:
        with store.reading() as revision:
            for what, look in looks.items():
                yield Finding(what, tuple(_told(look(revision))))
    except PullquoteError as exc:
        yield Finding("index", (str(exc),))


def compare(store: Store, engine: MilvusEngine) -> Finding:
    """Whether a Milvus holds what the folder holds that was published to it."""
    from index.store.milvus.compare import compare as differences_in

    try:
        with store.reading() as revision:
            return Finding("store", tuple(_told(differences_in(revision, engine))))
    except PullquoteError as exc:
        return Finding("store", (str(exc),))


def verify(revision: LocalRevision, progress: Progress) -> Iterator[str]:
    """Compare the index with what was filed and written, and its articles with their files.

    Raises:
        StoreDamagedError: the catalog is inconsistent.
    """
    yield from revision.check_catalog()
    yield from revision.check_files()
    yield from differences(revision, progress)


def differences(revision: LocalRevision, progress: Progress) -> Iterator[str]:
    """Compare every sentence of the index with its file; say what differs.

    Of what is listed among the failures nothing is said again.
    """
    files = revision.files()
    failing = {(each.name, each.reason) for each in revision.failures()}
    for number, (name, state) in enumerate(files.items()):
        progress("verifying", number, len(files))
        yield from _compare(Path(state.path), name, revision, failing)
    progress("verifying", len(files), len(files))


def _told(problems: Iterator[str]) -> Iterator[str]:
    yield from islice(problems, SHOWN)
    if more := sum(1 for _ in problems):
        yield f"and {more} more"


def _permissions(folder: Path) -> Iterator[str]:
    for path in (folder, *folder.rglob("*")) if folder.exists() else ():
        wanted = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
        if not os.access(path, wanted):
            yield f"{path}: can't be read and written by this user; mend its rights or owner"
    if folder.exists() and folder.stat().st_mode & stat.S_IXOTH:
        shown = [each.name for each in folder.iterdir() if each.stat().st_mode & stat.S_IROTH]
        if shown:
            yield (
                f"{folder}: every user of this machine can read {', '.join(sorted(shown))}; unless "
                f"that is wanted, run `chmod -R o= {folder}`"
            )


def _room(folder: Path) -> Iterator[str]:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free, wanted = shutil.disk_usage(existing).free, max(LEAST_ROOM, ROOM * size)
    if free < wanted:
        yield (
            f"{existing}: {free / 1e6:,.0f} MB are free, {wanted / 1e6:,.0f} MB may be needed; "
            "make room"
        )


def _clock(folder: Path) -> Iterator[str]:
    today = date.today()  # noqa: DTZ011 - the clock of this machine is what is looked at
    if today < BUILT:
        yield f"the clock says {today}, before this program was made; set it"
    catalog = folder / CATALOG
    if catalog.exists() and catalog.stat().st_mtime > time.time() + 60:
        yield f"{catalog}: written in the future, so a clock was or is wrong; set it"


def _lock(folder: Path) -> Iterator[str]:
    if not folder.exists():
        return
    try:
        with FileLock(folder / LOCK, timeout=0, mode=private.FILE):
            if (folder / HOLDER).exists():
                yield (
                    f"{folder / HOLDER}: left by a writer that was killed; harmless, and gone "
                    "after the next `pullquote index`"
                )
    except Timeout:
        return  # someone is writing: as it should be
    except OSError as exc:
        yield f"{folder / LOCK}: can't be locked ({exc}); use a local disk, or mend its rights"


def _catalog(revision: LocalRevision) -> Iterator[str]:
    newest = revision.dates(Filters())
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - as above
    if newest and newest[1] > tomorrow:
        yield f"an article is dated {newest[1]}, in the future; mend its date, or the clock"
    yield from revision.check_catalog()


def _encoder(store: Store, revision: LocalRevision) -> Iterator[str]:
    folder = export.folder_of(store.models, revision.encoder)
    try:
        card = Card.load(folder)
    except EncoderError as exc:
        yield str(exc)
        return
    for name in card.altered(folder):
        yield f"{folder / name}: altered; remove {folder}, and {REBUILD}"


def _failed(number: int) -> Iterator[str]:
    if number:
        yield (
            f"{number} files, records, pages or feeds can't be taken; "
            "see `pullquote status --failed`"
        )


def _compare(
    path: Path, name: str, revision: LocalRevision, failing: Collection[tuple[str, str]]
) -> Iterator[str]:
    """What of the articles indexed from a file is no longer so in the file.

    What could not be taken then and can't be now is no fault of the index: it is ``failing``.
    """
    now: dict[str, Article] = {}
    whole = True
    try:
        for each in read(path, name):
            if isinstance(each, ArticleError):
                whole = False
                if (shown(path), each.reason) not in failing:
                    yield f"{each}; what was indexed of it before stays"
            else:
                now[each.id] = each
    except ArticleError as exc:
        if (shown(path), exc.reason) not in failing:
            yield f"{exc}; what was indexed of it before stays"
        return
    for id_, filed in revision.articles_in(name).items():
        article = now.pop(id_, None)
        if article:
            yield from _difference(replace(article, path=str(path)), filed, revision)
        elif whole:
            yield f"{path}: {id_} is no longer in the file; run `pullquote index`"
    for id_ in now:
        yield f"{path}: {id_} is not in the index; run `pullquote index`"


def _difference(now: Article, filed: Filed, revision: LocalRevision) -> Iterator[str]:
    """What is different between an article in its file and as it was filed."""
    if not filed.whole:
        return  # the catalog itself was altered, which is said of it
    if span := revision.differing(filed, now.text):
        start, end = span
        yield f"{now.path}: {now.id} differs at {start}-{end}; run `pullquote index`"
    elif now != filed.article:
        yield (
            f"{now.path}: {now.id} differs between its sentences, or in its title, date or "
            f"source; {REBUILD}"
        )
