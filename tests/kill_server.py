"""Forks processes that index a folder, and kills them in the stage that it is told.

It reads one JSON object a line, ``{"index", "articles", "stage", "wait_s"}``, kills ``wait_s``
after that stage began, and answers one a line: ``{"stage", "killed", "embedding"}``, where the
process was, whether it was killed before its end, and how far it had embedded. A process of its
own, because only one without threads forks safely.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import faiss
import filelock
import tantivy
from encoders import WordEncoder

from index import Library
from index.encoder.encode import Matrix
from index.ingest import sync

__all__ = ["STAGES", "faiss", "filelock", "tantivy"]

STAGES = ("opening", "reading", "embedding", "filing", "writing", "committing")
"""Opening includes the clearing away of what an earlier process left."""
CHUNK_TEXTS = 8


class SlowEncoder(WordEncoder):
    """Takes a millisecond a text, so that there is time to be killed in."""

    def encode(self, texts: Sequence[str], /) -> Matrix:
        """Encode as ``WordEncoder`` does, later."""
        time.sleep(0.001 * len(texts))
        return super().encode(texts)


def main() -> None:
    """Serve until stdin ends."""
    sync.CHUNK_TEXTS = CHUNK_TEXTS
    for line in sys.stdin:
        order = json.loads(line)
        stages, reports = os.pipe()
        child = os.fork()
        if child == 0:
            _index(Path(order["index"]), Path(order["articles"]), reports)
        os.close(reports)
        print(json.dumps(_kill(child, stages, order["stage"], order["wait_s"])), flush=True)


def _index(folder: Path, articles: Path, reports: int) -> None:
    def report(stage: str, done: int = 0, total: int = 1) -> None:
        if stage == "opening the encoder":
            stage, done = "embedding", 0
        elif stage == "embedding" and done == total:
            stage = "filing"
        if stage == "writing the indexes":
            stage = "committing" if done else "writing"
        os.write(reports, f"{stage} {done}\n".encode())
        if stage == "reading":
            time.sleep(0.001)

    try:
        report("opening")
        Library(folder, encoder=SlowEncoder()).sync([articles], progress=report)
        os._exit(0)
    except BaseException as exc:  # noqa: BLE001 - a fork must not return into its parent's loop
        print(f"{type(exc).__name__}: {exc}", file=sys.stderr, flush=True)
        os._exit(1)


def _kill(child: int, stages: int, wanted: str, wait_s: float) -> dict[str, object]:
    """Read the stages of the child; kill it some time after it reaches the wanted one."""
    heard, until, killed = b"", None, False
    while True:
        left = None if until is None else max(0.0, until - time.monotonic())
        ready, _, _ = select.select([stages], [], [], left)
        if ready:
            block = os.read(stages, 65536)
            if not block:
                break
            heard += block
        elif not killed:
            os.kill(child, signal.SIGKILL)
            killed, until = True, time.monotonic() + 60
        if until is None and wanted.encode() in heard:
            until = time.monotonic() + wait_s
    os.close(stages)
    _, status = os.waitpid(child, 0)
    events = [line.split() for line in heard.decode().splitlines()]
    return {
        "stage": events[-1][0],
        "killed": os.WIFSIGNALED(status),
        "failed": os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0,
        "embedding": max((int(done) for stage, done in events if stage == "embedding"), default=0),
    }


if __name__ == "__main__":
    main()
