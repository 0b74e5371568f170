"""Index a folder with Ray, in a process that a test can kill; every batch is put down in a journal.

python ray_driver.py INDEX ARTICLES JOURNAL
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from index import Library
from index.encoder.encode import Matrix
from index.errors import EncoderError
from index.ingest.ray import Worker, embed

BATCH = 1
"""The seeds have two dozen sentences."""
LATE_S = 5.0


class Journalist(Worker):
    """Writes down what it has embedded, and who it is, before it hands it over."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """The vectors of texts."""
        vectors = super().encode(texts)
        line = json.dumps({"worker": os.getpid(), "texts": list(texts)}) + "\n"
        with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as journal:
            journal.write(line)
        return vectors


def main() -> None:
    """Index, and print how many sentences there are."""
    index, articles, journal = sys.argv[1:]
    os.environ["JOURNAL"] = journal
    spread = partial(embed, None, workers=2, batch=BATCH, late_s=LATE_S, kind=Journalist)
    with Library(index) as library:
        while True:
            try:
                report = library.sync([articles], spread=spread)
                break
            except EncoderError as exc:  # after 30 s, which a machine that others use may take
                if "timed out during startup" not in str(exc):
                    raise
    print(json.dumps({"embedded": report.embedded, "sentences": report.sentences}))


if __name__ == "__main__":
    main()
