"""Folders against the store: what is new, changed or gone becomes the next revision.

A file is read again only when its size or time has changed, a sentence embedded only when its
words were never embedded before. What could not be read is listed until it can be, and what was
indexed of it stays.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from index.encoder.encode import Encoder, Matrix
from index.english.segment import segment
from index.errors import ArticleError, StoreFormatError, StoreMissingError, shown
from index.formats import distinct, readable
from index.formats.isolated import read
from index.formats.source import check_name, first_line, open_file
from index.records import Article, Progress
from index.store.catalog import Catalog, Failed, FileState
from index.store.engine import Filed, embedding_key
from index.store.revisions import Store
from index.store.salvage import LOST

CHUNK_TEXTS = 2048
"""Texts embedded between two commits: what a killed run loses at the most."""
Spread = Callable[[Encoder, Sequence[str]], Generator[tuple[int, Matrix]]]
"""Texts to vectors, a part at a time in any order: each with the number of its first text."""

SAMPLE_TEXTS = 512
"""Sentences on which a new encoder is compared with its model."""
FRESH_NS = 2_000_000_000
"""A file changed this shortly ago may change again within one tick of its clock."""
LISTED = 200
"""Failures listed of one file; of the others, only how many."""
RETRY_S, RETRY_MOST_S = 60, 86_400
"""What could not be read is tried again after a minute, then after twice as long each time."""
COLLECT_LEAST, COLLECT_SHARE = 10_000, 0.25
"""Retired sentences from which on their embeddings are collected: a number, a share of the rest."""

RETIRED = "retired"
"""Where the catalog counts the sentences retired since embeddings were collected."""

Spans = list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, or would do: numbers of articles, of sentences, and what failed.

    ``unsettled`` files are still being written, and were left for the next run. ``lost`` is what a
    rebuild could not keep of a catalog that couldn't be used. ``named`` are the articles that are
    ``new``, ``changed`` or ``gone``, each with which of these it is before its id.
    """

    revision: int
    new: int
    changed: int
    gone: int
    unchanged: int
    sentences: int
    embedded: int
    failed: tuple[ArticleError, ...]
    unsettled: int = 0
    lost: str | None = None
    named: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Plan:
    """What is to be filed (with the file it is from) and retired, and what is known of files."""

    failing: dict[str, list[Failed]]
    due_only: bool
    settle_ns: int
    added: list[tuple[Article, str]] = field(default_factory=list)
    removed: list[Filed] = field(default_factory=list)
    states: dict[str, FileState] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    failures: dict[str, list[Failed]] = field(default_factory=dict)
    named: list[tuple[str, str]] = field(default_factory=list)
    unsettled: int = 0

    def count(self, what: str) -> int:
        """How many articles are ``new``, ``changed`` or ``gone``."""
        return sum(each == what for each, _ in self.named)

    @property
    def failed(self) -> tuple[ArticleError, ...]:
        """What fails now, also what was not tried again because it isn't due."""
        every = (each for failures in self.failures.values() for each in failures)
        return tuple(ArticleError(Path(each.path), each.reason) for each in every)

    def fail(self, name: str, path: Path, errors: Sequence[ArticleError]) -> None:
        """List the errors of a file; those that are listed already keep their beginning."""
        listed = [str(error.reason) for error in errors[:LISTED]]
        if len(errors) > LISTED:
            listed.append(f"and {len(errors) - LISTED} more")
        before = {each.reason: each for each in self.failing.get(name, ())}
        now, stamp = int(time.time()), _stamp(path)
        self.failures[name] = []
        for reason in listed:
            old = before.get(reason)
            tries = old.tries + 1 if old else 1
            wait = min(RETRY_S * 2 ** min(tries - 1, 16), RETRY_MOST_S)
            first = old.first if old else now
            each = Failed(shown(path), reason, stamp, first, now, tries, now + wait)
            self.failures[name].append(each)

    def waits(self, name: str, path: Path) -> bool:
        """Whether a file that failed is not due yet; it is once it or the clock has changed."""
        failures = self.failing.get(name, [])
        now = time.time()
        waits = bool(
            self.due_only
            and failures
            and failures[0].stamp == _stamp(path)
            and all(each.last <= now < each.next for each in failures)
        )
        if waits:
            self.failures[name] = failures
        return waits

    def unfinished(self, name: str, path: Path) -> bool:
        """Whether a file changed so shortly ago that it may still be being written: left alone."""
        stat, now = path.stat(), time.time_ns()
        # Neither time alone: one may be set back by who copies, the other lies in the future.
        ages = (now - stat.st_mtime_ns, now - stat.st_ctime_ns)
        if not any(0 <= age < self.settle_ns for age in ages):
            return False
        self.unsettled += 1
        if name in self.failing:
            self.failures[name] = self.failing[name]
        return True


