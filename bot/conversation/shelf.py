"""The articles of one server: files and pages come in, are listed, searched, and go.

What a server adds lies in a folder of its own, which no other server is answered from. All of it
blocks; one call at a time may change the shelves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from bot.conversation.ledger import Added, Ledger
from bot.conversation.scope import Scope
from bot.conversation.unfinished import Addition, Unfinished
from index.errors import ArticleError, PullquoteError, StoreLockedError
from index.formats import SUFFIXES, readable
from index.formats.isolated import read
from index.library import Library
from index.records import Article, Filters
from index.store import private
from index.web.run import CrawlReport
from index.web.web import Web

MOST_BYTES = 25 * 2**20
"""The largest file that is taken: what an attachment of ordinary members may have."""
WAIT_S = 60.0
"""How long to wait for another process that writes to the index."""
TOO_LARGE = "That file has {size:.0f} MB; I take up to {most:.0f} MB."
UNKNOWN_KIND = "I can't read that kind of file. I read {known}."
NO_ARTICLE = "There is no article in that: {reason}."
NOT_SAVED = "I can't save that ({reason}). Whoever runs me: is the disk full?"
LATER = "Another program is bringing my articles up to date; ask again in a minute."
CUT_SHORT = "I was restarted before I had read {name}; please add it again."
NOT_FETCHED = "I could not get that page: {reason}."
NOT_ADDED = "This server added no such article; choose one of those that are offered."


@dataclass(frozen=True, slots=True)
class Held:
    """An article without its text, and who added it, where that is known."""

    article: Article
    added: Added | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a server's articles, and how many it sees now; ``failed`` are reasons.

    ``fresh`` are new or changed, without their texts; ``gone`` were removed.
    """

    fresh: tuple[Article, ...]
    articles: int
    gone: int = 0
    failed: tuple[str, ...] = ()


