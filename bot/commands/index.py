"""The command `index`: folders -> an index that is true to them, once or until interrupted."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.console import (
    EXIT_FAULT,
    Workspace,
    as_json_option,
    echo,
    going_on,
    locked,
    print_json,
    progress_bar,
    tell_failed,
)
from bot.render import as_json
from index.errors import PullquoteError

if TYPE_CHECKING:
    from index.ingest.sync import Report, Spread


HERE = "here"
"""The address that stands for this machine."""


def _address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """An address of Ray; a path that was meant to be indexed is not taken for one."""
    if value not in (None, HERE) and not re.fullmatch(r"[^/\s]+:\d+", value):
        raise click.BadParameter(f"{value} is not host:port; to index it, put --ray behind it")
    return value


def _spread(address: str) -> Spread:
    """Let Ray embed."""
    from index.ingest.ray import embed  # late: one machine needs none

    return partial(embed, None if address == HERE else address)


@click.command("index")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Read every file again and write all anew.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--forget",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Follow this folder or file no more; its articles go.",
)
@click.option(
    "--ray",
    is_flag=False,
    flag_value=HERE,
    metavar="[ADDRESS]",
    callback=_address,
    help="Embed with Ray, on the cluster whose head is at host:port, or on this machine.",
)
@click.option("-v", "--verbose", is_flag=True, help="Name what was new, changed or gone.")
@click.option("--watch", is_flag=True, help="Go on, and take what comes until interrupted.")
@as_json_option
@click.pass_obj
def index_command(
    workspace: Workspace,
    paths: tuple[Path, ...],
    rebuild: bool,
    dry_run: bool,
    forget: tuple[Path, ...],
    ray: str | None,
    verbose: bool,
    watch: bool,
    as_json_: bool,
) -> int:
    """Bring the index up to date: only what is new, changed or gone.

    PATHs (folders or files) are followed from now on, beside those that were given before; at
    first that is PULLQUOTE_ARTICLES (seeds/ by default). A file that can't be read is named, the
    others go on, and what was indexed of it before stays; the exit code is then 1.

    \b
    pullquote index
    pullquote index ~/clippings archive.jsonl
    pullquote index --watch
    pullquote index --ray=head:6379
    """
    library, settings = workspace.library, workspace.settings
    if watch and dry_run:
        raise click.UsageError("--watch goes on, --dry-run does nothing; give one of them")
    chosen = "articles" in settings.model_fields_set
    if not paths and not forget and (chosen or not library.follows()):
        paths = (settings.articles,)
    with nullcontext() if dry_run else going_on(library), progress_bar() as progress:
        report = locked(
            lambda wait_s: library.sync(
                paths,
                forget=forget,
                rebuild=rebuild,
                dry_run=dry_run,
                wait_s=wait_s,
                spread=_spread(ray) if ray else None,
                progress=progress,
            )
        )
    _print_report(report, dry_run=dry_run, verbose=verbose, as_json_=as_json_)
    if watch:
        return _go_on(workspace, verbose=verbose, as_json_=as_json_)
    return EXIT_FAULT if report.failed else 0


def _go_on(workspace: Workspace, *, verbose: bool, as_json_: bool) -> int:
    """Keep the index up to date until interrupted or terminated; say what every run did.

    Raises:
        WatchError: the operating system doesn't let anything be watched.
    """
    from index.ingest.watch import fetch, watch
    from index.web.web import Web

    library, allowed = workspace.library, workspace.settings.allow_private_networks
    stop = threading.Event()
    web = Web(library.folder, allow_private=allowed)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def told(news: Report | PullquoteError) -> None:
        if isinstance(news, PullquoteError):
            echo(f"pullquote: {news}; it will be tried again", err=True)
        else:
            _print_report(news, verbose=verbose, as_json_=as_json_)

    echo("pullquote: watching; Ctrl-C to stop", err=True)
    fetching = threading.Thread(target=fetch, args=(library, web, stop, told))
    fetching.start()
    try:
        watch(library, stop, told)
    finally:  # who can't watch must not seem to
        stop.set()
        fetching.join()
    return 0


def _print_report(report: Report, *, dry_run: bool = False, verbose: bool, as_json_: bool) -> None:
    """Say what bringing the index up to date did, or would do; as JSON in one line."""
    tell_failed(report.failed, verbose=verbose)
    if report.lost:
        echo(f"pullquote: could not be kept: {report.lost}", err=True)
    if as_json_:
        print_json(as_json.report(report), indent=None)
        return
    for what, article in report.named if verbose else ():
        echo(f"{what:7}  {article}")
    done = "would be" if dry_run else "now"
    echo(
        f"{report.new} new, {report.changed} changed, {report.gone} gone, "
        f"{report.unchanged} unchanged; {len(report.failed)} could not be read\n"
        f"{report.sentences} sentences {done} in revision {report.revision}, "
        f"{report.embedded} embedded"
    )
