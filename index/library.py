"""The stages joined: an index opened, with what can be asked of it and what can be written into it.

What is asked stands in ``ask/asking.py``, what is written in ``ingest/keeping.py``; here is what
both need, and what an index says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index.ask.asking import Asking
from index.ask.judge import Judge, ReaderJudge
from index.ask.narrowing import Narrowed, narrowed
from index.ask.reader import Reader
from index.ask.source import SourceView, source
from index.encoder.choice import EncoderChoice
from index.encoder.encode import Encoder
from index.english.segment import segment
from index.ingest.keeping import Keeping
from index.records import Article, Failure, Filters, Progress
from index.store.engine import Engine, Revision
from index.store.revisions import Store

if TYPE_CHECKING:  # a question pays for none of these
    from index.doctor import Finding
    from index.store.milvus.client import Address
    from index.store.milvus.engine import MilvusEngine


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


class Library(Asking, Keeping):
    """An index on disk with its encoder; the core of Pullquote.

    ``model`` is None for the packaged encoder, else a folder or hub name. ``encoder`` stands in
    for both runtimes of it, which is how tests avoid the real model. ``judge`` judges what was
    found: the packaged reader, where none is given. One library serves any number of threads; each
    question reads one revision. As a context manager it closes at the end.

    ``store`` is a Milvus that answers instead of the folder: what is indexed in the folder is
    published there, and who only asks needs nothing of it but the encoder.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        judge: Judge | None = None,
        store: Address | None = None,
    ) -> None:
        kept = Store(Path(folder))
        Asking.__init__(self, judge or ReaderJudge(Reader()))
        Keeping.__init__(
            self,
            kept,
            _open_milvus(store) if store else None,
            EncoderChoice(model, encoder, kept.models),
        )
        self._engine: Engine = self._milvus or kept

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """Where the index lies."""
        return self._store.folder

    def exists(self) -> bool:
        """Whether there is anything to ask."""
        return self.revision > 0

    def keeps(self) -> bool:
        """Whether there is an index in the folder: not so where only a store is asked."""
        return self._store.exists()

    def follows(self) -> bool:
        """Whether the index follows any folder or file, also if it can't be used: see ``sync``."""
        return self._store.follows()

    @property
    def encoder_ready(self) -> bool:
        """Whether an encoder was exported here already; else the first indexing does it, once."""
        return self._encoders.ready

    def close(self) -> None:
        """Close what is open."""
        self._store.close()
        self._engine.close()

    def source(self, receipt: str) -> SourceView:
        """Open the article that a receipt names, at its place, in the version that it was quoted.

        Raises:
            ReceiptError: not a receipt, not one of this index, or one that fits several versions.
        """
        with self._reading() as revision:
            return source(receipt, revision, self.folder)

    def earlier_texts(self, article: str, number: int) -> list[str]:
        """The texts of the versions of an article, by its id, that were filed up to a number."""
        with self._reading() as revision:
            versions = [revision.article(article, each) for each in revision.versions(article)]
            return [each.article.text for each in versions if each and each.id <= number]

    def status(self, collections: tuple[str, ...] | None = None) -> Status:
        """What the index holds; of some collections only, where these are named.

        The roots, what failed and the sizes are of the whole index in any case.
        """
        filters = Filters(collections=collections)
        with self._reading() as revision:
            articles, sentences = revision.counts(filters)
            return Status(
                folder=self.folder,
                revision=revision.number,
                articles=articles,
                sentences=sentences,
                covers=revision.dates(filters),
                outlets=tuple(revision.outlets(filters)),
                encoder=revision.encoder,
                roots=tuple(revision.roots()),
                failed=len(self.failures()),
                size_bytes=_size(self.folder),
                encoder_bytes=_size(self._store.models),
            )

    @property
    def revision(self) -> int:
        """The number of the live revision; 0 before the first."""
        return self._engine.revision()

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last, for ``Filters.filed_after``."""
        with self._reading() as revision:
            return revision.last_filed

    def rebuilt_since(self, number: int) -> bool:
        """Whether every article was filed anew since the one of this number: by a rebuild."""
        with self._reading() as revision:
            if number > revision.last_filed:
                return True
            anew = revision.counts(Filters(filed_after=number))
            return number > 0 and anew == revision.counts(Filters())

    def outlets(self, collections: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The outlets of the articles, in order: of all of them, or of some collections."""
        with self._reading() as revision:
            return tuple(revision.outlets(Filters(collections=collections)))

    def articles(self, filters: Filters | None = None) -> Iterator[Article]:
        """All articles that pass, of one revision, in the order in which they were filed."""
        with self._reading() as revision:
            for filed in revision.articles(filters or Filters()):
                yield filed.article

    def narrowed(self, filters: Filters) -> Narrowed:
        """Which of the filters left nothing, and how many articles only for want of a date."""
        with self._reading() as revision:
            return narrowed(filters, revision)

    def followed(self) -> tuple[Path, ...]:
        """The folders and files that the index in the folder follows; none where it only asks."""
        return tuple(self._store.collections().values())

    def named(self, name: str, most: int = 5) -> list[Article]:
        """The article of this id; or else those whose id or title holds the name, in any case."""
        exact = list(self.articles(Filters(article=name)))
        if exact:
            return exact
        part, found = name.casefold(), list[Article]()
        for each in self.articles():
            if part in each.id.casefold() or part in each.title.casefold():
                found.append(each)
            if len(found) == most:
                break
        return found

    def collections(self) -> dict[str, Path]:
        """The folders and files that the articles are from, by the label that ids begin with.

        Where a store is asked, they are those of the machine that publishes to it.
        """
        if self._milvus is None:
            return self._store.collections()
        with self._milvus.reading() as revision:
            return {label: Path(path) for path, label in revision.roots().items()}

    def readers(self) -> dict[str, frozenset[int] | None]:
        """Who may read what the index follows, by label: ids, such as of servers, or all (None).

        Once anything was kept from anybody, nobody may read what nothing was said of.
        """
        if self._milvus is None:
            return self._store.readers()
        with self._milvus.reading() as revision:
            return revision.readers()

    def failures(self) -> tuple[Failure, ...]:
        """Every file, record, page and feed that could not be taken, and when it is tried again."""
        from index.web import state

        with self._reading() as revision:
            return (*revision.failures(), *state.failures(self.folder))

    def verify(self, progress: Progress = lambda *_: None) -> list[str]:
        """Compare every sentence of the index with the files on disk; return what differs.

        Empty when every file of the index is as written, and every article, read again from its
        file, holds the same words at the same offsets.
        """
        from index import doctor

        with self._store.reading() as revision:
            self._refuse_other_encoder(revision.encoder)
            return list(doctor.verify(revision, progress))

    def examine(self, progress: Progress = lambda *_: None) -> Iterator[Finding]:
        """Look at everything that can be wrong with the index; see ``doctor.examine``."""
        from index import doctor

        yield from doctor.examine(self._store, self.failures, progress)
        if self._milvus is not None:
            yield doctor.compare(self._store, self._milvus)

    @contextmanager
    def _reading(self) -> Iterator[Revision]:
        with self._engine.reading() as revision:
            self._refuse_other_encoder(revision.encoder)
            yield revision

    def _refuse_other_encoder(self, name: str) -> None:
        self._encoders.refuse_other(name, self.folder)

    def _query_encoder(self, revision: Revision) -> Encoder:
        def sample() -> Iterator[str]:
            texts = (filed.article.text for filed in revision.articles(Filters()))
            return (text[start:end] for text in texts for start, end, _ in segment(text))

        only_asks = self._milvus is not None
        return self._encoders.to_ask(
            revision.encoder, revision.place, sample if only_asks else None
        )


def _open_milvus(address: Address) -> MilvusEngine:
    from index.store.milvus.engine import MilvusEngine  # late: one machine needs none

    return MilvusEngine(address)


def _size(folder: Path) -> int:
    """Bytes on disk, each file once however many names it has."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats}.values())
