"""Where the time of a question from a standing start goes -> docs/speed.md.

    python -m bench.stages

Runs ``pullquote ask`` on an index of the seeds in a process that notes the clock at each step:
what was imported, opened, searched, read. Medians of the differences.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.cold import COMMAND, ENVIRONMENT, QUESTION
from bench.data import keep, options
from bench.steps import BEGUN

ROUNDS = 7


def main() -> None:
    given = options(__doc__).parse_args()
    index = given.work / "seeds"
    subprocess.run([COMMAND, "--index", index, "index", Path("seeds")], check=True)
    own = [sys.executable, str(Path(__file__).with_name("steps.py"))]
    taken: dict[str, list[float]] = {}
    for round_ in range(ROUNDS + 1):
        done = subprocess.run(
            [*own, "--index", str(index), "ask", QUESTION],
            env=ENVIRONMENT | {BEGUN: str(time.monotonic())},
            capture_output=True,
            text=True,
            check=True,
        )
        before = 0.0
        for name, at in json.loads(done.stderr).items():
            if round_:  # the first one warms the cache of the disk
                taken.setdefault(name, []).append(at - before)
            before = at
    result = {name: round(statistics.median(each) * 1000) for name, each in taken.items()}
    for name, milliseconds in result.items():
        print(f"{name:50} {milliseconds:5} ms")
    keep("stages", {"rounds": ROUNDS, "milliseconds": result})


if __name__ == "__main__":
    main()
