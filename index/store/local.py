"""The engine on this disk: a catalog in SQLite, words in tantivy, vectors in FAISS.

A revision is a folder of immutable files, listed with size and digest in its manifest. The next one
is written beside it, sharing what stays as it is by hard links (``docs/index-format.md``).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from index.encoder.encode import Matrix
from index.errors import REBUILD, StoreDamagedError, StoreFormatError
from index.records import Failure, Filters
from index.store import context, dense, lexical, private
from index.store.catalog import Catalog, FileState
from index.store.engine import Filed, Floats, Ids, Located, Weights, embedding_key

FORMAT = 2  # bump when the words, the vectors or the files of a revision change
MANIFEST = "manifest.json"
THRESHOLD, PERHAPS = "threshold", "perhaps"
"""Where the catalog keeps the confidences that were fitted to this index."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """The indexes of a revision, opened; shared by all who read it."""

    folder: Path
    lexical: lexical.LexicalIndex
    dense: dense.DenseIndex
    encoder: str


class LocalRevision:
    """One revision on this disk, opened for reading: everything in it agrees.

    ``catalog``, ``lexical`` and ``dense`` are for what stands in this folder; who asks a question
    is given a ``Revision``, which has none of them.
    """

    def __init__(self, number: int, catalog: Catalog, indexes: Indexes) -> None:
        self.number = number
        self.encoder = indexes.encoder
        self.place = catalog.path
        self.sentences = len(indexes.lexical)
        self.catalog = catalog
        self.folder = indexes.folder
        self.lexical = indexes.lexical
        self.dense = indexes.dense

    @property
    def threshold(self) -> float | None:
        """The confidence below which to refuse that was fitted to these articles, if one was."""
        return self._fitted(THRESHOLD)

    @property
    def perhaps(self) -> float | None:
        """The confidence from which a quote *perhaps* answers, if that was fitted, too."""
        return self._fitted(PERHAPS)

    def _fitted(self, bar: str) -> float | None:
        value = self.catalog.meta(bar)
        return float(value) if value else None

    @property
    def last_filed(self) -> int:
        """The number of the article that was filed last."""
        return self.catalog.last_filed

    # Words

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order, with repetitions."""
        return self.lexical.analyzer.terms(text)

    def rarity(self, terms: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of each term over all sentences."""
        return {term: self.lexical.rarity(term) for term in terms}

    def missing(self, words: Collection[str], filters: Filters) -> frozenset[str]:
        """Those of the words none of whose terms stands in a sentence or title that passes."""
        terms = {word: self.terms(word) for word in words}
        return frozenset(
            word
            for word, its in terms.items()
            if its and not any(self.lexical.has(term, filters) for term in its)
        )

    def commonest(self, terms: Collection[str], most: int) -> list[str]:
        """Those of the terms that stand in most sentences, most first."""
        return self.lexical.known(terms, most)

    # Sentences

    def candidates(
        self, text: str, vector: Matrix, depth: int, filters: Filters
    ) -> tuple[Ids, Floats]:
        """Ids of the sentences that either search names, ascending, and their signals."""
        weights = self.rarity(self.terms(text))
        allowed = self.catalog.ranges(filters) if filters else None
        near, _ = self.dense.search(vector, depth, allowed)
        ids = np.union1d(near, self.lexical.search(list(weights), depth, filters))
        return ids, self._signals(vector, weights, ids)

    def signals(self, text: str, vector: Matrix, ids: Ids) -> Floats:
        """The signals of other sentences, as those of ``candidates``."""
        return self._signals(vector, self.rarity(self.terms(text)), ids)

    def _signals(self, vector: Matrix, weights: Weights, ids: Ids) -> Floats:
        signals = (
            self.dense.scores(vector, ids),
            self.lexical.coverage("body", weights, ids),
            self.lexical.coverage("passage", weights, ids),
        )
        return np.stack(signals, axis=1).astype(np.float64)

    def holding(self, asked: Sequence[Sequence[str]], most: int, filters: Filters) -> list[Ids]:
        """For each list of terms the best sentences that hold any of them, best first."""
        return [self.lexical.search(terms, most, filters) for terms in asked]

    def coverage(self, asked: Sequence[tuple[Weights, Ids]]) -> list[Floats]:
        """The share of the weighted terms that each sentence's passage holds."""
        return [self.lexical.coverage("passage", *each) for each in asked]

    def located(self, ids: Sequence[int]) -> list[Located]:
        """Sentences in their articles, in the order of the ids."""
        steps = range(-context.NEIGHBOURS, context.NEIGHBOURS + 1)
        sentences = self.catalog.sentences(id_ + step for id_ in ids for step in steps)
        if not sentences.keys() >= set(ids):
            raise StoreDamagedError(self.folder, "names sentences that the catalog does not hold")
        articles = self.catalog.articles_of({sentences[id_][0] for id_ in ids})
        places = []
        for id_ in ids:
            article, sentence = sentences[id_]
            near = (sentences.get(id_ + step) for step in steps)
            around = tuple(each[1] for each in near if each and each[0] == article)
            places.append(Located(id_, articles[article], around, sentence))
        return places

    def keys(self, ids: Sequence[int]) -> list[bytes]:
        """The keys under which the texts of sentences were embedded."""
        return self.catalog.keys(ids)

    # Articles

    def article(self, name: str, digest: str | None = None) -> Filed | None:
        """The live article of this name, or the newest version of it with this digest."""
        return self.catalog.article(name, digest)

    def versions(self, name: str) -> list[str]:
        """The digests of all versions that are kept of the article of this name, each once."""
        return self.catalog.versions(name)

    def articles(self, filters: Filters) -> Iterator[Filed]:
        """All live articles that pass, in the order of their sentences."""
        return self.catalog.articles(filters)

    def counts(self, filters: Filters) -> tuple[int, int]:
        """The number of articles that pass, and of their sentences."""
        return self.catalog.counts(filters)

    def dates(self, filters: Filters) -> tuple[date, date] | None:
        """The first and the last date of publication of what passes."""
        return self.catalog.dates(filters)

    def outlets(self, filters: Filters) -> list[str]:
        """The outlets of what passes, in order."""
        return self.catalog.outlets(filters)

    # What it is made from

    def roots(self) -> dict[str, str]:
        """The folders and files that are followed: path to label."""
        return self.catalog.roots()

    def failures(self) -> tuple[Failure, ...]:
        """Every file and record that could not be taken."""
        return tuple(
            Failure(
                name=each.path,
                reason=each.reason,
                first=datetime.fromtimestamp(each.first, UTC),
                last=datetime.fromtimestamp(each.last, UTC),
                tries=each.tries,
                next_try=datetime.fromtimestamp(each.next, UTC),
            )
            for failures in self.catalog.failures().values()
            for each in failures
        )

    # Proof, on the machine that keeps the catalog

    def files(self) -> dict[str, FileState]:
        """What is known of each file, by its name."""
        return self.catalog.files()

    def articles_in(self, file: str) -> dict[str, Filed]:
        """The live articles that came from a file, by name."""
        return self.catalog.articles_in(file)

    def differing(self, filed: Filed, text: str) -> tuple[int, int] | None:
        """The first sentence of an article whose words are others in ``text``; None if none is."""
        for start, end, _, key in self.catalog.spans(filed):
            if embedding_key(self.encoder, text[start:end]) != key:
                return start, end
        return None

    def check_catalog(self) -> Iterator[str]:
        """Versions of articles, and sentences, that are not what was filed.

        Raises:
            StoreDamagedError: SQLite finds the catalog inconsistent.
        """
        self.catalog.check()
        for filed in self.catalog.all_versions():
            if filed.article.digest != filed.digest:
                yield f"{filed.article.id}: not the text that was indexed; {REBUILD}"
            elif not filed.whole:
                yield (
                    f"{filed.article.id}: not the title, date, source or path that was indexed; "
                    f"{REBUILD}"
                )
            elif span := filed.live and self.differing(filed, filed.article.text):
                start, end = span
                yield f"{filed.article.id}: {start}-{end} has the vector of other words; {REBUILD}"

    def check_files(self) -> Iterator[str]:
        """The files of the revision whose content is no more what was written."""
        for name, (_, digest) in read_manifest(self.folder).files.items():
            if not _holds(self.folder / name, digest):
                yield f"{self.folder / name}: altered since it was written; {REBUILD}"

    def check_agreement(self) -> Iterator[str]:
        """Where the indexes hold something else than the catalog."""
        _, sentences = self.catalog.counts()
        for name, index in (("lexical", self.lexical), ("dense", self.dense)):
            if len(index) != sentences:
                yield f"the {name} index holds {len(index)} sentences, not {sentences}; {REBUILD}"
                return
        for filed in self.catalog.articles():
            ids = np.arange(filed.first, filed.first + filed.sentences)
            if not len(ids):
                continue
            vectors = self.catalog.vectors(filed.first, filed.first + filed.sentences)
            rows = context.in_context(vectors).astype(np.float16).astype(np.float32)
            if not np.array_equal(rows, self.dense.rows(ids)):
                yield (
                    f"{filed.article.id}: its vectors differ between catalog and index; set the "
                    "index aside and run `pullquote index`, which embeds anew"
                )


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


def open_indexes(folder: Path, analyzer: lexical.Analyzer) -> Indexes:
    """Open the indexes of a revision after comparing its files with its manifest.

    Raises:
        StoreDamagedError: a file is missing, has another size than when it was written, or says
            otherwise what the index is made of.
        StoreFormatError: another version of the program wrote them.
    """
    manifest = read_manifest(folder)
    for name, (size, digest) in manifest.files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError as exc:
            raise StoreDamagedError(folder / name, "missing") from exc
        if found != size:
            raise StoreDamagedError(folder / name, f"{found} bytes instead of {size}")
        # Small, and believed by tantivy whatever it says; of the others, `verify` sees to it.
        if name.endswith(".json") and not _holds(folder / name, digest):
            raise StoreDamagedError(folder / name, "altered since it was written")
    return Indexes(
        folder,
        lexical.LexicalIndex(folder / "lexical", analyzer),
        dense.DenseIndex(folder / "dense", manifest.segments),
        manifest.encoder,
    )


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """The folder of a revision in the making; an error takes it away, and frees the disk."""
    private.folder(folder.parent)
    folder.mkdir(private.FOLDER)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def write(
    folder: Path,
    live: Path | None,
    catalog: Catalog,
    added: list[Filed],
    removed: list[Filed],
    encoder: str,
    analyzer: lexical.Analyzer,
) -> None:
    """Write a revision into an empty folder that is named by its number, and to the disk itself.

    It is the one in ``live`` without the articles ``removed`` and with those ``added``.
    """
    previous = None
    if live:
        previous = open_indexes(live, analyzer).dense
        _link_lexical(live / "lexical", folder / "lexical")
    else:
        (folder / "lexical").mkdir()
    gone = [article.id for article in removed]
    lexical.write(folder / "lexical", context.sentences(catalog, added), gone, analyzer)
    (folder / "dense").mkdir()
    dead = [np.arange(old.first, old.first + old.sentences) for old in removed]
    segments = dense.write(
        folder / "dense",
        previous,
        context.rows(catalog, added),
        np.concatenate(dead) if dead else np.empty(0, dtype=np.int64),
    )
    _write_manifest(folder, encoder, segments, live)
    _sync_tree(folder)


def _link_lexical(source: Path, target: Path) -> None:
    """Segment files are immutable and get a second name; tantivy rewrites its JSON: copies."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".json":
            shutil.copyfile(path, target / path.name)
        elif path.suffix != ".lock":
            dense.link_or_copy(path, target / path.name)


def _write_manifest(
    draft: Path, encoder: str, segments: list[dense.Part], basis: Path | None
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
        "revision": int(draft.name),
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
