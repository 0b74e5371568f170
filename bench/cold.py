"""A question from a standing start: the whole process, beside the import it must do without.

    python -m bench.cold

Indexes the seeds, then runs ``pullquote ask`` and ``python -c "import sentence_transformers"`` in
turn, each as a process of its own, and compares their wall times and the memory they reached.
"""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--articles", type=Path, default=Path("seeds"))
    parser.add_argument("--pairs", type=int, default=7)
    given = parser.parse_args()
    index = ["--index", str(given.work / "seeds")]
    subprocess.run([COMMAND, *index, "index", given.articles], check=True)
    commands = {
        "ask": [str(COMMAND), *index, "ask", QUESTION],
        "import": [sys.executable, "-c", "import sentence_transformers"],
        "start": [sys.executable, "-c", "pass"],
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for command in commands.values():
        measure(command)  # the files are in the cache of the disk from here on
    for _ in range(given.pairs):
        for name, command in commands.items():
            runs[name].append(measure(command))
    result = {name: median(of) for name, of in runs.items()}
    for name, figures in result.items():
        print(f"{name:8}", figures)
    pairs = zip(runs["ask"], runs["import"], strict=True)
    ratios = [ask.wall_s / other.wall_s for ask, other in pairs]
    ratio = round(result["ask"]["wall_s"] / result["import"]["wall_s"], 3)
    worst, peak = round(max(ratios), 3), max(run.peak_mb for run in runs["ask"])
    print(f"ratio of the medians {ratio}, worst pair {worst}; highest peak {peak:.0f} MB")
    summary = {"ratio": ratio, "worst pair": worst, "highest peak_mb": round(peak)}
    keep("cold", {"pairs": given.pairs, **result, **summary})


if __name__ == "__main__":
    main()
