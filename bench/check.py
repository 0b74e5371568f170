"""Whether the stated ratios still hold: a short run beside the committed results.

    python -m bench.check [--tolerance 0.25]

Runs the comparisons of ``bench.cold`` and ``bench.speed encoding`` on this machine and compares
their ratios, not their seconds, with ``bench/results``. Fails when one is worse by more than the
tolerance. ``make bench-check`` runs it; the suite does not.
"""

import json
import sys
from pathlib import Path

from bench.cold import compared
from bench.data import RESULTS, options
from bench.speed import encoding

PAIRS = 3


def stated(name: str) -> dict[str, object]:
    """A committed result."""
    result: dict[str, object] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return result


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--tolerance", type=float, default=0.25)
    given = parser.parse_args()
    cold, speed = stated("cold"), stated("speed")
    now = compared(given.work, Path("seeds"), PAIRS)
    fresh = encoding(given.data, given.work)
    ratios = {  # (stated, now), smaller is better
        "a cold question, in imports of sentence-transformers": (cold["ratio"], now["ratio"]),
        "a served question, in starts of Python": tuple(
            each["ask, served"]["wall_s"] / each["start"]["wall_s"] for each in (cold, now)
        ),
        "indexing, in sentence-transformers' time": tuple(
            1 / each["times faster, wall"] for each in (speed["encoding"], fresh)
        ),
    }
    worse = 0
    for name, (then, found) in ratios.items():
        missed = found > then * (1 + given.tolerance)
        worse += missed
        print(f"{'WORSE' if missed else 'ok   '} {name}: {found:.3f}, stated {then:.3f}")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
