"""A question from a standing start: the whole process, beside the import it must do without.

    python -m bench.cold

Indexes the seeds, then runs ``pullquote ask`` and ``python -c "import sentence_transformers"`` in
turn, each as a process of its own, and compares their wall times and the memory they reached. So
does ``pullquote ask`` where ``pullquote serve`` runs.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.data import keep, options

QUESTION = "who vetoed the ceasefire?"
COMMAND = Path(sys.executable).with_name("pullquote")
ENVIRONMENT = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(command: list[str]) -> Run:
    """Run a command to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    )
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return Run(taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs: list[Run]) -> dict[str, float]:
    return {
        name: round(statistics.median(getattr(run, name) for run in runs), 3)
        for name in ("wall_s", "cpu_s", "peak_mb")
    }


@contextmanager
def serving(index: Path) -> Iterator[None]:
    """A server of an index, for the length of the block."""
    command = [str(COMMAND), "--index", str(index), "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as server:
        assert server.stderr
        while "serving at" not in server.stderr.readline():
            assert server.poll() is None, "the server ended"
        yield
        server.send_signal(signal.SIGTERM)


def compared(work: Path, articles: Path, pairs: int) -> dict[str, Any]:
    """Run each command so many times, in turn; return medians and ratios."""
    index, served = work / "seeds", work / "seeds-served"
    subprocess.run([COMMAND, "--index", index, "index", articles], check=True)
    shutil.rmtree(served, ignore_errors=True)
    shutil.copytree(index, served)
    commands = {
        "ask": [str(COMMAND), "--index", str(index), "ask", QUESTION],
        "ask, served": [str(COMMAND), "--index", str(served), "ask", QUESTION],
        "import": [sys.executable, "-c", "import sentence_transformers"],
        "start": [sys.executable, "-c", "pass"],
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    with serving(served):
        for command in commands.values():
            measure(command)  # the files are in the cache of the disk from here on
        for _ in range(pairs):
            for name, command in commands.items():
                runs[name].append(measure(command))
    result: dict[str, Any] = {name: median(of) for name, of in runs.items()}
    together = zip(runs["ask"], runs["import"], strict=True)
    return result | {
        "ratio": round(result["ask"]["wall_s"] / result["import"]["wall_s"], 3),
        "worst pair": round(max(ask.wall_s / other.wall_s for ask, other in together), 3),
        "highest peak_mb": round(max(run.peak_mb for run in runs["ask"])),
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--articles", type=Path, default=Path("seeds"))
    parser.add_argument("--pairs", type=int, default=7)
    given = parser.parse_args()
    result = compared(given.work, given.articles, given.pairs)
    for name, figures in result.items():
        print(f"{name:8}", figures)
    keep("cold", {"pairs": given.pairs, **result})


if __name__ == "__main__":
    main()