def in_turn(encoder: Encoder, texts: Sequence[str]) -> Generator[tuple[int, Matrix]]:
    """Embed on this machine, part after part."""
    for start in range(0, len(texts), CHUNK_TEXTS):
        yield start, encoder.encode(texts[start : start + CHUNK_TEXTS])


def sync(
    store: Store,
    paths: Sequence[Path],
    encoder_name: str,
    open_encoder: Callable[[Sequence[str]], Encoder],
    *,
    forget: Sequence[Path] = (),
    rebuild: bool = False,
    dry_run: bool = False,
    due_only: bool = False,
    settle_s: float = 0.0,
    wait_s: float = 0.0,
    spread: Spread = in_turn,
    progress: Progress = lambda *_: None,
) -> Report:
    """Bring the store up to date with the folders and files that it follows.

    ``paths`` are followed from now on, ``forget`` no more. ``open_encoder`` is called once there is
    something to embed, with a sample of it. ``rebuild`` reads every file again and writes all
    indexes anew, also where the catalog can't be used, with all of it that can be kept; ``dry_run``
    only says what would be done, and writes nothing. ``due_only`` tries what failed before only
    when its time has come; files changed less than ``settle_s`` ago wait for the next run.
    ``spread`` says who embeds.

    Raises:
        ArticleError: a path does not exist, or can't be listed.
        StoreError: the store is locked, damaged, or was made with another encoder.
    """
    opened = store.planning() if dry_run else store.writing(wait_s, mend=rebuild)
    with opened as catalog:
        rebuild = rebuild or not catalog.revision  # of a rebuild that was cut short, some is there
        made_with = catalog.meta("encoder")
        if made_with not in (None, encoder_name) and not rebuild:
            raise StoreFormatError(
                f"{store.folder}: made with {made_with}, not {encoder_name}; set PULLQUOTE_ENCODER "
                "back, or run `pullquote index --rebuild`"
            )
        if not rebuild:
            store.check_live(catalog)
        roots = _roots(catalog, paths, forget)
        plan = _Plan(catalog.failures(), due_only, int(settle_s * 1e9))
        _fill(plan, catalog, roots, afresh=rebuild, progress=progress)
        spans = [_spans(article) for article, _ in plan.added]
        before, _ = catalog.counts()
        sentences = sum(map(len, spans)) - sum(filed.sentences for filed in plan.removed)
        number, sentences = catalog.revision, sentences + catalog.counts()[1]
        if dry_run:
            lost = None
            embedded = len(_unembedded(catalog, plan, spans, encoder_name))
            number += bool(plan.added or plan.removed or not number)
        else:
            embedded = _embed(
                catalog, plan, spans, encoder_name, open_encoder, spread, progress, rebuild=rebuild
            )
            with catalog.writing():
                _record(catalog, plan, roots)
                added = [
                    catalog.insert(article, file, spans_, encoder_name)
                    for (article, file), spans_ in zip(plan.added, spans, strict=True)
                ]
                lost = catalog.take_meta(LOST)
                if rebuild and (altered := catalog.drop_altered()):
                    versions = f"{altered} versions of articles, altered since they were filed"
                    lost = f"{lost}, {versions}" if lost else versions
                if added or plan.removed or not catalog.revision:
                    progress("writing the indexes", 0, 1)
                    store.prepare(catalog, added, plan.removed, encoder_name, afresh=rebuild)
                    _collect(catalog, sum(filed.sentences for filed in plan.removed))
                    progress("writing the indexes", 1, 1)
            number = catalog.revision
        return Report(
            revision=number,
            new=plan.count("new"),
            changed=plan.count("changed"),
            gone=plan.count("gone"),
            unchanged=before - plan.count("changed") - plan.count("gone"),
            sentences=sentences,
            embedded=embedded,
            failed=plan.failed,
            unsettled=plan.unsettled,
            lost=lost,
            named=tuple(plan.named),
        )


def compact(store: Store, *, wait_s: float = 0.0, progress: Progress = lambda *_: None) -> int:
    """Write the live indexes anew without what is dead, and drop embeddings that none uses.

    Return the number of embeddings dropped. Old versions of articles stay, for their receipts.

    Raises:
        StoreError: there is no index, another process writes to it, or the disk is full.
    """
    with store.writing(wait_s) as catalog:
        encoder = catalog.meta("encoder")
        if not catalog.revision or encoder is None:
            raise StoreMissingError(store.folder)
        progress("writing the indexes", 0, 1)
        with catalog.writing():
            dropped = catalog.collect()
            catalog.set_meta(RETIRED, 0)
            store.prepare(catalog, list(catalog.articles()), [], encoder, afresh=True)
        progress("writing the indexes", 1, 1)
        catalog.shrink()
    return dropped


