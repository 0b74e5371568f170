"""The stages joined: open an index, ask it, bring it up to date, prove it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index.ask.answer import tell
from index.ask.judge import Judge, Judged, ReaderJudge
from index.ask.narrowing import Narrowed, narrowed, within
from index.ask.reader import Reader
from index.ask.search import Found, Question, nearest, pose, search
from index.ask.trace import considered
from index.ask.understanding import Understanding, understand
from index.encoder import export
from index.encoder.encode import Encoder, ExportedEncoder
from index.english.followup import Earlier
from index.english.segment import segment
from index.errors import (
    ReceiptError,
    StoreDamagedError,
    StoreFormatError,
)
from index.records import Answer, Article, Failure, Filters, Receipt
from index.store.engine import Engine, Revision
from index.store.revisions import Store

if TYPE_CHECKING:  # a question pays for none of these
    from index.ask.check import Check
    from index.ask.timeline import Every, Timeline
    from index.doctor import Finding
    from index.ingest.sync import Progress, Report, Spread
    from index.store.milvus.client import Address
    from index.store.milvus.engine import MilvusEngine
    from index.store.milvus.publish import Published

SAMPLE_TEXTS = 256
"""Sentences of a store with which an encoder exported on a machine that only asks is checked."""


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

    ``withdrawn`` says that the article is in the index no more, ``weak`` that the receipt is of an
    earlier version, and that another text could have been made to fit it.
    """

    article: Article
    start: int
    end: int
    current: Article | None
    withdrawn: bool
    weak: bool = False


