"""A bot as the subprocess that it is for everybody: started, watched, ended, and looked after."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from discord_double.server import Double

START_S = 60.0
END_S = 20.0


@dataclass
class RunningBot:
    """A bot's process; ``output`` is the file with all that it wrote."""

    process: asyncio.subprocess.Process
    output: Path

    @property
    def written(self) -> str:
        """What it wrote to stdout and stderr."""
        return self.output.read_text("utf-8", errors="replace")

    @property
    def rss(self) -> int:
        """The memory of it and its children, in bytes."""
        return sum(psutil.Process(pid).memory_info().rss for pid in self.members())

    def members(self) -> list[int]:
        """The processes of its session that live, itself included; the dead not yet reaped not."""
        found = []
        for process in psutil.process_iter(["pid", "status"]):
            with suppress(ProcessLookupError, PermissionError):
                own = os.getsid(process.pid) == self.process.pid
                if own and process.info["status"] != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
        return found

    async def ended(self, timeout_s: float = END_S) -> int:
        """Wait for its end by itself; its exit code."""
        return await asyncio.wait_for(self.process.wait(), timeout_s)

    async def terminate(self, timeout_s: float = END_S) -> int:
        """Ask it to end (SIGTERM) and wait; its exit code.

        Raises:
            AssertionError: if it did not end, or left a process behind; all are killed first.
        """
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            code = await self.ended(timeout_s)
        except TimeoutError:
            raise AssertionError(f"alive {timeout_s} s after SIGTERM: {self.written}") from None
        finally:
            left = self.members()
            self._kill(left)
            await self.process.wait()
            async with asyncio.timeout(END_S):
                while self.members():  # who has lost its parent is not ours to wait for
                    await asyncio.sleep(0.01)
        # Children that end with it may need a moment to.
        others = [pid for pid in left if pid != self.process.pid]
        assert not others, f"processes left behind: {others}; {self.written}"
        return code

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def running_bot(
    double: Double,
    argv: Sequence[str | Path],
    env: Mapping[str, str] | None = None,
    *,
    ready: bool = True,
    timeout_s: float = START_S,
    cwd: Path | None = None,
) -> AsyncIterator[RunningBot]:
    """Start ``argv`` against the double, wait for READY, and end it with SIGTERM afterwards.

    ``argv`` that begins with a Python file or ``-m`` runs under this Python. Its environment is
    this process's without ``PULLQUOTE_*``, then ``double.env``, then ``env``.

    Raises:
        AssertionError: if the bot ends before READY, does not become ready or does not end in
            time, or leaves a process behind.
    """
    command = [str(part) for part in argv]
    if command[0].endswith(".py") or command[0] == "-m":
        command.insert(0, sys.executable)
    output = double.folder / f"bot-{len(list(double.folder.glob('bot-*.log')))}.log"
    before = double.gateway.ready
    own = {k: v for k, v in os.environ.items() if not k.upper().startswith("PULLQUOTE_")}
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**own, **double.env, **(env or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=cwd or double.folder,
            start_new_session=True,
        )
    bot = RunningBot(process, output)
    try:
        if ready:
            await _until_ready(double, bot, before, timeout_s)
        yield bot
    except BaseException:
        # The first error is the one to see; what is left behind goes all the same.
        with suppress(AssertionError):
            await bot.terminate()
        raise
    await bot.terminate()


async def _until_ready(double: Double, bot: RunningBot, before: int, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while double.gateway.ready == before:
        await double.wait(0.1)
        code = bot.process.returncode
        assert code is None, f"ended with {code} before READY: {bot.written}"
        assert time.monotonic() < end, f"not ready within {timeout_s} s: {bot.written}"