def _collect(catalog: Catalog, retired: int) -> None:
    """Drop embeddings that none uses, now and then: many come back with what was withdrawn."""
    retired += int(catalog.meta(RETIRED) or 0)
    if retired >= max(COLLECT_LEAST, COLLECT_SHARE * catalog.counts()[1]):
        catalog.collect()
        retired = 0
    catalog.set_meta(RETIRED, retired)


def _roots(catalog: Catalog, paths: Sequence[Path], forget: Sequence[Path]) -> dict[str, str]:
    """The folders and files to follow, by path, each with the label its articles' ids begin with.

    A label is the last part of the path; a number is added where another root has it already.
    """
    roots = catalog.roots()
    for path in forget:
        if roots.pop(str(path.expanduser().resolve()), None) is None:
            raise ArticleError(path, "not among the followed: " + (", ".join(roots) or "none"))
    for path in paths:
        absolute = path.expanduser().resolve()
        if not absolute.exists():
            raise ArticleError(path, "no such file or folder")
        check_name(path, str(absolute))
        first, number = distinct(absolute.name) or "root", 2
        label = first
        while str(absolute) not in roots and label in roots.values():
            label, number = f"{first}~{number}", number + 1
        roots.setdefault(str(absolute), label)
    return roots


def _fill(
    plan: _Plan, catalog: Catalog, roots: dict[str, str], *, afresh: bool, progress: Progress
) -> None:
    """Compare the files below the roots with what is known of them."""
    known = catalog.files()
    found: dict[str, Path] = {}
    kept: list[str] = []
    for root, label in roots.items():
        for name, path, error in _sweep(Path(root), label):
            if error:
                plan.fail(name, path, [error])
                kept.append(name)
            else:
                found[name] = path
    for number, (name, path) in enumerate(found.items()):
        progress("reading", number, len(found))
        _compare(catalog, plan, name, path, known.get(name), afresh=afresh)
    if found:
        progress("reading", len(found), len(found))
    for name in known.keys() - found.keys():
        unseen = any(name == part or name.startswith(f"{part}/") for part in kept)
        if not unseen:
            plan.dropped.append(name)
            gone = list(catalog.articles_in(name).values())
            plan.removed += gone
            plan.named += [("gone", filed.article.id) for filed in gone]
        elif afresh:
            _refile(catalog, plan, name)


def _sweep(root: Path, label: str) -> Iterator[tuple[str, Path, ArticleError | None]]:
    """The files below a root that can be articles: (name, path, why it can't be listed)."""
    if root.is_file():
        yield label, root, None
        return
    if not root.is_dir():
        what = "not an ordinary file" if root.exists() else "no such file or folder"
        yield label, root, ArticleError(root, f"{what}; nothing of it was dropped")
        return
    errors: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            path = Path(folder, file)
            if readable(path):
                yield _name(root, label, path), path, _unnamed(path)
    for error in errors:
        path = Path(error.filename)
        yield (
            _name(root, label, path),
            path,
            ArticleError(path, f"can't be listed ({error.strerror}); mend its rights"),
        )


def _name(root: Path, label: str, path: Path) -> str:
    """The name of a file or folder below a root, of which the ids of its articles are made."""
    relative = shown(path.relative_to(root).as_posix())
    return label if relative == "." else f"{label}/{distinct(relative)}"


def _unnamed(path: Path) -> ArticleError | None:
    """Why a file can't be known by its name, if so; then no more is done with it."""
    try:
        check_name(path, str(path))
    except ArticleError as exc:
        return exc
    return None


def _compare(
    catalog: Catalog, plan: _Plan, name: str, path: Path, known: FileState | None, *, afresh: bool
) -> None:
    """Put one file into the plan."""
    try:
        if plan.waits(name, path):
            return
        state = _look(path, known)
        as_known = known and (state.digest, state.path) == (known.digest, known.path)
        if as_known and name not in plan.failing and not afresh:
            if state != known:
                plan.states[name] = state
            return
        if plan.unfinished(name, path):
            return
        taken = list(read(path, name))
    except (ArticleError, OSError) as exc:
        error = exc if isinstance(exc, ArticleError) else ArticleError(path, str(exc.strerror))
        plan.fail(name, path, [error])
        if afresh:
            _refile(catalog, plan, name)
        return
    errors = [each for each in taken if isinstance(each, ArticleError)]
    if errors:
        plan.fail(name, path, errors)
    plan.states[name] = state
    articles = [
        replace(each, path=str(path)) for each in taken if not isinstance(each, ArticleError)
    ]
    _file(catalog, plan, name, articles, whole=not errors, afresh=afresh)


