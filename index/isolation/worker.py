"""The other side of ``pool``: a process that does one task after the other, within limits.

Requests come on standard input, one line of JSON each: ``[module, function, arguments, step_s,
total_s]``. Answers leave on what was standard output, one line of JSON each: ``["value", …]`` for
everything the function yields, then one that says how it ended. Nothing is ever unpickled. The
process ends when its input does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, BinaryIO

if sys.platform != "win32":  # it has no such limits: there only the pool's watch on the clock holds
    import resource

MEMORY = 2_000_000_000
"""Bytes of address space, the interpreter and its libraries (200,000,000) included."""
SPENT = 500_000_000
"""Bytes of resident memory after which a worker makes way for a new one: memory that one file
has left in pieces must not be missing for the next."""


def main() -> None:
    """Work until there is nothing more to do."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no answer
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # who asked decides when this ends
    _bound()
    for line in sys.stdin.buffer:
        module, function, arguments, step_s, total_s = json.loads(line)
        _work(answers, getattr(import_module(module), function), arguments, step_s, total_s)


def _work(answers: BinaryIO, task: Any, arguments: list[Any], step_s: int, total_s: int) -> None:
    begun = _cpu_s()
    try:
        _allow(begun, step_s, total_s)
        for value in task(*arguments):
            _tell(answers, "value", value)
            _allow(begun, step_s, total_s)
    except MemoryError:
        _tell(answers, "memory", None)
    except Exception as exc:  # noqa: BLE001 - this is the main of its process
        _tell(answers, "bug", f"{type(exc).__name__}: {exc}"[:300])
    else:
        _tell(answers, "spent" if _resident() > SPENT else "done", None)


def _tell(answers: BinaryIO, kind: str, value: object) -> None:
    line = json.dumps([kind, value], ensure_ascii=False).encode("utf-8", "surrogatepass")
    view = memoryview(line + b"\n")
    while view:
        view = view[answers.write(view) :]


def _bound() -> None:
    """Bound the memory; let no file be written, and no core be dumped."""
    if sys.platform != "win32":
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, 0)
        with suppress(ValueError, OSError):  # macOS knows this limit and may refuse to keep it
            _limit(resource.RLIMIT_AS, MEMORY)


def _allow(begun: float, step_s: int, total_s: int) -> None:
    """Have the system end this process when it has used so much more processor time.

    The system does it whatever this process is in: a pattern that never ends lets no other thread
    of it run.
    """
    if sys.platform != "win32":
        _limit(resource.RLIMIT_CPU, int(min(_cpu_s() + step_s, begun + total_s)) + 1)


def _limit(which: int, value: int) -> None:
    """Lower a limit, or raise it as far as it was when this process began."""
    _, most = resource.getrlimit(which)
    resource.setrlimit(which, (value if most < 0 else min(value, most), most))


def _cpu_s() -> float:
    if sys.platform == "win32":
        return 0.0
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident() -> int:
    """The most bytes of memory that were in use at a time."""
    if sys.platform == "win32":
        return 0
    if sys.platform != "linux":
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    # There ru_maxrss begins with that of the process that started this one.
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
        peak = next((line for line in status if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(peak.split()[1]) * 1024
