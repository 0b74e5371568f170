"""The question sets of ``../shared/data`` -> questions, and the sentences that answer them.

Also what the measurements share: the machine's description and the file of results.
"""

import argparse
import gzip
import json
import os
import platform
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder.encode import Encoder, Matrix
from index.store.catalog import Catalog
from index.store.engine import Filed

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the id of the paragraph that answers it, and the answers that are right."""

    text: str
    paragraph: str
    answers: tuple[str, ...]


class Prepared:
    """An encoder whose texts were encoded before, many at a time; a question costs nothing."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self.name, self.dim = encoder.name, encoder.dim
        self._vectors = dict(zip(texts, encoder.encode(texts), strict=True))

    def encode(self, texts: Sequence[str], /) -> Matrix:
        return np.stack([self._vectors[text] for text in texts])


def options(description: str | None) -> argparse.ArgumentParser:
    """The options of every measurement."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the data sets")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "pullquote-bench",
        help="where the indexes are built, and found again (default: %(default)s)",
    )
    return parser


def records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def questions(path: Path) -> list[Question]:
    return [
        Question(
            record["question"],
            record["paragraph_id"],
            tuple(record.get("answers") or [record["answer"]]),
        )
        for record in records(path)
    ]


def paragraphs(catalog: Catalog) -> dict[str, Filed]:
    """The indexed paragraphs by the id of their record."""
    return {filed.article.id.partition("#")[2]: filed for filed in catalog.articles()}


def answering(question: Question, filed: Filed, catalog: Catalog) -> set[int]:
    """Ids of the sentences of the paragraph that hold one of the answers, whatever its case.

    Empty where every answer runs from one sentence into the next.
    """
    answers = [answer.casefold() for answer in question.answers]
    ids = set()
    for number, (start, end, *_) in enumerate(catalog.spans(filed)):
        sentence = filed.article.text[start:end].casefold()
        if any(answer in sentence for answer in answers):
            ids.add(filed.first + number)
    return ids


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": str(os.cpu_count()),
        "cpu": cpu[1] if cpu else platform.machine(),
        "memory": f"{pages / 2**30:.0f} GB",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "day": datetime.now(UTC).date().isoformat(),
    }


def keep(name: str, result: dict[str, Any]) -> None:
    """Write ``bench/results/<name>.json`` and say so."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **result}, indent=1) + "\n", "utf-8")
    print(f"written: {path}")
