"""How long the stages of a piece of work take, within the work itself."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.ask.judge import ReaderJudge
from index.encoder.encode import ExportedEncoder
from index.store import dense, lexical, local

Laps = NDArray[np.float64]
"""Wall and CPU seconds."""


class Stopwatch:
    """Wall and CPU seconds in functions, by stage, without timed functions which they call."""

    def __init__(self) -> None:
        self._spent: dict[str, Laps] = {}
        self._within = [np.zeros(2)]

    def wrap(self, owner: Any, name: str, stage: str) -> None:
        """Time every call of ``owner.name``."""
        timed = getattr(owner, name)

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self._within.append(np.zeros(2))
            begun = now()
            try:
                return timed(*args, **kwargs)
            finally:
                taken = now() - begun
                own = taken - self._within.pop()
                self._within[-1] += taken
                self._spent[stage] = self._spent.get(stage, 0.0) + own

        setattr(owner, name, wrapper)

    def take(self, whole: Laps, rest: str) -> dict[str, Laps]:
        """What was spent since it was last asked, and the rest of the whole."""
        spent, self._spent = self._spent, {}
        return spent | {rest: whole - sum(spent.values())}


def now() -> Laps:
    """Seconds on the wall, and of all threads of this process on a CPU: others work, too."""
    return np.array([time.perf_counter(), time.process_time()])


def rounded(laps: dict[str, Laps]) -> dict[str, list[float]]:
    """Pairs of seconds, to be kept."""
    return {name: [round(float(each), 3) for each in pair] for name, pair in laps.items()}


def while_asking() -> Stopwatch:
    """A stopwatch for the stages of a question."""
    watch = Stopwatch()
    for owner, name, stage in (
        (ExportedEncoder, "encode", "encode"),
        (dense.DenseIndex, "search", "search vectors"),
        (lexical.LexicalIndex, "search", "search words"),
        (dense.DenseIndex, "scores", "score candidates"),
        (lexical.LexicalIndex, "coverage", "score candidates"),
        (local.LocalRevision, "located", "fetch candidates"),
        (ReaderJudge, "judge", "read"),
    ):
        watch.wrap(owner, name, stage)
    return watch