class Library:
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
        self._store = Store(Path(folder))
        self._milvus = _open_milvus(store) if store else None
        self._engine: Engine = self._milvus or self._store
        self._model = model
        self._given = encoder
        self._asker: Encoder | None = encoder
        self._judge = judge or ReaderJudge(Reader())
        self._posed: dict[str, Question] = {}  # what ``worth_asking`` encoded the last time
        self._posed_by = ""

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
        return self._given is not None or self._store.models.is_dir()

    def close(self) -> None:
        """Close what is open."""
        self._store.close()
        self._engine.close()

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
        as_of: date | None = None,
        trace: bool = False,
    ) -> Answer:
        """Quote the sentences that answer, or refuse.

        Only quotes with a confidence of at least ``threshold`` answer: by default the one that
        was fitted to this index, or the judge's own. They come surest first, or ``newest_first``.
        Where none does, and no ``threshold`` was given, those that *perhaps* answer come beside the
        refusal; so do those that only accuse where guilt is asked for.
        A newer quote that answers otherwise, and as surely, comes before an older one.
        Where the question can't stand alone after an ``earlier`` one, or surely has a slip of the
        finger, it is searched for as ``Answer.understood_as`` says; where it may have one,
        ``did_you_mean`` offers what else to ask. If it leans on the ``earlier`` one, it is searched
        for in the article of its quote first, and everywhere if nothing there is sure. What it asks
        of time ("latest", "last June") decides which quotes are wanted, and in what order, and is
        not searched for; ``Answer.time`` says how it was understood. ``as_of`` is the day on which
        it is asked: what was published later is left out. ``trace`` adds the candidates and their
        scores to the answer.

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
        if as_of:
            filters = replace(filters, until=min(as_of, filters.until or as_of))
        started = time.perf_counter()
        self._judge.prepare()
        with self._reading() as revision:
            meant = understand(
                question, revision, filters, earlier=earlier, today=as_of or _today()
            )
            newest_first = newest_first or bool(meant.time and meant.time.newest_first)
            narrow = narrowed(filters, revision)
            sure_from, perhaps_from = self._bars(revision)
            least = sure_from if threshold is None else threshold
            found, judged, timely = self._judged(meant, least, top, revision)
            meant = meant if timely else meant.timeless()
            told = tell(
                meant.question,
                filters,
                narrow.nothing,
                judged,
                revision,
                top,
                least=least,
                perhaps=perhaps_from if threshold is None else least,
                newest_first=newest_first,
            )
            return Answer(
                question=question,
                quotes=told.quotes,
                refusal=told.refusal,
                revision=revision.number,
                newest=_newest(revision, filters),
                elapsed_ms=(time.perf_counter() - started) * 1000,
                perhaps=told.perhaps,
                conflicts=told.conflicts,
                candidates=tuple(each.candidate for each, _ in judged) if trace else (),
                considered=considered(found, judged, told.quotes or told.perhaps, least=least)
                if trace
                else (),
                understood_as=meant.understood_as,
                did_you_mean=meant.did_you_mean,
                time=meant.time.understood if meant.time else None,
                undated_left_out=narrow.undated,
                unknown_outlets=narrow.unknown,
                sure_from=sure_from,
                perhaps_from=perhaps_from,
            )

    def worth_asking(self, asked: Sequence[tuple[str, Filters]]) -> list[int]:
        """Which of many questions anything may answer, by position; see ``search.nearest``.

        Far cheaper than to ask them all, and cheaper still when most were there the last time.

        Raises:
            StoreError: there is no index, or it can't be used.
        """
        with self._reading() as revision:
            if not asked or not revision.sentences:
                return []
            encoder, today = self._query_encoder(revision), _today()
            meant = [
                understand(text, revision, filters, earlier=None, today=today).question
                for text, filters in asked
            ]
            known = self._posed if self._posed_by == encoder.name else {}
            new = [text for text in dict.fromkeys(meant) if text not in known]
            vectors = encoder.encode(new) if new else ()
            known = known | {
                text: Question(text, row) for text, row in zip(new, vectors, strict=True)
            }
            self._posed, self._posed_by = {text: known[text] for text in meant}, encoder.name
            pairs = [(known[text], each) for text, (_, each) in zip(meant, asked, strict=True)]
            return nearest(pairs, revision)

    def timeline(
        self,
        question: str,
        *,
        filters: Filters | None = None,
        every: Every = "day",
        as_of: date | None = None,
    ) -> Timeline:
        """The story that a question, or words, ask for: one quote a day or article, newest last.

        Raises:
            ValueError: the question is blank.
            StoreError: there is no index, or it can't be used.
        """
        from index.ask import timeline

        if not question.strip():
            raise ValueError("the question is empty")
        filters = filters or Filters()
        if as_of:
            filters = replace(filters, until=min(as_of, filters.until or as_of))
        today = as_of or _today()
        with self._reading() as revision:
            encoder = self._query_encoder(revision)
            return timeline.timeline(question, encoder, revision, filters, every=every, today=today)

    def _judged(
        self, meant: Understanding, least: float, top: int, revision: Revision
    ) -> tuple[list[Found], Judged, bool]:
        """What is found, and judged, in the first of the places that has a sure one, else the last.

        Where some are of the time that is asked for, only these; and whether there are.
        """
        judged: Judged = []
        found, timely = list[Found](), list[Found]()
        if revision.sentences:  # of nothing, not even an encoder was kept
            posed = pose(meant.question, self._query_encoder(revision))
            for place in meant.places:
                found = search(posed, revision, place)
                timely = meant.timely(found)
                found = timely or found
                judged = self._judge.judge(posed, found, top, revision)
                if any(judgement.confidence >= least for _, judgement in judged):
                    break
        return found, judged, bool(timely)

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
            ReceiptError: not a receipt, not one of this index, or one that fits several versions.
        """
        try:
            address = Receipt.parse(receipt)
        except ValueError as exc:
            raise ReceiptError(receipt, str(exc)) from exc
        with self._reading() as revision:
            fitting = [each for each in revision.versions(address.article) if address.fits(each)]
            filed = revision.article(address.article, fitting[0]) if len(fitting) == 1 else None
            current = revision.article(address.article)
            place = revision.place
        if len(fitting) > 1:
            raise ReceiptError(
                receipt,
                f"{len(fitting)} versions of this article fit so short a receipt: it proves "
                "neither; ask or check again for a receipt of today's length",
            )
        if filed is None:
            known = "in no version that fits this receipt" if current else "not"
            raise ReceiptError(receipt, f"this article is {known} in the index {self.folder}")
        if not (filed.whole and (current is None or current.whole)):
            raise StoreDamagedError(place, f"{address.article} is no longer as it was indexed")
        if address.end > len(filed.article.text):
            raise ReceiptError(receipt, f"the article ends at {len(filed.article.text)}")
        changed = current if current and current.digest != filed.digest else None
        return SourceView(
            filed.article,
            address.start,
            address.end,
            changed.article if changed else None,
            withdrawn=current is None,
            weak=address.weak,
        )

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

    def failures(self) -> tuple[Failure, ...]:
        """Every file, record, page and feed that could not be taken, and when it is tried again."""
        from index.web import state

        with self._reading() as revision:
            return (*revision.failures(), *state.failures(self.folder))

    # Keeping it true

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
        if self._given is not None:
            given = self._given
            name, open_encoder = given.name, lambda _sample: given
        else:
            name, open_encoder = self._index_encoder()
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

    @property
    def threshold(self) -> float:
        """The confidence below which this index refuses: as fitted to it, else the judge's own.

        Raises:
            StoreError: there is no index, or it can't be used.
        """
        with self._reading() as revision:
            return self._bars(revision)[0]

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

    def _bars(self, revision: Revision) -> tuple[float, float]:
        """From which confidence a quote is sure, and from which it perhaps answers."""
        sure, perhaps = revision.threshold, revision.perhaps
        sure = self._judge.threshold if sure is None else sure
        return sure, min(sure, self._judge.perhaps if perhaps is None else perhaps)

    @contextmanager
    def _reading(self) -> Iterator[Revision]:
        with self._engine.reading() as revision:
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
            folder = export.folder_of(self._store.models, revision.encoder)
            if self._milvus is not None and not folder.exists():
                folder = self._export_here(revision)
            self._asker = ExportedEncoder(folder)
        return self._asker

    def _export_here(self, revision: Revision) -> Path:
        """Export the encoder on a machine that only asks, checked with sentences of the store."""
        source = export.locate(self._model)
        if source.name != revision.encoder:
            raise StoreFormatError(
                f"{revision.place}: made with the encoder {revision.encoder}, not {source.name}; "
                "set PULLQUOTE_ENCODER as it is where the articles are"
            )
        texts = (filed.article.text for filed in revision.articles(Filters()))
        sample = (text[start:end] for text in texts for start, end, _ in segment(text))
        return export.export(source, self._store.models, list(islice(sample, SAMPLE_TEXTS)))

    def _index_encoder(self) -> tuple[str, Callable[[Sequence[str]], Encoder]]:
        source = export.locate(self._model)

        def open_encoder(sample: Sequence[str]) -> Encoder:
            return ExportedEncoder(export.export(source, self._store.models, sample), fast=True)

        return source.name, open_encoder


def _open_milvus(address: Address) -> MilvusEngine:
    from index.store.milvus.engine import MilvusEngine  # late: one machine needs none

    return MilvusEngine(address)


def _today() -> date:
    return datetime.now(UTC).date()


def _newest(revision: Revision, filters: Filters) -> date | None:
    """The date of the newest article that may be searched at all."""
    covers = revision.dates(within(filters))
    return covers[1] if covers else None


def _size(folder: Path) -> int:
    """Bytes on disk, each file once however many names it has."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats}.values())
