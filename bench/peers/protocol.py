"""What the runners share: their arguments, and the form of what they write down.

A runner is a script that is run by the Python of one peer's virtual environment. It imports
nothing of this project but this file, and its libraries late, so that a process that asks one
question pays for what it uses.

    run_X.py index SENTENCES FOLDER        index the sentences: JSON Lines of id and text
    run_X.py ask FOLDER QUESTION           print the sentence found first
    run_X.py answers FOLDER QUESTIONS OUT  ask every line; write ids, scores and milliseconds
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Retrieved = tuple[list[str], dict[str, float]]
"""Ids of the sentences found, best first, and how good the first is by each score there is."""
Ask = Callable[[str], Retrieved]

TOP = 10
WARM = 10
"""Questions asked before the first whose time is written down."""


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of every sentence."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record["id"], record["text"]


def answers(ask: Ask, questions: Path, out: Path) -> None:
    """Ask every line of a file that has no answer yet, and write a JSON object for each.

    The first few are asked before, for the warmth alone.
    """
    asked = questions.read_text("utf-8").splitlines()
    known = len(out.read_text("utf-8").splitlines()) if out.exists() else 0
    for question in asked[:WARM]:
        ask(question)
    with out.open("a", encoding="utf-8", buffering=1) as file:
        for question in asked[known:]:
            started = time.perf_counter()
            ids, scores = ask(question)
            ms = (time.perf_counter() - started) * 1000
            file.write(json.dumps({"ids": ids, "scores": scores, "ms": round(ms, 3)}) + "\n")


def run(index: Callable[[Path, Path], None] | None, opened: Callable[[Path], Ask]) -> None:
    """Do what the command line says."""
    what, *given = sys.argv[1:]
    if what == "index" and index:
        index(Path(given[0]), Path(given[1]))
    elif what == "ask":
        print(opened(Path(given[0]))(given[1])[0][0])
    elif what == "answers":
        answers(opened(Path(given[0])), Path(given[1]), Path(given[2]))
    else:
        sys.exit(f"{what}: not a thing that this runner does")
