"""Commands that keep an index true, small and sound: watching, ``compact``, ``doctor``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.console import WAIT_S, locked, print_json, progress_bar
from bot.render import as_json
from index.ask.reader import Reader
from index.errors import ModelError, PullquoteError
from index.library import Library

if TYPE_CHECKING:
    from index.ingest.sync import Report

FETCH_S = 300.0
"""How often it is looked whether a feed is due."""


def follow(library: Library, *, as_json_: bool, allow_private: bool) -> int:
    """Keep the index up to date until interrupted or terminated; say what every run did."""
    from index.ingest.watch import watch

    stop = threading.Event()
    fetching = threading.Thread(target=fetch_feeds, args=(library, stop, allow_private, _fault))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def told(news: Report | PullquoteError) -> None:
        if isinstance(news, PullquoteError):
            _fault(news)
        else:
            print_report(news, as_json_=as_json_)

    click.echo("pullquote: watching; Ctrl-C to stop", err=True)
    fetching.start()
    watch(library, stop, told)
    fetching.join()
    return 0


def fetch_feeds(
    library: Library,
    stop: threading.Event,
    allow_private: bool,
    told: Callable[[PullquoteError], None],
) -> None:
    """Fetch the feeds and pages that are due until ``stop`` is set; who watches indexes them."""
    from index.web import pages, update

    def stopping(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    while not stop.is_set():
        try:
            update.update(library.folder, allow_private=allow_private, progress=stopping)
            folder = pages.folder_of(library.folder)
            if folder.is_dir() and folder not in library.collections().values():
                library.sync((folder,), wait_s=WAIT_S)
        except PullquoteError as exc:
            told(exc)
        except KeyboardInterrupt:
            return
        stop.wait(FETCH_S)


def _fault(error: PullquoteError) -> None:
    click.echo(f"pullquote: {error}; it will be tried again", err=True)


def print_report(report: Report, *, dry_run: bool = False, as_json_: bool = False) -> None:
    """Say what bringing the index up to date did, or would do; as JSON in one line."""
    for error in report.failed:
        click.echo(f"pullquote: {error}", err=True)
    if report.lost:
        click.echo(f"pullquote: could not be kept: {report.lost}", err=True)
    if as_json_:
        print_json(as_json.report(report), indent=None)
        return
    done = "would be" if dry_run else "now"
    click.echo(
        f"{report.new} new, {report.changed} changed, {report.gone} gone, "
        f"{report.unchanged} unchanged; {len(report.failed)} could not be read\n"
        f"{report.sentences} sentences {done} in revision {report.revision}, "
        f"{report.embedded} embedded"
    )


@click.command("compact")
@click.pass_obj
def compact_command(obj: tuple[Library, Path, bool]) -> int:
    """Give back the space of what is dead: vectors that no article uses, deleted rows.

    It needs room for the index a second time while it runs; questions are answered meanwhile. Old
    versions of articles stay, so that their receipts still resolve.
    """
    library = obj[0]
    before = library.status().size_bytes
    with progress_bar() as progress:
        dropped = locked(lambda wait_s: library.compact(wait_s=wait_s, progress=progress))
    after = library.status().size_bytes
    click.echo(f"{dropped} vectors dropped; {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} now")
    return 0


@click.command("doctor")
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor_command(obj: tuple[Library, Path, bool], as_json_: bool) -> int:
    """Look at everything that can be wrong, and say what to do; exit code 1 if anything is."""
    library = obj[0]
    looked: list[dict[str, Any]] = []
    with progress_bar() as progress:
        for finding in library.examine(progress):
            looked.append({"what": finding.what, "problems": list(finding.problems)})
    looked.append({"what": "reader", "problems": _reader_problems()})
    if as_json_:
        print_json(looked)
    else:
        for each in looked:
            click.echo(f"{'wrong' if each['problems'] else 'ok   '}  {each['what']}")
            for problem in each["problems"]:
                click.echo(f"       {problem}")
    return 1 if any(each["problems"] for each in looked) else 0


def _reader_problems() -> list[str]:
    try:
        Reader().load()
    except ModelError as exc:
        return [str(exc)]
    return []
