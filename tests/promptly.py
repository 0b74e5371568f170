"""An end to what a hostile text may cost, which in quadratic time it passes many times over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def promptly(seconds: float = 3.0) -> Iterator[None]:
    """Fail if what is done inside takes more processor time."""
    begun = time.process_time()
    yield
    took = time.process_time() - begun
    assert took < seconds, f"took {took:.1f} s"
