"""What the commands share: the workspace, exit codes, options, a lock to wait for, printing.

Light to import, so that a command pays for what it uses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.screen import screen, shown_on
from bot.signs import escaped, visible

if TYPE_CHECKING:
    from bot.settings import Settings
    from index.errors import PullquoteError
    from index.library import Library
    from index.records import Filters
    from index.store.milvus.client import Address

T = TypeVar("T")
EXIT_FAULT, EXIT_USAGE, EXIT_BUG, EXIT_NO_ANSWER, EXIT_INTERRUPTED = 1, 2, 3, 4, 130
WAIT_S = 60.0
"""How long a command waits for another process to finish writing."""


class Day(click.ParamType[date]):
    """A date such as 2016-12-08, yesterday or "last week": its first day, or its last (``end``)."""

    name = "date"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read a date, as of today."""
        from index.english.dates import day

        try:
            return day(value, end=self._end, today=datetime.now().astimezone().date())
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


as_json_option = click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["plain", "md", "csv", "jsonl"]),
    default="plain",
    help="Print it as Markdown, as CSV, or as JSON in one line each, instead.",
)
since_option = click.option("--since", type=Day(), help="Only articles of this day or later.")
until_option = click.option(
    "--until", type=Day(end=True), help="Only articles of this day or earlier."
)


def _colored(context: click.Context, _: click.Parameter, color: str | None) -> None:
    if color:
        context.with_resource(shown_on(replace(screen(), color=color)))


color_option = click.Option(
    ["--color"],
    type=click.Choice(["auto", "always", "never"]),
    expose_value=False,
    callback=_colored,
    help="When to use colours, weights and links: by default on a terminal, if NO_COLOR is unset.",
)
"""Taken by ``pullquote`` itself and by each of its commands."""


open_option = click.option(
    "--open", "open_", is_flag=True, help="Open it in the browser, or else its file in $EDITOR."
)
COMPLETED, COMPLETE_S = 50, 1.5
"""Names of articles that a shell is offered, and how long they are looked for, at the most."""