def _file(
    catalog: Catalog,
    plan: _Plan,
    name: str,
    articles: Sequence[Article],
    *,
    whole: bool,
    afresh: bool,
) -> None:
    """Put the articles of a file into the plan; of one that isn't ``whole``, none is dropped."""
    before = catalog.articles_in(name)
    for article in articles:
        filed = before.pop(article.id, None)
        if filed is None:
            plan.named.append(("new", article.id))
        elif filed.article == article and not afresh:
            continue
        else:
            if filed.article != article:
                plan.named.append(("changed", article.id))
            plan.removed.append(filed)
        plan.added.append((article, name))
    if whole:
        plan.removed += before.values()
        plan.named += [("gone", id_) for id_ in before]
    elif afresh:
        plan.removed += before.values()
        plan.added += [(filed.article, name) for filed in before.values()]


def _look(path: Path, known: FileState | None) -> FileState:
    """The state of a file; its content is read only when size or time differ from what is known."""
    stat = path.stat()
    if known and (stat.st_size, stat.st_mtime_ns) == (known.size, known.mtime_ns):
        return replace(known, path=str(path))
    with open_file(path) as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    settled = time.time_ns() - stat.st_mtime_ns > FRESH_NS
    return FileState(str(path), stat.st_size, stat.st_mtime_ns if settled else -1, digest)


def _stamp(path: Path) -> str:
    """What the file system says of a file or folder; it changes with its content and its rights."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def _refile(catalog: Catalog, plan: _Plan, name: str) -> None:
    """Keep in a rebuild what was indexed of a file that can't be read now."""
    for filed in catalog.articles_in(name).values():
        plan.removed.append(filed)
        plan.added.append((filed.article, name))


def _spans(article: Article) -> Spans:
    """The sentences of an article; paragraphs count from 1 where the title is not in the text."""
    shift = 0 if article.title == first_line(article.text) else 1
    return [(start, end, paragraph + shift) for start, end, paragraph in segment(article.text)]


def _embed(
    catalog: Catalog,
    plan: _Plan,
    spans: list[Spans],
    encoder_name: str,
    open_encoder: Callable[[Sequence[str]], Encoder],
    spread: Spread,
    progress: Progress,
    *,
    rebuild: bool,
) -> int:
    """Embed the sentences whose words were never embedded; return how many.

    A rebuild opens the encoder in any case, so that an export that was lost is made again.
    """
    texts = _unembedded(catalog, plan, spans, encoder_name)
    if not (texts or (rebuild and any(spans))):
        return 0
    every = (
        article.text[start:end]
        for (article, _), spans_ in zip(plan.added, spans, strict=True)
        for start, end, _ in spans_
    )
    sample = list(islice(dict.fromkeys(every), SAMPLE_TEXTS))
    keys, missing = list(texts), list(texts.values())
    progress("opening the encoder", 0, 1)
    encoder = open_encoder(sample)
    progress("opening the encoder", 1, 1)
    done = 0
    progress("embedding", done, len(keys))
    with closing(spread(encoder, missing)) as parts:
        for start, vectors in parts:
            catalog.keep(keys[start : start + len(vectors)], vectors)
            done += len(vectors)
            progress("embedding", done, len(keys))
    return len(keys)


def _unembedded(
    catalog: Catalog, plan: _Plan, spans: list[Spans], encoder_name: str
) -> dict[bytes, str]:
    """The sentences of the plan whose words were never embedded, each once, by their keys."""
    texts: dict[bytes, str] = {}
    for (article, _), spans_ in zip(plan.added, spans, strict=True):
        for start, end, _paragraph in spans_:
            text = article.text[start:end]
            texts[embedding_key(encoder_name, text)] = text
    for key in catalog.known(texts):
        del texts[key]
    return texts


def _record(catalog: Catalog, plan: _Plan, roots: dict[str, str]) -> None:
    """Write everything of the plan but the new articles."""
    known = catalog.roots()
    for path in known.keys() - roots.keys():
        catalog.drop_root(path)
    for path in roots.keys() - known.keys():
        catalog.add_root(path, roots[path])
    for filed in plan.removed:
        catalog.retire(filed)
    for name in plan.dropped:
        catalog.drop_file(name)
    for name, state in plan.states.items():
        catalog.set_file(name, state)
    for name in plan.failing.keys() | plan.failures.keys():
        failures = plan.failures.get(name, [])
        if failures != plan.failing.get(name, []):
            catalog.set_failures(name, failures)
