"""The command `bot`: settings -> a running bot; the heavy parts are imported when it runs."""

from __future__ import annotations

import click

from bot.console import Workspace, echo, locked
from index.errors import PullquoteError

LOG_IN = (
    "no token: set PULLQUOTE_DISCORD_TOKEN to that of your application (Bot, Reset Token) at "
    "https://discord.com/developers/applications; docs/discord.md shows each step"
)
CLOSED = (
    "closed to every server, as another collection is private; say who may read it in "
    'PULLQUOTE_DISCORD_PRIVATE, by the ids of servers or "all"'
)


@click.command("bot")
@click.option("--invite", is_flag=True, help="Print the link that invites the bot, and end.")
@click.pass_context
def bot_command(context: click.Context, invite: bool) -> int:
    """Answer questions in Discord until interrupted; PULLQUOTE_DISCORD_TOKEN is its token.

    \b
    pullquote bot --invite
    pullquote bot
    """
    workspace: Workspace = context.obj
    settings = workspace.settings
    if settings.discord_token is None:
        raise PullquoteError(LOG_IN)
    token = settings.discord_token.get_secret_value()
    if invite:
        from bot.discord.invite import link

        echo(link(token))
        return 0
    from bot import logs
    from bot.conversation.memory import Memory
    from bot.conversation.scope import Scope
    from bot.discord.parts import parts
    from bot.discord.run import run
    from bot.metrics import Metrics, MetricsServer

    logs.configure([token])
    library = workspace.library
    memory = Memory(workspace.memory_path, names=settings.discord_names)
    context.call_on_close(memory.close)
    metrics = Metrics()
    if settings.metrics_port:
        server = MetricsServer(metrics, settings.metrics_port, settings.metrics_host)
        context.call_on_close(server.close)
    scope = Scope(library)
    said = {
        label: None if who == "all" else who
        for label, who in (settings.discord_private or {}).items()
    }
    locked(lambda wait_s: library.set_readers(said, wait_s=wait_s))
    for label in scope.closed():
        echo(f"pullquote: {label}: {CLOSED}", err=True)
    every = parts(
        settings.discord_correction_days, metrics, allow_private=settings.allow_private_networks
    )
    run(library, memory, scope, token, parts=every, proxy=settings.proxy)
    return 0
