"""What the commands share: the workspace, exit codes, options, a lock to wait for, printing.

Light to import, so that a command pays for what it uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.screen import screen, shown_on
from bot.signs import escaped, visible

if TYPE_CHECKING:
    from bot.settings import Settings
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


def _outlets(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The outlets of the index that begin with what was typed so far, in whatever case."""
    from bot.settings import load_settings
    from index.errors import PullquoteError

    try:
        settings = load_settings()
        folder = context.find_root().params.get("index") or settings.index
        library = open_library(folder, settings)
        try:
            outlets = library.outlets()
        finally:
            library.close()
    except PullquoteError:
        return []  # a shell that completes has no room for messages; the command itself will say
    return [name for name in outlets if name.casefold().startswith(typed.casefold())]


outlet_option = click.option(
    "--outlet",
    multiple=True,
    shell_complete=_outlets,
    help="Only articles of this outlet, in whatever case; may be given several times.",
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
    with progress_bar() as progress:
        report = locked(lambda wait_s: library.sync((articles,), wait_s=wait_s, progress=progress))
    for error in report.failed:
        echo(f"pullquote: {error}", err=True)


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
    from rich.progress import Progress, TextColumn

    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[rate]}"))
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
