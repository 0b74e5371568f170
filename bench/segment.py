"""How well and how fast sentences are found, beside the kept libraries.

    pip install pysbd nupunkt sentencex   # to measure them too
    python -m bench.segment ARTICLES.jsonl.gz

Prints, for each splitter that is installed, the golden cases it passes, the sentences it
finds in one process and second of CPU time, and how long 4,000 and 16,000 times ``."`` take:
a splitter in linear time needs four times as long for the second.
"""

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from index.english.segment import segment
from tests.golden_sentences import GOLDEN

Splitter = Callable[[str], list[str]]
EVERY = 70  # articles measured: one of so many


def by_line(split: Splitter) -> Splitter:
    """Give a library what it does not know: that a sentence ends with its line."""
    return lambda text: [
        sentence.strip()
        for line in text.splitlines()
        if line.strip()
        for sentence in split(line.strip())
        if sentence.strip()
    ]


def splitters() -> Iterator[tuple[str, Splitter]]:
    yield "ours", lambda text: [text[span.start : span.end] for span in segment(text)]
    try:
        import sentencex

        yield "sentencex", by_line(lambda line: list(sentencex.segment("en", line)))
    except ImportError:
        pass
    try:
        import nupunkt

        yield "nupunkt", by_line(nupunkt.sent_tokenize)
    except ImportError:
        pass
    try:
        import pysbd

        yield "pysbd", by_line(pysbd.Segmenter(language="en", clean=False).segment)
    except ImportError:
        pass


def seconds(split: Splitter, texts: list[str]) -> tuple[float, int]:
    begun = time.process_time()
    found = sum(len(split(text)) for text in texts)
    return time.process_time() - begun, found


def main() -> None:
    with gzip.open(Path(sys.argv[1]), "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for n, line in enumerate(lines) if n % EVERY == 0]
    for name, split in splitters():
        passed = sum(split(text) == expected for text, expected in GOLDEN)
        taken, found = seconds(split, texts)
        short, _ = seconds(split, ['."' * 4_000])
        long, _ = seconds(split, ['."' * 16_000])
        print(
            f"{name:10} {passed:3} of {len(GOLDEN)} golden cases,"
            f" {found / taken:9,.0f} sentences/s, hostile {short:.3f} s, x4 {long:.3f} s"
        )


if __name__ == "__main__":
    main()
