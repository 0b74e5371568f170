"""The command `serve`: keep everything open, and let ``bot.serve.server`` answer other shells."""

from __future__ import annotations

import signal
import socket
import threading

import click

from bot.console import index_at_first
from bot.settings import load_settings
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.errors import PullquoteError
from index.library import Library


@click.command("serve")
@click.pass_context
def serve_command(context: click.Context) -> int:
    """Answer `pullquote ask` of other shells at once, from a process that stays.

    It listens on a socket in the folder of the index, which only you may use; `pullquote ask` finds
    it by itself. Stop it with Ctrl-C. New revisions are answered from as they come.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise PullquoteError("this system has no Unix domain sockets; use `pullquote chat`")
    from bot.serve.server import Server

    given, articles, _ = context.obj
    encoder = load_settings().encoder
    # The server stands in its clients' folders: its own paths must not depend on where it is.
    library = Library(given.folder.absolute(), model=encoder, judge=ReaderJudge(Reader()))
    context.call_on_close(library.close)
    index_at_first(library, articles)
    library.ask("warm up?")
    with Server(library, encoder, articles.absolute()) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        click.echo(f"pullquote: serving at {server.path}; Ctrl-C to stop", err=True)
        server.serve_forever()
    return 0
