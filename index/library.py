"""The stages joined: open an index, ask it, bring it up to date, prove it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.ask.answer import quotes, refuse
from index.ask.judge import FusionJudge, Judge, Judged
from index.ask.search import search
from index.ask.spelling import corrected
from index.encoder import export
from index.encoder.encode import Encoder, ExportedEncoder
from index.english.followup import Earlier
from index.errors import (
    ReceiptError,
    StoreDamagedError,
    StoreFormatError,
)
from index.records import Answer, Article, Failure, Filters, Receipt
from index.store.revisions import Revision, Store, altered

if TYPE_CHECKING:  # a question pays for none of these
    from index.ask.check import Check
    from index.doctor import Finding
    from index.ingest.sync import Progress, Report

THRESHOLD = "threshold"
"""Where the catalog keeps the confidence that was fitted to this index."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the index holds: numbers, the dates covered, and where it lies."""

    folder: Path
    revision: int
    articles: int
    sentences: int
    covers: tuple[date, date] | None
    outlets: tuple[str, ...]
    encoder: str
    roots: tuple[str, ...]
    failed: int
    size_bytes: int
    encoder_bytes: int


@dataclass(frozen=True, slots=True)
class SourceView:
    """An article opened at a receipt; ``current`` is the version that replaced it, if one did.

    ``withdrawn`` says that the article is in the index no more.
    """

    article: Article
    start: int
    end: int
    current: Article | None
    withdrawn: bool


