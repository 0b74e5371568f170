"""Ray with two workers of one thread each against one: sentences a second.

    nice python -m bench.embedding INDEX [--texts N] [--rounds N] [--out FILE]

INDEX is an index in a folder; N of its sentences are embedded anew with its own encoder. Both are
measured in turn, in one run of Ray each, from the first batch that comes back, since starting Ray
and opening the encoder are paid once. What is reported is the ratio of the medians.
"""

import argparse
import json
import os
import statistics
import time
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

from index.encoder import export
from index.encoder.encode import ExportedEncoder
from index.errors import EncoderError
from index.ingest.ray import embed
from index.records import Filters
from index.store.revisions import Store

BATCH = 64


def rate(encoder: ExportedEncoder, texts: list[str], workers: int) -> float:
    """Sentences a second, once all workers are at work."""
    done, start = 0, time.perf_counter()
    for number, (_, vectors) in enumerate(
        embed(None, encoder, texts, workers=workers, batch=BATCH)
    ):
        done += len(vectors)
        if number <= 2 * workers:  # till then they open the encoder
            done, start = 0, time.perf_counter()
    return done / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("--texts", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    store = Store(given.index)
    with store.reading() as revision:
        encoder = ExportedEncoder(export.folder_of(store.models, revision.encoder))
        sentences = chain.from_iterable(
            (filed.article.text[start:end] for start, end, *_ in revision.catalog.spans(filed))
            for filed in revision.articles(Filters())
        )
        texts = list(islice(sentences, given.texts))
    rates: dict[int, list[float]] = {1: [], 2: []}
    for number in range(given.rounds):
        for workers, its in rates.items():
            while len(its) <= number:
                with suppress(EncoderError):  # Ray gives up starting after 30 s on a busy machine
                    its.append(round(rate(encoder, texts, workers), 1))
            print(workers, its[-1], "load", os.getloadavg()[0], flush=True)
    one, two = (statistics.median(its) for its in rates.values())
    figures = {
        "texts": len(texts),
        "one worker": rates[1],
        "two workers": rates[2],
        "ratio of medians": round(two / one, 3),
        "load of the machine at the end": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
    }
    print(text := json.dumps(figures, indent=1))
    if given.out:
        given.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