class Shelf:
    """The shelf of one server. ``allow_private``: links may lead into private networks."""

    def __init__(
        self,
        library: Library,
        scope: Scope,
        ledger: Ledger,
        unfinished: Unfinished,
        server: int,
        *,
        allow_private: bool,
    ) -> None:
        self._library = library
        self._scope = scope
        self._ledger = ledger
        self._unfinished = unfinished
        self._server = server
        self.folder = scope.folder(server)
        self._web = Web(self.folder, allow_private=allow_private)

    def last_filed(self) -> int:
        """The number of the article that was filed last."""
        return self._library.last_filed if self._library.exists() else 0

    def take_file(self, addition: Addition, content: bytes) -> Change:
        """Add the articles of a file.

        It is read first, under a name that is not searched for, so that what can't be read neither
        stays nor takes the place of what could.

        Raises:
            PullquoteError: it can't be read, kept, or taken in now.
        """
        draft = self._draft(addition)
        try:
            private.folder(self.folder)
            private.file(draft)
            draft.write_bytes(content)
            check_readable(draft)
            self._unfinished.checked(addition)
            draft.replace(self._path(addition))
        except OSError as exc:
            raise PullquoteError(NOT_SAVED.format(reason=exc.strerror)) from exc
        finally:
            draft.unlink(missing_ok=True)
        return self._changed(addition)

    def take_page(self, addition: Addition) -> Change:
        """Add the article of a page.

        Raises:
            PullquoteError: it can't be had, or taken in now.
        """
        _whole(self._web.add([addition.source]))
        return self._changed(addition)

    def finish(self, addition: Addition) -> Change:
        """Go on with what was cut short; a file that was not read to its end is dropped.

        Raises:
            PullquoteError: it was dropped, or can't be taken in now.
        """
        if not addition.file:
            return self.take_page(addition)
        draft = self._draft(addition)
        if not addition.checked:
            draft.unlink(missing_ok=True)
            raise PullquoteError(CUT_SHORT.format(name=addition.source))
        if draft.exists():
            draft.replace(self._path(addition))
        return self._changed(addition)

    def update(self) -> Change:
        """Read the folders and the added pages again.

        Raises:
            PullquoteError: a page can't be had, or nothing can be taken in now.
        """
        if self.folder.exists():
            _whole(self._web.update())
        return self._changed()

    def own(self) -> list[Held]:
        """The articles that the server added, the last first."""
        added = self._ledger.added(self._server)
        label = self._label()
        articles = self._library.articles(Filters(collections=(label,))) if label else ()
        held = [Held(replace(each, text=""), added.get(each.id)) for each in articles]
        return sorted(held, key=lambda each: -(each.added.at if each.added else 0))

    def sources(self) -> dict[str, list[Held]]:
        """Its articles by the file or link that they came by."""
        found: dict[str, list[Held]] = {}
        for held in self.own():
            found.setdefault(_source(held), []).append(held)
        return found

    def remove(self, source: str) -> Change:
        """Remove a file or a page that was added, with all articles in it.

        Raises:
            PullquoteError: there is none such, or nothing can be changed now.
        """
        held = self.sources().get(source)
        if held is None:
            raise PullquoteError(NOT_ADDED)
        path = self.folder / Path(source).name
        if "://" not in source and path.is_file():
            path.unlink()
        elif self._web.drop([source]):
            raise PullquoteError(NOT_ADDED)
        change = replace(self._changed(), gone=len(held))
        self._ledger.drop(self._server, source)
        return change

    def search(self, words: str, collections: tuple[str, ...]) -> list[Held]:
        """The articles of collections whose title, outlet or author hold all words."""
        wanted = re.findall(r"\w+", words.casefold())
        added = self._ledger.added(self._server)
        found = [
            Held(replace(each, text=""), added.get(each.id))
            for each in self._library.articles(Filters(collections=collections))
            if _holds(each, wanted)
        ]
        return sorted(found, key=lambda each: str(each.article.published or ""), reverse=True)

    def _draft(self, addition: Addition) -> Path:
        return self.folder / f".{addition.key}-{Path(addition.source).name}"

    def _path(self, addition: Addition) -> Path:
        return self.folder / Path(addition.source).name

    def _changed(self, addition: Addition | None = None) -> Change:
        """Bring the index up to date; what is told of it is what the server may see."""
        last = addition.after if addition else self.last_filed()
        try:
            folders = [self.folder] if self.folder.exists() else []
            report = self._library.sync(folders, wait_s=WAIT_S)
        except StoreLockedError as exc:
            raise PullquoteError(LATER) from exc
        visible = self._scope.visible(self._server)
        filed = self._library.articles(Filters(collections=visible, filed_after=last))
        fresh = tuple(replace(each, text="") for each in filed)
        saved = self._path(addition) if addition and addition.file else None
        if addition:
            own = f"{self._label()}/"
            ours = [each.id for each in fresh if each.id.startswith(own)]
            source = saved.name if saved else addition.source
            self._ledger.note(self._server, ours, source, addition.person)
        return Change(
            fresh,
            self._library.status(visible).articles,
            failed=tuple(each.reason for each in report.failed if each.path == saved),
        )

    def _label(self) -> str | None:
        followed = self._library.collections().items()
        return next((label for label, path in followed if path == self.folder), None)


def check_attachment(name: str, size: int) -> None:
    """Take only what can be read, and is not too large.

    Raises:
        PullquoteError: this can't be.
    """
    # Of what is packed nobody knows how large it will be.
    if not readable(Path(name)) or name.lower().endswith(".gz"):
        known = ", ".join(sorted(each for each in SUFFIXES if not each.endswith(".gz")))
        raise PullquoteError(UNKNOWN_KIND.format(known=known))
    if size > MOST_BYTES:
        raise PullquoteError(TOO_LARGE.format(size=size / 2**20, most=MOST_BYTES / 2**20))


def check_readable(path: Path) -> None:
    """Read a file as far as its first article.

    Raises:
        PullquoteError: there is none.
    """
    reason = "it is empty"
    try:
        for each in read(path, path.name.lstrip(".")):
            if isinstance(each, Article):
                return
            reason = each.reason
    except ArticleError as exc:
        reason = exc.reason
    raise PullquoteError(NO_ARTICLE.format(reason=reason))


def _whole(report: CrawlReport) -> None:
    """Raise ``PullquoteError`` for the first page that could not be had."""
    for failure in report.failed:
        raise PullquoteError(NOT_FETCHED.format(reason=failure.reason.partition(";")[0]))


def _source(held: Held) -> str:
    """The file or link that an article came by, also where nobody noted it."""
    if held.added:
        return held.added.source
    path = Path(held.article.path or held.article.id)
    # Pages are kept packed; of an attachment, what is packed is not taken.
    return held.article.url or path.name if path.suffix == ".gz" else path.name


def _holds(article: Article, wanted: list[str]) -> bool:
    told = " ".join(filter(None, (article.title, article.outlet, article.author))).casefold()
    return all(word in told for word in wanted)