class Library:
    """An index on disk with its encoder; the core of Pullquote.

    ``model`` is None for the packaged encoder, else a folder or hub name. ``encoder`` stands in
    for both runtimes of it, which is how tests avoid the real model. ``judge`` judges what was
    found: by its fused score where none is given. One library serves any number of threads; each
    question reads one revision.
    """

    def __init__(
        self,
        folder: Path,
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        judge: Judge | None = None,
    ) -> None:
        self._store = Store(folder)
        self._model = model
        self._given = encoder
        self._asker: Encoder | None = encoder
        self._judge = judge or FusionJudge()

    @property
    def folder(self) -> Path:
        """Where the index lies."""
        return self._store.folder

    def exists(self) -> bool:
        """Whether anything was indexed here."""
        return self._store.exists()

    def follows(self) -> bool:
        """Whether the index follows any folder or file, as far as its catalog can be read.

        Its other files are not opened: a rebuild asks this, too.
        """
        try:
            return self._store.follows()
        except (StoreDamagedError, StoreFormatError):
            return False

    def close(self) -> None:
        """Close what is open."""
        self._store.close()

    # Asking

    def ask(
        self,
        question: str,
        *,
        earlier: Earlier | None = None,
        top: int = 3,
        filters: Filters | None = None,
        threshold: float | None = None,
        newest_first: bool = False,
        trace: bool = False,
    ) -> Answer:
        """Quote the sentences that answer, or refuse.

        Only quotes with a confidence of at least ``threshold`` are shown: by default the one that
        was fitted to this index, or the judge's own. They come surest first, or ``newest_first``.
        Where the question can't stand alone after an ``earlier`` one, or has a slip of the finger,
        it is searched for as ``Answer.understood_as`` says; if it leans on the ``earlier`` one, in
        the article of its quote first, and everywhere if nothing there is sure. ``trace`` adds the
        candidates and their scores to the answer.

        Raises:
            ValueError: the question is blank, or ``top`` is not positive.
            StoreError: there is no index, or it can't be used.
            ModelError: the reader's model is missing or altered.
        """
        if not question.strip():
            raise ValueError("the question is empty")
        if top < 1:
            raise ValueError("at least one quote must be asked for")
        filters = filters or Filters()
        started = time.perf_counter()
        self._judge.prepare()
        leaning = earlier.understood(question) if earlier else None
        wanted = leaning.question if leaning else question
        within = [filters]
        if leaning and leaning.article and not filters.article:
            within.insert(0, replace(filters, article=leaning.article))
        judged: Judged = []
        sure: Judged = []
        with self._reading() as revision:
            wanted = corrected(wanted, revision, filters) or wanted
            least = self._threshold(revision) if threshold is None else threshold
            # Of nothing, not even an encoder was kept.
            for searched in within if len(revision.lexical) else ():
                found = search(wanted, revision, self._query_encoder(revision), searched)
                judged = self._judge.judge(wanted, found, top)
                sure = [each for each in judged if each[1].confidence >= least]
                if sure:
                    break
            covers = revision.catalog.dates(Filters(collections=filters.collections))
            return Answer(
                question=question,
                quotes=quotes(sure, revision, top, newest_first=newest_first),
                refusal=None if sure else refuse(wanted, filters, judged, revision),
                revision=revision.number,
                newest=covers[1] if covers else None,
                elapsed_ms=(time.perf_counter() - started) * 1000,
                candidates=tuple(each.candidate for each, _ in judged) if trace else (),
                understood_as=wanted if wanted != question else None,
            )

    def check(self, text: str, *, filters: Filters | None = None, top: int = 5) -> Check:
        """Say whether a quotation stands in the articles: word for word, nearly, or nowhere.

        Raises:
            ValueError: the text has no word, or ``top`` is not positive.
            StoreError: there is no index, or it can't be used.
        """
        from index.ask import check

        if top < 1:
            raise ValueError("at least one passage must be asked for")
        with self._reading() as revision:
            return check.check(text, revision, filters or Filters(), top)

    def source(self, receipt: str) -> SourceView:
        """Open the article that a receipt names, at its place, in the version that it was quoted.

        Raises:
            ReceiptError: not a receipt, or not one of this index.
        """
        try:
            address = Receipt.parse(receipt)
        except ValueError as exc:
            raise ReceiptError(receipt, str(exc)) from exc
        with self._reading() as revision:
            filed = revision.catalog.article(address.article, address.digest)
            current = revision.catalog.article(address.article)
            path = revision.catalog.path
        if filed is None:
            known = "in another version" if current else "not"
            raise ReceiptError(receipt, f"this article is {known} in the index {self.folder}")
        if filed.article.digest != filed.digest:
            raise StoreDamagedError(path, f"{address.article} no longer holds what was indexed")
        if address.end > len(filed.article.text):
            raise ReceiptError(receipt, f"the article ends at {len(filed.article.text)}")
        changed = current if current and current.digest != filed.digest else None
        return SourceView(
            filed.article,
            address.start,
            address.end,
            changed.article if changed else None,
            withdrawn=current is None,
        )

    def status(self, collections: tuple[str, ...] | None = None) -> Status:
        """What the index holds; of some collections only, where these are named.

        The roots, what failed and the sizes are of the whole index in any case.
        """
        filters = Filters(collections=collections)
        with self._reading() as revision:
            articles, sentences = revision.catalog.counts(filters)
            return Status(
                folder=self.folder,
                revision=revision.number,
                articles=articles,
                sentences=sentences,
                covers=revision.catalog.dates(filters),
                outlets=tuple(revision.catalog.outlets(filters)),
                encoder=revision.encoder,
                roots=tuple(revision.catalog.roots()),
                failed=sum(map(len, revision.catalog.failures().values())),
                size_bytes=_size(self.folder),
                encoder_bytes=_size(self._store.models),
            )

    @property
    def revision(self) -> int:
        """The number of the live revision; 0 before the first."""
        return self._store.revision()

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last, for ``Filters.filed_after``."""
        with self._reading() as revision:
            return revision.catalog.last_filed

    def rebuilt_since(self, number: int) -> bool:
        """Whether every article was filed anew since the one of this number: by a rebuild."""
        with self._reading() as revision:
            catalog = revision.catalog
            if number > catalog.last_filed:
                return True
            return number > 0 and catalog.counts(Filters(filed_after=number)) == catalog.counts()

    def outlets(self, collections: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The outlets of the articles, in order: of all of them, or of some collections."""
        with self._reading() as revision:
            return tuple(revision.catalog.outlets(Filters(collections=collections)))

    def collections(self) -> dict[str, Path]:
        """The folders and files that the index follows, by the label that ids begin with."""
        return self._store.collections()

    def failures(self) -> tuple[Failure, ...]:
        """Every file and record that could not be taken, and when it is tried again."""
        with self._reading() as revision:
            every = revision.catalog.failures().values()
        return tuple(
            Failure(
                name=each.path,
                reason=each.reason,
                first=datetime.fromtimestamp(each.first, UTC),
                last=datetime.fromtimestamp(each.last, UTC),
                tries=each.tries,
                next_try=datetime.fromtimestamp(each.next, UTC),
            )
            for failures in every
            for each in failures
        )

    # Keeping it true

    def sync(
        self,
        paths: Sequence[Path] = (),
        *,
        forget: Sequence[Path] = (),
        rebuild: bool = False,
        dry_run: bool = False,
        due_only: bool = False,
        settle_s: float = 0.0,
        wait_s: float = 0.0,
        progress: Progress = lambda *_: None,
    ) -> Report:
        """Follow the paths too, and bring the index up to date; see ``sync.sync``."""
        from index.ingest import sync

        if rebuild:
            self._make_room()
        if self._given is not None:
            given = self._given
            name, open_encoder = given.name, lambda _sample: given
        else:
            name, open_encoder = self._index_encoder()
        return sync.sync(
            self._store,
            paths,
            name,
            open_encoder,
            forget=forget,
            rebuild=rebuild,
            dry_run=dry_run,
            due_only=due_only,
            settle_s=settle_s,
            wait_s=wait_s,
            progress=progress,
        )

    def compact(self, *, wait_s: float = 0.0, progress: Progress = lambda *_: None) -> int:
        """Write the index anew without what is dead; return how many embeddings were dropped."""
        from index.ingest import sync

        return sync.compact(self._store, wait_s=wait_s, progress=progress)

    def verify(self, progress: Progress = lambda *_: None) -> list[str]:
        """Compare every sentence of the index with the files on disk; return what differs.

        Empty when every file of the index is as written, and every article, read again from its
        file, holds the same words at the same offsets.
        """
        from index import doctor

        with self._reading() as revision:
            revision.catalog.check()
            damaged = altered(self._store.path(revision.number))
            wrong = [f"{path}: altered; run `pullquote index --rebuild`" for path in damaged]
            wrong += doctor.differences(revision, progress)
        return wrong

    def examine(self, progress: Progress = lambda *_: None) -> Iterator[Finding]:
        """Look at everything that can be wrong with the index; see ``doctor.examine``."""
        from index import doctor

        return doctor.examine(self._store, progress)

    @property
    def threshold(self) -> float:
        """The confidence below which this index refuses: as fitted to it, else the judge's own.

        Raises:
            StoreError: there is no index, or it can't be used.
        """
        with self._reading() as revision:
            return self._threshold(revision)

    def set_threshold(self, value: float, *, wait_s: float = 0.0) -> None:
        """Keep a confidence below which to refuse, with the index; it stays when articles come.

        Raises:
            ValueError: the value is not a confidence.
            StoreError: there is no index, another process writes to it, or it can't be written.
        """
        if not 0 <= value <= 1:
            raise ValueError("a threshold is a confidence, from 0 to 1")
        with self._reading():
            pass  # never make an index only to keep a threshold
        with self._store.writing(wait_s) as catalog, catalog.writing():
            catalog.set_meta(THRESHOLD, value)

    def _threshold(self, revision: Revision) -> float:
        fitted = revision.catalog.meta(THRESHOLD)
        return float(fitted) if fitted else self._judge.threshold

    def _make_room(self) -> None:
        """Set aside a catalog that can't be read or is of another format, before a rebuild."""
        try:
            self._store.check()
        except (StoreDamagedError, StoreFormatError):
            self._store.set_aside()

    @contextmanager
    def _reading(self) -> Iterator[Revision]:
        with self._store.reading() as revision:
            self._refuse_other_encoder(revision.encoder)
            yield revision

    def _refuse_other_encoder(self, name: str) -> None:
        if self._given is not None:
            wanted = self._given.name
        elif self._model is None:
            wanted = f"{export.DEFAULT_NAME}@{export.DEFAULT_WEIGHTS[:12]}"
        else:
            wanted = f"{Path(self._model).name}@"
        if not name.startswith(wanted):
            raise StoreFormatError(
                f"{self.folder}: made with the encoder {name}, not {wanted.rstrip('@')}; set "
                "PULLQUOTE_ENCODER back, or run `pullquote index --rebuild`"
            )

    def _query_encoder(self, revision: Revision) -> Encoder:
        if self._asker is None or self._asker.name != revision.encoder:
            self._asker = ExportedEncoder(export.folder_of(self._store.models, revision.encoder))
        return self._asker

    def _index_encoder(self) -> tuple[str, Callable[[Sequence[str]], Encoder]]:
        source = export.locate(self._model)

        def open_encoder(sample: Sequence[str]) -> Encoder:
            return ExportedEncoder(export.export(source, self._store.models, sample), fast=True)

        return source.name, open_encoder


def _size(folder: Path) -> int:
    """Bytes on disk, each file once however many names it has."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats}.values())
