"""Tasks for the workers of ``index.isolation``, most of which no worker survives."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def echo(*values: Any) -> Iterator[Any]:
    """Give everything back."""
    yield from values


def process() -> Iterator[int]:
    """Say which process this is."""
    yield os.getpid()


def spin(pattern: str) -> Iterator[str]:
    """Hold the interpreter's lock in a pattern that takes ages, after one value."""
    yield "begun"
    re.search(pattern, "a" * 10_000)


def spin_for(*_: object) -> Iterator[str]:
    """Hold it whatever is asked."""
    yield from spin(r"(a*)*b")


def steps(number: int, seconds: float) -> Iterator[int]:
    """Use so much processor time for each value."""
    for each in range(number):
        begun = time.process_time()
        while time.process_time() - begun < seconds:
            pass
        yield each


def sleep() -> Iterator[None]:
    """Stand still, which costs no processor time."""
    yield None
    time.sleep(600)


def swell(size: int) -> Iterator[int]:
    """Take memory."""
    yield len(bytearray(size))


def crash() -> Iterator[int]:
    """Trip in C."""
    yield ctypes.string_at(0)[0]


def fail() -> Iterator[int]:
    """Raise what nobody thought of."""
    yield [][0]


def babble() -> Iterator[str]:
    """Print, as libraries do; and stop."""
    print("[not an answer]")
    sys.stdout.flush()
    yield "answer"


def lie(text: str) -> Iterator[str]:
    """Say something else than the protocol: what a parser that was taken over would do."""
    os.write(3, text.encode())
    os._exit(0)
    yield ""


def write(path: str) -> Iterator[str]:
    """Try to write a file."""
    try:
        Path(path).write_text("written")
    except OSError as exc:
        yield type(exc).__name__
    else:
        yield "written"


def environment() -> Iterator[dict[str, str]]:
    """Tell what is in the environment."""
    yield dict(os.environ)
