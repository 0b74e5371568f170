"""What the commands share: the first indexing, waiting for a lock, progress, printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from index.errors import StoreLockedError
from index.library import Library

T = TypeVar("T")
WAIT_S = 60.0
"""How long a command waits for another process to finish writing."""


def index_at_first(library: Library, articles: Path) -> None:
    """Index the articles if nothing was indexed yet, and say so."""
    if library.exists():
        return
    click.echo(f"pullquote: no index in {library.folder} yet; indexing {articles}", err=True)
    with progress_bar() as progress:
        report = locked(lambda wait_s: library.sync((articles,), wait_s=wait_s, progress=progress))
    for error in report.failed:
        click.echo(f"pullquote: {error}", err=True)


def locked(write: Callable[[float], T]) -> T:
    """Write at once, or say who is writing and wait for a while."""
    try:
        return write(0.0)
    except StoreLockedError as exc:
        click.echo(f"pullquote: {exc.holder} is writing; waiting up to {WAIT_S:.0f} s", err=True)
        return write(WAIT_S)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bars.add_task(doing, total=total)
            bars.update(tasks[doing], completed=done, total=total)

        yield show


def print_text(text: Any) -> None:
    """Print a rich text or table to stdout."""
    from rich.console import Console

    # Piped output keeps its lines whole, for grep; a terminal wraps between words.
    Console(highlight=False, soft_wrap=not sys.stdout.isatty()).print(text)


def print_json(value: Any, indent: int | None = 2) -> None:
    """Print JSON to stdout; without ``indent``, in one line."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent))
