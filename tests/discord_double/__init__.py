"""A Discord on loopback: TLS, gateway and REST, for a bot that is the unmodified program.

How a test uses it::

    @pytest_asyncio.fixture
    async def double(tmp_path):
        async with Double(tmp_path) as double:
            yield double
            assert double.violations == []
            assert double.refused_hosts == []

    @pytest.mark.asyncio
    async def test_answers(double):
        async with running_bot(double, ["-m", "bot.cli", "bot"], {"PULLQUOTE_INDEX": ...}):
            answer = await double.mention("who won?")
            assert "> " in answer.message.text
            more = await double.click(answer.message, "Context")
            assert more.ack_s < 3

**The bot** finds the double by ``double.env`` (``SSL_CERT_FILE``, ``PULLQUOTE_PROXY``,
``PULLQUOTE_DISCORD_TOKEN``), which ``running_bot`` sets: a CONNECT proxy maps Discord's hosts here
and refuses all others (``double.refused_hosts``). ``running_bot`` waits for READY, and afterwards
sends SIGTERM and asserts that nothing of the bot is left; ``ready=False`` and ``bot.ended()`` are
for a bot that gives up. ``bot.written`` is what it wrote, ``bot.rss`` its memory.

**People** (``actions.py``): ``mention``, ``dm``, ``say``, ``reply``, ``slash``, ``autocomplete``,
``message_command``, ``click``, ``choose``, ``submit``; each takes ``user=`` and, where it makes
sense, ``channel=``. They return a live :class:`Reaction` (``ack_s``, ``messages``, ``message``,
``choices``, ``modal``, ``updated``) as soon as the bot has answered, or when ``until=`` holds;
``until=None`` returns at once, ``await reaction.until(condition)`` waits on. A message
(``Message``) is as it stands after its edits, with ``text``, ``buttons``, ``versions``.
``expired=True`` begins an interaction that is too late before the bot hears of it.

**The world** (``server.py``): ``double.guild``, ``channel``, ``user``, ``manager`` (may manage the
server), ``add_user``, ``add_guild``, ``add_channel``, ``forbid(channel, code)``,
``messages(channel)``, ``delete(message)``, ``upload``, ``page(url, body)`` for hosts given as
``Double(hosts=...)``.

**Faults** (``faults.py``): ``double.faults.rate_limit("POST /channels/*/messages")``, ``status``,
``slow``, ``cut``; ``faults.pending`` are those that no request met. The gateway's: ``await
double.gateway.reconnect()``, ``invalidate(resumable=...)``, ``close(4000)``, ``cut()``, and ``async
with double.gateway.down():`` in which everything is missed until RESUME. Counts: ``gateway.ready``,
``identifies``, ``resumes``; ``await double.until(lambda: double.gateway.resumes == 1)``. After an
invalid session discord.py waits five seconds before it identifies anew.

**What it notices**, all in ``double.violations``: requests and answers that Discord's description
or its unwritten rules refuse, unknown routes, interactions acknowledged late (10062), twice (40060)
or of the wrong kind, follow-ups before acknowledging, anyone pinged, privileged intents (4014),
wrong tokens, too many or too large payloads, heartbeats that stay away (the connection is closed),
resuming at the wrong host. ``ack_times`` and ``heartbeat_lateness`` are seconds.

It does not enforce Discord's rate limits (order a 429), roles' overwrites or the length of threads.
"""

from discord_double.actions import Reaction
from discord_double.process import RunningBot, running_bot
from discord_double.server import Double
from discord_double.world import Channel, Guild, Message, User

__all__ = ["Channel", "Double", "Guild", "Message", "Reaction", "RunningBot", "User", "running_bot"]
