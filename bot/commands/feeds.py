"""The commands `add` and `feeds`: links and feeds -> pages beside the index, and in it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bot.console import Workspace, as_json_option, echo, locked, print_json, progress_bar
from bot.render import as_json
from index.library import Library

if TYPE_CHECKING:
    from index.ingest import sync
    from index.web.run import CrawlReport
    from index.web.web import Web

urls_argument = click.argument("urls", metavar="URL...", nargs=-1, required=True)


@click.command("add")
@urls_argument
@as_json_option
@click.pass_obj
def add_command(workspace: Workspace, urls: tuple[str, ...], as_json_: bool) -> int:
    """Fetch the article pages at these URLs and index them.

    The pages are kept in the folder of the index and looked at again by `pullquote feeds update`:
    one that has changed becomes a new version, one that is gone is withdrawn.

    \b
    pullquote add https://example.org/2016/12/aleppo
    """
    library = workspace.library
    with progress_bar() as progress:
        report = _web(workspace).add(urls, progress=progress)
    return _tell(report, _index(library), as_json_)


@click.group("feeds")
def feeds_command() -> None:
    """Follow RSS and Atom feeds; their articles are fetched and indexed.

    \b
    pullquote feeds add https://example.org/world.rss
    pullquote feeds update
    """


@feeds_command.command("add")
@urls_argument
@as_json_option
@click.pass_obj
def feeds_add(workspace: Workspace, urls: tuple[str, ...], as_json_: bool) -> int:
    """Follow the feeds at these URLs; `pullquote feeds update` fetches their articles."""
    with progress_bar() as progress:
        report = _web(workspace).follow(urls, progress=progress)
    return _tell(report, None, as_json_)


@feeds_command.command("list")
@as_json_option
@click.pass_obj
def feeds_list(workspace: Workspace, as_json_: bool) -> int:
    """Show the feeds that are followed, when each was fetched, and what is wrong with it."""
    from index.web import state

    folder = workspace.library.folder
    wrong = {failure.name: failure for failure in state.failures(folder)}
    feeds = state.followed(folder)
    if as_json_:
        print_json(
            [
                {
                    "url": feed.url,
                    "title": feed.title,
                    "fetched": _time(feed.fetched),
                    "failure": as_json.failure(wrong[feed.url]) if feed.url in wrong else None,
                }
                for feed in feeds
            ]
        )
        return 0
    for feed in feeds:
        last = f"fetched {feed.fetched:%Y-%m-%d %H:%M} UTC" if feed.fetched else "not fetched yet"
        problem = f"; {wrong[feed.url].reason}" if feed.url in wrong else ""
        echo(f"{feed.url}  {feed.title or 'no title'} ({last}{problem})")
    if not feeds:
        echo("pullquote: no feeds yet; add one with `pullquote feeds add URL`", err=True)
    return 0


@feeds_command.command("remove")
@urls_argument
@click.pass_obj
def feeds_remove(workspace: Workspace, urls: tuple[str, ...]) -> int:
    """Follow these feeds no more; their articles stay.

    The URL of an article that was added or found in a feed removes that article.
    """
    library = workspace.library
    unknown = _web(workspace).drop(urls)
    for url in unknown:
        echo(f"pullquote: {url}: neither a feed nor a page that is known here", err=True)
    _index(library)
    return int(bool(unknown))


@feeds_command.command("update")
@as_json_option
@click.pass_obj
def feeds_update(workspace: Workspace, as_json_: bool) -> int:
    """Fetch the feeds, what is new or changed in them, and what failed before; then index it.

    Pages that are known are looked at again from time to time. Interrupted, it goes on the next
    time where it stopped.
    """
    library, web = workspace.library, _web(workspace)
    with progress_bar() as progress:
        report = locked(lambda wait_s: web.update(at_once=True, wait_s=wait_s, progress=progress))
    return _tell(report, _index(library), as_json_)


def _index(library: Library) -> sync.Report | None:
    """Bring the index up to date with the pages, if there are any.

    Told as failed is only what fails since: not a file elsewhere that was listed before.
    """
    from index.errors import shown
    from index.web.pages import folder_of

    folder = folder_of(library.folder)
    if not folder.is_dir():
        return None
    listed = library.failures() if library.exists() else ()
    before = {(each.name, each.reason) for each in listed}
    with progress_bar() as progress:
        report = locked(lambda wait_s: library.sync((folder,), wait_s=wait_s, progress=progress))
    failed = tuple(e for e in report.failed if (shown(e.path), e.reason) not in before)
    return replace(report, failed=failed)


def _tell(report: CrawlReport, indexed: sync.Report | None, as_json_: bool) -> int:
    """Print what was done; return the exit code."""
    for each in report.failed:
        again = f"; tried again after {each.next_try:%Y-%m-%d %H:%M} UTC" if each.next_try else ""
        echo(f"pullquote: {each.name}: {each.reason}{again}", err=True)
    for error in indexed.failed if indexed else ():
        echo(f"pullquote: {error}", err=True)
    if as_json_:
        told = {**asdict(report), "failed": [as_json.failure(each) for each in report.failed]}
        print_json({**told, "index": as_json.report(indexed) if indexed else None})
    else:
        echo(
            f"{len(report.fetched)} fetched, {len(report.unchanged)} unchanged, "
            f"{len(report.withdrawn)} withdrawn, {len(report.failed)} failed"
        )
        if report.queued:
            echo(f"{report.queued} pages to fetch: run `pullquote feeds update`")
        if indexed:
            echo(
                f"{indexed.new} new, {indexed.changed} changed, {indexed.gone} gone in revision "
                f"{indexed.revision}"
            )
    return int(bool(report.failed or (indexed and indexed.failed)))


def _web(workspace: Workspace) -> Web:
    from index.web.web import Web  # late: only these commands need the network

    allowed = workspace.settings.allow_private_networks
    return Web(workspace.library.folder, allow_private=allowed)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