def _outlets(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The outlets of the index whose name holds what was typed so far, in whatever case."""
    return list(_completed(context, typed, lambda library: library.outlets()))


def complete_articles(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The ids of the articles that hold what was typed so far, in whatever case."""
    until = time.monotonic() + COMPLETE_S
    ids = _completed(context, typed, lambda library: (each.id for each in library.articles()))
    return list(islice(takewhile(lambda _: time.monotonic() < until, ids), COMPLETED))


def _completed(
    context: click.Context, typed: str, names: Callable[[Library], Iterable[str]]
) -> Iterator[str]:
    from bot.settings import load_settings
    from index.errors import PullquoteError

    try:
        settings = load_settings()
        library = open_library(context.find_root().params.get("index") or settings.index, settings)
        with library:
            for name in names(library):
                if typed.casefold() in name.casefold():
                    yield name
    except PullquoteError:
        return  # a shell that completes has no room for messages; the command itself will say


outlet_option = click.option(
    "--outlet",
    multiple=True,
    shell_complete=_outlets,
    help="Only articles of this outlet, or of those whose names hold this; may be given several "
    "times.",
)
article_option = click.option(
    "--article",
    shell_complete=complete_articles,
    help="Only the article with this id, or whose id or title holds this.",
)
undated_option = click.option(
    "--undated", is_flag=True, help="With --since or --until, take in articles without a date, too."
)


def possible(filters: Filters) -> Filters:
    """The filters, if any day could pass them.

    Raises:
        UsageError: the first day lies behind the last.
    """
    if filters.crossed:
        days = f"--since {filters.since} is after --until {filters.until}"
        raise click.UsageError(f"{days}: no day is both")
    return filters


def forgiven(filters: Filters, library: Library) -> Filters:
    """The filters, with the names of outlets and of an article that were typed in part made whole.

    What they are taken for is said on stderr; a name that is nobody's is left as it is.

    Raises:
        UsageError: several articles are called so.
    """
    outlets = [whole for name in filters.outlets or () for whole in _outlets_named(name, library)]
    if article := filters.article:
        found = library.named(article)
        if len(found) > 1:
            ids = "; ".join(each.id for each in found)
            raise click.UsageError(f"--article {article}: several are called so, such as {ids}")
        if found and found[0].id != article:
            article = found[0].id
            echo(f"pullquote: --article {filters.article} is taken for {article}", err=True)
    return replace(filters, outlets=tuple(outlets) or filters.outlets, article=article)


def _outlets_named(name: str, library: Library) -> Sequence[str]:
    """The outlet of a name, or else those whose names hold it, or else the name."""
    outlets, part = library.outlets(), name.casefold()
    if part in map(str.casefold, outlets):
        return [name]
    found = [each for each in outlets if part in each.casefold()]
    if found:
        echo(f"pullquote: --outlet {name} is taken for {', '.join(found)}", err=True)
    return found or [name]


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a command is given: the library it works on, and the settings, read once.

    ``main`` runs a command line over a workspace and returns its exit code.
    """

    library: Library
    settings: Settings
    main: Callable[[Sequence[str], Workspace], int]

    @property
    def memory_path(self) -> Path:
        """The file in which the Discord bot over this index keeps what it must not forget."""
        return self.library.folder / "discord.sqlite"


def open_library(folder: Path, settings: Settings) -> Library:
    """The library in a folder, with the encoder of the settings; the reader judges."""
    from index.ask.judge import ReaderJudge
    from index.ask.reader import Reader
    from index.library import Library

    judge = ReaderJudge(Reader())
    return Library(folder, model=settings.encoder, judge=judge, store=_address(settings))


def _address(settings: Settings) -> Address | None:
    """The Milvus of the settings."""
    if settings.store is None:
        return None
    from index.store.milvus.client import Address

    token, certificate = settings.store_token, settings.store_certificate
    return Address(
        settings.store,
        token.get_secret_value() if token else "",
        settings.store_database,
        str(certificate) if certificate else "",
    )


def index_at_first(workspace: Workspace) -> None:
    """Index the articles if nothing was indexed yet, and say so.

    Raises:
        StoreMissingError: nothing was published yet; who only asks must not begin with its own.
    """
    library, articles = workspace.library, workspace.settings.articles
    if library.exists():
        return
    if workspace.settings.store:
        from index.errors import StoreMissingError

        raise StoreMissingError(workspace.settings.store)
    echo(f"pullquote: no index in {library.folder} yet; indexing {articles}", err=True)
    with going_on(library), progress_bar() as progress:
        report = locked(lambda wait_s: library.sync((articles,), wait_s=wait_s, progress=progress))
    tell_failed(report.failed)


def tell_failed(failed: Sequence[PullquoteError], *, verbose: bool = False) -> None:
    """Name what could not be read: all of it, or the first with a count of the others."""
    for error in failed if verbose else failed[:1]:
        echo(f"pullquote: {error}", err=True)
    if len(failed) > 1 and not verbose:
        more = f"and {len(failed) - 1:,} more could not be read"
        echo(f"pullquote: {more}: `pullquote status --failed` names them, as -v does", err=True)


@contextmanager
def going_on(library: Library) -> Iterator[None]:
    """Say before the first indexing how long it takes, and at Ctrl-C what is kept."""
    if not library.encoder_ready:
        echo(
            "pullquote: the first time, the encoder is exported for a small runtime: half a minute "
            "or so, once",
            err=True,
        )
    try:
        yield
    except KeyboardInterrupt:
        echo(
            "pullquote: what was embedded so far is kept, and the last revision answers as before; "
            "`pullquote index` goes on from there",
            err=True,
        )
        raise


def locked(write: Callable[[float], T]) -> T:
    """Write at once, or say who is writing and wait for a while."""
    from index.errors import StoreLockedError

    try:
        return write(0.0)
    except StoreLockedError as exc:
        echo(f"pullquote: {exc.holder} is writing; waiting up to {WAIT_S:.0f} s", err=True)
        return write(WAIT_S)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, where that is a terminal."""
    if not screen().err.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(TextColumn("{task.fields[rate]}"), TimeLeft(compact=True, elapsed_when_finished=True)),
    )
    with Progress(*columns, console=Console(file=screen().err), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bars.add_task(doing, total=total, rate="")
            speed = bars.tasks[tasks[doing]].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            bars.update(tasks[doing], completed=done, total=total, rate=rate)

        yield show


def echo(text: str, *, err: bool = False) -> None:
    """Print a line to stdout or stderr: here, and in the two below, text leaves for a terminal."""
    _write(visible(text) + "\n", err=err)


def print_text(text: Any) -> None:
    """Print a rich text or table to stdout, styled."""
    from bot.render.gate import render

    shown = screen()
    terminal, environment = shown.out.isatty(), shown.environment
    _write(render(text, terminal=terminal, styled=shown.styled, environment=environment))


def print_json(value: Any, indent: int | None = 2) -> None:
    """Print JSON to stdout; without ``indent``, in one line."""
    _write(to_json(value, indent) + "\n")


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON in which everything can be seen: what a terminal would obey or hide is escaped."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=indent))


def _write(text: str, *, err: bool = False) -> None:
    stream = screen().err if err else screen().out
    stream.write(text)
    stream.flush()
