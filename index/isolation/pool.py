"""A task on something from outside -> what it yields, from a process of its own, within limits.

A pattern that never ends holds the lock of its interpreter, and a parser that trips in C takes its
process along: here that costs one worker, which is replaced, and one ``WorkerError``. Workers are
started when first needed, one for each task under way, and end when nothing has been asked of them
for a while. Tasks are functions of this package, named to the worker; arguments and values are
JSON. What a worker says is data, not to be believed more than the file it read: whoever asks checks
its shape.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.isolation.worker import MEMORY

MESSAGE_LIMIT = 200_000_000
"""Bytes of one message: an article of the largest size, all of it escaped."""
SILENCE_S = 240.0
"""Seconds on the clock that a worker may be silent: for what stands still without using any
processor time, and for systems that don't bound that."""
IDLE_S = 60.0
"""Seconds after which a worker that nobody needs is ended."""
_TICK_S = 1.0
_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from index.isolation.worker import main; main()"
)


class WorkerError(Exception):
    """A task did not come to its end; ``reason`` says why, and goes on from "reading it"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Seconds of processor time until the next value, and for a task as a whole."""

    step_s: int = 30
    total_s: int = 30


class Pool:
    """The workers of this process; any number of threads may run tasks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._watch: threading.Thread | None = None

    def run(
        self, task: Callable[..., Iterator[Any]], *arguments: Any, allowance: Allowance
    ) -> Iterator[Any]:
        """Yield what ``task(*arguments)`` yields, a function that stands in a module.

        Who stops early costs the worker that was at it.

        Raises:
            WorkerError: it took too much time or memory, ended its process, or is wrong itself.
        """
        worker = self._take()
        whole = False
        try:
            worker.ask(task, arguments, allowance)
            while (answer := worker.answer())[0] == "value":
                yield answer[1]
            whole = answer[0] == "done"
            if not whole and answer[0] != "spent":
                raise WorkerError(_reason(*answer))
        finally:
            self._give(worker, whole=whole)

    def close(self) -> None:
        """End all workers; the next task starts one again."""
        with self._lock:
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.end()

    def forget(self) -> None:
        """Know of no worker: in a process that was forked off, they are of the other."""
        self.__dict__.update(Pool().__dict__)

    def _take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.process.poll() is None:
                    break
                worker.end()
            else:
                worker = _Worker()
            self._busy.add(worker)
            if self._watch is None:
                self._watch = threading.Thread(target=self._tick, name="workers", daemon=True)
                self._watch.start()
        return worker

    def _give(self, worker: _Worker, *, whole: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            if whole:
                worker.deadline = time.perf_counter() + IDLE_S
                self._idle.append(worker)
        if not whole:
            worker.end()

    def _tick(self) -> None:
        """End the workers that are silent for too long, and those that nobody needs."""
        while True:
            time.sleep(_TICK_S)
            now = time.perf_counter()
            with self._lock:
                for worker in self._busy:
                    if now > worker.deadline:
                        worker.silent = True
                        worker.process.kill()  # who waits for its answer sees it, and ends it
                done = [worker for worker in self._idle if now > worker.deadline]
                self._idle = [worker for worker in self._idle if worker not in done]
                over = not (self._busy or self._idle)
                if over:
                    self._watch = None
            for worker in done:
                worker.end()
            if over:
                return


class _Worker:
    """A process that works, and until when it is waited for."""

    def __init__(self) -> None:
        path = [each or str(Path.cwd()) for each in sys.path if isinstance(each, str)]
        secret = "PULLQUOTE_"  # noqa: S105 - settings: who reads a hostile file needs none
        kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(secret)}
        self.process = subprocess.Popen(  # noqa: S603 - our own code, by our own interpreter
            [sys.executable, "-P", "-c", _CODE, json.dumps(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
        )
        self.deadline = float("inf")
        self.silent = False
        self._allowance = Allowance()

    def ask(
        self, task: Callable[..., Iterator[Any]], arguments: tuple[Any, ...], allowance: Allowance
    ) -> None:
        """Have it begin."""
        self._allowance = allowance
        wanted = [task.__module__, task.__name__, arguments, allowance.step_s, allowance.total_s]
        with suppress(BrokenPipeError):  # it has ended: there will be no answer
            self._stdin.write(json.dumps(wanted).encode() + b"\n")
            self._stdin.flush()

    def answer(self) -> tuple[str, Any]:
        """What it says next.

        Raises:
            WorkerError: nothing, or nothing that makes sense.
        """
        self.deadline = time.perf_counter() + SILENCE_S
        line = self._stdout.readline(MESSAGE_LIMIT)
        self.deadline = float("inf")  # how long the answer is worked on is not its affair
        if not line:
            raise WorkerError(self._end())
        try:
            kind, value = json.loads(line)
        except (ValueError, TypeError, RecursionError) as exc:
            raise WorkerError("made the process that did say what makes no sense") from exc
        return str(kind), value

    def end(self) -> None:
        """End it at once, and wait for that."""
        self.process.kill()
        self.process.wait()
        with suppress(BrokenPipeError):
            self._stdin.close()
        self._stdout.close()

    def _end(self) -> str:
        """How the process ended, of itself."""
        code = self.process.wait()
        if self.silent:
            return f"took more than {SILENCE_S:.0f} s"
        if hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU:
            limit = self._allowance
            total = f", or {limit.total_s} s in all" if limit.total_s > limit.step_s else ""
            return f"took more than {limit.step_s} s of processor time{total}"
        return f"ended the process that did ({_signal(code)})"

    @property
    def _stdin(self) -> Any:
        return self.process.stdin

    @property
    def _stdout(self) -> Any:
        return self.process.stdout


def _signal(code: int) -> str:
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"code {code}"


def _reason(kind: str, value: object) -> str:
    if kind == "memory":
        return f"took more than {MEMORY / 1e9:.0f} GB of memory"
    return f"failed in a way that nobody thought of ({value})"


_POOL = Pool()
run = _POOL.run
close = _POOL.close
atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)
