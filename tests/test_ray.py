"""Embedding with Ray: what dies costs a batch, nothing listens beyond this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytest.importorskip("ray", reason="the extra `cluster` is not installed")

import ray_driver
from encoders import WordEncoder

from bot.cli import main
from index import Library
from index.encoder.encode import CARD, GRAPH, TOKENIZER, Card
from index.english.segment import segment
from index.errors import EncoderError
from index.ingest.ray import Worker, embed

pytestmark = pytest.mark.xdist_group("ray")

SEEDS = Path(__file__).parent.parent / "seeds"
PATIENCE_S = 600


class Runs:
    """Processes that index the same folder with Ray, and the journal of what they embedded."""

    def __init__(self, folder: Path, index: Path, environment: dict[str, str]) -> None:
        self.journal = folder / "journal"
        self.journal.touch()
        self._order = [sys.executable, ray_driver.__file__, str(index), str(SEEDS)]
        self._environment = environment
        self.driver: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        """Begin a run."""
        self.driver = subprocess.Popen(
            [*self._order, str(self.journal)],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self.driver

    def lines(self) -> list[tuple[int, list[str]]]:
        """The batches embedded so far: by whom, and what."""
        lines = self.journal.read_text("utf-8").splitlines()
        return [(line["worker"], line["texts"]) for line in map(json.loads, lines)]

    def workers_after(self, count: int) -> list[int]:
        """Wait for so many batches; who embedded those that came last, the latest first."""
        ends = time.monotonic() + PATIENCE_S
        while len(self.lines()) < count:
            assert time.monotonic() < ends, "nothing comes"
            assert self.driver is not None
            assert self.driver.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        return [worker for worker, _ in reversed(self.lines())]

    def end(self) -> None:
        """Kill what still runs."""
        if self.driver is not None:
            self.driver.kill()
            self.driver.communicate()


STARTS = "from index.ingest import ray\nwith ray._joined(None, 1): pass"


@pytest.fixture(scope="module")
def ray_starts() -> None:
    """Skip where Ray itself does not start: in some sandboxes it can't, and gives up after 30 s."""
    for _ in range(2):
        try:
            ended = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, timeout=90)
        except subprocess.TimeoutExpired:
            continue
        if ended.returncode == 0:
            return
    pytest.skip("Ray does not start on this machine")


@pytest.fixture
def runs(
    ray_starts: None,
    tmp_path: Path,
    with_models: Callable[[Path], Path],
    no_network_env: dict[str, str],
) -> Iterator[Runs]:
    """An empty index with the real encoder, to be filled from the seeds."""
    runs = Runs(tmp_path, with_models(tmp_path / "index"), no_network_env)
    yield runs
    runs.end()


def listening(driver: int) -> set[str]:
    """The addresses at which a process and all that it started listen."""
    root = psutil.Process(driver)
    ours = {root.pid, *(child.pid for child in root.children(recursive=True))}
    return {
        each.laddr.ip.removeprefix("::ffff:")
        for each in psutil.net_connections("inet")
        if each.status == psutil.CONN_LISTEN and each.pid in ours
    }


@pytest.mark.model
def test_nothing_is_embedded_twice_but_the_batch_that_was_lost(runs: Runs, tmp_path: Path) -> None:
    """A worker killed, the driver killed, a worker that hangs: the next run does what is left.

    Each of them costs at most the one batch of each worker that went with it. What Ray starts on
    this machine can be reached from it alone, and goes with its driver.
    """
    first = runs.start()
    os.kill(runs.workers_after(4)[0], signal.SIGKILL)
    runs.workers_after(8)
    assert listening(first.pid) <= {"127.0.0.1", "::1"}
    started = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    first.communicate()

    second = runs.start()
    hanging = runs.workers_after(len(runs.lines()) + 3)[0]
    os.kill(hanging, signal.SIGSTOP)
    told, _ = second.communicate(timeout=PATIENCE_S)

    assert second.returncode == 0
    assert psutil.wait_procs(started, timeout=PATIENCE_S)[1] == []
    embedded = [text for _, texts in runs.lines() for text in texts]
    with Library(tmp_path / "index") as library:
        assert library.status().sentences == json.loads(told)["sentences"]
        sentences = {
            article.text[start:end]
            for article in library.articles()
            for start, end, _ in segment(article.text)
        }
    assert set(embedded) == sentences
    lost = 1 + 2 + 1
    assert len(embedded) - len(sentences) <= lost * ray_driver.BATCH
    twice = {text for text, times in Counter(embedded).items() if times > 1}
    assert len(twice) <= lost * ray_driver.BATCH


@pytest.fixture
def sent(exported: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The exported encoder as it is sent to a worker: its files, and their digests."""
    (folder,) = exported.iterdir()
    names = (GRAPH, TOKENIZER, CARD)
    return {name: (folder / name).read_bytes() for name in names}, Card.load(folder).digests


@pytest.mark.model
def test_a_worker_refuses_another_encoder_than_was_sent(
    sent: tuple[dict[str, bytes], dict[str, str]],
) -> None:
    """One byte of a file altered on the way, or a card of other digests."""
    files, digests = sent
    tokenizer = files[TOKENIZER]
    for altered, told in (
        (files | {TOKENIZER: tokenizer[:-1] + bytes([tokenizer[-1] ^ 1])}, digests),
        (files, digests | {TOKENIZER: "0" * 64}),
    ):
        with pytest.raises(EncoderError, match="altered on the way"):
            Worker(altered, told)


def test_only_an_exported_encoder_is_sent() -> None:
    """Another one is refused before Ray is started."""
    with pytest.raises(EncoderError, match="without --ray"):
        next(embed(None, WordEncoder(), ["snow"]))


def test_a_path_is_not_taken_for_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    """`pullquote index --ray clippings` would else look for a cluster of that name."""
    assert main(["index", "--ray", "clippings"]) == 2
    assert "put --ray behind it" in capsys.readouterr().err
