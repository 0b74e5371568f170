"""The command `serve`: keep everything open, and let ``bot.serve.server`` answer other shells."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace

import click

from bot.console import Workspace, echo, index_at_first, open_library
from index.errors import PullquoteError


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

    given: Workspace = context.obj
    # The server stands in its clients' folders: its own paths must not depend on where it is.
    library = open_library(given.library.folder.absolute(), given.settings)
    workspace = replace(given, library=library)
    context.call_on_close(library.close)
    index_at_first(workspace)
    library.ask("warm up?")

    def run(argv: Sequence[str]) -> int:
        return workspace.main(argv, workspace)

    with Server(library, workspace.settings, run) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        echo(f"pullquote: serving at {server.path}; Ctrl-C to stop", err=True)
        server.serve_forever()
    return 0
